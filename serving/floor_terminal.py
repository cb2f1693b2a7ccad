"""The payments of a floor on the screen."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from serving.terminal import NONE, Answer, notes, of_range, price_text
from serving.terminal_tables import new_table


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
    return Group(title, _payments(answer), *lines, _unchanged(answer["fair_price"]), *notes(answer))


def _payments(answer: Answer) -> Table:
    columns = ("reference", "shortfall", "t", "payment USD")
    title = f"Payments to the seller, prices in {answer['floor']['basis']}"
    table = new_table(title, "up to", "settled on", *columns)
    for paid in answer["payments"]:
        table.add_row(
            *(paid["last_day"], paid["settled_on"]),
            *(price_text(paid["reference"]), price_text(paid["shortfall"])),
            *(f"{paid['tonnes']:,.1f}", _amount(paid["payment_usd"])),
        )
    return table


def _unchanged(fair: Answer) -> Text:
    held = fair["with_floor"]
    point = price_text(held["value"]) if held["value"] is not None else "no point"
    band = f"80 % {of_range(held['low'], held['high'])}" if held["low"] is not None else "no band"
    return Text(f"Fair price with the floor: {point}, {band}, {fair['basis']}: unchanged. {fair['why']}")


def _split(totals: Answer) -> str:
    words = {"on_history_usd": "history", "on_history_and_deck_usd": "history and deck", "on_deck_usd": "deck"}
    return ", ".join(f"{totals[name]:,.2f} on {word}" for name, word in words.items())


def _deck(deck: Answer) -> str:
    held = f" at {deck['flat_usd_per_kg']:,.2f} {deck['basis']}" if deck["flat_usd_per_kg"] is not None else ""
    months = f", {len(deck['prices_usd_per_kg'])} stated prices" if deck["prices_usd_per_kg"] else ""
    return escape(f"{deck['kind']}{held}{months}; {deck['source']}.")


def _amount(value: float | None) -> str:
    return NONE if value is None else f"{value:,.2f}"
