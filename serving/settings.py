"""Settings, read once from the environment by whoever starts the service or the command line."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from serving.model_store import DirectoryStore, ModelStore
from serving.rights import Access, Readers
from serving.scenario_kept import FolderAnswers

STORE_FOLDER = Path("var")


def local_tracking_uri(folder: Path = STORE_FOLDER) -> str:
    """Return the URI of the SQLite file that `fairprice train` writes to; MLflow wants it absolute."""
    return f"sqlite:///{folder.resolve()}/mlflow.db"


class Settings(BaseSettings):
    """Where models come from: a folder (FAIRPRICE_BUNDLE), else a registry (FAIRPRICE_TRACKING_URI).

    Fits on private data are kept whole in FAIRPRICE_PRIVATE_BUNDLES; FAIRPRICE_PRIVATE_READERS holds the SHA-256 of
    each token that may see them, FAIRPRICE_PRIVATE_TOKEN the token of whoever types a command. Answers of scenarios are
    kept in FAIRPRICE_SCENARIOS; where that cannot be written to, in memory.
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

    @property
    def access(self) -> Access:
        """Return who may see private data, and where it is kept; InputError when a reader is no SHA-256."""
        return Access(Readers.of(self.private_readers), self.private_bundles)

    @property
    def kept_scenarios(self) -> FolderAnswers:
        """Return where answers of scenarios are kept."""
        return FolderAnswers(self.scenarios)

    @property
    def token(self) -> str | None:
        """Return the token of whoever types a command."""
        return self.private_token.get_secret_value() if self.private_token else None


def open_store(settings: Settings) -> ModelStore:
    """Return the store that the settings name."""
    if settings.bundle is not None:
        return DirectoryStore(settings.bundle)
    from serving.mlflow_store import MlflowStore  # noqa: PLC0415  importing MLflow takes a second: only when asked

    return MlflowStore(settings.tracking_uri)
