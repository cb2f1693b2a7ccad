"""One job at a time: a lock on a file, let go of by the system when its holder dies, however it dies.

The file names its holder, for the message to a second one, and carries an id of its own: runs of the tracking store
that bear it and still count as running belong to a job that was killed.
"""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path

from features.file_lock import taken
from pricing.errors import HeldError


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: the id of the lock itself, and the process that took it."""

    lock: str
    host: str
    process: int
    since: str  # UTC, ISO 8601


@contextmanager
def alone(path: Path, now: datetime, wait_seconds: float = 0.0) -> Iterator[str]:
    """Hold the lock on a file and yield its id; HeldError says who holds it since when, after the time to wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not taken(file, wait_seconds):
            raise HeldError(_told(_read(file), path, wait_seconds))
        before = _read(file)
        lock = before.lock if before else uuid.uuid4().hex
        _write(file, Holder(lock, socket.gethostname(), os.getpid(), now.isoformat(timespec="seconds")))
        yield lock


def _told(holder: Holder | None, path: Path, wait_seconds: float) -> str:
    who = f"process {holder.process} on {holder.host} since {holder.since}" if holder else "another job"
    waited = f", waited {wait_seconds:g} s" if wait_seconds else ""
    return (
        f"{path}: held by {who}{waited}; one job at a time. Run this again later, or wait longer with --wait SECONDS."
    )


def _read(file: TextIOWrapper) -> Holder | None:
    file.seek(0)
    try:
        return Holder(**json.loads(file.read()))
    except (ValueError, TypeError):  # new, or its holder was killed while it wrote its name
        return None


def _write(file: TextIOWrapper, holder: Holder) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(asdict(holder)))
    file.flush()
