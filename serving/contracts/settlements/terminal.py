"""A settlement as a person reads it: the terms in words, the cash flows, what stands beside them, flags last."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from serving.contracts.settlements.words import unit_of_goods
from serving.terminal import NONE, Answer, data_lines
from serving.terminal_tables import new_table

MOST_COLUMNS = 8  # references and clauses in one table; beyond them the table of clauses stands apart
SHOWN_STEPS = 12
COUNTS = (" fixings of ", " fixing of ")  # in a step that differs from period to period and says no rule


def settlement_tables(answer: Answer) -> RenderableType:
    """Return a settlement for the screen."""
    contract, totals = answer["contract"], answer["totals"]
    title = f"[b]{escape(contract['name'])}[/b], {contract['basis']}."
    words = [Text(f"  {word}", style="dim") for word in contract["words"]]
    parts: list[RenderableType] = [title, *words, _cash_flows(answer)]
    told = f"Total [b]{_usd(totals['usd'])} USD[/b], {totals['who_pays']}"
    net = (
        ""
        if totals["net_usd_per_kg"] is None
        else f"; net price of goods {totals['net_usd_per_kg']:,.2f} {unit_of_goods(answer)}"
    )
    by_year = ", ".join(f"{year} {_usd(usd)}" for year, usd in totals["by_year_usd"].items())
    parts += [f"{told}{net}.", Text(f"By year of delivery: {by_year}.")]
    if len(totals["by_clause_usd"]) > 1:
        by_clause = ", ".join(f"{clause} {_usd(usd)}" for clause, usd in totals["by_clause_usd"].items())
        parts.append(Text(f"By clause: {by_clause}."))
    parts += list(_beside(answer))
    return Group(*parts, *_notes(answer))


def _cash_flows(answer: Answer) -> Table:
    periods = answer["periods"]
    references = list(dict.fromkeys(ref["reference"] for one in periods for ref in one["references"]))
    clauses = list(dict.fromkeys(leg["clause"] for one in periods for leg in one["legs"]))
    shown = clauses if len(references) + len(clauses) <= MOST_COLUMNS else []
    heads = ("t", *references, *shown, "net USD")
    table = new_table("Cash flows, USD; positive: buyer pays seller", "period", "pays", *heads)
    for one in periods:
        prices = {ref["reference"]: _price(ref) for ref in one["references"]}
        paid = {leg["clause"]: _leg(leg) for leg in one["legs"]}
        table.add_row(
            one["period"],
            one["who_pays"].split()[0].replace("nobody", NONE),
            f"{one['tonnes']['priced']:,.1f}",
            *(prices.get(name, NONE) for name in references),
            *(paid.get(name, NONE) for name in shown),
            _usd(one["usd"]),
        )
    table.caption = "* on a fallback; d on a deck; c cut by a yearly cap\n"
    return table


def _price(reference: Answer) -> str:
    marks = ("*" if reference["fallback_step"] else "") + ("d" if reference["deck_months"] else "")
    return f"{reference['usd_per_kg']:,.2f}{marks}"


def _leg(leg: Answer) -> str:
    return f"{_usd(leg['usd'])}{'c' if leg['usd'] != leg['usd_before_cap'] else ''}"


def _beside(answer: Answer) -> Iterator[RenderableType]:
    yield from (Text(told) for one in answer["periods"] for told in _cut(one))
    told = (("years", _year), ("invoices", _invoice), ("true_ups", _true_up), ("reviews", _review), ("resets", _reset))
    for name, words in told:
        yield from (Text(words(one)) for one in answer[name])
    if answer["under_indices"]:
        yield _under(answer["under_indices"])
    yield from (Text(answer[name]["says"]) for name in ("slip", "volume_option") if answer[name])


def _cut(period: Answer) -> Iterator[str]:
    """Yield what fell away of a period's tonnes."""
    tonnes = period["tonnes"]
    yield from (f"{period['period']}: {note}." for note in tonnes["notes"])
    if tonnes["beyond_tolerance"]:
        yield f"{period['period']}: {tonnes['beyond_tolerance']:,.1f} t beyond the tolerance."


def _year(one: Answer) -> str:
    parts = ", ".join(f"{name} {amount:,.2f}" for name, amount in one["parts"].items())
    return f"{one['kind']} {one['year']}: {_usd(one['usd'])} USD, {one['who_pays']} ({parts})."


def _invoice(one: Answer) -> str:
    told = f"provisional {_usd(one['provisional_usd'])}, final {_usd(one['final_usd'])} USD"
    return f"Invoice {one['period']}: {told} ({one['change_usd_per_kg']:+,.2f} USD/kg)."


def _true_up(one: Answer) -> str:
    return f"True-up {one['period']}: {_usd(one['usd'])} USD, {one['who_pays']}."


def _review(one: Answer) -> str:
    held = f"Review of {one['clause']} on {one['day']} at {one['reference_usd_per_kg']:,.2f}"
    return f"{held}: {one['level_usd_per_kg']:,.2f} to {one['new_level_usd_per_kg']:,.2f}."


def _reset(one: Answer) -> str:
    moved = f"{one['level_usd_per_kg']:,.2f} to {one['new_level_usd_per_kg']:,.2f}"
    return f"{one['clause']} reset for the {one['favours']} from {one['from_period']}: {moved}."


def _under(found: Answer) -> RenderableType:
    table = new_table(f"{found['reference']} under each index", "index", "pays", "total USD", "difference", words=2)
    for one in found["settled"]:
        pays = (one["who_pays"] or "refused").split()[0]
        table.add_row(one["index"], pays, _usd(one["usd"]), _usd(one["difference_usd"]))
    told = [Text(f"{one['index']}: {r['path']}: {r['found']}.") for one in found["settled"] for r in one["refused"]]
    apart = [] if found["range_usd"] is None else [Text(f"Apart by {_usd(found['range_usd'])} USD.")]
    return Group(table, *apart, *told)


def _notes(answer: Answer) -> Iterator[Text]:
    steps = dict.fromkeys(
        f"{ref['reference']}: {'; '.join(step for step in ref['steps'] if not any(count in step for count in COUNTS))}."
        for one in answer["periods"]
        for ref in one["references"]
    )
    for step in list(steps)[:SHOWN_STEPS]:
        yield Text(step, style="dim")
    if len(steps) > SHOWN_STEPS:
        yield Text(f"and {len(steps) - SHOWN_STEPS} more; --json has every step.", style="dim")
    for flag in answer["flags"]:
        yield Text(f"! {flag['text']}", style="yellow")
    yield Text(f"Rounding: {answer['rules']['rounding']}.", style="dim")
    yield Text(answer["settlement_id"], style="dim", no_wrap=True, overflow="ignore")
    yield from data_lines(answer)


def _usd(amount: float | None) -> str:
    return NONE if amount is None else f"{amount:,.2f}"
