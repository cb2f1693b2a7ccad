"""Ladders and tariffs as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from serving.terminal import NONE, of_range, origin
from serving.terminal_tables import new_table

Answer = dict[str, Any]
DIGITS = 7  # significant, as many as a stoichiometric ratio is stated with


def ladder(answer: Answer) -> RenderableType:
    """Return the price of every stage, how it follows, and what to state for the others."""
    start = answer["start"]
    title = f"[b]{answer['material']}[/b] from {_start(start)}"
    linked = (Text(rung["how"], style="dim") for rung in answer["rungs"] if rung["stage"] != start["stage"])
    parts: list[RenderableType] = [title, _rungs(answer), *linked]
    if answer["basket"] is not None:
        parts.append(_basket(answer["basket"]))
    if answer["per_unit"] is not None:
        parts.append(_per_unit(answer["per_unit"]))
    missing = (f"{one['stage']}: not priced; state {', '.join(one['needs'])}." for one in answer["not_priced"])
    return Group(*parts, *(Text(told, style="dim") for told in missing), *_notes(answer))


def tariff(answer: Answer) -> RenderableType:
    """Return the tariff that meets the reference at each stage, and the landed price at a rate."""
    rated = any(line["at_rate"] for line in answer["lines"])
    heads = ("dutiable", "beside", "reference", "tariff", *(("duty", "landed") if rated else ()))
    duty = f", duty on {answer['duty_on'].upper()}" if answer["duty_on"] else ""
    table = new_table(f"{answer['material']}, USD/kg of the stage{duty}", "stage", *heads, words=1)
    for line in answer["lines"]:
        percent = NONE if line["rate_percent"] is None else f"{line['rate_percent']:,.1f} %"
        at = line["at_rate"] or {}
        cells = [line["dutiable_usd_per_kg"], line["free_of_duty_usd_per_kg"], line["reference_usd_per_kg"]]
        after = [at.get("duty_usd_per_kg"), at.get("landed_usd_per_kg")] if rated else []
        table.add_row(line["stage"], *map(_amount, cells), percent, *map(_amount, after))
    told = [Text(f"{line['stage']}: {line['says']} From {'; '.join(line['steps'])}.") for line in answer["lines"]]
    reference = [f"Reference: {_start(answer['reference'])}"] if answer["reference"] else []
    return Group(table, *told, *reference, *_notes(answer))


def _start(start: Answer) -> str:
    point = f"{start['usd_per_kg']:,.2f}" if start["usd_per_kg"] is not None else "no price"
    return f"{start['stage']} at {point}: {escape(start['basis'])}."


def _rungs(answer: Answer) -> RenderableType:
    banded = any(rung["low"] is not None for rung in answer["rungs"])
    changed = any(rung["change_usd_per_kg"] is not None for rung in answer["rungs"])
    heads = ["price", *(["80 %"] if banded else []), *(["change"] if changed else []), "per dollar"]
    table = new_table("USD/kg, carbonate per kg TREO", "stage", *heads, words=1)
    for rung in answer["rungs"]:
        band = [of_range(rung["low"], rung["high"])] if banded else []
        change = [_amount(rung["change_usd_per_kg"], "+")] if changed else []
        table.add_row(rung["stage"], _amount(rung["usd_per_kg"]), *band, *change, f"{rung['per_dollar_at_start']:,.4f}")
    return table


def _basket(basket: Answer) -> Text:
    worth = ", ".join(f"{name} {value:,.2f}" for name, value in basket["parts"].items())
    told = f"Basket {basket['usd_per_kg_treo']:,.2f} USD/kg TREO ({worth}); paid {basket['paid_usd_per_kg_treo']:,.2f}"
    return Text(f"{told} at {basket['payable_share']:.0%} payable.")


def _per_unit(unit: Answer) -> Text:
    told = f"{unit['kg']:,g} kg of {unit['stage']} a unit"
    price = f", {unit['usd']:,.2f} USD" if unit["usd"] is not None else ""
    change = f", {unit['change_usd']:+,.2f} USD with the change" if unit["change_usd"] is not None else ""
    return Text(f"{told}{price}{change}.")


def _notes(answer: Answer) -> Iterator[Text]:
    for number in answer["numbers"]:
        if number["as_of"] is not None:
            low, value, high = (f"{number[end]:.{DIGITS}g}" for end in ("low", "value", "high"))
            band = "" if low == high else f" ({low} to {high})"
            told = f"{number['path']} {value}{band} {number['unit']}: {number['source']}."
            yield Text(told, style="dim")
    for flag in answer["flags"]:
        yield Text(f"! {flag['text']}", style="yellow")
    yield Text(f"Rounding: {answer['rules']['rounding']}.", style="dim")
    if answer["model"] is not None:
        yield origin(answer["model"])


def _amount(value: float | None, sign: str = "") -> str:
    return NONE if value is None else f"{value:{sign},.2f}"
