"""The door to published models in MLflow: the alias `champion` of the registered model `fairprice` serves."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts, list_artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from pricing.bundle import MANIFEST, read_bundle, sealed_files
from pricing.errors import BundleError, MissingModelError
from serving.bundle_cache import BundleCache
from serving.model_store import LastRead, ModelEntry, PublishedModel
from serving.promotions import Promotion, Span, promotions, spans

MODEL_NAME = "fairprice"
CHAMPION = "champion"
DIGEST_TAG = "bundle_digest"
SOURCE = "MLflow registry"
REST_S = 5.0
_LIST, _RECORD = "list", "record"
_SQLITE = "sqlite:///"
_NOTHING_PUBLISHED = f"No model `{MODEL_NAME}` with the alias `{CHAMPION}` is registered. Run `fairprice train`."
_NO_REGISTRY = (
    "The MLflow registry cannot be opened: damaged, of another MLflow version, or no registry. Mend the address in "
    "FAIRPRICE_TRACKING_URI, or run `fairprice train` into a new one."
)
_NO_ANSWER = (
    "The MLflow registry does not answer: its server is down, or its file locked or damaged. Start the server "
    "(mlflow/README.md), or mend the address in "
    "FAIRPRICE_TRACKING_URI or MLFLOW_TRACKING_URI."
)
_NO_FILE = (
    "The file of the MLflow registry is missing or empty. Bring it back, or mend the address in "
    "FAIRPRICE_TRACKING_URI or MLFLOW_TRACKING_URI."
)
_RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3"  # MLflow's own 7 take minutes before a server counts as down
_TIMEOUT = "MLFLOW_HTTP_REQUEST_TIMEOUT", "10"  # seconds; MLflow's own 120 hide that a server hangs
_NO_BAR = "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false"  # a service has no screen
_NO_POOL = "MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool"  # a connection kept open reads a file that was moved away
_NOT_FOUND = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}


class MlflowStore:
    """Published models of one MLflow registry; nothing is written to it, and nothing in a model is run.

    The registry is opened when first asked. What was fetched is kept in `cache`, if there is one. One that did not
    answer is left alone for REST_S, so that requests for its older models do not queue up behind its silence.
    """

    def __init__(
        self,
        tracking_uri: str,
        cache: BundleCache | None = None,
        clock_s: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._uri = tracking_uri
        self._cache = cache
        self._clock_s = clock_s
        self._rests_until_s = -math.inf
        self._client: MlflowClient | None = None
        self._listed: tuple[ModelEntry, ...] = ()
        self._record: tuple[Promotion, ...] | None = None
        self._now = now
        self._read: datetime | None = None  # when the record was
        self._away: dict[str, datetime] = {}  # of list and record, those that could not be read anew, since when
        _hush()
        os.environ.setdefault(*_RETRIES)
        os.environ.setdefault(*_TIMEOUT)
        os.environ.setdefault(*_NO_BAR)
        if tracking_uri.startswith(_SQLITE):
            os.environ.setdefault(*_NO_POOL)

    def champion(self) -> PublishedModel:
        """Return the model that serves."""
        return self._model(self._champion_version())

    def by_digest(self, prefix: str) -> PublishedModel:
        """Return the registered model whose bundle digest starts with `prefix`; one kept here needs no registry."""
        kept = self._cache.by_digest(prefix) if self._cache else None
        if kept is not None:
            return kept
        for version in self._versions():
            if version.tags.get(DIGEST_TAG, "").startswith(prefix):
                return self._model(version)
        msg = f"No registered model has a bundle with digest {prefix}."
        raise MissingModelError(msg)

    def serving(self) -> ModelEntry:
        """Return which version is the champion: one question to the registry."""
        version = self._champion_version()
        return ModelEntry(str(version.version), version.tags.get(DIGEST_TAG, ""), champion=True)

    def entries(self) -> tuple[ModelEntry, ...]:
        """Return the registered versions, oldest first; those listed last while the registry does not answer."""
        try:
            self._listed = self._entries()
            self._away.pop(_LIST, None)
        except BundleError:
            if not self._listed:
                raise
            self._away.setdefault(_LIST, self._now())
        return self._listed

    def record(self) -> tuple[Promotion, ...]:
        """Return the promotions on record, oldest first; those read last while the registry does not answer."""
        try:
            self._record, self._read = self._promotions(), self._now()
            self._away.pop(_RECORD, None)
        except BundleError:
            if self._record is None:
                raise
            self._away.setdefault(_RECORD, self._now())
        return self._record

    def last_read(self) -> LastRead | None:
        """Return when the record was read last, where it or the list could not be read anew when last asked for."""
        away = list(self._away.values())
        return LastRead(self._read, min(away)) if away and self._read else None

    def files(self, digest: str, names: Sequence[str]) -> dict[str, bytes]:
        """Return the manifest and some files of the registered model with a digest; no other file is fetched."""
        kept = self._cache.files(digest, names) if self._cache else None
        if kept is not None:
            return kept
        for version in self._versions():
            if version.tags.get(DIGEST_TAG) == digest:
                with TemporaryDirectory(prefix="fairprice-") as scratch:
                    self._fetch(version, (MANIFEST, *names), scratch)
                    return sealed_files(Path(scratch), names, digest)
        msg = f"No registered model has a bundle with digest {digest[:12]}."
        raise MissingModelError(msg)

    def _promotions(self) -> tuple[Promotion, ...]:
        with self._asking() as client:
            return tuple(promotions(client.get_registered_model(MODEL_NAME).tags))

    def _entries(self) -> tuple[ModelEntry, ...]:
        serving = str(self._champion_version().version)
        served = spans(self._promotions())
        return tuple(_entry(v, serving, served.get(str(v.version), ())) for v in self._versions())

    def _champion_version(self) -> ModelVersion:
        with self._asking() as client:
            return client.get_model_version_by_alias(MODEL_NAME, CHAMPION)

    def _versions(self) -> list[ModelVersion]:
        with self._asking() as client:
            found = list(client.search_model_versions(f"name = '{MODEL_NAME}'"))
        return sorted(found, key=lambda version: int(version.version))

    def _model(self, version: ModelVersion) -> PublishedModel:
        digest = version.tags.get(DIGEST_TAG)
        if not digest:
            msg = f"Model {MODEL_NAME} version {version.version} has no tag `{DIGEST_TAG}`; it cannot be checked."
            raise BundleError(msg)
        kept = self._cache.read(digest) if self._cache else None
        if kept is not None:
            return PublishedModel(kept, str(version.version), SOURCE)
        with TemporaryDirectory(prefix="fairprice-") as scratch:
            return self._fetched(version, digest, scratch)

    def _fetched(self, version: ModelVersion, digest: str, scratch: str) -> PublishedModel:
        folder = self._folder(version, scratch)
        model = PublishedModel(read_bundle(folder, digest), str(version.version), SOURCE)
        if self._cache:
            self._cache.keep(folder, model)
        return model

    def _folder(self, version: ModelVersion, scratch: str) -> Path:
        with self._fetching(version) as uri:
            local = Path(download_artifacts(artifact_uri=uri, tracking_uri=self._uri, dst_path=scratch))
        sealed = sorted(local.glob(f"data/**/{MANIFEST}"))
        if not sealed:
            msg = f"Model {MODEL_NAME} version {version.version} holds no {MANIFEST}; it was torn or is no bundle."
            raise BundleError(msg)
        return sealed[0].parent

    def _fetch(self, version: ModelVersion, names: Sequence[str], scratch: str) -> None:
        """Copy some files of a version's bundle into a folder, those of them that it has; BundleError for none."""
        with self._fetching(version) as uri:
            for inside in self._listed_at(f"{uri}/data"):
                for name in set(names).intersection(self._listed_at(f"{uri}/data/{inside}")):
                    file = f"{uri}/data/{inside}/{name}"
                    download_artifacts(artifact_uri=file, tracking_uri=self._uri, dst_path=scratch)
        if not (Path(scratch) / MANIFEST).is_file():
            raise BundleError(_no_files(version))

    def _listed_at(self, uri: str) -> list[str]:
        return [Path(one.path).name for one in list_artifacts(artifact_uri=uri, tracking_uri=self._uri)]

    @contextmanager
    def _fetching(self, version: ModelVersion) -> Iterator[str]:
        """Yield where the files of a version are; BundleError when they cannot be fetched from there."""
        with self._asking() as client:
            uri = client.get_model_version_download_uri(MODEL_NAME, version.version)
        try:
            yield str(uri)
        except (MlflowException, SQLAlchemyError, OSError) as fault:
            raise BundleError(_no_files(version)) from fault

    @contextmanager
    def _asking(self) -> Iterator[MlflowClient]:
        """Tell a registry without the model from one that does not answer."""
        client = self._opened()
        if self._clock_s() < self._rests_until_s:
            raise BundleError(_NO_ANSWER)
        try:
            yield client
        except MlflowException as fault:
            if fault.error_code in _NOT_FOUND:
                raise MissingModelError(_NOTHING_PUBLISHED) from fault
            raise self._silent() from fault
        except SQLAlchemyError as fault:
            raise self._silent() from fault

    def _silent(self) -> BundleError:
        self._rests_until_s = self._clock_s() + REST_S
        return BundleError(_NO_ANSWER)

    def _opened(self) -> MlflowClient:
        if not self._exists():
            if self._client is None:
                raise MissingModelError(_NOTHING_PUBLISHED)
            raise BundleError(_NO_FILE)
        if self._client is None:
            try:
                self._client = MlflowClient(self._uri, self._uri)
            except (MlflowException, SQLAlchemyError) as fault:
                raise BundleError(_NO_REGISTRY) from fault
        return self._client

    def _exists(self) -> bool:
        """Return whether there is a registry to ask; a missing or empty SQLite file must not be filled by asking."""
        file = Path(self._uri.removeprefix(_SQLITE))
        return not self._uri.startswith(_SQLITE) or (file.is_file() and file.stat().st_size > 0)


def _hush() -> None:
    """Keep MLflow's chatter off the log, and its stack for each question to a database that is away: we say it."""
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)


def _no_files(version: ModelVersion) -> str:
    return f"Model {MODEL_NAME} version {version.version}: its files cannot be fetched from the artifact store."


def _entry(version: ModelVersion, serving: str, served: tuple[Span, ...]) -> ModelEntry:
    tags, name = version.tags, str(version.version)
    return ModelEntry(
        version=name,
        digest=tags.get(DIGEST_TAG, ""),
        champion=name == serving,
        spans=served,
        gate=tags.get("gate", ""),
        against=tuple(tags.get("gate_reasons", "").splitlines()),
        promoted_anyway=tags.get("promoted_anyway", ""),
    )
