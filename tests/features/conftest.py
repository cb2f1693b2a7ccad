"""The shipped dataset, and a small one imported from invented tables that tests may tear apart."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from features.dataset import Dataset, load_dataset, seal
from features.importer import main

EVIDENCE = Path(__file__).parent / "fixture"


@pytest.fixture(scope="session")
def shipped() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    assert main(["--from", str(EVIDENCE), "--to", str(folder)]) == 0
    return folder


@pytest.fixture
def copied(imported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(imported, tmp_path / "copy"))


@pytest.fixture
def edit(copied: Path) -> Callable[[str, str, str], Path]:
    """Replace a text in one file of a copy and seal it again, as an honest maintainer of a private dataset would."""

    def change(name: str, old: str, new: str) -> Path:
        path = copied / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        seal(copied, "2026-03-31")
        return copied

    return change
