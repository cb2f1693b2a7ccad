"""How training's commands speak: faults in a line with an exit code; how far a job is, as bars or as lines of a log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pricing.errors import FairPriceError, HeldError, InputError
from training.config import Progress as Report
from training.options import Machines
from training.stage_lines import stage_lines

SCREEN = Console(stderr=True)
FAILED, USAGE, HELD = 1, 2, 5  # exit codes; the first two are those of `fairprice`


@contextmanager
def faults_told(command: str, *, as_json: bool = False) -> Iterator[None]:
    """End a command with what went wrong: 2 where the caller can mend it, 5 where another holds its turn, 1 else."""
    try:
        yield
    except (FairPriceError, OSError) as fault:
        code = USAGE if isinstance(fault, InputError) else HELD if isinstance(fault, HeldError) else FAILED
        SCREEN.print(f"{command}: {fault}", style="red", highlight=False, soft_wrap=True, markup=False)
        if as_json:
            typer.echo(json.dumps({"outcome": "failed", "exit_code": code, "error": str(fault)}, indent=1))
        raise typer.Exit(code) from fault


@contextmanager
def at_work(machines: Machines) -> Iterator[Report]:
    """Let fan-outs run on the machines that were asked for, and yield a reporter that shows how far they are."""
    from training.backend import workers  # noqa: PLC0415 - keeps joblib out of every other command's start

    with workers(machines), progress_shown(SCREEN) as report:
        yield report


@contextmanager
def progress_shown(screen: Console) -> Iterator[Report]:
    """Yield a reporter that shows each stage and how much of it is done; outside a terminal, lines for a log."""
    if not screen.is_terminal:
        yield stage_lines(lambda line: screen.print(line, highlight=False, soft_wrap=True, markup=False), _utc_now)
        return
    columns = (TextColumn("{task.description:<48}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=screen) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, share: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=1.0)
            bars.update(tasks[stage], completed=share)

        yield report


def _utc_now() -> datetime:
    return datetime.now(UTC)
