"""`fairprice scoreboard`: the same answers as over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pricing.errors import Fault, InputError
from serving.asking import ask, given, show
from serving.scoreboard import terminal

Material = Annotated[str | None, typer.Argument(help="NdPr, Dy or Tb; by default all.")]
Kind = Annotated[str | None, typer.Option(help="Rows of fair prices (fair) or of forecasts (forecast) too.")]


def add_to(cli: typer.Typer) -> None:
    """Add the command about the scoreboard to a command line."""
    cli.command()(scoreboard)


def scoreboard(
    material: Material = None,
    kind: Kind = None,
    place: Annotated[str | None, typer.Option(help="fob_china or china_domestic; by default both.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First month of the rows, YYYY-MM.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last month of the rows, YYYY-MM.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the page to this file.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print rows as CSV; needs --kind.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print exactly what the service answers.")] = False,
) -> None:
    """How often fair prices and forecasts were right, bad months included."""
    written = "html" if html else "csv" if as_csv else None
    asked = {"material": material, "kind": kind, "place": place, "from": first, "to": last, "format": written}
    body, _ = ask(lambda desk: desk.scoreboard.scoreboard(given(asked)))
    if html is None:
        show(body, terminal.scoreboard, as_json or as_csv)
    else:
        _write(html, body)


def _write(html: Path, body: bytes) -> None:
    try:
        html.write_bytes(body)
    except OSError as fault:
        raise InputError(Fault("html", f"{html}: {fault.strerror}", "a file that can be written")) from fault
