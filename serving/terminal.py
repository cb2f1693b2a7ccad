"""Answers as a person reads them in 80 columns: the basis above each table, flags last, and no digit ever cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pricing.errors import FairPriceError, InputError
from serving.terminal_tables import fitted, new_table, width_of

Answer = dict[str, Any]
NONE = "-"
STATUS_FLAGS = ("band", "refused")  # told first; the other flags stand last
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
FIRST_PERCENT = 0.01
WHOLE_FROM = 10_000  # prices per tonne and in yen: no decimals, the JSON answer has them
HISTORY_DIGITS = 4  # significant, so that a month is one line
PARTS = {
    "subsidy_explicit": "grants, tax breaks",
    "support_financing": "credit, land, energy",
    "support_plant_capital": "plant, capital",
    "environment": "unpaid abatement",
    "production_quota": "production quotas",
    "illegal_output": "illegal output",
    "export_duty_and_quota": "export duty, quota",
    "export_licence": "export licences",
    "vat_not_refunded": "VAT on exports",
    "stockpiling": "stockpiling",
    "western_responses": "Western responses",
    "capacity_and_start": "capacity, start",
    "unexplained": "unexplained",
    "resting_on_priors": "on priors, together",
}
PARTS_NOTE = (
    "Each part: what that distortion adds (+) or takes away (-), 80 % of draws. capacity, start: plants not yet "
    "adjusted. unexplained: market less the model with every distortion on - panics, stocks, the model's own error."
)
INCENTIVE_NOTE = "without: were Dy and Tb to earn nothing; another project may then be the marginal one."
NEGATIVE_NOTE = "Below zero: credits for Dy and Tb exceed the costs."
MIXED_NOTE = "Per kg of all rare-earth oxides of the route together (REO), not per kg of this one."


def price(answer: Answer) -> RenderableType:
    """Return a price answer for the screen."""
    title = (
        f"[b]{answer['material']} {answer['form']}[/b] as of {answer['as_of']}: figures of {answer['month']}, "
        f"{answer['data_age_days']} days old. Amounts in {answer['currency']}/{answer['unit']}."
    )
    parts: list[RenderableType] = [title, *_status(answer)]
    if answer["status"] != "refused":
        parts.append(_fair(answer))
        parts.extend(_assumptions(answer))
    parts.append(_markets(answer))
    if answer["status"] != "refused":
        parts.append(_wedges(answer))
    if answer["incentive"]:
        parts.append(_incentive(answer))
    if answer["cost_stacks"]:
        parts.append(_stacks(answer["cost_stacks"]))
    return Group(*parts, *_notes(answer))


def history(answer: Answer) -> RenderableType:
    """Return a history for the screen; a month without a point says so where the point would stand."""
    table = new_table(
        f"{answer['material']}, {answer['basis']}; {answer['vintage']}",
        *("month", "fair", "80 %", "short", "China", "outside", "C-fair", "o-fair"),
        words=1,
    )
    table.caption = "fair: long run; short: with plants as they stand; C-fair, o-fair: market less fair."
    for row in answer["rows"]:
        point = row["fair_long_run_usd_per_kg"]
        table.add_row(
            row["month"],
            row["status"] if point is None else _brief(point),
            of_range(row["fair_long_run_p10_usd_per_kg"], row["fair_long_run_p90_usd_per_kg"], _brief),
            _brief(row["fair_short_run_usd_per_kg"]),
            _brief(row["market_china_usd_per_kg"]),
            _brief(row["market_ex_china_usd_per_kg"]),
            _brief(row["wedge_china_usd_per_kg"], "+"),
            _brief(row["wedge_ex_china_usd_per_kg"], "+"),
        )
    return Group(table, origin(answer["model"]))


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


def show(answer: RenderableType) -> None:
    """Print an answer: no wider than the terminal, nor than reads well; a table that is too wide is told in parts."""
    console = Console(highlight=False)
    console.width = width_of(console)
    console.print(fitted(console, answer, console.width), crop=False)


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


def _status(answer: Answer) -> Iterator[Text]:
    """Yield, above every number, why there is no point or no price."""
    for flag in answer["flags"]:
        if flag["code"] in STATUS_FLAGS:
            yield Text(flag["text"], style="yellow")


def _fair(answer: Answer) -> Table:
    table = new_table(
        f"Fair price, {answer['fair']['basis']}",
        *("support removed", "long run", "80 %", "short run", "80 %"),
        words=1,
    )
    for support, words in SET_WORDS.items():
        long_run, short_run = answer["fair"]["long_run"][support], answer["fair"]["short_run"][support]
        table.add_row(words, *_point(long_run), *_point(short_run))
    return table


def _assumptions(answer: Answer) -> Iterator[Text]:
    """Yield the range over assumption sets as one line, where there is one."""
    if answer["assumption_range"] is not None:
        low, high = (_assumed(answer["assumption_range"][end]) for end in ("low", "high"))
        yield Text(f"If other things counted: from {low} to {high}.\n", style="dim")


def _assumed(one: Answer) -> str:
    moved = f"{100 * (one['over_headline'] - 1):+.0f} %"
    point = "" if one["value"] is None else f"{_price(one['value'])}, "
    return f"{one['assumptions']} ({point}{moved})"


def _point(point: Answer) -> tuple[str, str]:
    interval = point["interval_80"]
    return _price(point["value"]), of_range(*interval) if interval else NONE


def _markets(answer: Answer) -> Table:
    table = new_table(
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
        "market": _price(quote["value"]),
        "its range": of_range(quote["low"], quote["high"]),
        "fair on this basis": _price(at["fair_on_this_basis"]),
        "market less fair": signed(wedge["total"]),
        "80 %": of_range(wedge["low"], wedge["high"]),
        "P(market below fair)": _chance(below),
        "basis": at["basis"].split(", ")[1],
        "evidence": quote["evidence"],
        "from": escape(quote["source_basis"]),
        "last quote": quote["quote_day"] or NONE,
    }


def _wedges(answer: Answer) -> Table:
    """Return the parts per region; a band leaves the points out."""
    found = {region: at["wedge"]["parts"] for region, at in answer["markets"].items() if at["wedge"]["parts"]}
    pointed = answer["status"] == "estimate"
    heads = [("China", "outside")[region == "ex_china"] for region in found]
    columns = [column for head in heads for column in ((head, "80 %") if pointed else (f"{head}, 80 %",))]
    table = new_table("What the wedge is made of", "part", *columns, words=1)
    table.caption = f"{PARTS_NOTE}\n"
    for parts in zip(*found.values(), strict=True):
        cells = [(signed(part["value"]), of_range(part["low"], part["high"])) for part in parts]
        table.add_row(PARTS[parts[0]["item"]], *(text for cell in cells for text in (cell if pointed else cell[1:])))
    return table


def _incentive(answer: Answer) -> Table:
    columns = ("price", "range", "heavy credit", "without")
    table = new_table("Incentive price outside China by supply", "t/y", "marginal project", *columns)
    table.caption = f"{INCENTIVE_NOTE}\n"
    for step in answer["incentive"]:
        table.add_row(
            f"{step['tonnes_per_year']:,.0f}",
            escape(_words(step["marginal_project"])),
            _price(step["price"]),
            of_range(step["low"], step["high"]),
            _price(step["heavy_credit"]),
            _price(step["price_without_heavy_credit"]),
        )
    return table


def _stacks(stacks: list[Answer]) -> Table:
    """Return the totals by route and variant; the parts of each are in the JSON answer."""
    columns = list(dict.fromkeys(VARIANT_WORDS.values()))
    table = new_table(f"Normal values, {stacks[0]['unit']}; --json has every part", "route", *columns, words=1)
    totals = {(stack["route"], VARIANT_WORDS[stack["variant"]]): stack["total"] for stack in stacks}
    negative = NEGATIVE_NOTE if min(totals.values()) < 0 else ""
    note = MIXED_NOTE if " REO," in stacks[0]["unit"] else negative
    table.caption = f"{note}\n" if note else None
    for route in dict.fromkeys(stack["route"] for stack in stacks):
        table.add_row(_words(route), *(_price(totals.get((route, column))) for column in columns))
    return table


def _payments(answer: Answer) -> Table:
    columns = ("reference", "shortfall", "t", "payment USD")
    title = f"Payments to the seller, prices in {answer['floor']['basis']}"
    table = new_table(title, "up to", "settled on", *columns)
    for paid in answer["payments"]:
        table.add_row(
            *(paid["last_day"], paid["settled_on"]),
            *(_price(paid["reference"]), _price(paid["shortfall"])),
            *(f"{paid['tonnes']:,.1f}", _amount(paid["payment_usd"])),
        )
    return table


def _unchanged(fair: Answer) -> Text:
    held = fair["with_floor"]
    point = _price(held["value"]) if held["value"] is not None else "no point"
    band = f"80 % {of_range(held['low'], held['high'])}" if held["low"] is not None else "no band"
    return Text(f"Fair price with the floor: {point}, {band}, {fair['basis']}: unchanged. {fair['why']}")


def _split(totals: Answer) -> str:
    words = {"on_history_usd": "history", "on_history_and_deck_usd": "history and deck", "on_deck_usd": "deck"}
    return ", ".join(f"{totals[name]:,.2f} on {word}" for name, word in words.items())


def _deck(deck: Answer) -> str:
    held = f" at {deck['flat_usd_per_kg']:,.2f} {deck['basis']}" if deck["flat_usd_per_kg"] is not None else ""
    months = f", {len(deck['prices_usd_per_kg'])} stated prices" if deck["prices_usd_per_kg"] else ""
    return escape(f"{deck['kind']}{held}{months}; {deck['source']}.")


def _notes(answer: Answer) -> list[RenderableType]:
    flags = [flag for flag in answer["flags"] if flag["code"] not in STATUS_FLAGS]
    whole = Text(f"quote {answer['quote_id']}", style="dim", no_wrap=True, overflow="ignore")  # to be copied
    return [*(Text(f"! {flag['text']}", style="yellow") for flag in flags), whole, origin(answer["model"])]


def origin(model: Answer) -> Text:
    """Return which model answered."""
    words = f"model {model['name']} {model['version']} ({model['source']}), bundle {model['bundle'][:12]}"
    return Text(f"{words}, method {model['method']}", style="dim")


def data_lines(answer: Answer) -> Iterator[Text]:
    """Yield the model and the data that an answer rests on; nothing where every price was the caller's."""
    if answer["model"] is not None:
        yield origin(answer["model"])
        yield Text(f"data {answer['snapshot'][:12]}", style="dim")


def _words(name: str) -> str:
    return name.replace("_", " ")


def _amount(value: float | None) -> str:
    return NONE if value is None else f"{value:,.2f}"


def _price(value: float | None, sign: str = "") -> str:
    if value is None:
        return NONE
    return f"{value:{sign},.0f}" if abs(value) >= WHOLE_FROM else f"{value:{sign},.2f}"


def _brief(value: float | None, sign: str = "") -> str:
    if value is None:
        return NONE
    whole = len(f"{abs(value):.0f}")
    return f"{value:{sign},.{min(2, max(0, HISTORY_DIGITS - whole))}f}"


def signed(value: float | None, sign: str = "+") -> str:
    """Return a price with its sign."""
    return _price(value, sign)


def _chance(value: float | None) -> str:
    """Return a probability in percent; one from a finite number of draws is never written as certain."""
    if value is None:
        return NONE
    return "below 1%" if value < FIRST_PERCENT else "above 99%" if value > 1 - FIRST_PERCENT else f"{value:.0%}"


def of_range(low: float | None, high: float | None, written: Callable[[float], str] = _price) -> str:
    """Return a band; a dash where there is none."""
    return NONE if low is None or high is None else f"{written(low)} to {written(high)}"
