"""The set-up says in one line what a machine lacks, and installs nothing it may not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of what the set-up reads, and a folder of programs that stands first on the path."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "programs").mkdir()
    for name in ("scripts/setup", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    put(tmp_path, "id", "echo 1000")  # an ordinary user
    put(tmp_path, "uv", "exit 1")
    return tmp_path


def put(clone: Path, name: str, body: str) -> None:
    program = clone / "programs" / name
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    program.chmod(0o755)


def set_up(clone: Path, *options: str) -> tuple[int, list[str]]:
    path = f"{clone / 'programs'}:/usr/bin:/bin"
    done = subprocess.run(
        [clone / "scripts" / "setup", *options], env={"PATH": path}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr.splitlines()


def python_without(module: str) -> str:
    return f'case "$*" in *{module}*) exit 1;; esac\nexec {sys.executable} "$@"'


@pytest.mark.parametrize(("module", "package"), [("libgomp", "libgomp1"), ("ensurepip", "python3-venv")])
def test_a_missing_system_package_is_named_in_one_line(clone: Path, module: str, package: str) -> None:
    put(clone, "python3", python_without(module))
    code, lines = set_up(clone)
    assert code == 1
    assert lines[-1] == (
        f"setup: missing the system package {package}. Install it (apt-get install {package}) and run this again."
    )
    assert not (clone / ".venv").exists()


def test_another_python_is_refused_by_its_version(clone: Path) -> None:
    put(clone, "python3", 'case "$1" in -V) echo Python 3.8.10;; *) exit 1;; esac')
    assert set_up(clone) == (1, ["setup: found Python 3.8.10; expected Python 3.11 to 3.13 as python3."])


MAKES_VENV = """mkdir -p .venv/bin
for program in python fairprice; do echo '#!/bin/sh' >.venv/bin/$program; chmod +x .venv/bin/$program; done"""


def test_a_missing_database_is_said_and_stops_nothing(clone: Path) -> None:
    put(clone, "uv", MAKES_VENV)
    put(clone, "ls", "exit 2")  # finds no PostgreSQL
    assert set_up(clone)[0] == 0
    assert set_up(clone) == (0, [])
    missing = "missing the system package postgresql. Install it (apt-get install postgresql) and run this again."
    going_on = "going on without it; the tests that use it skip."
    assert set_up(clone, "--with-postgresql") == (0, [f"setup: {missing}", f"setup: {going_on}"])
