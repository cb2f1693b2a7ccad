"""Markdown for the pages of `docs/`: how a number reads, a table, and the blocks of a page that a command fills."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from pricing.errors import DataError

NONE = "-"
WHOLE_FROM = 100  # from here a price is given without decimals
_BLOCK = re.compile(r"(<!-- begin (?P<name>[\w-]+) -->\n).*?(<!-- end (?P=name) -->)", flags=re.DOTALL)


def money(value: float) -> str:
    """Return a price or a gap as text.

    >>> money(1453.2), money(87.39), money(-0.04), money(float("nan"))
    ('1,453', '87.4', '0.0', '-')
    """
    if np.isnan(value):
        return NONE
    return f"{value:,.0f}" if abs(value) >= WHOLE_FROM else f"{round(value, 1) + 0.0:.1f}"


def interval(low: float, high: float) -> str:
    """Return a band as text.

    >>> interval(67.67, 124.3)
    '67.7 to 124'
    """
    return NONE if np.isnan(low) or np.isnan(high) else f"{money(low)} to {money(high)}"


def share(value: float) -> str:
    """Return a probability or a ratio as text with two decimals."""
    return NONE if np.isnan(value) else f"{round(value, 2) + 0.0:.2f}"


def percent(ratio: float) -> str:
    """Return how far a ratio lies from one.

    >>> percent(0.67), percent(1.1)
    ('-33 %', '+10 %')
    """
    return NONE if np.isnan(ratio) else f"{100 * (ratio - 1):+.0f} %"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first column reads to the left, the others to the right."""
    lines = [_row(head), "|---|" + "---:|" * (len(head) - 1), *(_row(row) for row in rows)]
    return "\n".join(lines)


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """Return a page with each of its blocks replaced by the text of that name. DataError for a name nobody writes."""
    unknown = sorted(set(names(page)) - set(blocks))
    if unknown:
        msg = f"The page asks for {', '.join(unknown)}; blocks are {', '.join(sorted(blocks))}. Correct its markers."
        raise DataError(msg)
    return _BLOCK.sub(lambda found: f"{found[1]}\n{blocks[found['name']]}\n\n{found[3]}", page)


def names(page: str) -> list[str]:
    """Return the names of a page's blocks."""
    return [found["name"] for found in _BLOCK.finditer(page)]


def prose(page: str) -> str:
    """Return a page without its blocks: what a person wrote."""
    return _BLOCK.sub("", page)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
