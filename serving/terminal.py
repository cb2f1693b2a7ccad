"""Answers as a person reads them in a terminal: two decimals, the basis above each table, flags last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pricing.errors import FairPriceError, InputError

Answer = dict[str, Any]
NONE = "-"
SET_WORDS = {
    "explicit": "explicit support removed",
    "financing": "+ financing, land and energy",
    "market_economy": "+ plant and capital at market-economy cost (headline)",
}
REGION_WORDS = {"china": "China", "ex_china": "outside China"}


def price(answer: Answer) -> RenderableType:
    """Return a price answer for the screen."""
    title = (
        f"[b]{answer['material']} {answer['form']}[/b] as of {answer['as_of']}: figures of {answer['month']}, "
        f"{answer['data_age_days']} days old. Amounts in {answer['currency']}/{answer['unit']}."
    )
    parts: list[RenderableType] = [title, _fair(answer), _markets(answer), _wedges(answer)]
    if answer["incentive"]:
        parts.append(_incentive(answer))
    parts += [_stacks(stacks) for stacks in _by_unit(answer["cost_stacks"])]
    return Group(*parts, *_notes(answer))


def history(answer: Answer) -> RenderableType:
    """Return a history for the screen."""
    table = Table(title=f"{answer['material']}: {answer['basis']}\n{answer['vintage']}", title_justify="left")
    for name in ("month", "status", "fair, long run", "80 %", "fair, today's capacities"):
        table.add_column(name, justify="right" if "fair" in name else "left")
    for name in ("China", "outside", "wedge China", "wedge outside"):
        table.add_column(name, justify="right")
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
    terms, totals, fair = answer["floor"], answer["totals"], answer["fair_price"]
    title = (
        f"[b]Floor {terms['amount']:,.2f} {terms['basis']}[/b] on {terms['reference']}, {terms['settlement']}, "
        f"{terms['tonnes_per_year']:,.0f} t a year, {terms['first_day']} to {terms['last_day']}, as of "
        f"{answer['as_of']}"
    )
    lines = [f"Total [b]{totals['total_usd']:,.2f} USD[/b]: {_split(totals)}."]
    if totals["present_value_usd"] is not None:
        worth = f"{totals['present_value_usd']:,.2f} USD at {totals['discount_rate']:.2%} a year"
        lines.append(f"Present value {worth}: {answer['rules']['present_value']}.")
    lines.append(f"Deck: {_deck(answer['deck'])}")
    unchanged = fair["with_floor"]
    lines.append(
        f"Fair price with the floor {_amount(unchanged['value'])} {_range(unchanged['low'], unchanged['high'])} "
        f"{fair['basis']}: unchanged. {fair['why']}"
    )
    return Group(title, _payments(answer), *lines, *_notes(answer))


def faults(fault: FairPriceError) -> RenderableType:
    """Return what is wrong with a request for the screen."""
    if not isinstance(fault, InputError):
        return Text(str(fault))
    return Text("\n".join(str(one) for one in fault.faults))


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


def _fair(answer: Answer) -> Table:
    table = Table(title=f"Fair price: {answer['fair']['basis']}", title_justify="left")
    table.add_column("support removed")
    for name in ("long run", "80 %", "today's capacities", "80 % "):
        table.add_column(name, justify="right")
    for support, words in SET_WORDS.items():
        long_run, short_run = answer["fair"]["long_run"][support], answer["fair"]["short_run"][support]
        table.add_row(words, *_point(long_run), *_point(short_run))
    return table


def _point(point: Answer) -> tuple[str, str]:
    interval = point["interval_80"]
    return _amount(point["value"]), _range(*interval) if interval else NONE


def _markets(answer: Answer) -> Table:
    table = Table(title="Market beside it, each region on its own basis", title_justify="left")
    for name in ("region", "basis"):
        table.add_column(name)
    for name in ("market", "range", "fair here", "wedge", "P(market < fair)"):
        table.add_column(name, justify="right")
    table.add_column("evidence")
    for region, at in answer["markets"].items():
        quote, below = at["market"], at["p_market_below_fair"]
        table.add_row(
            REGION_WORDS[region],
            at["basis"],
            _amount(quote["value"]),
            _range(quote["low"], quote["high"]),
            _amount(at["fair_on_this_basis"]),
            _signed(at["wedge"]["total"]),
            NONE if below is None else f"{below:.0%}",
            escape(f"{quote['evidence']}, {quote['source_basis']}, {quote['quote_day'] or 'no day'}"),
        )
    return table


def _wedges(answer: Answer) -> Table:
    table = Table(title="What the wedge is made of (80 % of draws)", title_justify="left")
    table.add_column("part")
    found = {region: at["wedge"]["parts"] for region, at in answer["markets"].items() if at["wedge"]["parts"]}
    for region in found:
        table.add_column(REGION_WORDS[region], justify="right")
        table.add_column("80 %", justify="right")
    for parts in zip(*found.values(), strict=True):
        cells = [cell for part in parts for cell in (_signed(part["value"]), _range(part["low"], part["high"]))]
        table.add_row(parts[0]["title"], *cells)
    return table


def _incentive(answer: Answer) -> Table:
    table = Table(title="Incentive price outside China, by tonnes a year", title_justify="left")
    for name in ("t NdPr oxide", "price", "range", "heavy credit at fair", "at zero"):
        table.add_column(name, justify="right")
    table.add_column("marginal project")
    for step in answer["incentive"]:
        table.add_row(
            f"{step['tonnes_per_year']:,.0f}",
            _amount(step["price"]),
            _range(step["low"], step["high"]),
            _amount(step["heavy_credit_at_fair"]),
            _amount(step["heavy_credit_zero"]),
            escape(step["marginal_project"]),
        )
    return table


def _by_unit(stacks: list[Answer]) -> list[list[Answer]]:
    units = dict.fromkeys(stack["unit"] for stack in stacks)
    return [[stack for stack in stacks if stack["unit"] == unit] for unit in units]


def _stacks(stacks: list[Answer]) -> Table:
    components = list(dict.fromkeys(part["component"] for stack in stacks for part in stack["parts"]))
    table = Table(title=f"Normal values: {stacks[0]['unit']}", title_justify="left")
    for name in ("route", "variant"):
        table.add_column(name)
    for name in (*components, "total"):
        table.add_column(name, justify="right")
    for stack in stacks:
        spent = [sum(part["value"] for part in stack["parts"] if part["component"] == c) for c in components]
        table.add_row(stack["route"], stack["variant"], *map(_amount, spent), _amount(stack["total"]))
    return table


def _payments(answer: Answer) -> Table:
    table = Table(title=f"Payments to the seller; prices in {answer['floor']['basis']}", title_justify="left")
    for name in ("from", "to", "settled on"):
        table.add_column(name)
    for name in ("reference", "shortfall", "t", "payment USD"):
        table.add_column(name, justify="right")
    for paid in answer["payments"]:
        table.add_row(
            *(paid["first_day"], paid["last_day"], paid["settled_on"]),
            *(_amount(paid["reference"]), _amount(paid["shortfall"])),
            *(f"{paid['tonnes']:,.1f}", _amount(paid["payment_usd"])),
        )
    return table


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


def _amount(value: float | None) -> str:
    return NONE if value is None else f"{value:,.2f}"


def _signed(value: float | None) -> str:
    return NONE if value is None else f"{value:+,.2f}"


def _range(low: float | None, high: float | None) -> str:
    return NONE if low is None or high is None else f"{low:,.2f} to {high:,.2f}"
