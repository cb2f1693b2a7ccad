"""What may stand in a tracked file, and where."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# A home or scratch folder of one machine; a registry address.
MACHINE_PATH = re.compile("(?<![\\w./-])/(?:" + "work|root|home|Users|tmp|mnt" + r")/[\w.-]+")
REGISTRY = re.compile(r"https?://[\w.-]*(?:" + "pypi|pythonhosted|artifactory|nexus" + r")[\w.-]*/")


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY], ids=["machine path", "registry address"])
def test_no_tracked_file_names_a_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    hits = []
    for path in tracked():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                hits.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert hits == []


@pytest.mark.parametrize("line", ["cd /" + "home/ann/fairprice", 'folder = "/' + 'tmp/x"', "see /" + "root/.venv"])
def test_a_machine_path_is_recognised(line: str) -> None:
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize("line", ["GET /v1/homes", "docs/tmp/x", "https://example.org/" + "home/page"])
def test_an_address_of_ours_is_not_a_machine_path(line: str) -> None:
    assert not MACHINE_PATH.search(line)


def test_no_package_marker_stands_below_tests() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_tests_take_no_name_of_the_library() -> None:
    assert not (ROOT / "tests" / "mlflow").exists()


def test_every_lock_entry_carries_a_hash_and_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 50
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in lock
