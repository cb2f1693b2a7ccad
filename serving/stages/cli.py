"""`fairprice stages ladder` and `fairprice stages tariff`: the same answers as over HTTP."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pricing.errors import Fault, InputError
from serving.asking import ask, body_file, given, number, show
from serving.book import Book
from serving.stages import terminal
from serving.stages.desk import ladder_of, tariff_of

MAX_DEPTH = 6  # parts of a dotted name; the deepest is steps.separation.others.Dy.share

Material = Annotated[str | None, typer.Argument(help="NdPr, Dy or Tb.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Any field of the request: steps.reduction.toll=12; may be repeated."),
]
Terms = Annotated[Path | None, typer.Option(help="A JSON file with the request; - reads standard input.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Day of a fair or market price, YYYY-MM-DD.")]
Json = Annotated[bool, typer.Option("--json", help="Print exactly what the service answers.")]
Origin = Annotated[str | None, typer.Option("--from", help="given, fair or market.")]


def commands() -> typer.Typer:
    """Return the group of commands about stages."""
    group = typer.Typer(help="Prices from ore to magnet, and the tariff at each stage.", no_args_is_help=True)
    group.command()(ladder)
    group.command()(tariff)
    return group


def ladder(
    material: Material = None,
    price: Annotated[str | None, typer.Option(help="USD/kg of the stage, as you state it.")] = None,
    stage: Annotated[str | None, typer.Option(help="concentrate, carbonate, oxide, metal, alloy or magnet.")] = None,
    origin: Origin = None,
    region: Annotated[str | None, typer.Option(help="china or ex_china, for a market price.")] = None,
    as_of: AsOf = None,
    to: Annotated[str | None, typer.Option(help="The one stage wanted.")] = None,
    made_in: Annotated[str | None, typer.Option(help="china or ex_china, for tolls left to the evidence.")] = None,
    change: Annotated[str | None, typer.Option(help="USD/kg more at the start: what does it add?")] = None,
    unit_kg: Annotated[str | None, typer.Option(help="kg of magnet in a unit, such as a motor.")] = None,
    assigned: Set = None,
    terms: Terms = None,
    as_json: Json = False,
) -> None:
    """What a kilogram costs at each stage, up and down from one price."""
    options = {
        "material": material,
        "as_of": as_of,
        "start.usd_per_kg": price,
        "start.stage": stage,
        "start.from": origin,
        "start.region": region,
        "to": to,
        "steps.made_in": made_in,
        "change": change,
        "per_unit.kg": unit_kg,
    }
    body = _body(options, assigned, terms)
    show(ladder_of(body, _open_book), terminal.ladder, as_json)


def tariff(
    material: Material = None,
    stage: Annotated[str, typer.Option(help="Stage of the import.")] = "oxide",
    basis: Annotated[str | None, typer.Option(help="'customs value', FOB, CIF, 'domestic inc VAT' ...")] = None,
    amount: Annotated[str | None, typer.Option(help="Of the currency per unit.")] = None,
    currency: Annotated[str | None, typer.Option(help="USD, CNY, EUR ...")] = None,
    unit: Annotated[str | None, typer.Option(help="kg, t or lb.")] = None,
    fx: Annotated[str | None, typer.Option(help="Currency units per USD.")] = None,
    vat_rate: Annotated[str | None, typer.Option(help="Share of the price before tax, such as 0.13.")] = None,
    vat_refund_share: Annotated[str | None, typer.Option(help="Share of VAT refunded on export, 0 to 1.")] = None,
    reference: Annotated[str | None, typer.Option(help="USD/kg to be met.")] = None,
    rate: Annotated[str | None, typer.Option(help="Tariff, such as 0.25: what lands at it?")] = None,
    duty_on: Annotated[str | None, typer.Option(help="fob or cif.")] = None,
    freight: Annotated[str | None, typer.Option(help="USD/kg.")] = None,
    insurance: Annotated[str | None, typer.Option(help="USD/kg.")] = None,
    as_of: AsOf = None,
    assigned: Set = None,
    terms: Terms = None,
    as_json: Json = False,
) -> None:
    """The tariff that lifts an import to a reference price, and what lands at a tariff."""
    imported = {
        "basis": basis,
        "amount": amount,
        "currency": currency,
        "unit": unit,
        "fx_per_usd": fx,
        "vat_rate": vat_rate,
        "vat_refund_share": vat_refund_share,
        "reference": reference,
    }
    options = {f"imports.{stage}.{name}": value for name, value in imported.items()} | {
        "material": material,
        "as_of": as_of,
        "rate": rate,
        "duty_on": duty_on,
        "freight": freight,
        "insurance": insurance,
    }
    body = _body(options, assigned, terms)
    show(tariff_of(body, _open_book), terminal.tariff, as_json)


def _open_book() -> Book:
    return ask(lambda desk: desk.book)


def _body(options: dict[str, str | None], assigned: Sequence[str] | None, terms: Path | None) -> bytes:
    """Return the request as a body: from a file as it stands, else from options by dotted name."""
    if terms is not None:
        return body_file(terms)
    request: dict[str, Any] = {}
    for name, text in [*given(options), *(_assigned(pair) for pair in assigned or ())]:
        _put(request, name, number(text))
    return json.dumps(request).encode()


def _assigned(pair: str) -> tuple[str, str]:
    name, equals, text = pair.partition("=")
    if not equals:
        raise InputError(Fault("--set", pair, "name=value, such as steps.reduction.toll=12"))
    return name, text


def _put(request: dict[str, Any], name: str, value: object) -> None:
    """Set a field by its dotted name, making the objects on the way."""
    *way, last = name.split(".")
    if len(way) >= MAX_DEPTH:
        raise InputError(Fault("--set", name, f"a name of at most {MAX_DEPTH} parts"))
    for part in way:
        request = request.setdefault(part, {})
        if not isinstance(request, dict):
            raise InputError(Fault("--set", name, f"a field inside an object; {part} already has a value"))
    request[last] = value
