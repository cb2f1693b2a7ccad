"""A solution, and a comparison, as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from serving.contracts.valuations.terminal import notes, usd
from serving.terminal import NONE, Answer, data_lines
from serving.terminal_tables import new_table

MONEY = "USD"


def solution_tables(answer: Answer) -> RenderableType:
    """Return a solution for the screen."""
    title = answer["solve"].replace("_", " ")
    head = f"[b]{title}[/b], {answer['tonnes']:,.1f} t, valued on {answer['as_of']} at {answer['discount_rate']:.1%}."
    parts: list[RenderableType] = [head, *(Text(words, style=style) for words, style in _solved(answer))]
    if answer["asks"] is not None:
        parts.append(Text(f"? {answer['asks']}", style="yellow"))
    return Group(*parts, _figures(answer), *notes(answer))


def comparison_tables(answer: Answer) -> RenderableType:
    """Return a comparison for the screen: one line a cell, then the faults of refused ones."""
    heads = ("to seller", "to buyer", "mean USD/kg", "vs first terms", "P10", "P90")
    table = new_table("Terms under outlooks, USD", "terms", "outlook", *heads)
    for cell in answer["cells"]:
        table.add_row(cell["terms"], cell["outlook"], *_cell(cell))
    table.caption = f"vs first terms: value to the seller under the same outlook; {answer['refused']} refused\n"
    refusals = (Text(line, style="red") for cell in answer["cells"] for line in _refusals(cell))
    assumed = (Text(f"  {one}", style="dim") for one in answer["assumptions"])
    flags = (Text(f"! {flag['text']}", style="yellow") for flag in answer["flags"])
    return Group(table, *refusals, *assumed, *flags, *data_lines(answer))


def _solved(answer: Answer) -> Iterator[tuple[str, str]]:
    for one in answer["solutions"]:
        under = "" if one["under"] is None else f", {one['under']}"
        if one["value"] is None:
            yield f"  {one['name']}{under}: none; {one['reason']}", "yellow"
            continue
        written = _number(one["value"], one["unit"])
        error = "" if one["standard_error"] is None else f" (standard error {one['standard_error']:g})"
        yield f"  {one['name']}{under}: {written} {one['unit']}{error}", "bold"


def _figures(answer: Answer) -> Table:
    table = new_table("Beside it", "what", "value", "unit")
    for one in answer["figures"]:
        table.add_row(one["name"].replace("_", " "), _number(one["value"], one["unit"]), one["unit"])
    return table


def _number(value: float, unit: str) -> str:
    if unit == MONEY:
        return usd(value)
    return f"{value:,.2f}" if unit == "USD/kg" else f"{value:.2%}"


def _cell(cell: Answer) -> Iterator[str]:
    found, against = cell["figures"], cell["against_first_terms"]
    if found is None:
        yield from ("refused", *[NONE] * 5)
        return
    yield usd(found["to_seller_usd"])
    yield usd(found["to_buyer_usd"])
    yield f"{found['usd_per_kg']:,.4f}"
    yield NONE if against is None else usd(against["to_seller_usd"])
    spread = found["present_value_to_seller_usd"]
    yield usd(spread["p10"])
    yield usd(spread["p90"])


def _refusals(cell: Answer) -> Iterator[str]:
    if cell["error"] is not None:
        yield f"{cell['terms']}, {cell['outlook']}: {cell['error']['message']}"
        for fault in cell["error"]["faults"]:
            yield f"   {fault['path']}: found {fault['found']}; allowed: {fault['allowed']}"
