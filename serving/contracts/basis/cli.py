"""`fairprice basis-risk`: the same answer as over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from serving.asking import ask, show
from serving.contracts.basis.desk import basis_risk_of
from serving.scenarios.file import scenario_file
from serving.terminal import Answer, data_lines
from serving.terminal_tables import new_table

LEFT = {
    "unhedged": "unhedged",
    "one_to_one": "hedged one to one",
    "at_hedge_ratio": "hedged at the best ratio",
}


def basis_risk(
    file: Annotated[Path, typer.Argument(help="A YAML or JSON file with the request; - reads JSON.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print exactly what the service answers.")] = False,
) -> None:
    """What a hedge on one index leaves open of a cargo priced on another."""
    body = scenario_file(file)
    show(ask(lambda desk: basis_risk_of(body, lambda: desk.book)), shown, as_json)


def shown(answer: Answer) -> RenderableType:
    """Return the answer for the screen."""
    sides = f"contract on {answer['contract_index']}, cargo on {answer['cargo_index']}"
    title = f"{sides}; {answer['basis']}; {answer['months']} months with both prices"
    table = new_table(f"One standard deviation of a month, {answer['tonnes']:,.0f} t", "", "USD/kg", "USD", words=1)
    for name, words in LEFT.items():
        table.add_row(words, f"{answer[name]['usd_per_kg']:,.2f}", f"{answer[name]['usd']:,.0f}")
    return Group(
        Text(title, style="bold"), *_lines(answer), table, Text(answer["says"]), *_flags(answer), *data_lines(answer)
    )


def _lines(answer: Answer) -> list[Text]:
    spread: dict[str, Any] = answer["spread"]
    span = f"{spread['first_month']} to {spread['last_month']}"
    ends = f"{spread['low_usd_per_kg']:,.2f} to {spread['high_usd_per_kg']:,.2f}"
    worst = f"{answer['worst_month_usd_per_kg']:+,.2f} USD/kg, {answer['worst_month_usd']:+,.0f} USD"
    together = f"correlation {answer['correlation_of_changes']:.2f}, hedge ratio {answer['hedge_ratio']:.2f}"
    return [
        Text(f"Monthly changes: {together}."),
        Text(f"Spread, cargo less contract, {span}: {ends}, last {spread['last_usd_per_kg']:,.2f} USD/kg."),
        Text(f"The spread moved most in {answer['worst_month']}: {worst}."),
    ]


def _flags(answer: Answer) -> list[Text]:
    return [Text(f"{flag['code']}: {flag['text']}", style="dim") for flag in answer["flags"]]
