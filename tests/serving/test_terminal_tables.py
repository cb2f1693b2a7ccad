"""Tables that are too wide for the terminal are told in parts, with every figure whole."""

from __future__ import annotations

import pytest
from rich.console import Console, Group

from serving.terminal_tables import fitted, new_table


def printed(answer: Group, width: int) -> list[str]:
    console = Console(width=width, highlight=False)
    with console.capture() as got:
        console.print(fitted(console, answer, width), crop=False)
    return got.get().splitlines()


@pytest.mark.parametrize("count", [3, 9, 30])
@pytest.mark.parametrize("name", ["q", "a_clause_whose_name_is_longer_than_half_of_the_terminal_is_wide"])
def test_no_line_is_wider_than_eighty_columns_and_no_figure_is_cut(count: int, name: str) -> None:
    heads = [f"P({name}_{place})" for place in range(count)]
    table = new_table("Payments", "period", "paid in", *heads)
    table.caption = "P(leg): it pays"
    table.add_row(name, "2026-03", *(f"{place},000,000.25" for place in range(count)))
    lines = printed(Group("prose " * 40, table), 80)
    assert max(map(len, lines)) <= 80
    whole = "\n".join(lines)
    assert all(f"{place},000,000.25" in whole for place in range(count))
    assert whole.count("P(leg): it pays") == 1


def test_a_table_that_fits_is_left_alone() -> None:
    table = new_table("Payments", "period", "mean", words=1)
    table.add_row("2026-Q1", "1.00")
    assert not any("continued" in line for line in printed(Group(table), 80))
