"""`fairprice forecast`: the same answers as over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pricing.errors import Fault, InputError
from serving.asking import ask, given, show
from serving.forecasts import terminal

Json = Annotated[bool, typer.Option("--json", help="Print exactly what the service answers.")]


def add_to(cli: typer.Typer) -> None:
    """Add the command about forecasts to a command line."""
    cli.command()(forecast)


def forecast(
    material: Annotated[str, typer.Argument(help="NdPr, Dy or Tb.")],
    place: Annotated[str | None, typer.Option(help="fob_china, china_domestic or ex_china.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Day to forecast from, YYYY-MM-DD.")] = None,
    horizon: Annotated[str | None, typer.Option(help="Months ahead, 1 to 24; by default all.")] = None,
    max_age_days: Annotated[str | None, typer.Option(help="Refuse older data.")] = None,
    record: Annotated[bool, typer.Option("--record", help="How often forecasts were right, instead.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Write the fan to this .svg or .png file.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: Json = False,
) -> None:
    """What a market price is likely to be, 1 to 24 months ahead, or how often that was right."""
    written = _kind(plot) if plot else "csv" if as_csv else None
    asked = {"place": place, "as_of": as_of, "horizon": horizon, "max_age_days": max_age_days, "format": written}
    if record:
        body, _ = ask(lambda desk: desk.forecasts.record(material, given(asked)))
        show(body, terminal.record, as_json or as_csv)
        return
    body, _ = ask(lambda desk: desk.forecasts.forecast(material, given(asked)))
    if plot:
        _write(plot, body)
    else:
        show(body, terminal.forecast, as_json or as_csv)


def _kind(plot: Path) -> str:
    kind = plot.suffix.removeprefix(".").lower()
    if kind not in ("svg", "png"):
        raise InputError(Fault("plot", plot.name, "a file whose name ends in .svg or .png"))
    return kind


def _write(plot: Path, body: bytes) -> None:
    try:
        plot.write_bytes(body)
    except OSError as fault:
        raise InputError(Fault("plot", f"{plot}: {fault.strerror}", "a file that can be written")) from fault
