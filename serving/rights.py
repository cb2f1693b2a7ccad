"""Who may see a user's own data, and the desk that answers each caller.

A caller without the right is asked for at a desk whose books hold the published view: what is withheld is not in them,
so no answer, quote, error or cache of that desk can give it away. Readers have a desk of their own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hmac import compare_digest
from pathlib import Path
from typing import Any

from pricing.bundle import MANIFEST, PARAMETERS, read_bundle, sealed_digest
from pricing.errors import BundleError, Fault, InputError
from pricing.withheld import holds_private_values, private_entry
from serving.desk import Desk
from serving.model_store import ModelStore, Opened, PublishedModel, StoreOver
from serving.published.archive import Archive
from serving.scenarios.kept import Answers, Beside, MemoryAnswers
from serving.shelf import Shelf

GUARDED_HEADERS = {"vary": "authorization", "cache-control": "private, no-cache"}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Readers:
    """The SHA-256, in hexadecimal, of every token that carries the right."""

    digests: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Readers:
        """Return the readers of a comma-separated setting; InputError when a part is no SHA-256."""
        parts = [part.strip().lower() for part in text.split(",") if part.strip()]
        faults = [
            Fault(
                f"FAIRPRICE_PRIVATE_READERS, part {number}",
                "no SHA-256",
                "64 hexadecimal digits: `printf TOKEN | sha256sum`",
            )
            for number, part in enumerate(parts, 1)
            if not _DIGEST.fullmatch(part)
        ]
        if faults:
            raise InputError(*faults)
        return cls(tuple(parts))

    def may_read(self, token: str | None) -> bool:
        """Return whether a token carries the right; the time it takes tells nothing about the digests."""
        found = hashlib.sha256((token or "").encode("utf-8", "surrogateescape")).hexdigest()
        matches = [compare_digest(found, digest) for digest in self.digests]
        return bool(token) and any(matches)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read private data, and the folder of whole bundles, each named by the published one it belongs to."""

    readers: Readers = Readers()
    folder: Path | None = None


class WholeStore(StoreOver):
    """The published models, each whole where its whole view is kept; a published quote id is answered as published."""

    def __init__(self, published: ModelStore, folder: Path) -> None:
        super().__init__(published)
        self.folder = folder

    def champion(self) -> PublishedModel:
        """Return the model that serves, whole where it is kept so."""
        return self._whole(self.published.champion())

    def by_digest(self, prefix: str) -> PublishedModel:
        """Return the model whose whole or published bundle has a digest that starts with `prefix`."""
        for place in sorted(path.parent for path in self.folder.glob(f"*/{MANIFEST}")):
            if sealed_digest(place).startswith(prefix):
                return self._whole(self.published.by_digest(place.name))
        return self.published.by_digest(prefix)

    def _whole(self, model: PublishedModel) -> PublishedModel:
        place = self.folder / model.digest
        if not (place / MANIFEST).is_file():
            return model
        bundle = read_bundle(place)
        if private_entry(bundle.parameters).get("published") != model.digest:
            msg = f"The whole bundle kept for {model.digest[:12]} belongs to another model. Train again, or remove it."
            raise BundleError(msg)
        return PublishedModel(bundle, model.version, f"{model.source}, with private data")


class PublicStore(StoreOver):
    """The published models, none of them whole."""

    def champion(self) -> PublishedModel:
        """Return the model that serves."""
        return need_published(self.published.champion())

    def by_digest(self, prefix: str) -> PublishedModel:
        """Return the published model whose bundle digest starts with `prefix`."""
        return need_published(self.published.by_digest(prefix))

    def files(self, digest: str, names: Sequence[str]) -> dict[str, bytes]:
        """Return the manifest and some files of the model with a digest."""
        found = self.published.files(digest, (*names, PARAMETERS))
        need_public(digest, json.loads(found[PARAMETERS]))
        return found


@dataclass(frozen=True, slots=True)
class Desks:
    """The desk of callers without the right, and the desk of readers."""

    public: Desk
    whole: Desk
    readers: Readers

    @classmethod
    def over(cls, store: ModelStore, today: Callable[[], date], access: Access, kept: Answers | None = None) -> Desks:
        """Return the desks over a store and the champion it has when first asked."""
        return Office.over(store, today, access, kept).desks(store.champion)

    @property
    def guarded(self) -> bool:
        """Return whether answers depend on who asks."""
        return self.whole is not self.public

    def of_token(self, token: str | None) -> Desk:
        """Return the desk that answers the holder of a token."""
        return self.whole if self.readers.may_read(token) else self.public

    def of_caller(self, authorization: str | None) -> Desk:
        """Return the readers' desk for an `Authorization` header, `Bearer TOKEN`, that carries the right."""
        scheme, _, token = (authorization or "").partition(" ")
        return self.of_token(token.strip()) if scheme.lower() == _BEARER else self.public


@dataclass(frozen=True, slots=True)
class Office:
    """What desks have in common whichever model serves: the store, the clock, the rights, and what is kept by id."""

    store: ModelStore
    today: Callable[[], date]
    access: Access
    everyone: Answers
    of_readers: Answers
    shelves: tuple[Shelf, Shelf]  # books of older models: as published, and whole
    archive: Archive  # what was published to everyone; readers have no other

    @classmethod
    def over(cls, store: ModelStore, today: Callable[[], date], access: Access, kept: Answers | None = None) -> Office:
        """Return the office over a store. `kept` holds answers of scenarios for everyone; readers' stay in memory."""
        everyone = kept or MemoryAnswers()
        shelves, archive = (Shelf(), Shelf()), Archive(PublicStore(store))
        return cls(store, today, access, everyone, Beside(everyone), shelves, archive)

    def desks(self, champion: Callable[[], PublishedModel]) -> Desks:
        """Return desks that answer from one champion, fetched when first asked: both from the same one.

        Without readers, or a folder of whole bundles, there is one desk for all.
        """
        published = PublicStore(Opened(self.store, champion))
        public = Desk(published, self.today, self.everyone, self.shelves[0], self.archive)
        if self.access.folder is None or not self.access.readers.digests:
            return Desks(public, public, Readers())
        whole = WholeStore(published, self.access.folder)
        readers = Desk(whole, self.today, self.of_readers, self.shelves[1], self.archive)
        return Desks(public, readers, self.access.readers)


def need_published(model: PublishedModel) -> PublishedModel:
    """Return a model; BundleError when it is a whole one, which would show everyone what is private."""
    need_public(model.digest, model.bundle.parameters)
    return model


def need_public(digest: str, parameters: Mapping[str, Any]) -> None:
    """Refuse a whole bundle by its parameters: BundleError."""
    if holds_private_values(parameters):
        msg = (
            f"Bundle {digest[:12]} holds private values and is not to be published. Serve the bundle that was "
            "published with it, and name the folder of whole ones in FAIRPRICE_PRIVATE_BUNDLES."
        )
        raise BundleError(msg)
