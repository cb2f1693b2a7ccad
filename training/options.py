"""Options that several training commands take, each said once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from features.intake.place import SETTING


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
Jobs: TypeAlias = Annotated[
    int, typer.Option(callback=_processes, help="Processes; -1 takes every core. No number depends on it.")
]

# --- one at a time ------------------------------------------------------------------------------------------------
WorkFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option(envvar="FAIRPRICE_RETRAIN_WORK", help="Folder of the stages' results; by default beside the store."),
]
WaitForTurn: TypeAlias = Annotated[
    float, typer.Option(metavar="SECONDS", help="Wait so long for another to change what serves.")
]
