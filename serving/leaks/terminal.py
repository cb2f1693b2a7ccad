"""A measured leak as a person reads it."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from serving.terminal import of_range, origin
from serving.terminal_tables import new_table

Answer = dict[str, Any]
VERDICTS = {"within": "within", "missed": "MISSED", "cannot be told": "not told"}


def leak(answer: Answer) -> RenderableType:
    """Return what the fair price does when market prices alone move, for the screen."""
    fair, on = answer["fair"], answer["measured_on"]
    band = of_range(fair["low"], fair["high"])
    title = f"[b]{answer['material']} oxide[/b] when market prices alone move; fair price of {answer['month']}: {band}."
    flags = (Text(f"! {flag['text']}", style="yellow") for flag in answer["flags"])
    table = new_table(answer["basis"], "market", "months", "price", "fair moves", "by seed", "limit", words=2)
    for row in answer["rows"]:
        table.add_row(
            row["market"],
            row["when"],
            f"{row['rise_percent']:+g} %",
            f"{row['leak_percent']:+.1f} %",
            f"{row['leak_low_percent']:+.1f} to {row['leak_high_percent']:+.1f}",
            VERDICTS[row["verdict"]],
        )
    table.caption = (
        f"Fitted again with {on['draws']:,} draws and seeds {', '.join(map(str, on['seeds']))} on dataset "
        f"{on['dataset'][:12]}, for each seed the same draws."
    )
    return Group(title, *flags, Text(f"- {answer['words'][0]}"), table, origin(answer["model"]))
