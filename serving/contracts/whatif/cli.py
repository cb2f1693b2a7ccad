"""`fairprice whatif FILE`: the sections of a file, each answered as the service answers it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated

import orjson
import typer

from pricing.errors import Fault, InputError
from serving import terminal
from serving.asking import ask
from serving.bodies import read_body
from serving.contracts.page.formats import write_files
from serving.contracts.whatif.sections import SECTIONS, Section, Values
from serving.desk import Desk
from serving.fault_words import nearest, one_of, shown
from serving.scenarios.file import scenario_file

EXAMPLES = """Examples:

\b
fairprice whatif terms.yaml
fairprice whatif terms.yaml --json
fairprice whatif terms.yaml --xlsx flows.xlsx --html page.html
cat terms.yaml | fairprice whatif -

\b
terms.yaml holds what POST /v1/contracts/settlements takes, such as:
  contract:
    {name: floor, buyer: B, seller: S, material: NdPr, form: oxide, vat: excluded,
     from: 2026-01-01, to: 2026-03-31, settlement: quarterly,
     volume: {basis: sold, tonnes_by_period: {2026-Q1: 1006}},
     references: {benchmark: {kind: index, index: given, window: month, lag_months: 0}},
     clauses: [{kind: floor, name: floor, reference: benchmark, floor_usd_per_kg: 110}]}
  facts:
    indices:
      given: {currency: USD, unit: kg, form: oxide, vat: excluded,
              fixings: {2026-01: 66, 2026-02: 68, 2026-03: 70}}

\b
with outlook and parties in place of facts, what the contract is worth (docs/contracts_value.md):
  outlook: {kind: paths, deck: {kind: given, flat_usd_per_kg: 100}}
  parties: {seller: {discount_rate: 0.10}, buyer: {discount_rate: 0.04}}

\b
or terms solved from their price; `compare` holds several terms under several outlooks:
  delivery: {material: NdPr, from: 2026-01-01, to: 2045-12-31, settlement: quarterly, tonnes_per_year: 4000}
  outlook: {kind: states, usd_per_kg: [60]}
  discount_rate: 0.08
  solve: {kind: floor_for_return, capex_usd: 1200000000, opex_usd_per_kg: 55, counted: year_end}

\b
or sums, or a reported payment:
  sums:
    - {kind: units, strike_usd_per_lb: 25, market_usd_per_lb: 20}
  implied: {usd: 42273000, rounded_to_usd: 1000, floor_usd_per_kg: 110,
            tonnes: {sold: 1006, produced: 917}, vat_rates: {ex_vat: 0}}
"""
TOLD_IN_PART = ("sums", "comparison")  # whose answers hold refusals of their own
REFUSED = 2  # the exit code of a request with faults
File = Annotated[Path, typer.Argument(help="A YAML or JSON file with the sections; - reads standard input.")]
Json = Annotated[bool, typer.Option("--json", help="Print exactly what the service answers; by section where several.")]


def whatif(
    file: File,
    as_json: Json = False,
    xlsx: Annotated[Path | None, typer.Option(help="Write the settlement as a workbook with live totals.")] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write one printed page: of the value, or of the settlement.")
    ] = None,
) -> None:
    """What a contract pays and is worth, terms solved from their price, and negotiators' sums, from a file of terms."""
    values = read_body(scenario_file(file))
    asked = sections_of(values)
    answers = answers_of(asked, values)
    write_files(values, answers, xlsx, html)
    if as_json:
        _print(answers)
    else:
        for section in asked:
            terminal.show(section.show(orjson.loads(answers[section.name])))
    if any(orjson.loads(answers[name])["refused"] for name in TOLD_IN_PART if name in answers):
        raise typer.Exit(REFUSED)


def answers_of(asked: list[Section], values: Values) -> dict[str, bytes]:
    """Return the answers by section; InputError with the faults of all of them."""
    answers: dict[str, bytes] = {}
    faults: list[Fault] = []
    open_desk = opened()
    for section in asked:
        try:
            answers[section.name] = section.ask(section.body(values), open_desk)
        except InputError as refused:
            faults += refused.faults
    if faults:
        raise InputError(*dict.fromkeys(faults))
    return answers


def sections_of(values: Values) -> list[Section]:
    """Return the sections that a file asks; InputError with every name that none takes."""
    known = list(dict.fromkeys(name for section in SECTIONS for name in section.takes))
    faults = [
        Fault(shown(name), shown(name), one_of(known), nearest(name, known)) for name in values if name not in known
    ]
    asked = [section for section in SECTIONS if section.asked(values)]
    if not asked and not faults:
        faults = [Fault("FILE", "nothing to answer", one_of(known))]
    if faults:
        raise InputError(*faults)
    return asked


def opened() -> Callable[[], Desk]:
    """Return how to open the published model, once and only where a section needs it."""
    return cache(lambda: ask(lambda desk: desk))


def _print(answers: dict[str, bytes]) -> None:
    """Print the bytes of the one answer, or of several by section."""
    parts = list(answers.values())
    whole = parts[0] if len(parts) == 1 else orjson.dumps({n: orjson.Fragment(body) for n, body in answers.items()})
    sys.stdout.buffer.write(whole + b"\n")
    sys.stdout.flush()
