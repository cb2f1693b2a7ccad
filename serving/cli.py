"""`fairprice`: the same answers on the command line, and whatever the entry points of `fairprice.commands` add."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

from pricing.errors import FairPriceError, Fault, InputError, UnknownQuoteError
from serving import floor_terminal, history_terminal, price_terminal, terminal
from serving.asking import ask, body_file, given, number, show
from serving.contracts.basis import cli as basis_cli
from serving.contracts.templates import cli as templates_cli
from serving.contracts.whatif import cli as whatif_cli
from serving.explanations import terminal as explanations_terminal
from serving.explanations.quoted import material_quoted
from serving.forecasts import cli as forecasts_cli
from serving.leaks import cli as leaks_cli
from serving.published import cli as published_cli
from serving.scenarios import cli as scenarios_cli
from serving.scenarios import terminal as scenarios_terminal
from serving.scoreboard import cli as scoreboard_cli
from serving.server import serve
from serving.stages import cli as stages_cli
from serving.typed_faults import by_typed_names

COMMANDS = "fairprice.commands"
USAGE_ERROR, FAILURE = 2, 1
NO_MATERIAL = "NdPr, Dy or Tb; or none with `said_in`, the id of an earlier quote"

Material = Annotated[str, typer.Argument(help="NdPr, Dy or Tb.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Day to price for, YYYY-MM-DD; by default the last one.")]
Json = Annotated[bool, typer.Option("--json", help="Print exactly what the service answers.")]


def app(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 2 for a request with faults or an id of nothing, 1 else."""
    try:
        build()(args=arguments)
    except FairPriceError as fault:
        terminal.errors().print(terminal.faults(fault), style="red")
        return USAGE_ERROR if isinstance(fault, (InputError, UnknownQuoteError)) else FAILURE
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else FAILURE
    return 0


