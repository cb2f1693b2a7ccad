"""A history on the screen, a month in a line."""

from __future__ import annotations

from rich.console import Group, RenderableType

from serving.terminal import NONE, Answer, of_range, origin
from serving.terminal_tables import new_table

HISTORY_DIGITS = 4  # significant, so that a month is one line


def history(answer: Answer) -> RenderableType:
    """Return a history for the screen; a month without a point says so where the point would stand."""
    table = new_table(
        f"{answer['material']}, {answer['basis']}; {answer['vintage']}",
        *("month", "fair", "80 %", "short", "China", "outside", "C-fair", "o-fair"),
        words=1,
    )
    table.caption = "fair: long run; short: with plants as they stand; C-fair, o-fair: market less fair."
    for row in answer["rows"]:
        point = row["fair_long_run_usd_per_kg"]
        table.add_row(
            row["month"],
            row["status"] if point is None else _brief(point),
            of_range(row["fair_long_run_p10_usd_per_kg"], row["fair_long_run_p90_usd_per_kg"], _brief),
            _brief(row["fair_short_run_usd_per_kg"]),
            _brief(row["market_china_usd_per_kg"]),
            _brief(row["market_ex_china_usd_per_kg"]),
            _brief(row["wedge_china_usd_per_kg"], "+"),
            _brief(row["wedge_ex_china_usd_per_kg"], "+"),
        )
    return Group(table, origin(answer["model"]))


def _brief(value: float | None, sign: str = "") -> str:
    if value is None:
        return NONE
    whole = len(f"{abs(value):.0f}")
    return f"{value:{sign},.{min(2, max(0, HISTORY_DIGITS - whole))}f}"
