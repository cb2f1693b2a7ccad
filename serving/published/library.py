"""The editions of models that served, each read once per process and shared: lazily, and never two at a time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from typing import Protocol

from pricing.bundle import Bundle
from pricing.errors import BundleError
from serving.published.editions import EDITION_FILES, Edition, Said, edition_of, edition_of_files
from serving.published.record import Unread

KEPT_EDITIONS = 256  # months that two editions say alike are held once: tens of kilobytes an edition
REST_S = 60.0  # a bundle that could not be read is left alone for so long


class Files(Protocol):
    """Where files of published bundles come from."""

    def files(self, digest: str, names: Sequence[str]) -> dict[str, bytes]:
        """Return the manifest and some files of the bundle with a digest, checked. BundleError when they are not."""
        ...


class Library:
    """Editions by digest, the last ones asked for; what cannot be read is said, and tried again after REST_S."""

    def __init__(self, store: Files, most: int = KEPT_EDITIONS, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._most = most
        self._clock_s = clock_s
        self._editions: OrderedDict[str, Edition] = OrderedDict()
        self._unread: dict[str, tuple[Unread, float]] = {}
        self._alike: dict[Said, Said] = {}
        self._reading = Lock()

    def edition(self, digest: str) -> Edition | Unread:
        """Return the edition of a published bundle, or why it cannot be read."""
        with self._reading:
            found = self._editions.get(digest)
            if found is not None:
                self._editions.move_to_end(digest)
                return found
            unread, until_s = self._unread.get(digest, (None, 0.0))
            return unread if unread and self._clock_s() < until_s else self._read(digest)

    def of_bundle(self, bundle: Bundle) -> Edition:
        """Return the edition of a bundle that is in memory, read from no file."""
        with self._reading:
            found = self._editions.get(bundle.digest)
            return self._kept(edition_of(bundle)) if found is None else found

    def _read(self, digest: str) -> Edition | Unread:
        try:
            if not digest:
                return Unread(digest, "The record does not say which bundle it was.")
            found = edition_of_files(digest, self._store.files(digest, EDITION_FILES))
        except BundleError as fault:
            unread = Unread(digest, str(fault))
            self._unread[digest] = (unread, self._clock_s() + REST_S)
            return unread
        self._unread.pop(digest, None)
        return self._kept(found)

    def _kept(self, edition: Edition) -> Edition:
        """Keep an edition with its months shared, and let the one asked for longest ago go."""
        months = {
            material: tuple(self._alike.setdefault(said, said) for said in rows)
            for material, rows in edition.months.items()
        }
        shared = replace(edition, months=months)
        self._editions[edition.digest] = shared
        if len(self._editions) > self._most:
            self._editions.popitem(last=False)
            self._alike = {
                said: said for one in self._editions.values() for rows in one.months.values() for said in rows
            }
        return shared
