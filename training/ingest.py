"""`fairprice ingest`: take new observations in, before a fit reads them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from features.intake.place import DEFAULT_STORE
from training.options import Accept, AllOrNothing, Because, DatasetFolder, ReceivedOn, Vintages
from training.terminal import FAILED, faults_told


def ingest(  # noqa: PLR0913, PLR0917 - each option of a command is a parameter
    files: Annotated[list[Path], typer.Argument(help="CSV or Parquet tables in the dataset's formats, or folders.")],
    vintages: Vintages = None,
    received_on: ReceivedOn = None,
    accept: Accept = None,
    because: Because = "",
    all_or_nothing: AllOrNothing = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and say all, store nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the receipt as JSON.")] = False,
    dataset: DatasetFolder = None,
) -> None:
    """Check new observations against what history has shown and keep those in order as a vintage.

    Exit codes: 0 all rows are in, 1 rows are held back or the data cannot be read, 2 an option or path is wrong.
    """
    from features.dataset import load_dataset  # noqa: PLC0415 - keeps pandas out of every other command's start
    from features.intake.intake import Order, take_in  # noqa: PLC0415
    from features.intake.report import as_dict, summary  # noqa: PLC0415

    with faults_told("fairprice ingest"):
        order = Order(
            store=vintages or DEFAULT_STORE,
            now=datetime.now(UTC),
            received_on=received_on.date() if received_on else None,
            accepted=frozenset(accept or ()),
            because=because,
            all_or_nothing=all_or_nothing,
            dry_run=dry_run,
        )
        receipt = take_in(files, load_dataset(dataset), order)
    typer.echo(json.dumps(as_dict(receipt), indent=2, ensure_ascii=True) if as_json else summary(receipt))
    if not receipt.complete:
        raise typer.Exit(FAILED)
