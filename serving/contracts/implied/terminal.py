"""What a reported payment implies, as a person reads it: the reference, or the grid and what is open."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from serving.terminal import Answer
from serving.terminal_tables import new_table


def implied_table(answer: Answer) -> RenderableType:
    """Return the reference behind a payment, or every reading that agrees with it."""
    table = new_table("Readings that agree with the payment, USD/kg", "volume", "VAT", "t", "implied", "as quoted")
    for one in answer["readings"]:
        prices = (f"{one['tonnes']:,.1f}", f"{one['implied_usd_per_kg']:,.2f}", f"{one['as_quoted_usd_per_kg']:,.2f}")
        table.add_row(one["volume_basis"], one["vat_basis"], *prices)
    told = [f"Implied reference: {answer['implied_usd_per_kg']:,.2f} USD/kg."] if answer["identified"] else []
    missing = [f"{one['path']}: found {one['found']}; state {one['allowed']}." for one in answer["missing"]]
    flags = [Text(f"! {flag['text']}", style="yellow") for flag in answer["flags"]]
    return Group(table, *map(Text, [*told, answer["says"], *missing]), *flags)
