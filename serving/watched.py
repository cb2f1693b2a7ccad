"""What the watch on the champion is given, what it knows, and how long it waits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from serving.model_store import ModelEntry, PublishedModel

_DOUBLINGS = 30  # beyond them every wait is the longest


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often to look, and how much longer to wait after each failure in a row; jitter keeps processes apart."""

    every_s: float = 15.0
    away_most_s: float = 60.0  # between looks at a registry that does not answer: one cheap question each
    refused_most_s: float = 3600.0  # between tries of a champion that was refused: seconds of work each
    jitter: float = 0.1  # share of a wait, either way

    def look(self, chance: float) -> timedelta:
        """Return the wait between looks; `chance` lies from 0 to 1."""
        return self._wait(0, self.every_s, chance)

    def away(self, tries: int, chance: float) -> timedelta:
        """Return the wait after a number of looks in a row that found no registry.

        >>> Cadence(every_s=10, jitter=0).away(3, 0.5).total_seconds()
        40.0
        """
        return self._wait(tries - 1, self.away_most_s, chance)

    def refused(self, tries: int, chance: float) -> timedelta:
        """Return the wait after a number of tries of one champion."""
        return self._wait(tries - 1, self.refused_most_s, chance)

    def _wait(self, doublings: int, most_s: float, chance: float) -> timedelta:
        doubled = self.every_s * 2.0 ** min(doublings, _DOUBLINGS)
        return timedelta(seconds=min(doubled, max(most_s, self.every_s)) * (1 + self.jitter * (2 * chance - 1)))


class LastGood(Protocol):
    """Where the last model that served is kept, for a start while its registry is away."""

    def remember(self, model: PublishedModel) -> None:
        """Note that a model serves."""
        ...

    def last(self) -> PublishedModel | None:
        """Return the last one that did, checked; None where none is kept whole."""
        ...


class NothingKept:
    """No last model is kept."""

    def remember(self, model: PublishedModel) -> None:
        """Note nothing."""

    def last(self) -> PublishedModel | None:
        """Return None."""
        return None


@dataclass(frozen=True, slots=True)
class Watch:
    """How to look for another champion: not at all without a cadence; and where the last one is kept."""

    cadence: Cadence | None = None
    last_good: LastGood = field(default_factory=NothingKept)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps the registry's champion from serving, or from being known."""

    why: str
    since: datetime
    tries: int
    next_try: datetime
    entry: ModelEntry | None = None  # the version that is refused; None where the registry does not answer

    def is_of(self, entry: ModelEntry) -> bool:
        """Return whether this version is the one refused."""
        return self.entry is not None and same(self.entry, entry)


@dataclass(frozen=True, slots=True)
class Watched:
    """What the watch knows: when the registry answered last, whether it is away, which version is refused."""

    every_s: float | None = None  # None where nothing is watched
    answered: datetime | None = None
    away: Trouble | None = None
    refused: Trouble | None = None

    @property
    def troubled(self) -> bool:
        """Return whether what serves may not be what the registry names."""
        return self.away is not None or self.refused is not None

    def at_once(self, now: datetime) -> Watched:
        """Return this with the next try of whatever failed due now."""
        away, refused = (None if one is None else replace(one, next_try=now) for one in (self.away, self.refused))
        return replace(self, away=away, refused=refused)


def same(one: ModelEntry, other: ModelEntry) -> bool:
    """Return whether two entries are the same version of the same bundle."""
    return (one.version, one.digest) == (other.version, other.digest)
