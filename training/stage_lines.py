"""Progress as lines of a log: when a stage begins and when it ends, so that a job at work is told from a stuck one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from training.config import Progress


def stage_lines(say: Callable[[str], None], now: Callable[[], datetime]) -> Progress:
    """Return a reporter that says a line as a stage begins and one as it ends, with the time of day and the seconds."""
    began: dict[str, datetime | None] = {}  # None once a stage has ended

    def report(stage: str, share: float) -> None:
        at, since = now(), began.get(stage)
        if share < 1 and since is None:
            began[stage] = at
            say(f"{at:%Y-%m-%d %H:%M:%S %Z} {stage}: begins")
        elif share >= 1 and since is not None:
            began[stage] = None
            say(f"{at:%Y-%m-%d %H:%M:%S %Z} {stage}: done in {(at - since).total_seconds():.0f} s")
        elif share >= 1 and stage not in began:
            began[stage] = None
            say(f"{at:%Y-%m-%d %H:%M:%S %Z} {stage}: done")

    return report
