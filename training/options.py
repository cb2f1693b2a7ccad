"""Options that several training commands take, each said once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from features.intake.place import SETTING


class Backend(StrEnum):
    """Where many tasks run side by side."""

    LOCAL = "local"
    DASK = "dask"


@dataclass(frozen=True)
class Machines:
    """Where the work is asked to be done; without a backend, a scheduler means a cluster."""

    backend: Backend | None = None
    scheduler: str | None = None

    @property
    def is_cluster(self) -> bool:
        """Return whether a cluster is asked for."""
        return (self.backend or (Backend.DASK if self.scheduler else Backend.LOCAL)) is Backend.DASK


def _processes(jobs: int) -> int:
    if jobs == 0:
        msg = "0 processes do no work; say how many, or -1 for every core."
        raise typer.BadParameter(msg)
    return jobs


_DAY = ["%Y-%m-%d"]

# --- what is read -------------------------------------------------------------------------------------------------
AsOf: TypeAlias = Annotated[datetime | None, typer.Option(formats=_DAY, help="Use nothing known after this day.")]
DatasetFolder: TypeAlias = Annotated[Path | None, typer.Option(help="Folder of a dataset; by default the shipped one.")]
Vintages: TypeAlias = Annotated[
    Path | None,
    typer.Option(envvar=SETTING, help="Store of vintages, by default var/vintages if it is there; files make it."),
]
TrackingUri: TypeAlias = Annotated[
    str | None,
    typer.Option(
        envvar=["FAIRPRICE_TRACKING_URI", "MLFLOW_TRACKING_URI"],
        help="MLflow store; by default a SQLite file under var/.",
    ),
]

# --- how files are taken in ---------------------------------------------------------------------------------------
ReceivedOn: TypeAlias = Annotated[
    datetime | None, typer.Option(formats=_DAY, help="Day from which the rows count; by default today (UTC).")
]
Accept: TypeAlias = Annotated[
    list[str] | None, typer.Option(metavar="FILE:LINE", help="Let a row in that is held back; needs --because.")
]
Because: TypeAlias = Annotated[str, typer.Option(metavar="REASON", help="Why; it is kept on the record.")]
AllOrNothing: TypeAlias = Annotated[
    bool, typer.Option("--all-or-nothing", help="Take nothing, and fit nothing, when a row is held back.")
]

# --- how a version is fitted and judged ---------------------------------------------------------------------------
Draws: TypeAlias = Annotated[int, typer.Option(help="Draws from the prior.")]
Seed: TypeAlias = Annotated[int, typer.Option(help="The same seed and data give the same bundle, byte for byte.")]
Economies: TypeAlias = Annotated[
    int | None, typer.Option(help="Economies per family in the leaderboard; by default the shipped number.")
]
PromoteAnyway: TypeAlias = Annotated[
    str | None, typer.Option(metavar="REASON", help="Let the version serve against the gate, on the record.")
]

# --- where the work is done ---------------------------------------------------------------------------------------
Jobs: TypeAlias = Annotated[
    int,
    typer.Option(callback=_processes, help="Processes of this machine; -1 takes every core. No number depends on it."),
]
RunOn: TypeAlias = Annotated[
    Backend | None,
    typer.Option(
        "--backend",
        envvar="FAIRPRICE_BACKEND",
        help="This machine or a Dask cluster; by default a cluster if a scheduler is named. No number depends on it.",
    ),
]
Scheduler: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        envvar="FAIRPRICE_SCHEDULER",
        help="Scheduler of a Dask cluster, as tcp://HOST:PORT or tls://HOST:PORT (docs/retraining.md).",
    ),
]

# --- one at a time ------------------------------------------------------------------------------------------------
WorkFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option(envvar="FAIRPRICE_RETRAIN_WORK", help="Folder of the stages' results; by default beside the store."),
]
WaitForTurn: TypeAlias = Annotated[
    float, typer.Option(metavar="SECONDS", help="Wait so long for another to change what serves.")
]
