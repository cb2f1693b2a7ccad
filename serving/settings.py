"""Settings, read once from the environment by whoever starts the service or the command line."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from serving.model_store import DirectoryStore, ModelStore

STORE_FOLDER = Path("var")


def local_tracking_uri(folder: Path = STORE_FOLDER) -> str:
    """Return the URI of the SQLite file that `fairprice train` writes to; MLflow wants it absolute."""
    return f"sqlite:///{folder.resolve()}/mlflow.db"


class Settings(BaseSettings):
    """Where models come from: a folder (FAIRPRICE_BUNDLE), else a registry (FAIRPRICE_TRACKING_URI)."""

    model_config = SettingsConfigDict(env_prefix="FAIRPRICE_", extra="ignore")

    bundle: Path | None = None
    tracking_uri: str = Field(
        default_factory=local_tracking_uri,
        validation_alias=AliasChoices("FAIRPRICE_TRACKING_URI", "MLFLOW_TRACKING_URI"),
    )


def open_store(settings: Settings) -> ModelStore:
    """Return the store that the settings name."""
    if settings.bundle is not None:
        return DirectoryStore(settings.bundle)
    from serving.mlflow_store import MlflowStore  # noqa: PLC0415  importing MLflow takes a second: only when asked

    return MlflowStore(settings.tracking_uri)
