"""`fairprice backtest`: how often the market forecast was right, printed and written to the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.options import AsOf, DatasetFolder, Jobs, Machines, RunOn, Scheduler
from training.terminal import SCREEN, at_work, faults_told


def backtest(
    as_of: AsOf = None,
    dataset: DatasetFolder = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the page `forecasts.md`, its tables and plots, such as docs.")
    ] = None,
    jobs: Jobs = -1,
    backend: RunOn = None,
    scheduler: Scheduler = None,
) -> None:
    """Forecast the market from every past month by what was known then, and print how it went."""
    from features.dataset import load_dataset  # noqa: PLC0415 - keeps LightGBM out of every other command's start
    from training.forecast.backtest import backtest as run  # noqa: PLC0415
    from training.forecast.page import printed, write_forecasts  # noqa: PLC0415
    from training.forecast.publish import published  # noqa: PLC0415

    with faults_told("fairprice backtest"):
        whole = load_dataset(dataset)
        known = whole.as_known(as_of.date()) if as_of else whole
        with at_work(Machines(backend, scheduler)) as report:
            found = run(known, report, jobs)
        said = published(known, found)
        written = write_forecasts(found, said, out) if out else []
    typer.echo(printed(said))
    if written:
        SCREEN.print(f"Wrote {len(written)} files to {out}. Read the prose again: a command cannot.")
