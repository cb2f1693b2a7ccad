"""Scenarios as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from pricing.scenarios.targets import CHINA
from serving.floor_terminal import floor
from serving.scenarios.words import WHERE, between, percent, signed
from serving.terminal import NONE, of_range, origin
from serving.terminal_tables import new_table

Answer = dict[str, Any]
REGION_HEADS = {"china": "China", "ex_china": "outside"}
DATED_NOTE = "Means of the quarters in which an override holds; the bridge as well.\n"
LANDED_NOTE = "From China: with VAT that it keeps and freight, without what a licence is worth; others: as delivered.\n"
PRICES_NOTE = (
    "today: at today's plants; adjusted: once plants have adjusted. A band stands where the fair price is no point. "
    "The bridge: long-run fair price, markets at today's plants.\n"
)


def scenario(answer: Answer) -> RenderableType:
    """Return a scenario's answer: what moves, the bridge, and what follows."""
    title = f"[b]Scenario[/b] on the figures of {answer['month']}, {escape(answer['basis'])}."
    preset = [] if answer["preset"] is None else [Text(f"{answer['preset']['title']}:")]
    parts: list[RenderableType] = [title, *preset, *(Text(f"- {one['title']}") for one in answer["overrides"])]
    if not answer["overrides"]:
        parts.append(Text("- nothing: the baseline"))
    return Group(
        *parts,
        *_found(answer),
        *(_dated(answer) if answer["dated"] and _moves(answer) else ()),
        *_floor_moved(answer["floor"]),
        *_notes(answer),
    )


def any_scenario(answer: Answer) -> RenderableType:
    """Return the answer of a scenario, or of a floor alone."""
    return scenario(answer) if "scenario_id" in answer else floor(answer)


def batch(answer: Answer) -> RenderableType:
    """Return every scenario of a batch in its order, or what is wrong with it."""
    parts: list[RenderableType] = []
    for item in answer["scenarios"]:
        parts.append(Text(f"\n{item['index']}: {item['status']}", style="bold"))
        if item["error"] is None:
            told = any_scenario(item["answer"])
            parts += told.renderables if isinstance(told, Group) else [told]
        else:
            faults = item["error"]["faults"] or [{"path": "", "found": "", "allowed": item["error"]["message"]}]
            parts += [Text(f"{f['path']}: found {f['found']}; allowed: {f['allowed']}.", style="red") for f in faults]
    return Group(*parts)


def _moves(answer: Answer) -> bool:
    """Return whether any price moves in any quarter."""
    return any(line["moves_in"] for material in answer["materials"] for line in material["bridge"])


def _found(answer: Answer) -> Iterator[RenderableType]:
    for material in answer["materials"]:
        yield _prices(material)
        if any(line["moves_in"] for line in material["bridge"]):
            yield _bridge(material)
    yield Text(DATED_NOTE if answer["dated"] else PRICES_NOTE, style="dim")
    if answer["normal_values"]:
        yield _normal_values(answer)
        yield from _passed_through(answer)
    if any(step["difference"] for step in answer["incentive"]):
        yield _incentive(answer)
    if answer["payments"]:
        yield _payments(answer)
    if (landed := _landed(answer)) is not None:
        yield from (landed, Text(LANDED_NOTE, style="dim"))


def _prices(material: Answer) -> RenderableType:
    columns = ("", "baseline", "scenario", "difference", "change", "80 % of change")
    table = new_table(f"{material['material']}, USD/kg", *columns, words=1)
    table.columns[0].no_wrap = True
    now = "while it holds" if material["path"] else "today"
    for when, markets in ((now, "market"), ("adjusted", "market_adjusted")):
        for region, moved in material[markets].items():
            table.add_row(f"market {REGION_HEADS[region]}, {when}", *_cells(moved))
    if material["fair_short_run"] is not None:
        table.add_row("fair, short run", *_cells(material["fair_short_run"]))
    table.add_row(f"fair, {now if material['path'] else 'long run'}", *_cells(material["fair_long_run"]))
    for region, moved in material["wedge"].items():
        table.add_row(f"market less fair {REGION_HEADS[region]}", *_cells(moved, "+"))
    return table


def _bridge(material: Answer) -> RenderableType:
    columns = ("fair", "share", "China", "outside")
    table = new_table(f"{material['material']}, bridge, USD/kg: what each does alone", "", *columns, words=1)
    for line in material["bridge"]:
        if not line["moves_in"]:
            continue  # a flag says so
        markets = (_signed(line[f"market_{region}"]) for region in REGION_HEADS)
        table.add_row(escape(line["title"]), _signed(line["fair"]), _percent(line["fair_share"]), *markets)
    return table


def _normal_values(answer: Answer) -> RenderableType:
    table = new_table(
        "Normal values that move, USD/kg NdPr oxide, by-products credited; by value share beside",
        *("route", "variant", "baseline", "scenario", "difference", "by value share"),
    )
    for moved in answer["normal_values"]:
        numbers = (moved["baseline"], moved["scenario"])
        shared = _signed(moved["by_value_share"]["difference"])
        words = (_plain(moved["route"]), _plain(moved["variant"]))
        table.add_row(*words, *(_amount(value) for value in numbers), _between(moved), shared)
    return table


def _passed_through(answer: Answer) -> Iterator[RenderableType]:
    """Yield how much of what each override does to plants reaches the fair price."""
    for material in answer["materials"]:
        lines = [line for line in material["bridge"] if line["normal_value"] is not None]
        yield from (Text(line["words"]) for line in lines)
    yield Text("")


