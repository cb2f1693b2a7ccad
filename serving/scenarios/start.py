"""Start: what scenarios of one published model start from, opened once and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock

from pricing.errors import DataError
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.plain import from_plain
from pricing.scenarios.pushes import baselines
from pricing.scenarios.scenario import MONTHS, last_allowed, month_number, month_of
from pricing.withheld import MARK, private_entry
from serving.book import Book

KEPT = 4


@dataclass(frozen=True, eq=False)
class Start:
    """A base, what its levers stand at, and the days and months a request may name."""

    book: Book
    base: ScenarioBase
    baselines: Mapping[str, float]
    months: tuple[str, str]  # of an override: from the first quarter of a path
    days: tuple[date, date]  # of as_of: those on which the base's month was the last one known

    @classmethod
    def of(cls, book: Book) -> Start:
        """Return the start of a book; DataError where its model carries none, or rests on private data as published."""
        bundle = book.model.bundle
        if private_entry(bundle.parameters).get("view") == MARK:
            raise DataError(_withheld(book))
        if not bundle.scenario_base:
            raise DataError(_ABSENT)
        base = from_plain(bundle.scenario_base)
        first = month_of((month_number(base.month) // MONTHS + 1) * MONTHS)
        known = [row.known_on for m in book.materials if (row := book.row("as_known", m, base.month)) is not None]
        return cls(
            book,
            base,
            baselines(base, base.levers),
            (first, last_allowed(base.month)),
            (max([*known], default=book.last_day), book.last_day),
        )


class Starts:
    """The starts of the models asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Start] = OrderedDict()
        self._lock = Lock()

    def of(self, book: Book) -> Start:
        """Return the start of a book; DataError where its model carries none."""
        digest = book.model.digest
        with self._lock:
            if digest not in self._kept:
                self._kept[digest] = Start.of(book)
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return self._kept[digest]


def _withheld(book: Book) -> str:
    return (
        f"Scenarios of model {book.model.version} rest on private data and are withheld from callers without the "
        "right. Ask with a reader's token, or ask a model of public data."
    )


_ABSENT = "This model was published without what scenarios start from. Train and publish one with this version."
