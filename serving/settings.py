"""Settings, read once from the environment by whoever starts the service or the command line."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pricing.errors import Fault, InputError
from serving.bundle_cache import BundleCache
from serving.model_store import DirectoryStore, ModelStore
from serving.rights import Access, Readers
from serving.scenarios.kept import FolderAnswers
from serving.watched import Cadence, NothingKept, Watch

STORE_FOLDER = Path("var")


def local_tracking_uri(folder: Path = STORE_FOLDER) -> str:
    """Return the URI of the SQLite file that `fairprice train` writes to; MLflow wants it absolute."""
    return f"sqlite:///{folder.resolve()}/mlflow.db"


class Settings(BaseSettings):
    """Where models come from: a folder (FAIRPRICE_BUNDLE), else a registry (FAIRPRICE_TRACKING_URI).

    Fits on private data are kept whole in FAIRPRICE_PRIVATE_BUNDLES; FAIRPRICE_PRIVATE_READERS holds the SHA-256 of
    each token that may see them, FAIRPRICE_PRIVATE_TOKEN the token of whoever types a command. Answers of scenarios are
    kept in FAIRPRICE_SCENARIOS; where that cannot be written to, in memory.

    The service looks for another champion every FAIRPRICE_WATCH_SECONDS, 0 never, and keeps the bundles of a registry
    in FAIRPRICE_BUNDLE_CACHE, so that it starts while the registry is away.
    """

    model_config = SettingsConfigDict(env_prefix="FAIRPRICE_", extra="ignore")

    bundle: Path | None = None
    tracking_uri: str = Field(
        default_factory=local_tracking_uri,
        validation_alias=AliasChoices("FAIRPRICE_TRACKING_URI", "MLFLOW_TRACKING_URI"),
    )
    private_bundles: Path | None = None
    private_readers: str = ""
    private_token: SecretStr | None = None
    scenarios: Path = STORE_FOLDER / "scenarios"
    watch_seconds: float = Field(default=Cadence().every_s, ge=0, allow_inf_nan=False)
    bundle_cache: Path = STORE_FOLDER / "bundles"

    @property
    def access(self) -> Access:
        """Return who may see private data, and where it is kept; InputError when a reader is no SHA-256."""
        return Access(Readers.of(self.private_readers), self.private_bundles)

    @property
    def kept_scenarios(self) -> FolderAnswers:
        """Return where answers of scenarios are kept."""
        return FolderAnswers(self.scenarios)

    @property
    def cache(self) -> BundleCache | None:
        """Return where bundles of the registry are kept; None where models come from a folder."""
        return BundleCache(self.bundle_cache, self.tracking_uri) if self.bundle is None else None

    @property
    def watch(self) -> Watch:
        """Return how to look for another champion, and where the last one is kept."""
        cadence = Cadence(self.watch_seconds) if self.watch_seconds else None
        return Watch(cadence, self.cache or NothingKept())

    @property
    def token(self) -> str | None:
        """Return the token of whoever types a command."""
        return self.private_token.get_secret_value() if self.private_token else None


def read_settings() -> Settings:
    """Return the settings of the environment; InputError that names every one that cannot be read."""
    try:
        return Settings()
    except ValidationError as fault:
        faults = ((str(one["loc"][0]), repr(one["input"]), one["msg"].lower()) for one in fault.errors())
        raise InputError(*(Fault(f"FAIRPRICE_{name.upper()}", *told) for name, *told in faults)) from fault


def open_store(settings: Settings, cache: BundleCache | None = None) -> ModelStore:
    """Return the store that the settings name; a registry's bundles are kept in `cache`, if there is one."""
    if settings.bundle is not None:
        return DirectoryStore(settings.bundle)
    from serving.mlflow_store import MlflowStore  # noqa: PLC0415  importing MLflow takes a second: only when asked

    return MlflowStore(settings.tracking_uri, cache)