def _incentive(answer: Answer) -> RenderableType:
    columns = ("t/y", "marginal project", "baseline", "scenario", "difference")
    table = new_table("Incentive price outside China, USD/kg NdPr oxide", *columns)
    for step in answer["incentive"]:
        amounts = (_amount(step["baseline"]), _amount(step["scenario"]), _between(step))
        table.add_row(f"{step['tonnes_per_year']:,.0f}", _plain(step["project_scenario"]), *amounts)
    return table


def _payments(answer: Answer) -> RenderableType:
    columns = ("floor", "on", "baseline", "scenario", "difference", "80 % of scenario")
    table = new_table("What policy floors pay per kg covered, USD/kg", *columns)
    for paid in answer["payments"]:
        kind = "" if paid["draws_supply"] else ", draws no supply"
        amounts = (_amount(paid["baseline"]), _amount(paid["scenario"]), _between(paid))
        spread = NONE if paid["scenario_range"] is None else of_range(*paid["scenario_range"])
        place = f"market {WHERE[paid['region']]}"
        table.add_row(f"{paid['material']} {paid['floor']:,.2f}{kind}", place, *amounts, spread)
    return table


def _landed(answer: Answer) -> RenderableType | None:
    """Return what importers pay whose tariff is moved; None where none is."""
    moved = {row["importer"] for row in answer["landed"] if row["tariff_baseline"] != row["tariff_scenario"]}
    if not moved:
        return None
    columns = ("from", "tariff", "then", "baseline", "scenario", "difference")
    table = new_table("Landed prices, duty paid, USD/kg; of a magnet what NdPr is in it", "", *columns, words=2)
    for row in answer["landed"]:
        if row["importer"] in moved and row["price"]["baseline"]["value"] is not None:
            ends = {end: row["price"][end]["value"] for end in ("baseline", "scenario")}
            rates = (f"{100 * row[f'tariff_{end}']:.1f} %" for end in ends)
            what = f"{_plain(row['importer'])}, {row['material']} {row['stage']}"
            origin = "China" if row["origin"] == CHINA else row["origin"]
            table.add_row(what, origin, *rates, *(_amount(value) for value in ends.values()), _between(ends))
    return table


def _dated(answer: Answer) -> Iterator[RenderableType]:
    table = new_table("Furthest from the baseline, USD/kg", "", "quarter", *("baseline", "scenario", "change", "80 %"))
    for material in answer["materials"]:
        for peak in material["furthest"]:
            before, after, _, *change = _cells(peak["move"])
            table.add_row(
                f"{material['material']} {_price_words(peak['price'])}", peak["quarter"], before, after, *change
            )
    yield table
    heads = [f"{m['material']} {head}" for m in answer["materials"] for head in ("China", "outside", "fair")]
    path = new_table("Change by quarter", "", *heads, words=1)
    path.caption = "*: a quarter in which an override holds"
    for row in zip(*(material["path"] for material in answer["materials"]), strict=True):
        mark = "*" if row[0]["in_force"] else ""
        points = (p for quarter in row for p in (*quarter["market"].values(), quarter["fair"]))
        path.add_row(f"{row[0]['quarter']}{mark}", *(_percent(point["change"]) for point in points))
    yield path


def _floor_moved(moved: Answer | None) -> Iterator[RenderableType]:
    if moved is None:
        return
    terms = moved["floor"]
    yield Text(f"Floor {terms['amount']:,.2f} {terms['basis']} on {terms['reference']}. {moved['scaled_by']}")
    totals = [f"{moved[name]['total_usd']:,.2f} USD" for name in ("baseline", "scenario")]
    low, high = (f"{edge:,.2f}" for edge in moved["scenario_range_usd"])
    yield Text(
        f"It pays {totals[0]} at the baseline, {totals[1]} under the scenario: {signed(moved['difference_usd'])}; "
        f"over the 80 % range of the change {low} to {high}.\n"
    )


def _notes(answer: Answer) -> Iterator[RenderableType]:
    for precedent in answer["precedents"]:
        yield Text(f"Precedent: {precedent['words']} {precedent['note']}")
    for flag in answer["flags"]:
        yield Text(f"! {flag['text']}", style="yellow")
    for told in answer["approximations"]:
        yield Text(told, style="dim")
    if answer["preset"] is not None:
        yield Text(f"Preset {answer['preset']['name']}: {answer['preset']['note']}", style="dim")
    yield Text(f"scenario {answer['scenario_id']}", style="dim", no_wrap=True, overflow="ignore")
    yield origin(answer["model"])


def _cells(moved: Answer, sign: str = "") -> tuple[str, str, str, str, str]:
    change = moved["change"] or {"value": None, "low": None, "high": None}
    spread = NONE if change["low"] is None else f"{percent(change['low'])} to {percent(change['high'])}"
    before, after = (_ranged(moved[end], sign) for end in ("baseline", "scenario"))
    ends = {end: moved[end]["value"] for end in ("baseline", "scenario")}
    return before, after, _between(ends), _percent(change["value"]), spread


def _ranged(found: Answer, sign: str) -> str:
    if found["value"] is not None:
        return signed(found["value"]) if sign else _amount(found["value"])
    return NONE if found["low"] is None else of_range(found["low"], found["high"])


def _price_words(price: str) -> str:
    kind, _, region = price.partition(".")
    return f"{kind} {WHERE[region]}" if region else kind


def _amount(value: float | None) -> str:
    return NONE if value is None else f"{value:,.2f}"


def _between(moved: Answer) -> str:
    """Return the difference of a row as its two amounts are shown."""
    before, after = moved["baseline"], moved["scenario"]
    return NONE if before is None or after is None else signed(between(before, after))


def _signed(value: float | None) -> str:
    return NONE if value is None else signed(value)


def _percent(value: float | None) -> str:
    return NONE if value is None else percent(value)


def _plain(name: str) -> str:
    return escape(name.replace("_", " "))
