"""The door to MLflow runs: one run per fit, in a SQLite file with a folder of artifacts beside it, no server."""

from __future__ import annotations

import fcntl
import logging
import math
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

from pricing.errors import DataError
from pricing.market.supply import Region
from training.config import EXPERIMENT

Client: TypeAlias = MlflowClient  # what those who keep a journal of runs need of MLflow
RunRecord: TypeAlias = Run
LEADERBOARD = "leaderboard"  # folder of a run's artifacts
SQLITE = "sqlite:///"
DIGEST = "bundle_digest"
RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3"  # MLflow's own 7 take minutes before a server counts as down
NO_ANSWER = (
    "The MLflow store does not answer: its server is down, its file is damaged, or it is of another MLflow version. "
    "Start the server (mlflow/README.md), or mend the address in FAIRPRICE_TRACKING_URI or MLFLOW_TRACKING_URI."
)
LOADER = "serving.pyfunc"  # a name only: MLflow imports it where the bundle is loaded
RUNTIME = ("fairprice", "mlflow", "numpy", "pandas")  # what loading and asking a bundle needs


@dataclass(frozen=True)
class Fit:
    """What a run leaves behind: folders to keep, and the words and numbers to find it by."""

    bundle: Path  # folder written by write_bundle
    plots: Path
    model_card: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    leaderboard: Path | None = None  # folder written by Board.write


@dataclass(frozen=True)
class LoggedRun:
    """Where MLflow keeps a fit."""

    run_id: str
    model_uri: str


def log_fit(tracking_uri: str, fit: Fit, parent: str | None = None) -> LoggedRun:
    """Log one fit as one finished run and return where it is; a failure midway leaves the run marked FAILED.

    `parent` is the run it belongs to, if any.
    """
    open_store(tracking_uri)
    with mlflow.start_run(experiment_id=experiment(tracking_uri), tags=dict(fit.tags), parent_run_id=parent) as run:
        mlflow.log_params(dict(fit.params))
        mlflow.log_metrics({name: value for name, value in fit.metrics.items() if math.isfinite(value)})
        mlflow.log_artifacts(str(fit.plots), "plots")
        mlflow.log_text(fit.model_card, "model_card.md")
        if fit.leaderboard:
            mlflow.log_artifacts(str(fit.leaderboard), LEADERBOARD)
        return LoggedRun(run.info.run_id, _log_model(fit))


def fetched(tracking_uri: str, run_id: str, name: str, to: Path) -> Path | None:
    """Copy a folder of a run's artifacts below `to` and return where it is, None when the run has no such folder."""
    open_store(tracking_uri)
    client = MlflowClient(tracking_uri)
    if all(file.path != name for file in client.list_artifacts(run_id)):
        return None
    to.mkdir(parents=True, exist_ok=True)
    return Path(client.download_artifacts(run_id, name, str(to)))


def open_store(tracking_uri: str) -> None:
    """Point MLflow at a store; a SQLite file gets its schema once, however many processes ask at the same time.

    DataError when the store does not answer.
    """
    _hush()
    os.environ.setdefault(*RETRIES)
    mlflow.set_tracking_uri(tracking_uri)
    mlflow.set_registry_uri(tracking_uri)
    folder = sqlite_folder(tracking_uri)
    if folder is None:
        _touch(tracking_uri)
        return
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / ".schema-lock"):
        _touch(tracking_uri)


def _touch(tracking_uri: str) -> None:
    try:
        MlflowClient(tracking_uri).search_experiments(max_results=1)
    except MlflowException as fault:
        raise DataError(NO_ANSWER) from fault


def sqlite_folder(tracking_uri: str) -> Path | None:
    """Return the folder of a SQLite store, None for a server.

    >>> sqlite_folder("sqlite:////srv/store/mlflow.db")
    PosixPath('/srv/store')
    """
    return Path(tracking_uri.removeprefix(SQLITE)).parent if tracking_uri.startswith(SQLITE) else None


def experiment(tracking_uri: str) -> str:
    """Return the id of the experiment all runs belong to; it is made where there is none."""
    client = MlflowClient(tracking_uri)
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return str(found.experiment_id)
    folder = sqlite_folder(tracking_uri)
    return client.create_experiment(EXPERIMENT, (folder / "artifacts").as_uri() if folder else None)


def has_run(tracking_uri: str, run_id: str) -> bool:
    """Return whether a store knows a run."""
    try:
        MlflowClient(tracking_uri).get_run(run_id)
    except MlflowException as fault:
        if fault.error_code == "RESOURCE_DOES_NOT_EXIST":
            return False
        raise
    return True


def _log_model(fit: Fit) -> str:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*input example was not provided")
        model = mlflow.pyfunc.log_model(
            name="bundle",
            loader_module=LOADER,
            data_path=str(fit.bundle),
            model_config={DIGEST: fit.tags[DIGEST]},  # the loader checks it
            signature=_signature(),
            pip_requirements=[f"{package}=={version(package)}" for package in RUNTIME],
            tags=dict(fit.tags),
        )
    return str(model.model_uri)


def _signature() -> ModelSignature:
    text, number = DataType.string, DataType.double
    needed = [ColSpec(text, name) for name in ("material", "as_of")]
    question = Schema([*needed, ColSpec(text, "scenario", required=False)])
    told = [ColSpec(text, name) for name in ("material", "as_of", "month", "status")]
    priced = [
        ColSpec(number, name, required=False)
        for name in ("fair", "low80", "high80", *(f"market_{region}" for region in Region))
    ]
    explained = [ColSpec(text, name) for name in ("flags", "quote_id", "scenario_id", "answer", "error")]
    return ModelSignature(inputs=question, outputs=Schema([*told, *priced, *explained]))


def _hush() -> None:
    """Keep MLflow's and Alembic's chatter off the screen; warnings still show."""
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
