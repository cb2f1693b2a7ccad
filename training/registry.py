"""The door to the model registry: versions of the fair-price model, and which of them serves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from pricing.errors import BundleError, HeldError
from pricing.promotion_record import END, PROMOTED, end_of, in_order, linked
from training.config import CHALLENGER, CHAMPION, MODEL_NAME, PREVIOUS
from training.tracking import DIGEST, LoggedRun, open_store

LINE_LENGTH = 5000  # characters that MLflow's database has for the tag of a model
OTHER_FACTS = 800  # digests, time, number and names of the facts


@dataclass(frozen=True)
class Registered:
    """One version in the registry with the tags it was registered under."""

    version: str
    tags: Mapping[str, str]
    run_id: str = ""


def register(tracking_uri: str, run: LoggedRun, tags: Mapping[str, str]) -> Registered:
    """Register a logged bundle as the next version of the model and return it."""
    open_store(tracking_uri)
    client = MlflowClient(tracking_uri, tracking_uri)
    if not client.search_registered_models(filter_string=f"name = '{MODEL_NAME}'"):
        _create_model(client)
    model_id = run.model_uri.removeprefix("models:/")
    version = client.create_model_version(MODEL_NAME, run.model_uri, run.run_id, dict(tags), model_id=model_id)
    return _registered(version)


def promote(tracking_uri: str, version: str, by: str = "", because: str = "") -> Registered | None:
    """Let a version serve and return the one it replaces, which keeps the alias `previous_champion`.

    The promotion is put on record first, as a tag of its own on the registered model, with what the gate said and who
    set that aside as it stands now; the alias is set last: a service that watches it finds everything written.
    Promoting the champion again changes nothing. The caller holds the lock on what serves; HeldError where another
    machine, that does not see the lock, promoted at the same time: nothing is changed then.
    """
    replaced = champion(tracking_uri)
    if replaced is not None and replaced.version == version:
        return replaced
    client = MlflowClient(tracking_uri, tracking_uri)
    found = client.get_model_version(MODEL_NAME, version)
    _put_on_record(client, found, replaced, by, because)
    if replaced is not None:
        client.set_registered_model_alias(MODEL_NAME, PREVIOUS, replaced.version)
    client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)
    return replaced


def _put_on_record(
    client: MlflowClient, found: ModelVersion, replaced: Registered | None, by: str, because: str
) -> None:
    """Add the line of a promotion to the record, and seal it. HeldError where another took its number."""
    now = datetime.now(UTC)
    against = found.tags.get("gate_reasons", "").splitlines()
    facts = {
        "version": str(found.version),
        "at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "by": by,
        "because": because,
        "bundle": found.tags.get(DIGEST, ""),
        "gate": found.tags.get("gate", ""),
        "against": _that_fit(against, LINE_LENGTH - sum(map(len, (by, because, because))) - OTHER_FACTS),
        "promoted_anyway": found.tags.get("promoted_anyway", ""),
        "replaced": replaced.version if replaced else None,
    }
    line = linked(facts, _tags(client))
    name = f"{PROMOTED}{now:%Y%m%dT%H%M%S.%fZ}.{line.number}"
    client.set_registered_model_tag(MODEL_NAME, name, line.text)
    there = _tags(client)
    rivals = [one.facts for one in in_order(there) if one.number == line.number and one.name != name]
    if rivals or there.get(name) != line.text:
        if there.get(name) == line.text:
            client.delete_registered_model_tag(MODEL_NAME, name)
        msg = (
            f"Another machine promoted at the same time ({_rivals(rivals)}), so this promotion was taken back. "
            "Look which version serves, and run this again."
        )
        raise HeldError(msg)
    client.set_registered_model_tag(MODEL_NAME, END, end_of(line))


def _that_fit(reasons: Sequence[str], length: int) -> list[str]:
    """Return the reasons that fit a line, and how many more there are."""
    kept = [reason for n, reason in enumerate(reasons, 1) if len(json.dumps(reasons[:n])) <= length]
    rest = len(reasons) - len(kept)
    return [*kept, f"{rest} more reasons stand on the version."] if rest else kept


def _rivals(found: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"version {one.get('version')} by {one.get('by')}" for one in found) or "its line is another's"


def _tags(client: MlflowClient) -> Mapping[str, str]:
    found: Mapping[str, str] = client.get_registered_model(MODEL_NAME).tags
    return found


def champion(tracking_uri: str) -> Registered | None:
    """Return the version that serves, None before the first promotion."""
    return under(tracking_uri, CHAMPION)


def under(tracking_uri: str, alias: str) -> Registered | None:
    """Return the version under an alias, None where there is none."""
    open_store(tracking_uri)
    try:
        return _registered(MlflowClient(tracking_uri, tracking_uri).get_model_version_by_alias(MODEL_NAME, alias))
    except MlflowException as fault:
        if fault.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            return None
        raise


def versions(tracking_uri: str) -> list[Registered]:
    """Return every version, oldest first; none before the first is registered."""
    open_store(tracking_uri)
    found = MlflowClient(tracking_uri, tracking_uri).search_model_versions(f"name = '{MODEL_NAME}'")
    return [_registered(version) for version in sorted(found, key=lambda one: int(one.version))]


def mark(tracking_uri: str, version: str, tags: Mapping[str, str]) -> None:
    """Put tags on a version; those it has under the same names are replaced."""
    client = MlflowClient(tracking_uri, tracking_uri)
    for name, value in tags.items():
        client.set_model_version_tag(MODEL_NAME, version, name, value)


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


def files_of(tracking_uri: str, version: str, to: Path) -> Path:
    """Copy the files of a version below a folder and return where they are. BundleError when they cannot be had."""
    client = MlflowClient(tracking_uri, tracking_uri)
    try:
        uri = client.get_model_version_download_uri(MODEL_NAME, version)
        return Path(download_artifacts(artifact_uri=uri, tracking_uri=tracking_uri, dst_path=str(to)))
    except (MlflowException, OSError) as fault:
        msg = f"version {version}: its files cannot be fetched from the artifact store."
        raise BundleError(msg) from fault


def promotions(tracking_uri: str) -> list[Mapping[str, Any]]:
    """Return what each line of the record says, oldest promotion first, whatever clocks said."""
    open_store(tracking_uri)
    lines = in_order(_tags(MlflowClient(tracking_uri, tracking_uri)))
    return [line.facts for line in lines if "version" in line.facts]


def promoted(tracking_uri: str) -> list[str]:
    """Return the versions that were let serve, oldest promotion first, as the record has them."""
    return [str(facts["version"]) for facts in promotions(tracking_uri)]


def _create_model(client: MlflowClient) -> None:
    about = "Fair prices of NdPr, Dy and Tb oxide; see the model card."
    try:
        client.create_registered_model(MODEL_NAME, description=about)
    except MlflowException as fault:
        if fault.error_code != "RESOURCE_ALREADY_EXISTS":  # another training was first
            raise


def _registered(version: ModelVersion) -> Registered:
    return Registered(str(version.version), dict(version.tags), str(version.run_id or ""))
