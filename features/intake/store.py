"""The store of vintages: one folder for each intake, written in one step, sealed, and never changed again.

A vintage holds the rows as files gave them and a record: number, day of receipt, seal of the one before, checksums.
Its folder is named by the SHA-256 of its record, so a folder cannot be changed without its name telling.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from features.dataset import Dataset
from features.file_lock import taken
from features.intake.kinds import KINDS
from features.intake.place import SETTING
from features.tables import read_table
from pricing.errors import DataError

RECORD = "vintage.yaml"
LOCK = ".lock"
NEW = ".new-"  # a vintage being written
WAIT_SECONDS = 60.0
SCHEMA = 1
KEPT = 512  # vintages read in one process and kept: forty years of months
_NAME = re.compile(r"(\d{6})_(\d{4}-\d{2}-\d{2})_([0-9a-f]{16})")
RESTORE = "Restore the folder from a copy, or move this vintage and all later ones away and ingest their files again."


@dataclass(frozen=True)
class StoredVintage:
    """One vintage: its folder's name, its record, and its rows by table as the files gave them."""

    name: str
    record: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]

    @property
    def received_on(self) -> date:
        """Return the day from which its rows count."""
        return date.fromisoformat(str(self.record["received_on"]))


def read_vintages(folder: Path, dataset: Dataset) -> list[StoredVintage]:
    """Return the vintages of a store in order, each checked against its seal; DataError says what is wrong in a line.

    A store belongs to the dataset its rows were checked against: `dataset` must be the same.
    """
    found: list[StoredVintage] = []
    for place in sorted(_vintage_folders(folder)):
        before = found[-1].name if found else ""
        found.append(_in_order(_read(place, _stamp(place)), len(found) + 1, before))
        if found[-1].record["dataset"] != dataset.digest:
            mine, theirs = dataset.digest[:12], str(found[-1].record["dataset"])[:12]
            msg = f"{place.name}: checked against dataset {theirs}, this is {mine}. Name an empty folder in {SETTING} "
            raise DataError(
                msg + f"and ingest the tables of {folder} again; rows that the dataset now has add nothing."
            )
    return found


def names_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the vintages of a store in order, unread; none where there is no store."""
    return tuple(sorted(place.name for place in _vintage_folders(folder))) if folder.is_dir() else ()


def write_vintage(folder: Path, record: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> str:
    """Write a vintage in one step and return its name; the caller holds the lock and gives the record's own fields."""
    texts = {f"{name}.csv": _csv(table) for name, table in tables.items() if len(table)}
    sealed = {**record, "schema": SCHEMA, "files": {name: _sha256(text) for name, text in texts.items()}}
    content = yaml.safe_dump(sealed, sort_keys=True, allow_unicode=True, width=116).encode()
    name = f"{int(record['number']):06d}_{record['received_on']}_{_sha256(content)[:16]}"
    with _whole(folder) as scratch:
        for file, text in {**texts, RECORD: content}.items():
            _write(scratch / file, text)
        _sync(scratch)
        scratch.chmod(0o755)
        scratch.rename(folder / name)
    _sync(folder)
    return name


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """Give a scratch folder that is gone again when it cannot be filled; DataError says why (a full disk, rights)."""
    scratch = Path(tempfile.mkdtemp(prefix=NEW, dir=folder))
    try:
        yield scratch
    except OSError as fault:
        shutil.rmtree(scratch, ignore_errors=True)
        msg = f"{folder}: {fault.strerror}. Nothing of these files is stored. Make room there and run this again."
        raise DataError(msg) from fault


@contextmanager
def locked(folder: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold a store for one writer; DataError when another keeps it too long, or it is no folder.

    The system lets go of a dead writer's lock.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"{folder}: found a file, expected a folder or nothing. {SETTING} or --vintages names the store."
        raise DataError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("ab") as handle:
        if not taken(handle, wait_seconds):
            msg = f"{folder}: another intake has held the store for {wait_seconds:g} s. Run this again later."
            raise DataError(msg)
        for torn in folder.glob(f"{NEW}*"):  # of a writer that was killed: nothing of it was ever seen
            shutil.rmtree(torn)
        yield


def _vintage_folders(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        msg = f"{folder}: no such folder. {SETTING} names the store of vintages; `fairprice ingest` makes it."
        raise DataError(msg)
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if not _NAME.fullmatch(entry.name) or entry.is_symlink() or not entry.is_dir():
            msg = f"{folder}: {entry.name!r} is no vintage. Take it away; only `fairprice ingest` writes there."
            raise DataError(msg)
        yield entry


def _in_order(vintage: StoredVintage, number: int, before: str) -> StoredVintage:
    record = vintage.record
    if record.get("number") != number or record.get("previous") != before:
        wanted = f"number {number} after {before or 'none'}"
        found = f"number {record.get('number')} after {record.get('previous') or 'none'}"
        msg = f"{vintage.name}: found {found}, expected {wanted}: a vintage is missing or doubled. {RESTORE}"
        raise DataError(msg)
    return vintage


@lru_cache(maxsize=KEPT)
def _read(place: Path, stamp: tuple[tuple[str, int, int, int], ...]) -> StoredVintage:
    """Return a vintage checked against its seal: once in a process, and again when a file of it is another."""
    record = _record(place)
    listed, there = set(record["files"]), {name for name, *_ in stamp} - {RECORD}
    unknown = (listed ^ there) | (listed - {f"{name}.csv" for name in KINDS})
    if unknown:
        msg = f"{place.name}: {min(unknown)} is missing or not of the vintage. {RESTORE}"
        raise DataError(msg)
    for name, expected in record["files"].items():
        if (found := _sha256((place / name).read_bytes())) != expected:
            msg = f"{place.name}/{name}: checksum {found[:12]}, expected {expected[:12]}. {RESTORE}"
            raise DataError(msg)
    tables = {Path(name).stem: read_table(place / name) for name in sorted(record["files"])}
    return StoredVintage(place.name, record, tables)


def _stamp(place: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Return name, inode, size and time of last change of each entry of a folder; every write moves that time."""
    told = ((entry.name, entry.lstat()) for entry in sorted(place.iterdir()))
    return tuple((name, stat.st_ino, stat.st_size, stat.st_ctime_ns) for name, stat in told)


def _record(place: Path) -> dict[str, Any]:
    path = place / RECORD
    content = path.read_bytes() if path.is_file() else b""
    named = _NAME.fullmatch(place.name)
    if named is None or _sha256(content)[:16] != named[3]:
        msg = f"{place.name}/{RECORD}: not the record that the folder's name seals. {RESTORE}"
        raise DataError(msg)
    record: dict[str, Any] = yaml.safe_load(content)
    if record["schema"] != SCHEMA:
        msg = f"{place.name}: schema {record['schema']}, expected {SCHEMA}. Read it with the version that wrote it."
        raise DataError(msg)
    return record


def _csv(table: pd.DataFrame) -> bytes:
    return str(table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")).encode()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def names(vintages: Sequence[StoredVintage]) -> tuple[str, ...]:
    """Return the names of vintages, in order."""
    return tuple(vintage.name for vintage in vintages)
