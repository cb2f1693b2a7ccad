"""What the registry holds: the bundle of a version, a candidate registered once, and who runs beside the champion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException

from pricing.bundle import MANIFEST, Bundle, read_bundle
from pricing.errors import BundleError
from training.config import CHALLENGER, MODEL_NAME
from training.registry import Registered, mark, register, under, versions
from training.tracking import DIGEST, Fit, log_fit

REVISABLE = ("gate_reasons", "promoted_anyway", "promoted_anyway_by")  # tags that a later judgement may no longer have


def bundle_of(tracking_uri: str, version: Registered, scratch: Path) -> Bundle:
    """Return the bundle of a version, copied below `scratch` and checked. BundleError when it is missing or altered."""
    scratch.mkdir(parents=True, exist_ok=True)
    client = MlflowClient(tracking_uri, tracking_uri)
    try:
        uri = client.get_model_version_download_uri(MODEL_NAME, version.version)
        local = Path(download_artifacts(artifact_uri=uri, tracking_uri=tracking_uri, dst_path=str(scratch)))
    except (MlflowException, OSError) as fault:
        msg = f"version {version.version}: its files cannot be fetched from the artifact store."
        raise BundleError(msg) from fault
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


def unmark(tracking_uri: str, version: str, names: list[str]) -> None:
    """Take tags off a version."""
    client = MlflowClient(tracking_uri, tracking_uri)
    for name in names:
        client.delete_model_version_tag(MODEL_NAME, version, name)


def challenge(tracking_uri: str, version: str, marks: Mapping[str, str]) -> None:
    """Let a version run beside the champion, marked with since when."""
    mark(tracking_uri, version, marks)
    MlflowClient(tracking_uri, tracking_uri).set_registered_model_alias(MODEL_NAME, CHALLENGER, version)


def end_challenge(tracking_uri: str) -> None:
    """Let nobody run beside the champion."""
    if under(tracking_uri, CHALLENGER) is not None:
        MlflowClient(tracking_uri, tracking_uri).delete_registered_model_alias(MODEL_NAME, CHALLENGER)
