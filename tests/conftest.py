"""What all tests share: law tests draw the same examples everywhere, and a busy machine fails none of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database with its schema, which takes seconds to make, and nothing else: a test copies it."""
    from training.tracking import open_store  # noqa: PLC0415 - importing MLflow takes seconds: only when asked

    database = tmp_path_factory.mktemp("empty") / "mlflow.db"
    open_store(f"sqlite:///{database}")
    return database


@pytest.fixture
def store(empty_registry: Path, tmp_path: Path) -> str:
    """A registry where nothing is published yet."""
    database = tmp_path / "store" / "mlflow.db"
    database.parent.mkdir()
    shutil.copyfile(empty_registry, database)
    return f"sqlite:///{database}"
