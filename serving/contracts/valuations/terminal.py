"""A valuation as a person reads it: values, legs, years, exposure, closed forms, what it rests on, flags last."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from serving.terminal import NONE, Answer, data_lines
from serving.terminal_tables import new_table

SHOWN_PERIODS = 24  # of which a table by period is printed; longer contracts are shown by year
WITH_CENTS = 1000  # USD below which cents are shown
PER = {"delta": "USD/kg on the deck", "gamma": "(USD/kg) squared", "strike": "USD/kg on the level"}
QUANTILES = ("p5", "p10", "p50", "p90", "p95")


def valuation_tables(answer: Answer) -> RenderableType:
    """Return a valuation for the screen."""
    parts: list[RenderableType] = [*_head(answer), _values(answer), _legs(answer)]
    parts.append(_periods(answer) if len(answer["periods"]) <= SHOWN_PERIODS else _years(answer))
    parts.append(_exposure(answer))
    if answer["closed_form"]:
        parts.append(_closed(answer))
    if answer["greeks"] is not None:
        parts.append(_greeks(answer["greeks"]))
    parts += [Text(words) for words in _fair(answer)]
    return Group(*parts, *notes(answer))


def notes(answer: Answer) -> Iterator[RenderableType]:
    """Yield decks, numbers, assumptions and flags, and whose model answered."""
    yield Text("Expected prices", style="bold")
    yield from (Text(f"  {deck_words(deck)}") for deck in answer["decks"])
    if answer["parameters"]:
        yield Text("Numbers of the paths", style="bold")
        for one in answer["parameters"]:
            yield Text(f"  {_parameter(one)}", style="yellow" if one["outside"] else "")
    yield Text("Taken for granted", style="bold")
    yield from (Text(f"  {words}", style="dim") for words in answer["assumptions"])
    yield from (Text(f"! {flag['text']}", style="yellow") for flag in answer["flags"])
    yield from data_lines(answer)


def deck_words(deck: Answer) -> str:
    """Return a deck in one line: from what to what, and where it comes from."""
    prices = list(deck["usd_per_kg"].items())
    first, last = prices[0], prices[-1]
    same = len({price for _, price in prices}) == 1
    told = f"{first[1]:,.2f}" if same else f"{first[1]:,.2f} in {first[0]} to {last[1]:,.2f} in {last[0]}"
    return f"{deck['reference']} of {deck['contract']}: {told} {deck['basis']}; {deck['source']}"


def usd(amount: float | None) -> str:
    """Return an amount in whole USD; a small one keeps its cents."""
    if amount is None:
        return NONE
    return f"{amount:,.2f}" if abs(amount) < WITH_CENTS else f"{amount:,.0f}"


def _head(answer: Answer) -> Iterator[RenderableType]:
    outlook = answer["outlook"]
    for one in answer["contracts"]:
        days = f"{one['first_day']} to {one['last_day']}, {one['settlement']}"
        yield f"[b]{escape(one['name'])}[/b], {one['material']}, {days}. Valued on {answer['as_of']}."
    drawn = "states" if outlook["seed"] is None else f"paths, seed {outlook['seed']}"
    yield Text(f"  {outlook['kind']}: {outlook['paths']:,} {drawn}", style="dim")


def _values(answer: Answer) -> Table:
    table = new_table("Value, USD", "side", "rate", "value", "standard error", words=1)
    for one in answer["values"]:
        table.add_row(one["side"], f"{one['discount_rate']:.1%}", usd(one["value_usd"]), usd(one["standard_error_usd"]))
    spread = answer["present_value_to_seller_usd"]
    quantiles = ", ".join(f"{name.upper()} {usd(spread[name])}" for name in QUANTILES)
    table.caption = f"present value to the seller: {quantiles}; expected payments {usd(answer['total_usd'])}\n"
    return table


def _legs(answer: Answer) -> Table:
    table = new_table("Legs", "leg", "paid by", "level", "t", "mean USD", "USD/kg", "P(binds)", "to seller", "to buyer")
    for one in answer["legs"]:
        level = NONE if one["level_usd_per_kg"] is None else f"{one['level_usd_per_kg'][0]:,.2f}"
        table.add_row(
            one["name"],
            one["payer"],
            level,
            f"{one['tonnes']:,.1f}",
            usd(one["mean_usd"]),
            f"{one['usd_per_kg']:,.2f}",
            _chance(one["binding_probability"]),
            usd(one["value_to_seller_usd"]),
            usd(one["value_to_buyer_usd"]),
        )
    return table


def _periods(answer: Answer) -> Table:
    names = [leg["name"] for leg in answer["legs"]]
    heads = [f"P({name})" for name in names]
    table = new_table("Payments, USD; positive to the seller", "period", "paid in", "mean", *QUANTILES, *heads)
    for one in answer["periods"]:
        chances = [_chance(one["legs"][name]["binding_probability"]) for name in names]
        net = one["net_usd"]
        label = f"{one['period']}*" if one["known"] else one["period"]
        table.add_row(label, one["paid_in"], usd(net["mean"]), *(usd(net[q]) for q in QUANTILES), *chances)
    table.caption = "P(leg): its level decides; * fixed already\n"
    return table


def _years(answer: Answer) -> Table:
    names = [leg["name"] for leg in answer["legs"]]
    heads = [f"P({name})" for name in names]
    table = new_table(
        "Payments by calendar year, USD; positive to the seller", "year", "mean", *QUANTILES, *heads, words=1
    )
    for one in answer["years"]:
        net, paying = one["net_usd"], one["paying_probability"]
        chances = [_chance(paying[name]) for name in names]
        table.add_row(str(one["year"]), usd(net["mean"]), *(usd(net[q]) for q in QUANTILES), *chances)
    table.caption = "P(leg): it pays anything in the year\n"
    return table


def _exposure(answer: Answer) -> Table:
    table = new_table("What the buyer pays by fiscal year, USD", "fiscal year", "mean", "95 % lie below", words=1)
    for one in answer["exposure"]:
        table.add_row(str(one["fiscal_year"]), usd(one["mean_usd"]), usd(one["p95_usd"]))
    return table


def _closed(answer: Answer) -> Table:
    heads = ("closed form", "simulated", "difference", "errors")
    table = new_table("Closed form beside the simulation, USD", "what", *heads, words=1)
    for one in answer["closed_form"]:
        errors = NONE if one["standard_errors"] is None else f"{one['standard_errors']:+.1f}"
        name = one["what"] if one["exact"] else f"{one['what']}, moments matched"
        table.add_row(name, usd(one["closed_form_usd"]), usd(one["simulated_usd"]), usd(one["difference_usd"]), errors)
    return table


def _greeks(found: Answer) -> Table:
    table = new_table("How the value to the seller moves, USD", "what", "per", "USD")
    for name, per in (
        ("delta", "USD/kg on the deck"),
        ("gamma", "(USD/kg) squared"),
        ("strike", "USD/kg on the level"),
    ):
        for item, amount in found[name].items():
            table.add_row(f"{name} {item}", per, usd(amount))
    table.add_row("vega", "hundredth of all volatilities", usd(found["vega"]))
    table.add_row("rho", "basis point on both rates", usd(found["rho"]))
    return table


def _fair(answer: Answer) -> Iterator[str]:
    for material, fair in answer["fair_price"].items():
        value = fair["with_floor"]["value"]
        told = "no point is published" if value is None else f"{value:,.2f} with the contract and without"
        yield f"Fair price of {material}, {fair['month']}: {told}. {fair['why']}"


def _parameter(one: Answer) -> str:
    reach = NONE if one["low"] is None else f"{one['low']:g} to {one['high']:g}"
    return f"{one['name']} {one['value']:g} ({reach}); {one['source']}"


def _chance(value: float | None) -> str:
    return NONE if value is None else f"{value:.1%}"
