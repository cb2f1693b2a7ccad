"""`fairprice published`: the same answers as over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from serving.asking import ask, given, show
from serving.published import terminal


def add_to(cli: typer.Typer) -> None:
    """Add the command about what was published to a command line."""
    cli.command()(published)


def published(
    material: Annotated[str, typer.Argument(help="NdPr, Dy or Tb.")],
    on: Annotated[str | None, typer.Option(help="Day of publication, YYYY-MM-DD, UTC; by default today.")] = None,
    month: Annotated[str | None, typer.Option(help="Month, YYYY-MM; by default the last known that day.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print exactly what the service answers.")] = False,
) -> None:
    """What was published on a day, what served it, and every later value with its time and reason."""
    asked = {"on": on, "month": month, "format": "csv" if as_csv else None}
    body, _ = ask(lambda desk: desk.publications.publication(material, given(asked)))
    show(body, terminal.publication, as_json or as_csv)
