"""A price answer on the screen: fair prices, the markets beside them, what the wedge is made of, costs."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from serving.terminal import NONE, STATUS_FLAGS, Answer, notes, of_range, price_text, signed
from serving.terminal_tables import new_table

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
    return Group(*parts, *notes(answer))


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
    point = "" if one["value"] is None else f"{price_text(one['value'])}, "
    return f"{one['assumptions']} ({point}{moved})"


def _point(point: Answer) -> tuple[str, str]:
    interval = point["interval_80"]
    return price_text(point["value"]), of_range(*interval) if interval else NONE


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
        "market": price_text(quote["value"]),
        "its range": of_range(quote["low"], quote["high"]),
        "fair on this basis": price_text(at["fair_on_this_basis"]),
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
            price_text(step["price"]),
            of_range(step["low"], step["high"]),
            price_text(step["heavy_credit"]),
            price_text(step["price_without_heavy_credit"]),
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
        table.add_row(_words(route), *(price_text(totals.get((route, column))) for column in columns))
    return table


def _words(name: str) -> str:
    return name.replace("_", " ")


def _chance(value: float | None) -> str:
    """Return a probability in percent; one from a finite number of draws is never written as certain."""
    if value is None:
        return NONE
    return "below 1%" if value < FIRST_PERCENT else "above 99%" if value > 1 - FIRST_PERCENT else f"{value:.0%}"
