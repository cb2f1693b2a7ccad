"""The work folder: what each stage left, under the digest of all it was made from, so that no work is done twice.

A result is written beside its place and moved there in one step, with the checksums of its files: what is there is
whole, or is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORD = "stage.json"
KEY_DIGITS = 20
_NEW = ".new-"


@dataclass(frozen=True)
class Result:
    """What a stage left: its folder, how long it took, and whether an earlier job made it."""

    stage: str
    folder: Path
    seconds: float
    reused: bool

    def read(self, name: str) -> Any:
        """Return a JSON file of the result."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Work:
    """Results of stages below one folder; its user holds the lock of the job."""

    folder: Path

    def tidy(self) -> None:
        """Take away what a killed job was writing."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for torn in self.folder.glob(f"{_NEW}*"):
            shutil.rmtree(torn)

    def found(self, stage: str, key: str) -> Result | None:
        """Return the result of a stage under a key, None when there is none or it is not what was written."""
        place = self._place(stage, key)
        record = _record(place)
        if record is None or record.get("key") != key or record["files"] != _sealed(place):
            return None
        return Result(stage, place, float(record["seconds"]), reused=True)

    def once(self, stage: str, key: str, make: Callable[[Path], None]) -> Result:
        """Return the result of a stage under a key, made in the folder that `make` is given where there is none."""
        found = self.found(stage, key)
        if found is not None:
            return found
        place, began = self._place(stage, key), time.monotonic()
        scratch = Path(tempfile.mkdtemp(prefix=_NEW, dir=self.folder))
        make(scratch)
        seconds = round(time.monotonic() - began, 3)
        record = {"stage": stage, "key": key, "seconds": seconds, "files": _sealed(scratch)}
        (scratch / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
        _synced(scratch)
        shutil.rmtree(place, ignore_errors=True)
        scratch.rename(place)
        return Result(stage, place, seconds, reused=False)

    def forget(self, stage: str, key: str) -> None:
        """Take away the result of a stage under a key."""
        shutil.rmtree(self._place(stage, key))

    def keep_only(self, results: Collection[Result]) -> None:
        """Take away every result but those named: a finished job keeps what it is made of, for the next one."""
        kept = {one.folder for one in results}
        for place in self.folder.iterdir():
            if place.is_dir() and place not in kept:
                shutil.rmtree(place)

    def _place(self, stage: str, key: str) -> Path:
        return self.folder / f"{stage}-{key[:KEY_DIGITS]}"


def key_of(*parts: object) -> str:
    """Return the digest of what a result is made from."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def _record(place: Path) -> Mapping[str, Any] | None:
    try:
        found = json.loads((place / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "files" in found else None


def _sealed(place: Path) -> dict[str, str]:
    files = sorted(path for path in place.rglob("*") if path.is_file() and path != place / RECORD)
    return {path.relative_to(place).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _synced(place: Path) -> None:
    for path in place.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
