"""Answers as a person reads them in a terminal: two decimals, the basis above each table, flags last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pricing.errors import FairPriceError, InputError

Answer = dict[str, Any]
NONE = "-"
SET_WORDS = {
    "explicit": "explicit",
    "financing": "+ credit, land, energy",
    "market_economy": "+ plant, capital (headline)",
}
REGION_WORDS = {"china": "China", "ex_china": "outside China"}
# What of China's support is out of a normal value; routes elsewhere have none in the first place.
VARIANT_WORDS = {
    "as_reported": "as reported",
    "explicit": "- explicit",
    "financing": "- financing",
    "market_economy": "undistorted",
    "undistorted": "undistorted",
}
WIDE = 150  # columns at most: a wider table is harder to read across


def price(answer: Answer) -> RenderableType:
    """Return a price answer for the screen."""
    title = (
        f"[b]{answer['material']} {answer['form']}[/b] as of {answer['as_of']}: figures of {answer['month']}, "
        f"{answer['data_age_days']} days old. Amounts in {answer['currency']}/{answer['unit']}."
    )
    parts: list[RenderableType] = [title]
    if answer["status"] != "refused":
        parts.append(_fair(answer))
    parts.append(_markets(answer))
    if answer["status"] != "refused":
        parts.append(_wedges(answer))
    if answer["incentive"]:
        parts.append(_incentive(answer))
    if answer["cost_stacks"]:
        parts.append(_stacks(answer["cost_stacks"]))
    return Group(*parts, *_notes(answer))


def history(answer: Answer) -> RenderableType:
    """Return a history for the screen."""
    table = _table(
        f"{answer['material']}, {answer['basis']}; {answer['vintage']}",
        *("month", "status"),
        *("fair", "80 %", "short run", "China", "outside", "- fair", "- fair"),
    )
    for row in answer["rows"]:
        table.add_row(
            row["month"],
            row["status"],
            _amount(row["fair_long_run_usd_per_kg"]),
            _range(row["fair_long_run_p10_usd_per_kg"], row["fair_long_run_p90_usd_per_kg"]),
            _amount(row["fair_short_run_usd_per_kg"]),
            _amount(row["market_china_usd_per_kg"]),
            _amount(row["market_ex_china_usd_per_kg"]),
            _signed(row["wedge_china_usd_per_kg"]),
            _signed(row["wedge_ex_china_usd_per_kg"]),
        )
    return table


def floor(answer: Answer) -> RenderableType:
    """Return the payments of a floor for the screen."""
    terms, totals = answer["floor"], answer["totals"]
    title = (
        f"[b]Floor {terms['amount']:,.2f} {terms['basis']}[/b] on {terms['reference']}, {terms['settlement']}, "
        f"{terms['tonnes_per_year']:,.0f} t a year, {terms['first_day']} to {terms['last_day']}, "
        f"as of {answer['as_of']}."
    )
    lines = [f"Total [b]{totals['total_usd']:,.2f} USD[/b]: {_split(totals)}."]
    if totals["present_value_usd"] is not None:
        worth = f"{totals['present_value_usd']:,.2f} USD at {totals['discount_rate']:.2%} a year"
        lines.append(f"Present value {worth}: {answer['rules']['present_value']}.")
    lines.append(f"Deck: {_deck(answer['deck'])}")
    return Group(title, _payments(answer), *lines, _unchanged(answer["fair_price"]), *_notes(answer))


def faults(fault: FairPriceError) -> RenderableType:
    """Return what is wrong with a request for the screen."""
    if not isinstance(fault, InputError):
        return Text(str(fault))
    return Text("\n".join(str(one) for one in fault.faults))


def answers() -> Console:
    """Return the console for answers: standard output, never wider than reads well."""
    console = Console(highlight=False)
    console.width = min(console.width, WIDE)
    return console


def errors() -> Console:
    """Return the console for what is not an answer: standard error."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on a terminal that something is under way."""
    console = errors()
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


