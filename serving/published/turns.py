"""Turns: when which version served, who let it and why, from the record of promotions and the list of versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise

from serving.model_store import ModelEntry
from serving.promotions import Promotion, changes


@dataclass(frozen=True, slots=True)
class Turn:
    """A time in which one version was the champion, UTC; `until` is None while it is."""

    version: str
    bundle: str  # digest; empty where neither record nor registry knows it
    since: str
    until: str | None
    by: str
    because: str  # as whoever promoted it put it on record; empty on early lines
    is_rollback: bool  # it took the version before it out of service
    withdrawn: str  # why it was taken out of service itself; empty where a promotion ended it, or nothing
    gate: str  # gate, against and promoted_anyway as they stood when it was promoted
    against: tuple[str, ...] | None  # None where the record does not say
    promoted_anyway: str | None  # None where the record does not say
    place: int = 0  # in the order of the record; times may lie, and two turns may begin in one second
    begins: str = ""  # since, but never before an earlier turn began

    def touches(self, day: date) -> bool:
        """Return whether it served at some time of a day, UTC."""
        written = day.isoformat()
        begins = self.begins or self.since
        return begins[: len(written)] <= written and (self.until is None or written <= self.until[: len(written)])


def turns_of(record: Sequence[Promotion], entries: Iterable[ModelEntry]) -> tuple[Turn, ...]:
    """Return who served when, oldest first; nothing where no promotion is on record."""
    known = {entry.version: entry for entry in entries}
    return tuple(_turns(changes(record), known))


def on_day(turns: Iterable[Turn], day: date) -> tuple[Turn, ...]:
    """Return the turns of a day in UTC, the one it began with first."""
    return tuple(turn for turn in turns if turn.touches(day))


def _turns(lines: Sequence[Promotion], known: dict[str, ModelEntry]) -> Iterator[Turn]:
    begins = list(accumulate((line.at for line in lines), max))
    for place, (one, following) in enumerate(pairwise([*lines, None])):
        if one is None:
            return
        entry = known.get(one.version, ModelEntry(one.version, "", champion=False))
        yield Turn(
            version=one.version,
            bundle=one.bundle or entry.digest,
            since=one.at,
            until=begins[place + 1] if following else None,
            by=one.by,
            because=one.because,
            is_rollback=one.is_rollback,
            withdrawn=following.withdraws if following else "",
            gate=one.gate,
            against=one.against,
            promoted_anyway=one.promoted_anyway,
            place=place,
            begins=begins[place],
        )