def build() -> typer.Typer:
    """Return the command line with the commands of every installed entry point."""
    cli = typer.Typer(
        help="What NdPr, Dy and Tb should cost, do cost, and what a price floor pays.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for command in (price, history, explain, floor, quote, materials, models, evidence, serve):
        cli.command()(command)
    forecasts_cli.add_to(cli)
    published_cli.add_to(cli)
    leaks_cli.add_to(cli)
    scoreboard_cli.add_to(cli)
    scenarios_cli.add_to(cli)
    cli.command()(basis_cli.basis_risk)
    cli.command(epilog=whatif_cli.EXAMPLES)(whatif_cli.whatif)
    cli.command(epilog=templates_cli.EXAMPLES)(templates_cli.templates)
    cli.add_typer(stages_cli.commands(), name="stages")
    for entry in entry_points(group=COMMANDS):
        cli.command(entry.name)(entry.load())
    by_typed_names(cli)
    return cli


def price(
    material: Material,
    as_of: AsOf = None,
    form: Annotated[str | None, typer.Option(help="oxide or metal.")] = None,
    unit: Annotated[str | None, typer.Option(help="kg, t or lb.")] = None,
    currency: Annotated[str | None, typer.Option(help="USD, CNY, EUR ...")] = None,
    region: Annotated[str | None, typer.Option(help="china, ex_china or all.")] = None,
    max_age_days: Annotated[str | None, typer.Option(help="Refuse older data.")] = None,
    as_json: Json = False,
) -> None:
    """Fair price, market, wedge and cost stacks of a material on a day."""
    asked = {"as_of": as_of, "form": form, "unit": unit, "currency": currency, "region": region}
    show(
        ask(lambda desk: desk.price(material, given(asked | {"max_age_days": max_age_days}))),
        price_terminal.price,
        as_json,
    )


def history(
    material: Material,
    vintage: Annotated[str | None, typer.Option(help="as_known or latest.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First month, YYYY-MM.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Monthly fair and market prices."""
    asked = {"vintage": vintage, "from": first, "to": last, "format": "csv" if as_csv else None}
    body, _ = ask(lambda desk: desk.history(material, given(asked)))
    show(body, history_terminal.history, as_json or as_csv)


def explain(
    material: Annotated[str | None, typer.Argument(help="NdPr, Dy or Tb; with --quote that of the quote.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="Month to explain from, YYYY-MM.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Month to explain to, YYYY-MM.")] = None,
    vintage: Annotated[str | None, typer.Option(help="as_known or latest.")] = None,
    said_by: Annotated[str | None, typer.Option(help="Bundle of the model that gave the earlier answer.")] = None,
    said_in: Annotated[
        str | None, typer.Option("--quote", help="Id of an earlier quote: why is it another price now?")
    ] = None,
    as_json: Json = False,
) -> None:
    """Why a fair price moved, what it is made of, and what lies between it and the market."""
    asked = {"from": first, "to": last, "vintage": vintage, "said_by": said_by, "said_in": said_in}
    if not material and said_in is None:
        raise InputError(Fault("material", "nothing", NO_MATERIAL))
    named = material or material_quoted(said_in or "")
    show(ask(lambda desk: desk.explanation(named, given(asked))), explanations_terminal.explanation, as_json)


def floor(
    material: Annotated[str | None, typer.Argument(help="NdPr, Dy or Tb.")] = None,
    amount: Annotated[str | None, typer.Option(help="USD per unit.")] = None,
    basis: Annotated[str | None, typer.Option(help="'oxide ex VAT', 'oxide inc VAT', 'metal ex VAT' ...")] = None,
    reference: Annotated[str | None, typer.Option(help="Index: see `fairprice materials`.")] = None,
    first_day: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    last_day: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = None,
    tonnes_per_year: Annotated[str | None, typer.Option(help="Eligible tonnes a year.")] = None,
    unit: Annotated[str | None, typer.Option(help="kg, t or lb.")] = None,
    settlement: Annotated[str | None, typer.Option(help="quarterly or monthly.")] = None,
    vat_rule: Annotated[str | None, typer.Option(help="refuse, convert or as_quoted.")] = None,
    oxide_per_metal: Annotated[str | None, typer.Option(help="kg oxide per kg metal, for a floor on metal.")] = None,
    toll: Annotated[str | None, typer.Option(help="USD per kg metal, for a floor on metal.")] = None,
    deck_flat: Annotated[str | None, typer.Option(help="USD/kg for every month without a fixing.")] = None,
    deck: Annotated[list[str] | None, typer.Option(help="2027=90 or 2027-03=90; may be repeated.")] = None,
    discount_rate: Annotated[str | None, typer.Option(help="A year, such as 0.05.")] = None,
    as_of: AsOf = None,
    terms: Annotated[Path | None, typer.Option(help="A JSON file with the request; - reads standard input.")] = None,
    as_json: Json = False,
) -> None:
    """What a price floor pays per period, on history and on a deck; the fair price stays."""
    if terms is not None:
        body = body_file(terms)
    else:
        numbers = {
            "amount": amount,
            "tonnes_per_year": tonnes_per_year,
            "oxide_per_metal": oxide_per_metal,
            "toll": toll,
        }
        words = {"basis": basis, "reference": reference, "from": first_day, "to": last_day, "unit": unit}
        stated = {name: number(text) for name, text in given(numbers)}
        stated |= dict(given(words | {"settlement": settlement, "vat_rule": vat_rule}))
        request: dict[str, Any] = dict(given({"material": material, "as_of": as_of}))
        request |= {"floor": stated} | _deck(deck_flat, deck or [])
        request |= {name: number(text) for name, text in given({"discount_rate": discount_rate})}
        body = json.dumps(request).encode()
    show(ask(lambda desk: desk.scenario(body)), floor_terminal.floor, as_json)


def quote(quote_id: Annotated[str, typer.Argument(help="As printed in an answer.")], as_json: Json = False) -> None:
    """The answer given under a quote id, recomputed to the same bytes; under a scenario's id, as it was kept."""
    if quote_id.startswith("scenario."):
        show(ask(lambda desk: desk.scenarios.again(quote_id)), scenarios_terminal.scenario, as_json)
        return
    shape = floor_terminal.floor if quote_id.startswith("floor.") else price_terminal.price
    show(ask(lambda desk: desk.quote(quote_id)), shape, as_json)


def materials() -> None:
    """What can be asked about, as JSON."""
    show(ask(lambda desk: desk.materials()), None, as_json=True)


def models() -> None:
    """The model that serves and its card, as JSON."""
    show(ask(lambda desk: desk.models()), None, as_json=True)


def evidence(material: Material) -> None:
    """What a material's history rests on, as JSON."""
    show(ask(lambda desk: desk.evidence(material)), None, as_json=True)


def _deck(flat: str | None, stated: Iterable[str]) -> dict[str, Any]:
    deck: dict[str, Any] = {} if flat is None else {"flat": number(flat)}
    prices = dict(pair.partition("=")[::2] for pair in stated)
    if prices:
        deck["prices"] = {month: number(price) for month, price in prices.items()}
    return {"deck": deck} if deck else {}
