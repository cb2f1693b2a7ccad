"""`fairprice retrain`, `fairprice promote` and `fairprice rollback`, as a scheduler or a person types them."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from features.intake.place import DEFAULT_STORE, default_store
from training.config import DEFAULT_DRAWS, SHORT_WAIT_SECONDS, TrainingConfig, local_store
from training.options import (
    Accept,
    AllOrNothing,
    Because,
    DatasetFolder,
    Draws,
    Economies,
    Jobs,
    Machines,
    PromoteAnyway,
    ReceivedOn,
    RunOn,
    Scheduler,
    Seed,
    TrackingUri,
    Vintages,
    WaitForTurn,
    WorkFolder,
)
from training.terminal import SCREEN, at_work, faults_told

if TYPE_CHECKING:
    from training.retrain.outcome import Outcome
    from training.retrain.request import Request

TERMINATED = 143  # exit code after SIGTERM


def retrain(  # noqa: PLR0913, PLR0917 - each option of a command is a parameter
    files: Annotated[
        list[Path] | None, typer.Argument(help="New data, as `fairprice ingest` takes them; none to refit on what is.")
    ] = None,
    tracking_uri: TrackingUri = None,
    vintages: Vintages = None,
    received_on: ReceivedOn = None,
    accept: Accept = None,
    because: Because = "",
    all_or_nothing: AllOrNothing = False,
    dataset: DatasetFolder = None,
    private_data: Annotated[
        Path | None, typer.Option(envvar="FAIRPRICE_PRIVATE_DATA", hidden=True, help="Refused: see docs/retraining.md.")
    ] = None,
    draws: Draws = DEFAULT_DRAWS,
    seed: Seed = 1,
    economies: Economies = None,
    jobs: Jobs = -1,
    backend: RunOn = None,
    scheduler: Scheduler = None,
    promote: Annotated[bool, typer.Option(help="Let the candidate serve if the gate passes it.")] = True,
    promote_anyway: PromoteAnyway = None,
    work: WorkFolder = None,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="Wait so long for another job to end.")] = 0.0,
    first: Annotated[
        bool, typer.Option("--first", help="There is no champion to judge against, and I want the first one.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Take new data in, fit, judge, register, and promote or refuse; a killed job is continued by the next.

    Exit codes: 0 promoted or nothing new, 1 failed, 2 an option or path is wrong, 3 refused by the gate, 4 data held
    back, 5 another job holds the lock, 6 a change of method runs beside the champion.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when MLflow is imported, so before the next line
    from features.intake.intake import Order  # noqa: PLC0415 - keeps MLflow and pandas out of other commands' start
    from training.retrain.request import Request  # noqa: PLC0415

    now, store = datetime.now(UTC), vintages or DEFAULT_STORE
    with faults_told("fairprice retrain", as_json=as_json):
        config = TrainingConfig(
            dataset=dataset,
            vintages=store if files else vintages or default_store(),
            draws=draws,
            seed=seed,
            tracking_uri=tracking_uri or local_store(),
            private_data=private_data,
            promote=promote,
            promote_anyway=promote_anyway,
            economies=economies,
            jobs=jobs,
        )
        received = received_on.date() if received_on else None
        order = Order(store, now, received, frozenset(accept or ()), because, all_or_nothing)
        request = Request(config, now, tuple(files or ()), order if files else None, work, wait, first)
        outcome = _outcome(request, Machines(backend, scheduler), dry_run=dry_run)
    _tell(outcome, as_json=as_json)


def _outcome(request: Request, machines: Machines, *, dry_run: bool) -> Outcome:
    from training.backend import checked_address  # noqa: PLC0415 - as above
    from training.retrain.job import retrain as run  # noqa: PLC0415 - as above
    from training.retrain.plan import plan  # noqa: PLC0415

    if dry_run:
        checked_address(machines)
        return plan(request)
    with ended_by_sigterm(), at_work(machines) as report:
        return run(request, progress=report)


def _tell(outcome: Outcome, *, as_json: bool) -> NoReturn:
    from training.retrain.outcome import as_dict, summary  # noqa: PLC0415 - as above

    typer.echo(json.dumps(as_dict(outcome), indent=1) if as_json else summary(outcome))
    raise typer.Exit(outcome.code)


def promote(
    version: Annotated[str, typer.Argument(help="Number of a registered version.")],
    because: Because,
    tracking_uri: TrackingUri = None,
    work: WorkFolder = None,
    wait: WaitForTurn = SHORT_WAIT_SECONDS,
) -> None:
    """Let a registered version serve, whatever the gate said of it, on the record.

    Months that lose their price by it are told on standard error.
    Exit codes: 0 it serves, 1 failed, 2 an option is wrong, 5 another changes what serves.
    """
    from training.retrain.by_hand import let_serve  # noqa: PLC0415 - as above
    from training.retrain.lock import Turn  # noqa: PLC0415

    with faults_told("fairprice promote"):
        turn = Turn(datetime.now(UTC), wait, work)
        before = let_serve(tracking_uri or local_store(), version, because, turn, _warned)
    after = f", after version {before.version}" if before and before.version != version else ""
    typer.echo(f"Version {version} serves{after}: {because}")


def rollback(
    because: Because,
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="By default the last one that served before.")
    ] = None,
    tracking_uri: TrackingUri = None,
    work: WorkFolder = None,
    wait: WaitForTurn = SHORT_WAIT_SECONDS,
) -> None:
    """Take the version that serves out of service and let an earlier one serve, on the record.

    Exit codes: 0 the earlier one serves, 1 failed, 2 an option is wrong, 5 another changes what serves.
    """
    from training.retrain.by_hand import roll_back  # noqa: PLC0415 - as above
    from training.retrain.lock import Turn  # noqa: PLC0415

    with faults_told("fairprice rollback"):
        turn = Turn(datetime.now(UTC), wait, work)
        withdrawn, serving = roll_back(tracking_uri or local_store(), to, because, turn)
    typer.echo(f"Version {serving.version} serves; version {withdrawn.version} is out of service: {because}")


def _warned(sentence: str) -> None:
    SCREEN.print(f"fairprice promote: {sentence}", style="yellow", highlight=False, soft_wrap=True, markup=False)


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """End as a scheduler asks: runs are closed as KILLED on the way out, and the next job goes on from there."""

    def terminated(_signal: int, _frame: object) -> NoReturn:
        sys.exit(TERMINATED)

    before = signal.signal(signal.SIGTERM, terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
