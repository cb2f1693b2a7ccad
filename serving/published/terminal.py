"""What was published when, as a person reads it."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from serving.published.words import ESTIMATE
from serving.terminal import NONE, of_range, origin, signed
from serving.terminal_tables import new_table

Answer = dict[str, Any]
CAUTIONED = " *"


def publication(answer: Answer) -> RenderableType:
    """Return what was published on a day for the screen."""
    title = f"[b]{answer['material']} oxide[/b], published on {answer['on']}. {answer['basis']}."
    parts: list[RenderableType] = [title]
    parts += [Text(f"! {flag['text']}", style="yellow") for flag in answer["flags"]]
    parts += [Text(f"- {sentence}") for sentence in answer["words"]]
    rows = _rows(answer)
    if rows:
        parts += [_table(rows, answer["month"]), _market(rows, answer["month"])]
    quotes: dict[str, str] = {}
    for row in rows:
        if row["quote_id"]:
            quotes.setdefault(row["quote_id"], f"{row['what']}, version {row['version']}")
    parts += [Text(f"{told}: fairprice quote {quote}", style="dim") for quote, told in quotes.items()]
    return Group(*parts, origin(answer["model"]))


def _rows(answer: Answer) -> list[Answer]:
    """Return the rows, the first value only where it is not the day's."""
    day, first = answer["on_the_day"], answer["first"] or answer["first_read"]
    is_same = day and first and (day["at"], day["version"]) == (first["at"], first["version"])
    return [row for row in (day, None if is_same else first, *answer["changes"], answer["now"]) if row]


def _table(rows: list[Answer], month: str) -> Table:
    columns = ("long run", "80 %", "moved", "short run", "moved ")
    table = new_table(f"Fair price of {month}, USD/kg oxide", "what", "at", "version", *columns, words=3)
    for row in rows:
        table.add_row(
            row["kind"] or row["what"],
            _minute(row["at"]),
            row["version"],
            f"{signed(row['fair_long_run_usd_per_kg'], '')}{CAUTIONED if _caution(row) else ''}",
            of_range(row["fair_long_run_p10_usd_per_kg"], row["fair_long_run_p90_usd_per_kg"]),
            signed(row["change_long_run_usd_per_kg"]),
            signed(row["fair_short_run_usd_per_kg"], ""),
            signed(row["change_short_run_usd_per_kg"]),
        )
    cautions = dict.fromkeys(filter(None, map(_caution, rows)))
    table.caption = "\n".join(f"{CAUTIONED.strip()} {caution}" for caution in cautions) or None
    return table


def _market(rows: list[Answer], month: str) -> Table:
    """Return the market prices that stood beside the fair ones."""
    table = new_table(f"Market beside it, {month}, USD/kg oxide", "what", "at", "version", "China", "outside", words=3)
    for row in rows:
        prices = (signed(row[f"market_{region}_usd_per_kg"], "") for region in ("china", "ex_china"))
        table.add_row(row["kind"] or row["what"], _minute(row["at"]), row["version"], *prices)
    return table


def _caution(row: Answer) -> str:
    """Return why a point is to be taken with caution; empty where it is not, or where there is none."""
    return str(row["reason"]) if row["status"] == ESTIMATE else ""


def _minute(at: str | None) -> str:
    return NONE if at is None else at[:16].replace("T", " ")
