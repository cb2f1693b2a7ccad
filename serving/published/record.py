"""The record of one month: when its fair price was first published, and every later value with time and reason.

Corrections append: a later champion adds a line and removes none. Only what a reader saw counts, as it was rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from serving.published.editions import Edition, Figure, Said
from serving.published.turns import Turn

CORRECTION, METHOD, ROLLBACK, WITHDRAWN = "correction", "change of method", "rollback", "withdrawn by rollback"
NO_LONGER, GIVEN_AGAIN = "no longer given", "given again"
_FACTS = {"method": "method", "dataset": "data", "draws": "number of draws", "seed": "seed"}


@dataclass(frozen=True, slots=True)
class Unread:
    """A version whose bundle cannot be read, and why."""

    bundle: str
    why: str


EditionOf = Callable[[str], Edition | Unread]  # by a bundle's digest


@dataclass(frozen=True, slots=True)
class Publication:
    """A month's figures as one champion published them; `said` is None where it no longer gives the month.

    `at` is the start of its turn, but never before the day the month's figures were known.
    """

    turn: Turn
    edition: Edition
    said: Said | None
    at: str


@dataclass(frozen=True, slots=True)
class Change:
    """Another value of a month than the one in force before, and what differs between the two models."""

    kind: str
    publication: Publication
    before: Publication
    differs: tuple[str, ...]

    def size(self, horizon: str) -> float | None:
        """Return the new value less the one before, USD/kg; None where one of them has no point.

        `horizon` is `long_run` or `short_run`.
        """
        values = [_value(one, horizon) for one in (self.publication, self.before)]
        return None if values[0] is None or values[1] is None else values[0] - values[1]


@dataclass(frozen=True, slots=True)
class MonthRecord:
    """Everything published of one month of one material, in the order of the record.

    `earliest` is the first value that can be read, None where there is none; `first` is it only where no turn before it
    is unread. `unchanged` are the later turns that left it as it was, `unread` those whose bundle cannot be read: what
    they published is not known, and a change after one of them may be its own.
    """

    material: str
    month: str
    earliest: Publication | None
    changes: tuple[Change, ...]
    unchanged: tuple[Turn, ...]
    unread: tuple[tuple[Turn, Unread], ...]

    @property
    def first(self) -> Publication | None:
        """Return the first value; None where nothing was published, or an earlier turn cannot be read."""
        return None if self.earliest is None or self.unread_before(self.earliest.turn) else self.earliest

    @property
    def publications(self) -> tuple[Publication, ...]:
        """Return the first value that can be read and every later one."""
        return (self.earliest, *(change.publication for change in self.changes)) if self.earliest else ()

    def unread_before(self, turn: Turn) -> tuple[str, ...]:
        """Return the versions that served before a turn and cannot be read."""
        return tuple(dict.fromkeys(one.version for one, _ in self.unread if one.place < turn.place))

    def unread_after(self, turn: Turn) -> tuple[str, ...]:
        """Return the versions that served after a turn and cannot be read."""
        return tuple(dict.fromkeys(one.version for one, _ in self.unread if one.place > turn.place))

    @property
    def last(self) -> Publication | None:
        """Return what is in force by the record."""
        return self.publications[-1] if self.publications else None


def month_record(material: str, month: str, turns: Sequence[Turn], edition_of: EditionOf) -> MonthRecord:
    """Return the record of a month over all turns, oldest first."""
    earliest: Publication | None = None
    changes: list[Change] = []
    unchanged: list[Turn] = []
    unread: list[tuple[Turn, Unread]] = []
    for turn in turns:
        found = edition_of(turn.bundle)
        if isinstance(found, Unread):
            unread.append((turn, found))
            continue
        new = publication(turn, found, found.said(material, month))
        if earliest is None:
            earliest = new if new.said else None
            continue
        before = changes[-1].publication if changes else earliest
        if _shown(new) == _shown(before):
            unchanged.append(turn)
        else:
            changes.append(Change(_kind(new, before), new, before, tuple(_differs(new.edition, before.edition))))
    return MonthRecord(material, month, earliest, tuple(changes), tuple(unchanged), tuple(unread))


def publication(turn: Turn, edition: Edition, said: Said | None) -> Publication:
    """Return what a turn published of a month."""
    known = said.known_on.isoformat() if said else ""
    return Publication(turn, edition, said, f"{known}T00:00:00Z" if turn.since[: len(known)] < known else turn.since)


def published_on(turn: Turn, edition: Edition, material: str, day: date, month: str | None = None) -> Publication:
    """Return what a turn gave of a material on a day: of a month, or of the last one known then."""
    return publication(turn, edition, known_on(edition, material, day, month))


def known_on(edition: Edition, material: str, day: date, month: str | None = None) -> Said | None:
    """Return what an edition says of a month, or of the last one known on a day; None where it was not known then."""
    last = edition.on(material, min(day, edition.last_day))
    if month is None or last is None or month > last.month:
        return last if month is None else None
    return edition.said(material, month)


def _shown(one: Publication) -> tuple[str, Figure, Figure] | None:
    return one.said.shown if one.said else None


def _value(one: Publication, horizon: str) -> float | None:
    if one.said is None:
        return None
    return (one.said.long_run if horizon == "long_run" else one.said.short_run).value


def _kind(new: Publication, before: Publication) -> str:
    if new.said is None:
        return WITHDRAWN if new.turn.is_rollback else NO_LONGER
    if new.turn.is_rollback:
        return ROLLBACK
    if before.said is None:
        return GIVEN_AGAIN
    return CORRECTION if new.edition.method == before.edition.method else METHOD


def _differs(new: Edition, before: Edition) -> Iterator[str]:
    for name, word in _FACTS.items():
        if getattr(new, name) != getattr(before, name):
            yield word
