"""Bundles kept on this machine: what was fetched once is not fetched again, and a start needs no registry.

Files lie as they were published, in a folder named by the bundle's digest, and are checked against it each time they
are read. A folder that cannot be written to costs the cache and no more. What holds private values is never kept.

    bundles/<digest>/            the bundle
    notes/<registry>/<digest>    the version it has in a registry, JSON
    notes/<registry>/last        the digest of the last one that served from there
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pricing.bundle import FILES, MANIFEST, Bundle, read_bundle, sealed_files
from pricing.errors import BundleError
from pricing.withheld import holds_private_values
from serving.model_store import PublishedModel

KEPT_BUNDLES = 8  # a bundle is about twenty megabytes
_LAST = "last"
_PART = ".part"
_REGISTRY_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class BundleCache:
    """A folder of bundles, with notes on one registry."""

    folder: Path
    registry: str  # its address, of which only a digest is written: it may hold a password
    most: int = KEPT_BUNDLES

    def read(self, digest: str) -> Bundle | None:
        """Return a bundle, checked; None where it is not kept whole."""
        place = self._bundles / digest
        try:
            found = read_bundle(place, digest)
            os.utime(place)  # those used longest ago leave first
        except (BundleError, OSError):
            return None
        return found

    def files(self, digest: str, names: Sequence[str]) -> dict[str, bytes] | None:
        """Return the manifest and some files of a bundle, checked; None where they are not kept whole."""
        try:
            return sealed_files(self._bundles / digest, names, digest)
        except BundleError:
            return None

    def by_digest(self, prefix: str) -> PublishedModel | None:
        """Return the model of this registry whose digest starts with `prefix`; None where it is not kept whole."""
        found = sorted(note.name for note in self._notes.glob("*") if note.name.startswith(prefix))
        return self._noted(found[0]) if found and found[0] != _LAST else None

    def last(self) -> PublishedModel | None:
        """Return the last model that served from this registry; None where none is kept whole."""
        try:
            return self._noted((self._notes / _LAST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def keep(self, folder: Path, model: PublishedModel) -> None:
        """Keep the files of a model that was read from a folder, whole or not at all."""
        if holds_private_values(model.bundle.parameters):
            return
        place, part = self._bundles / model.digest, self._bundles / f"{model.digest}.{os.getpid()}{_PART}"
        try:
            part.mkdir(parents=True, exist_ok=True)
            for name in (*FILES, MANIFEST):
                shutil.copyfile(folder / name, part / name)
            shutil.rmtree(place, ignore_errors=True)  # there only if it was damaged
            part.replace(place)
            self._note(model.digest, json.dumps({"version": model.version, "source": model.source}))
            self._trim()
        except OSError:
            shutil.rmtree(part, ignore_errors=True)

    def remember(self, model: PublishedModel) -> None:
        """Note that a model serves."""
        try:
            self._note(_LAST, model.digest)
        except OSError:
            return  # nothing can be kept here

    @property
    def _bundles(self) -> Path:
        return self.folder / "bundles"

    @property
    def _notes(self) -> Path:
        return self.folder / "notes" / hashlib.sha256(self.registry.encode()).hexdigest()[:_REGISTRY_CHARACTERS]

    def _note(self, name: str, text: str) -> None:
        self._notes.mkdir(parents=True, exist_ok=True)
        part = self._notes / f".{name}.{os.getpid()}{_PART}"
        part.write_text(text, encoding="utf-8")
        part.replace(self._notes / name)

    def _noted(self, digest: str) -> PublishedModel | None:
        """Return a model under the version its note gives; None where note or bundle is missing or damaged."""
        try:
            noted = json.loads((self._notes / digest).read_bytes())
            version, source = str(noted["version"]), str(noted["source"])
        except (OSError, ValueError, LookupError, TypeError):
            return None
        bundle = self.read(digest)
        return None if bundle is None else PublishedModel(bundle, version, source)

    def _trim(self) -> None:
        """Remove the bundles used longest ago, except those that served last from some registry."""
        served = {note.read_text(encoding="utf-8") for note in self.folder.glob(f"notes/*/{_LAST}")}
        found = sorted(self._bundles.iterdir(), key=lambda place: place.stat().st_mtime, reverse=True)
        for place in found[self.most :]:
            if place.name not in served:
                shutil.rmtree(place, ignore_errors=True)
