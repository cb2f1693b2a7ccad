"""`fairprice templates`: the same answers as over HTTP."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pricing.contracts.template import INPUTS
from pricing.errors import Fault, InputError
from serving.asking import number, show
from serving.contracts.templates import terminal
from serving.contracts.templates.answer import filled_answer, template_answer, templates_answer
from serving.scenarios.file import scenario_file

EXAMPLES = """Examples:

\b
fairprice templates
fairprice templates lynas_jare
fairprice templates mp_10x_guarantee --set first_day=2028-07-01 --set first_escalation_year=2 \\
  --set partial_year=scales --set share_above=0 --set payment_days=60
fairprice templates lynas_jare --inputs answers.yaml --json
"""


def templates(
    name: Annotated[str | None, typer.Argument(help="A template; without it, the list.")] = None,
    assigned: Annotated[
        list[str] | None, typer.Option("--set", help="INPUT=VALUE, or tonnes_by_period.2026-Q1=1006; may be repeated.")
    ] = None,
    inputs: Annotated[Path | None, typer.Option(help="A YAML or JSON file with the inputs by name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print exactly what the service answers.")] = False,
) -> None:
    """Contracts of which part is public: what was published, what to ask, and the contract once it is answered."""
    if name is None:
        _refuse_inputs(assigned, inputs)
        show(templates_answer(), terminal.listed, as_json)
    elif assigned or inputs:
        body = json.dumps({INPUTS: _inputs(assigned or [], inputs)}).encode()
        show(filled_answer(name, body), terminal.filled, as_json)
    else:
        show(template_answer(name), terminal.template, as_json)


def _refuse_inputs(assigned: list[str] | None, inputs: Path | None) -> None:
    if assigned or inputs:
        raise InputError(Fault("NAME", "inputs without a template", "the name of the template they fill"))


def _inputs(assigned: Sequence[str], file: Path | None) -> dict[str, Any]:
    found: dict[str, Any] = {} if file is None else json.loads(scenario_file(file))
    for pair in assigned:
        name, equals, text = pair.partition("=")
        if not equals:
            raise InputError(Fault("--set", pair, "INPUT=VALUE, such as lag_months=1"))
        top, _, below = name.strip().partition(".")
        if below:
            found.setdefault(top, {})[below] = number(text)
        else:
            found[top] = number(text)
    return found
