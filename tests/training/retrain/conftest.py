"""Places for jobs, each with a store of its own, and jobs as processes that can be killed."""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """Return the module that makes tiny jobs."""
    spec = importlib.util.spec_from_file_location("tiny_job", HERE / "tiny_job.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def serving(tiny: ModuleType, empty_registry: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a place where version 1 serves."""
    place = fresh(empty_registry, tmp_path_factory.mktemp("serving") / "place")
    assert tiny.run(place).version == "1"
    return place


@pytest.fixture
def place(empty_registry: Path, tmp_path: Path) -> Path:
    """Return a place for jobs where nothing serves yet."""
    return fresh(empty_registry, tmp_path / "place")


@pytest.fixture
def served(serving: Path, tmp_path: Path) -> Path:
    """Return a place for jobs where version 1 serves."""
    return copied(serving, tmp_path / "served")


@pytest.fixture(scope="session")
def unchanged(serving: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a place where version 1 serves, for commands that change no version."""
    return copied(serving, tmp_path_factory.mktemp("unchanged") / "place")


@pytest.fixture
def served_too(serving: Path, tmp_path: Path) -> Path:
    """Return another one."""
    return copied(serving, tmp_path / "served_too")


def fresh(registry: Path, place: Path) -> Path:
    """Make a place of an empty registry."""
    (place / "store").mkdir(parents=True)
    shutil.copyfile(registry, place / "store" / "mlflow.db")
    return place


def copied(place: Path, to: Path) -> Path:
    """Copy a place; a store holds the paths of its artifacts, so they are rewritten."""
    shutil.copytree(place, to)
    store = to / "store" / "mlflow.db"
    with sqlite3.connect(store) as before:
        script = "\n".join(before.iterdump()).replace(str(place), str(to))
    before.close()
    store.unlink()
    with sqlite3.connect(store) as after:
        after.executescript(script)
    after.close()
    return to


class Nursery:
    """A process that forks jobs."""

    def __init__(self) -> None:
        command = [sys.executable, "-W", "ignore", str(HERE / "nursery.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._said() == "ready"

    def run(self, place: Path, stop_at: int = -1, wait: float = 0.0, candidate: int = 1) -> int:
        """Begin a job and return its process; it kills itself at a step, if one is named."""
        return int(self._asked(f"run {place} {stop_at} {wait} {candidate}"))

    def wait(self, process: int) -> int:
        """Return the exit code of a job, less than 0 for the signal that ended it."""
        return int(self._asked(f"wait {process}"))

    def close(self) -> None:
        self._process.communicate()

    def _asked(self, line: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._said()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()
