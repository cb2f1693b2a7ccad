"""The door to published models in MLflow: the alias `champion` of the registered model `fairprice` serves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from pricing.bundle import MANIFEST, read_bundle
from pricing.errors import BundleError, MissingModelError
from serving.model_store import ModelEntry, PublishedModel

MODEL_NAME = "fairprice"
CHAMPION = "champion"
DIGEST_TAG = "bundle_digest"
SOURCE = "MLflow registry"
_SQLITE = "sqlite:///"
_NOTHING_PUBLISHED = f"No model `{MODEL_NAME}` with the alias `{CHAMPION}` is registered. Run `fairprice train`."
_NO_REGISTRY = (
    "The MLflow registry cannot be opened: damaged, of another MLflow version, or no registry. Mend the address in "
    "FAIRPRICE_TRACKING_URI, or run `fairprice train` into a new one."
)
_NO_ANSWER = (
    "The MLflow registry does not answer. Start its server (mlflow/README.md), or mend the address in "
    "FAIRPRICE_TRACKING_URI or MLFLOW_TRACKING_URI."
)
_RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3"  # MLflow's own 7 take minutes before a server counts as down
_NOT_FOUND = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}


class MlflowStore:
    """Published models of one MLflow registry; nothing is written to it, and nothing in a model is run."""

    def __init__(self, tracking_uri: str) -> None:
        self._uri = tracking_uri
        if not self._exists():
            raise MissingModelError(_NOTHING_PUBLISHED)
        os.environ.setdefault(*_RETRIES)
        try:
            self._client = MlflowClient(tracking_uri, tracking_uri)
        except (MlflowException, SQLAlchemyError) as fault:
            raise BundleError(_NO_REGISTRY) from fault

    def champion(self) -> PublishedModel:
        """Return the model that serves."""
        return self._model(self._champion_version())

    def by_digest(self, prefix: str) -> PublishedModel:
        """Return the registered model whose bundle digest starts with `prefix`."""
        for version in self._versions():
            if version.tags.get(DIGEST_TAG, "").startswith(prefix):
                return self._model(version)
        msg = f"No registered model has a bundle with digest {prefix}."
        raise MissingModelError(msg)

    def entries(self) -> tuple[ModelEntry, ...]:
        """Return the registered versions, oldest first."""
        serving = str(self._champion_version().version)
        return tuple(
            ModelEntry(str(v.version), v.tags.get(DIGEST_TAG, ""), str(v.version) == serving) for v in self._versions()
        )

    def _champion_version(self) -> ModelVersion:
        with _asking():
            return self._client.get_model_version_by_alias(MODEL_NAME, CHAMPION)

    def _versions(self) -> list[ModelVersion]:
        with _asking():
            found = list(self._client.search_model_versions(f"name = '{MODEL_NAME}'"))
        return sorted(found, key=lambda version: int(version.version))

    def _model(self, version: ModelVersion) -> PublishedModel:
        digest = version.tags.get(DIGEST_TAG)
        if not digest:
            msg = f"Model {MODEL_NAME} version {version.version} has no tag `{DIGEST_TAG}`; it cannot be checked."
            raise BundleError(msg)
        return PublishedModel(read_bundle(self._folder(version), digest), str(version.version), SOURCE)

    def _folder(self, version: ModelVersion) -> Path:
        with _asking():
            uri = self._client.get_model_version_download_uri(MODEL_NAME, version.version)
        try:
            local = Path(download_artifacts(artifact_uri=uri, tracking_uri=self._uri))
        except (MlflowException, OSError) as fault:
            msg = f"Model {MODEL_NAME} version {version.version}: its files cannot be fetched from the artifact store."
            raise BundleError(msg) from fault
        sealed = sorted(local.glob(f"data/**/{MANIFEST}"))
        if not sealed:
            msg = f"Model {MODEL_NAME} version {version.version} holds no {MANIFEST}; it was torn or is no bundle."
            raise BundleError(msg)
        return sealed[0].parent

    def _exists(self) -> bool:
        """Return whether there is a registry to ask; a missing or empty SQLite file must not be filled by asking."""
        file = Path(self._uri.removeprefix(_SQLITE))
        return not self._uri.startswith(_SQLITE) or (file.is_file() and file.stat().st_size > 0)


@contextmanager
def _asking() -> Iterator[None]:
    """Tell a registry without the model from one that does not answer."""
    try:
        yield
    except MlflowException as fault:
        if fault.error_code in _NOT_FOUND:
            raise MissingModelError(_NOTHING_PUBLISHED) from fault
        raise BundleError(_NO_ANSWER) from fault
