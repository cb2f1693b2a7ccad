"""One at a time: locks on files, let go of by the system when their holder dies, however it dies.

A job holds one from its first stage to its last. Whoever changes which version serves, a job at its end or a person,
holds another for that moment, so that nobody's word is lost and nobody waits for a whole job.

A file names its holder, for the message to a second one, and carries an id of its own: runs of the tracking store
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
from pricing.errors import Fault, HeldError, InputError
from training.config import SHORT_WAIT_SECONDS, STORE_FOLDER
from training.tracking import sqlite_folder

WORK = "retrain"
JOB, SERVING = ".retrain-lock", ".serving-lock"


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: the id of the lock itself, and the process that took it."""

    lock: str
    host: str
    process: int
    since: str  # UTC, ISO 8601


@dataclass(frozen=True)
class Turn:
    """A turn to change which version serves: when it is asked for, how long to wait for it, and where its lock lies."""

    now: datetime
    wait_seconds: float = SHORT_WAIT_SECONDS
    work: Path | None = None  # folder of the stages' results, which holds the lock where the store is a server

    def __post_init__(self) -> None:
        check_wait(self.wait_seconds)

    @contextmanager
    def taken(self, tracking_uri: str) -> Iterator[None]:
        """Hold the lock on what serves; HeldError says who holds it, after the time to wait."""
        with alone(lock_of(SERVING, tracking_uri, self.work), self.now, self.wait_seconds):
            yield


def check_wait(seconds: float) -> None:
    """Raise InputError for a time to wait that is none."""
    if not seconds >= 0:
        raise InputError(Fault("--wait", str(seconds), "seconds from 0"))


def work_folder(tracking_uri: str, named: Path | None) -> Path:
    """Return the folder of the stages' results: the one that is named, else beside a SQLite store, else below var/."""
    return named or (sqlite_folder(tracking_uri) or STORE_FOLDER) / WORK


def lock_of(name: str, tracking_uri: str, work: Path | None) -> Path:
    """Return the file of a lock: beside a SQLite store, else in the work folder."""
    return (sqlite_folder(tracking_uri) or work_folder(tracking_uri, work)) / name


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
    return f"{path}: held by {who}{waited}; one at a time. Run this again later, or wait longer with --wait SECONDS."


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
