"""Answers kept by id: in memory, and in a folder that outlives the process.

Answers that hold private data are kept in memory only, and apart from those of callers without the right.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Protocol

IN_MEMORY = 512  # answers
IN_FOLDER = 10_000  # answers
IN_FOLDER_BYTES = 256 * 2**20
BETWEEN_TRIMS = 64  # answers written
_PART = ".part"


class Answers(Protocol):
    """Where answers are kept by id."""

    def get(self, name: str) -> bytes | None:
        """Return the answer kept under an id; None where there is none."""
        ...

    def put(self, name: str, answer: bytes) -> None:
        """Keep an answer; what was used longest ago may leave for it."""
        ...


class MemoryAnswers:
    """Answers of this process."""

    def __init__(self, most: int = IN_MEMORY) -> None:
        self.most = most
        self._answers: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> bytes | None:
        """Return the answer kept under an id; None where there is none."""
        with self._lock:
            if name in self._answers:
                self._answers.move_to_end(name)
            return self._answers.get(name)

    def put(self, name: str, answer: bytes) -> None:
        """Keep an answer; the one used longest ago leaves for it."""
        with self._lock:
            self._answers[name] = answer
            if len(self._answers) > self.most:
                self._answers.popitem(last=False)


class FolderAnswers:
    """Answers as files named by id, sealed by their SHA-256, with the last ones in memory.

    A folder that cannot be written to, or a file that was torn or altered, costs the answer and no more: it is found
    again from the request. Above `most` answers or `most_bytes` the oldest files leave.
    """

    def __init__(self, folder: Path, most: int = IN_FOLDER, most_bytes: int = IN_FOLDER_BYTES) -> None:
        self.folder = folder
        self.most = most
        self.most_bytes = most_bytes
        self._memory = MemoryAnswers()
        self._written = 0

    def get(self, name: str) -> bytes | None:
        """Return the answer kept under an id; None where there is none."""
        known = self._memory.get(name)
        if known is None and (known := self._read(name)) is not None:
            self._memory.put(name, known)
        return known

    def put(self, name: str, answer: bytes) -> None:
        """Keep an answer, whole or not at all."""
        self._memory.put(name, answer)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part = self.folder / f"{name}.{os.getpid()}{_PART}"
            part.write_bytes(_seal(answer) + b"\n" + answer)
            part.replace(self.folder / name)
            if self._written % BETWEEN_TRIMS == 0:
                self._trim()
            self._written += 1
        except OSError:
            return  # memory has it

    def _read(self, name: str) -> bytes | None:
        try:
            seal, _, answer = (self.folder / name).read_bytes().partition(b"\n")
        except OSError:
            return None
        return answer if seal == _seal(answer) else None

    def _trim(self) -> None:
        """Remove the oldest files until both bounds hold."""
        files = sorted(
            (entry.stat().st_mtime_ns, entry.stat().st_size, entry.path) for entry in os.scandir(self.folder)
        )
        many, size = len(files), sum(bytes_ for _, bytes_, _ in files)
        for _, bytes_, path in files:
            if many <= self.most and size <= self.most_bytes:
                return
            Path(path).unlink(missing_ok=True)
            many, size = many - 1, size - bytes_


class Beside:
    """Answers of readers in memory, beside those kept for everyone, which are only read."""

    def __init__(self, everyone: Answers) -> None:
        self._own = MemoryAnswers()
        self._everyone = everyone

    def get(self, name: str) -> bytes | None:
        """Return the answer kept under an id; None where there is none."""
        known = self._own.get(name)
        return self._everyone.get(name) if known is None else known

    def put(self, name: str, answer: bytes) -> None:
        """Keep an answer for readers."""
        self._own.put(name, answer)


def _seal(answer: bytes) -> bytes:
    return hashlib.sha256(answer).hexdigest().encode()
