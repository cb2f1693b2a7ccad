"""One holder at a time: a lock on an open file, let go of by the system when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import time
from typing import IO, Any

POLL_SECONDS = 0.1


def taken(file: IO[Any], wait_seconds: float) -> bool:
    """Return whether the lock on an open file could be had within the time to wait; it is held until the file closes.

    It is advisory (flock): it keeps out those who ask for it.
    """
    until = time.monotonic() + wait_seconds
    while not _taken_now(file):
        if time.monotonic() >= until:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _taken_now(file: IO[Any]) -> bool:
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
