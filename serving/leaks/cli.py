"""`fairprice leak`: the same answers as over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from serving.asking import ask, show
from serving.leaks import terminal


def add_to(cli: typer.Typer) -> None:
    """Add the command about the leak to a command line."""
    cli.command()(leak)


def leak(
    material: Annotated[str, typer.Argument(help="NdPr, Dy or Tb.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print exactly what the service answers.")] = False,
) -> None:
    """What the fair price does when market prices alone move: the leak that was measured, beside its limit."""
    show(ask(lambda desk: desk.leak(material)), terminal.leak, as_json)
