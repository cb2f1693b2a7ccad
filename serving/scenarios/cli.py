"""`fairprice levers`, `presets` and `scenario`: the same answers as over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pricing.errors import Fault, InputError
from pricing.levers import Way
from serving.asking import ask, given, number, show
from serving.bodies import read_body
from serving.scenarios import list_terminal, terminal
from serving.scenarios.desk import SCENARIOS
from serving.scenarios.file import scenario_file

EXAMPLES = """Examples:

\b
fairprice scenario --scale wages.united_states=1.1
fairprice scenario --set export_quota.Dy=1 --from 2027-01 --to 2027-12
fairprice scenario --preset yuan_up --scale quota.mining=1.1 --material NdPr
fairprice scenario case.yaml --json

\b
case.yaml holds what POST /v1/scenarios takes, such as:
  preset: us_wages_up
  overrides:
    - {lever: feed.myanmar, scale: 0.6, from: 2027-01}
"""
Json = Annotated[bool, typer.Option("--json", help="Print exactly what the service answers.")]
Overrides = list[str] | None


def add_to(cli: typer.Typer) -> None:
    """Add the commands about scenarios to a command line."""
    cli.command()(levers)
    cli.command()(presets)
    cli.command(epilog=EXAMPLES)(scenario)


def levers(
    group: Annotated[str | None, typer.Option(help="costs, policy, demand or supply, with baselines.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every lever with its baseline.")] = False,
    as_json: Json = False,
) -> None:
    """What a scenario may change: families in short; by group or all, with baseline and range of evidence."""
    asked = given({"group": group})
    told = list_terminal.levers if everything or group else list_terminal.lever_families
    show(ask(lambda desk: desk.scenarios.levers(asked)), told, as_json)


def presets(as_json: Json = False) -> None:
    """Named scenarios, with their sources and what is assumed."""
    show(ask(lambda desk: desk.scenarios.presets()), list_terminal.presets, as_json)


def scenario(
    file: Annotated[Path | None, typer.Argument(help="A YAML or JSON file with the request; - reads JSON.")] = None,
    values: Annotated[
        Overrides, typer.Option("--set", help="LEVER=VALUE in the lever's unit; may be repeated.")
    ] = None,
    factors: Annotated[
        Overrides, typer.Option("--scale", help="LEVER=FACTOR on the baseline; may be repeated.")
    ] = None,
    shifts: Annotated[Overrides, typer.Option("--add", help="LEVER=AMOUNT on top; may be repeated.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First month of all of them, YYYY-MM.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last month of all of them, YYYY-MM.")] = None,
    preset: Annotated[str | None, typer.Option(help="A named scenario: see `fairprice presets`.")] = None,
    material: Annotated[str | None, typer.Option(help="NdPr, Dy or Tb alone.")] = None,
    as_json: Json = False,
) -> None:
    """What prices, costs and payments would be if levers stood elsewhere; without any, the baseline."""
    ways = {Way.SET: values, Way.SCALE: factors, Way.ADD: shifts}
    months = dict(given({"from": first, "to": last}))
    rows = [row | months for way, pairs in ways.items() for row in _rows(way, pairs or [])]
    stated = dict(given({"preset": preset, "material": material}))
    if months and (preset or not rows):
        allowed = "months beside --set, --scale or --add alone; a FILE gives each override of a preset its own months"
        raise InputError(Fault("--from, --to", ", ".join(months.values()), allowed))
    if file is None:
        _ask(json.dumps({"overrides": rows, **stated}).encode(), as_json)
    elif rows or stated or months:
        raise InputError(Fault("FILE", f"{file.name} and options", "a file, or options: put all of it in one place"))
    else:
        _ask(scenario_file(file), as_json)


def _ask(body: bytes, as_json: bool) -> None:
    """Print the answer of one scenario, or of the several that a body holds."""
    if SCENARIOS in read_body(body):
        show(ask(lambda desk: desk.scenarios.batch(body)), terminal.batch, as_json)
        return
    show(ask(lambda desk: desk.scenarios.ask(body)).body, terminal.any_scenario, as_json)


def _rows(way: Way, pairs: Sequence[str]) -> Iterator[dict[str, Any]]:
    for pair in pairs:
        lever, equals, amount = pair.partition("=")
        if not equals:
            raise InputError(Fault(f"--{way}", pair, "LEVER=NUMBER, such as wages.china=1.1; see `fairprice levers`"))
        yield {"lever": lever.strip(), way.value: number(amount)}
