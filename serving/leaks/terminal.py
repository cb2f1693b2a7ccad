"""A measured leak as a person reads it."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from serving.terminal import of_range, origin, signed
from serving.terminal_tables import new_table

Answer = dict[str, Any]


def leak(answer: Answer) -> RenderableType:
    """Return what the fair price does when market prices alone move, for the screen."""
    fair, on = answer["fair"], answer["measured_on"]
    title = f"[b]{answer['material']} oxide[/b] when market prices alone move; fair price of {answer['month']}."
    flags = (Text(f"! {flag['text']}", style="yellow") for flag in answer["flags"])
    table = new_table(answer["basis"], "market", "months", "price", "fair moves", "limit", "fair", "80 %", words=2)
    table.add_row("as it is", "", "", "", "", signed(fair["value"], ""), of_range(fair["low"], fair["high"]))
    for row in answer["rows"]:
        table.add_row(
            row["market"],
            row["when"],
            f"{row['rise_percent']:+g} %",
            f"{row['leak_percent']:+.2f} %",
            f"{row['limit_percent']:g} %{'' if row['within_limit'] else ' MISSED'}",
            signed(row["fair"]["value"], ""),
            of_range(row["fair"]["low"], row["fair"]["high"]),
        )
    table.caption = f"Fitted again with {on['draws']:,} draws on dataset {on['dataset'][:12]}, the same draws for all."
    return Group(title, *flags, Text(f"- {answer['words'][0]}"), table, origin(answer["model"]))
