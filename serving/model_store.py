"""Where published models come from: the protocol the desk needs, and the store that is a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Protocol

from pricing.bundle import MANIFEST, Bundle, read_bundle, sealed_digest, sealed_files
from pricing.errors import BundleError, MissingModelError
from serving.promotions import Promotion, Span

CHAMPION_FILE = "champion"
_DIGEST_CHARACTERS = 64


@dataclass(frozen=True, slots=True, weakref_slot=True)
class PublishedModel:
    """A bundle with the name it is published under."""

    bundle: Bundle
    version: str
    source: str

    @property
    def digest(self) -> str:
        """Return the bundle's digest."""
        return self.bundle.digest

    @property
    def method(self) -> str:
        """Return the bundle's method version."""
        return self.bundle.method


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One published version, as listed, with what its registry knows of it; a folder knows none of that."""

    version: str
    digest: str
    champion: bool
    spans: tuple[Span, ...] = ()
    gate: str = ""  # passed or refused
    against: tuple[str, ...] = ()  # the gate's reasons, one sentence each
    promoted_anyway: str = ""  # why it may serve all the same


@dataclass(frozen=True, slots=True)
class LastRead:
    """When the record of promotions was read last from a registry that is away, and since when it is."""

    read: datetime
    away: datetime


class ModelStore(Protocol):
    """What the desk asks of a store. MissingModelError when nothing is published, BundleError when it is damaged."""

    def champion(self) -> PublishedModel:
        """Return the model that serves."""
        ...

    def by_digest(self, prefix: str) -> PublishedModel:
        """Return the published model whose bundle digest starts with `prefix`."""
        ...

    def serving(self) -> ModelEntry:
        """Return which version is the champion, without opening it: one cheap question."""
        ...

    def entries(self) -> tuple[ModelEntry, ...]:
        """Return what is published, oldest first."""
        ...

    def record(self) -> tuple[Promotion, ...]:
        """Return the promotions on record, oldest first; none where none is kept."""
        ...

    def last_read(self) -> LastRead | None:
        """Return when the record was read last, where nothing newer can be read; None while the store answers."""
        ...

    def files(self, digest: str, names: Sequence[str]) -> dict[str, bytes]:
        """Return the manifest and some files of the published model with a digest, checked, by name."""
        ...


class StoreOver:
    """A store over another one: it passes every question on, and a kind of it says what it answers otherwise."""

    def __init__(self, published: ModelStore) -> None:
        self.published = published

    def champion(self) -> PublishedModel:
        """Return the model that serves."""
        return self.published.champion()

    def by_digest(self, prefix: str) -> PublishedModel:
        """Return the published model whose bundle digest starts with `prefix`."""
        return self.published.by_digest(prefix)

    def serving(self) -> ModelEntry:
        """Return which version is the champion."""
        return self.published.serving()

    def entries(self) -> tuple[ModelEntry, ...]:
        """Return what is published, oldest first."""
        return self.published.entries()

    def record(self) -> tuple[Promotion, ...]:
        """Return the promotions on record, oldest first."""
        return self.published.record()

    def last_read(self) -> LastRead | None:
        """Return when the record was read last, where nothing newer can be read; None while the store answers."""
        return self.published.last_read()

    def files(self, digest: str, names: Sequence[str]) -> dict[str, bytes]:
        """Return the manifest and some files of the model with a digest."""
        return self.published.files(digest, names)


class Opened(StoreOver):
    """A store whose champion is fetched once: every desk over it answers from the same one, whatever is promoted."""

    def __init__(self, published: ModelStore, fetch: Callable[[], PublishedModel]) -> None:
        super().__init__(published)
        self._fetch = fetch
        self._champion: PublishedModel | None = None
        self._fetching = Lock()

    def champion(self) -> PublishedModel:
        """Return the model, fetched when first asked for; while that fails, the next call tries again."""
        with self._fetching:
            if self._champion is None:
                self._champion = self._fetch()
            return self._champion


@dataclass(frozen=True, slots=True)
class DirectoryStore:
    """A folder that is one bundle, or holds one folder per bundle and a file `champion` that names the serving one."""

    folder: Path

    def champion(self) -> PublishedModel:
        """Return the bundle that serves."""
        return _model(self._champion_folder())

    def by_digest(self, prefix: str) -> PublishedModel:
        """Return the bundle whose digest starts with `prefix`."""
        for folder in self._folders():
            if sealed_digest(folder).startswith(prefix):
                return _model(folder)
        msg = f"No bundle with digest {prefix} in this store."
        raise MissingModelError(msg)

    def serving(self) -> ModelEntry:
        """Return which bundle serves, by what its manifest claims."""
        digest = sealed_digest(self._champion_folder())
        return ModelEntry(_version(digest), digest, champion=True)

    def entries(self) -> tuple[ModelEntry, ...]:
        """Return every bundle of the folder, by folder name."""
        serving = self._champion_folder()
        digests = {folder: sealed_digest(folder) for folder in self._folders()}
        return tuple(ModelEntry(_version(d), d, folder == serving) for folder, d in digests.items())

    def record(self) -> tuple[Promotion, ...]:
        """Return nothing: a folder keeps no record of what served when."""
        return ()

    def last_read(self) -> LastRead | None:
        """Return None: a folder is never away."""
        return None

    def files(self, digest: str, names: Sequence[str]) -> dict[str, bytes]:
        """Return the manifest and some files of the bundle with a digest."""
        for folder in self._folders():
            if sealed_digest(folder) == digest:
                return sealed_files(folder, names, digest)
        msg = f"No bundle with digest {digest[:12]} in this store."
        raise MissingModelError(msg)

    def _folders(self) -> list[Path]:
        if (self.folder / MANIFEST).is_file():
            return [self.folder]
        return sorted(path.parent for path in self.folder.glob(f"*/{MANIFEST}"))

    def _champion_folder(self) -> Path:
        folders = self._folders()
        if not folders:
            msg = f"No bundle in folder {self.folder.name}. Run `fairprice train`, or point FAIRPRICE_BUNDLE at one."
            raise MissingModelError(msg)
        if len(folders) == 1:
            return folders[0]
        named = self.folder / CHAMPION_FILE
        name = named.read_text(encoding="utf-8").strip() if named.is_file() else ""
        for folder in folders:
            if folder.name == name:
                return folder
        msg = f"Folder {self.folder.name} holds {len(folders)} bundles; name one in a file `{CHAMPION_FILE}`."
        raise BundleError(msg)


def _model(folder: Path) -> PublishedModel:
    sealed = folder.name if len(folder.name) == _DIGEST_CHARACTERS else None
    bundle = read_bundle(folder, sealed)
    return PublishedModel(bundle, _version(bundle.digest), "folder")


def _version(digest: str) -> str:
    return digest[:12]
