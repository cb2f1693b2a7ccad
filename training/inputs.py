"""Which inputs a fit was made from: data, code and settings, as one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from training.config import TrainingConfig

PACKAGES = ("pricing", "features", "training")
COUNTED = (".py", ".csv", ".yaml")


def inputs_digest(config: TrainingConfig, dataset_digest: str) -> str:
    """Return the SHA-256 over the dataset, every file of the three packages, and the settings that move numbers."""
    asked = (dataset_digest, config.as_of, config.draws, config.seed, config.economies)
    return _with_files(" ".join(map(str, asked)))


def code_digest() -> str:
    """Return the SHA-256 over every file of the three packages: code, shipped data and expert numbers."""
    return _with_files("")


def _with_files(said: str) -> str:
    digest = hashlib.sha256(said.encode())
    for package in PACKAGES:
        for name, content in _files(resources.files(package), package):
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


def _files(entry: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    if entry.is_dir():
        for child in sorted(entry.iterdir(), key=lambda child: child.name):
            yield from _files(child, f"{name}/{child.name}")
    elif name.endswith(COUNTED):
        yield name, entry.read_bytes()
