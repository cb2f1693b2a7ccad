"""Months of an override: written YYYY-MM, within what a path may cover, and enough of a quarter to be felt."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
FELT = 2  # months of a calendar quarter that an override must cover, because paths run in quarters


@dataclass(frozen=True, slots=True)
class Window:
    """The months that an override may name, both included."""

    first: str
    last: str

    def __contains__(self, month: object) -> bool:
        return isinstance(month, str) and _MONTH.fullmatch(month) is not None and self.first <= month <= self.last

    def __str__(self) -> str:
        return f"a month from {self.first} to {self.last}, written YYYY-MM"


def felt(first: str, last: str) -> bool:
    """Return whether months cover enough of some calendar quarter.

    >>> felt("2027-02", "2027-03"), felt("2027-03", "2027-04"), felt("2027-03", "2027-03")
    (True, False, False)
    """
    start, end = _count(first), _count(last)
    whole = range(start // 3, end // 3 + 1)
    return any(min(end, 3 * q + 2) - max(start, 3 * q) + 1 >= FELT for q in whole)


def _count(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:]) - 1
