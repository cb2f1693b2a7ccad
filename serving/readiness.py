"""What readiness and the list of models say of the watch on the champion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from serving.model_schemas import AwayOut, ReadyOut, RefusedOut, WatchOut
from serving.model_store import PublishedModel
from serving.watched import Trouble, Watched


def readiness(model: PublishedModel | None, since: datetime, known: Watched, flags: Sequence[str]) -> ReadyOut:
    """Return what serves, since when here, what is lost by it, and whether it may not be what the registry names."""
    if model is None:
        return ReadyOut("no model published", None, None, None, watch_out(known))
    which = model.digest, model.version, written(since), watch_out(known), tuple(flags)
    return ReadyOut("degraded", *which) if known.troubled else ReadyOut("ready", *which)


def watch_out(known: Watched) -> WatchOut:
    """Return what the watch knows."""
    answered = None if known.answered is None else written(known.answered)
    return WatchOut(known.every_s, answered, away_out(known.away), refused_out(known.refused))


def away_out(trouble: Trouble | None) -> AwayOut | None:
    """Return why the registry names no champion."""
    if trouble is None:
        return None
    return AwayOut(trouble.why, written(trouble.since), trouble.tries, written(trouble.next_try))


def refused_out(trouble: Trouble | None) -> RefusedOut | None:
    """Return which champion does not serve, and why."""
    if trouble is None or trouble.entry is None:
        return None
    times = written(trouble.since), trouble.tries, written(trouble.next_try)
    return RefusedOut(trouble.entry.version, trouble.entry.digest, trouble.why, *times)


def written(moment: datetime) -> str:
    """Return a moment as text, UTC, to the second.

    >>> from datetime import UTC
    >>> written(datetime(2026, 11, 26, 4, 30, tzinfo=UTC))
    '2026-11-26T04:30:00Z'
    """
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