def _table(title: str, *columns: str, words: int = 2) -> Table:
    """Return an empty table; all but the first `words` columns hold numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, collapse_padding=True)
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position < words else "right", no_wrap=position > 0 or words > 1)
    return table


def _fair(answer: Answer) -> Table:
    table = _table(
        f"Fair price, {answer['fair']['basis']}",
        *("support removed", "long run", "80 %", "short run", "80 %"),
        words=1,
    )
    for support, words in SET_WORDS.items():
        long_run, short_run = answer["fair"]["long_run"][support], answer["fair"]["short_run"][support]
        table.add_row(words, *_point(long_run), *_point(short_run))
    return table


def _point(point: Answer) -> tuple[str, str]:
    interval = point["interval_80"]
    return _amount(point["value"]), _range(*interval) if interval else NONE


def _markets(answer: Answer) -> Table:
    table = _table(
        "Market beside it, each region on its own basis",
        *("", *(REGION_WORDS[region] for region in answer["markets"])),
        words=1,
    )
    columns = [_market(at) for at in answer["markets"].values()]
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    return table


def _market(at: Answer) -> dict[str, str]:
    quote, wedge, below = at["market"], at["wedge"], at["p_market_below_fair"]
    return {
        "market": _amount(quote["value"]),
        "its range": _range(quote["low"], quote["high"]),
        "fair on this basis": _amount(at["fair_on_this_basis"]),
        "market less fair": _signed(wedge["total"]),
        "80 %": _range(wedge["low"], wedge["high"]),
        "P(market below fair)": NONE if below is None else f"{below:.0%}",
        "basis": at["basis"].split(", ")[1],
        "evidence": quote["evidence"],
        "from": escape(quote["source_basis"]),
        "last quote": quote["quote_day"] or NONE,
    }


def _wedges(answer: Answer) -> Table:
    found = {region: at["wedge"]["parts"] for region, at in answer["markets"].items() if at["wedge"]["parts"]}
    columns = [column for region in found for column in (REGION_WORDS[region], "80 %")]
    table = _table("What the wedge is made of", "part", *columns, words=1)
    for parts in zip(*found.values(), strict=True):
        cells = [cell for part in parts for cell in (_signed(part["value"]), _range(part["low"], part["high"]))]
        table.add_row(parts[0]["title"].partition(":")[0], *cells)
    return table


def _incentive(answer: Answer) -> Table:
    columns = ("price", "range", "heavy credit", "without")
    table = _table("Incentive price outside China by supply", "t/y", "marginal project", *columns)
    for step in answer["incentive"]:
        table.add_row(
            f"{step['tonnes_per_year']:,.0f}",
            escape(_words(step["marginal_project"])),
            _amount(step["price"]),
            _range(step["low"], step["high"]),
            _amount(step["heavy_credit"]),
            _amount(step["price_without_heavy_credit"]),
        )
    return table


def _stacks(stacks: list[Answer]) -> Table:
    """Return the totals by route and variant; the parts of each are in the JSON answer."""
    columns = list(dict.fromkeys(VARIANT_WORDS.values()))
    table = _table(f"Normal values, {stacks[0]['unit']}; --json has every part", "route", *columns, words=1)
    totals = {(stack["route"], VARIANT_WORDS[stack["variant"]]): stack["total"] for stack in stacks}
    for route in dict.fromkeys(stack["route"] for stack in stacks):
        table.add_row(_words(route), *(_amount(totals.get((route, column))) for column in columns))
    return table


def _payments(answer: Answer) -> Table:
    columns = ("reference", "shortfall", "t", "payment USD")
    title = f"Payments to the seller, prices in {answer['floor']['basis']}"
    table = _table(title, "up to", "settled on", *columns)
    for paid in answer["payments"]:
        table.add_row(
            *(paid["last_day"], paid["settled_on"]),
            *(_amount(paid["reference"]), _amount(paid["shortfall"])),
            *(f"{paid['tonnes']:,.1f}", _amount(paid["payment_usd"])),
        )
    return table


def _unchanged(fair: Answer) -> Text:
    held = fair["with_floor"]
    point = _amount(held["value"]) if held["value"] is not None else "no point"
    band = f"80 % {_range(held['low'], held['high'])}" if held["low"] is not None else "no band"
    return Text(f"Fair price with the floor: {point}, {band}, {fair['basis']}: unchanged. {fair['why']}")


def _split(totals: Answer) -> str:
    words = {"on_history_usd": "history", "on_history_and_deck_usd": "history and deck", "on_deck_usd": "deck"}
    return ", ".join(f"{totals[name]:,.2f} on {word}" for name, word in words.items())


def _deck(deck: Answer) -> str:
    held = f" at {deck['flat_usd_per_kg']:,.2f} {deck['basis']}" if deck["flat_usd_per_kg"] is not None else ""
    months = f", {len(deck['prices_usd_per_kg'])} stated prices" if deck["prices_usd_per_kg"] else ""
    return escape(f"{deck['kind']}{held}{months}; {deck['source']}.")


def _notes(answer: Answer) -> list[RenderableType]:
    flags = [Text(f"! {flag['text']}", style="yellow") for flag in answer["flags"]]
    model = answer["model"]
    origin = f"model {model['name']} {model['version']} ({model['source']}), bundle {model['bundle'][:12]}"
    return [*flags, Text(f"quote {answer['quote_id']}\n{origin}, method {answer['method']}", style="dim")]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _amount(value: float | None) -> str:
    return NONE if value is None else f"{value:,.2f}"


def _signed(value: float | None) -> str:
    return NONE if value is None else f"{value:+,.2f}"


def _range(low: float | None, high: float | None) -> str:
    return NONE if low is None or high is None else f"{low:,.2f} to {high:,.2f}"
