"""What the registry holds: the bundle of a version, and a candidate registered once."""

from __future__ import annotations

from pathlib import Path

from pricing.bundle import MANIFEST, Bundle, read_bundle
from pricing.errors import BundleError
from training.registry import Registered, files_of, mark, register, unmark, versions
from training.tracking import DIGEST, Fit, log_fit

REVISABLE = ("gate_reasons", "promoted_anyway", "promoted_anyway_by")  # tags that a later judgement may no longer have


def bundle_of(tracking_uri: str, version: Registered, scratch: Path) -> Bundle:
    """Return the bundle of a version, copied below `scratch` and checked. BundleError when it is missing or altered."""
    scratch.mkdir(parents=True, exist_ok=True)
    local = files_of(tracking_uri, version.version, scratch)
    sealed = sorted(local.glob(f"data/**/{MANIFEST}"))
    if not sealed:
        msg = f"version {version.version}: no {MANIFEST} in its files; it was torn or is no bundle."
        raise BundleError(msg)
    return read_bundle(sealed[0].parent, version.tags.get(DIGEST))


def registered_once(tracking_uri: str, fit: Fit, parent: str) -> Registered:
    """Return the version that holds a fit: one with the same bundle, marked anew, else the next, logged and registered.

    A version is made in one step of the registry and only of a bundle that was logged whole: a job killed on the way
    leaves none.
    """
    for one in versions(tracking_uri):
        if one.tags.get(DIGEST) == fit.tags[DIGEST]:
            unmark(tracking_uri, one.version, [name for name in REVISABLE if name in one.tags])
            mark(tracking_uri, one.version, fit.tags)
            return Registered(one.version, {**one.tags, **fit.tags}, one.run_id)
    return register(tracking_uri, log_fit(tracking_uri, fit, parent), fit.tags)
