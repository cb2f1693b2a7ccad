"""The shipped dataset, and a small one imported from invented tables that tests may tear apart."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from features.dataset import Dataset, load_dataset, seal
from features.importer import main
from features.intake.intake import Order, Receipt, take_in

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


PANEL = "series,date,known_at,value"


@dataclass
class Desk:
    """A store of vintages beside the shipped dataset, and the files that arrive at it."""

    dataset: Dataset
    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "vintages"

    def file(self, name: str, *lines: str) -> Path:
        """Write a file of lines, the heading first, and return it."""
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    def take(self, *paths: Path, day: str = "2026-04-20", **asked: Any) -> Receipt:
        """Take files in on a day."""
        received_on = date.fromisoformat(day)
        return take_in(
            paths, self.dataset, Order(self.store, datetime(2026, 11, 26, 6, tzinfo=UTC), received_on, **asked)
        )

    def panel(self, *rows: str, day: str = "2026-04-20", **asked: Any) -> Receipt:
        """Take rows of the panel in on a day."""
        return self.take(self.file("panel.csv", PANEL, *rows), day=day, **asked)


@pytest.fixture
def desk(shipped: Dataset, tmp_path: Path) -> Desk:
    return Desk(shipped, tmp_path)
