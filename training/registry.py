"""The door to the model registry: versions of the fair-price model, and which of them serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from training.config import CHAMPION, MODEL_NAME, PREVIOUS
from training.tracking import LoggedRun, open_store


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
        client.create_registered_model(
            MODEL_NAME, description="Fair prices of NdPr, Dy and Tb oxide; see the model card."
        )
    model_id = run.model_uri.removeprefix("models:/")
    version = client.create_model_version(MODEL_NAME, run.model_uri, run.run_id, dict(tags), model_id=model_id)
    return _registered(version)


def promote(tracking_uri: str, version: str) -> Registered | None:
    """Let a version serve and return the one it replaces, which keeps the alias `previous_champion`."""
    replaced = champion(tracking_uri)
    client = MlflowClient(tracking_uri, tracking_uri)
    if replaced is not None and replaced.version != version:
        client.set_registered_model_alias(MODEL_NAME, PREVIOUS, replaced.version)
    client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)
    return replaced


def champion(tracking_uri: str) -> Registered | None:
    """Return the version that serves, None before the first promotion."""
    open_store(tracking_uri)
    try:
        return _registered(MlflowClient(tracking_uri, tracking_uri).get_model_version_by_alias(MODEL_NAME, CHAMPION))
    except MlflowException as fault:
        if fault.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            return None
        raise


def _registered(version: ModelVersion) -> Registered:
    return Registered(str(version.version), dict(version.tags), str(version.run_id or ""))
