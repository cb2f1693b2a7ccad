"""Precedents: limits on exports that were seen, from expert data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import yaml

from features.expert import FOLDER
from pricing.contracts.periods import month_after
from pricing.errors import DataError

PRECEDENTS = FOLDER / "precedents.yaml"


@dataclass(frozen=True, slots=True)
class Precedent:
    """An event and the months after it, the first included. `families` are the levers that it is a precedent for."""

    name: str
    title: str
    first: str
    months: int
    families: tuple[str, ...]
    source: str
    as_of: str
    note: str

    @property
    def span(self) -> tuple[str, ...]:
        """Return its months."""
        found = [self.first]
        while len(found) < self.months:
            found.append(month_after(found[-1]))
        return tuple(found)


@cache
def load_precedents() -> tuple[Precedent, ...]:
    """Return the precedents in the order of the file; DataError where one is incomplete."""
    rows = yaml.safe_load(PRECEDENTS.read_text(encoding="utf-8"))
    try:
        return tuple(Precedent(name=name, **{**row, "families": tuple(row["families"])}) for name, row in rows.items())
    except (KeyError, TypeError) as fault:
        msg = f"{PRECEDENTS.name}: {fault}; a precedent has exactly {', '.join(Precedent.__dataclass_fields__)}."
        raise DataError(msg) from fault
