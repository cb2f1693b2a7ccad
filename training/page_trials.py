"""Tables of the page on trials, printed from the tables that a run of the trials wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pricing.market.history import Evidence
from training.assumption_range import HEADLINE
from training.likeness import BY_CALIBRATION
from training.page_markdown import NONE, interval, money, percent, share, table
from training.tornado import REST
from training.trials import refits
from training.trials.comparisons import MISS, RISE, SLOPE
from training.trials.episodes import PRICE
from training.trials.outcome import Outcome

Cells = Mapping[tuple[str, ...], "pd.Series[Any]"]
NOTHING = "0"
ASSUMED = "~"  # before the move of a line that rests on priors alone
SWINGS = 8  # parameters of a material in the table
REGIONS = {"china": "China", "ex_china": "ex-China"}
VINTAGES = {"as_known": "as known", "latest": "latest"}
VARIANTS = {
    refits.SECOND_SEED: "another seed, nothing else: the noise",
    refits.EARLY: "data to June 2025 only",
    refits.NO_EXPORT_QUOTES: "no export quotes",
    refits.RUN_UP: "market 30 % higher, last 12 months",
    refits.RUN_UP_COUNTED: "market 30 % higher, last full year of evidence",
    refits.RUN_UP_AGAIN: "market 30 % higher, last full year of evidence, other seed",
}
DISPUTED = {
    refits.ILLEGAL_LOW: "illegal output low (Adamas)",
    refits.ILLEGAL_HIGH: "illegal output high (Kingsnorth)",
    refits.FOB_NO_VAT: "FOB without VAT since August 2025",
    refits.FOB_SECOND: "FOB of the other publisher since August 2025",
}
CLOUDS = ("seen as poorly", "calibration")
LIKENESS = {
    "price_miss": "yearly miss",
    "price_persistence": "its persistence",
    "price_swing": "swing within a year",
    "price_variance": "ln of yearly changes, model over market",
}
WORDS = {
    SLOPE: "slope of 12-month changes of fair on market",
    RISE: "answer to the made-up rise",
    MISS: "miss of the model with all distortions on",
}


def blocks(found: Outcome) -> dict[str, str]:
    """Return the tables by the name of their block."""
    moves = {f"event-{month}": event(found, month) for month in found.model["events"]}
    rows = {f"rows-{material}": yardstick(found, material) for material in found.model["materials"]}
    owed = {f"tornado-{material}": swings(found, material) for material in found.model["materials"]}
    others = {
        "model": model(found),
        "windows": windows(found),
        "verdicts": verdicts(found),
        "anchors": anchors(found),
        "changes": changes(found, VARIANTS),
        "disputed": changes(found, DISPUTED),
        "range": assumption_range(found),
        "identified": identified(found),
        "likeness": likeness(found),
        "not-identified": not_identified(found),
    }
    return moves | rows | owed | others


def model(found: Outcome) -> str:
    """Return which data and fits stand behind the page."""
    m = found.model
    return (
        f"Dataset `{m['dataset_digest'][:12]}` (last day {m['last_day']}), months {m['first_month']} to "
        f"{m['last_month']}, {m['draws']:,} draws, seed {m['seed']} for every fit but one."
    )


def verdicts(found: Outcome) -> str:
    """Return every number that has a limit, and whether it holds."""
    head = ["number", "material", "where", "value", "limit", "holds"]
    rows = []
    for name, words in WORDS.items():
        for _, row in found.verdicts[found.verdicts["name"] == name].iterrows():
            where = REGIONS.get(row["region"]) or VARIANTS[row["region"]].removeprefix("market 30 % higher, ")
            held = NONE if np.isnan(row["value"]) else "yes" if abs(row["value"]) <= row["limit"] else "**no**"
            rows.append([words, row["material"], where, *_pair(row, as_percent=name == RISE), held])
    return table(head, rows)


def _pair(row: pd.Series, *, as_percent: bool) -> tuple[str, str]:
    if as_percent:
        return f"{100 * row['value']:+.1f} %", f"{100 * row['limit']:.0f} %"
    return share(row["value"]), share(row["limit"])


def windows(found: Outcome) -> str:
    """Return the events, and how many months on each side they are looked at through."""
    rows = [[month, label, str(before), str(after)] for month, (label, before, after) in found.model["events"].items()]
    return table(["event", "what", "months before", "months from it on"], rows)


def event(found: Outcome, month: str) -> str:
    """Return the moves around one event, a column per material and region: the move, and its rank by size."""
    rows = found.episodes[found.episodes["event"] == month]
    columns = list(dict.fromkeys(zip(rows["material"], rows["region"], strict=True)))
    head = ["", *(f"{material}, {REGIONS[region]}" for material, region in columns)]
    cells = _by(rows, "item", "material", "region")
    items = dict.fromkeys(rows["item"])
    return table(head, [[_words(item), *(_move(cells[item, *column]) for column in columns)] for item in items])


def _move(row: pd.Series) -> str:
    if np.isnan(row["move"]):
        return NONE
    if row["move"] == 0:
        return NOTHING
    size = percent(float(np.exp(row["move"]))) if row["kind"] == PRICE else f"{row['move']:+.1f}"
    assumed = ASSUMED if row["rests_on"] == Evidence.PRIOR else ""
    return f"{assumed}{size} ({row['rank']:.0f} of {row['placebos'] + 1:.0f})"


def _words(item: str) -> str:
    return "**market less fair**" if item == "total" else item.replace("_", " ")


def yardstick(found: Outcome, material: str) -> str:
    """Return every row that a fair price is compared with, by region."""
    head = ["row", "region", "slope on market", "on market, cost held", "on cost, market held"]
    head += ["correlation with cost", "market returns to it"]
    rows = found.yardsticks[found.yardsticks["material"] == material]
    measures = ("slope", "on_market", "on_cost", "with_cost", "returns")
    return table(
        head, [[row["row"], REGIONS[row["region"]], *(share(row[m]) for m in measures)] for _, row in rows.iterrows()]
    )


def changes(found: Outcome, variants: dict[str, str]) -> str:
    """Return what each variant did to the fair price, latest, in the last month that both fits have."""
    head = [
        "variant",
        "material",
        "month",
        "fair",
        "fair, variant",
        "move",
        "RMS, all months",
        "market, that month",
        "draws",
    ]
    rows = []
    for name, words in variants.items():
        for _, row in found.changes[found.changes["variant"] == name].iterrows():
            prices = money(row["base"]), money(row["price"]), f"{100 * (row['ratio'] - 1):+.1f} %"
            spread = f"{100 * row['rms']:.1f} %"
            where = row["material"], row["month"]
            rows.append([words, *where, *prices, spread, percent(row["market_ratio"]), f"{row['ess']:.0f}"])
    return table(head, rows)


def anchors(found: Outcome) -> str:
    """Return prices that others name beside ours of the same months, as known."""
    head = ["USD/kg NdPr oxide", "when", "price", "range", "fair (80 % interval)", "anchor over fair"]
    rows = []
    for _, row in found.anchors.iterrows():
        ours = f"{money(row['fair'])} ({interval(row['fair_low'], row['fair_high'])})"
        span = interval(row["low"], row["high"])
        rows.append([row["anchor"], row["span"], money(row["price"]), span, ours, percent(row["price"] / row["fair"])])
    return table(head, rows)


def assumption_range(found: Outcome) -> str:
    """Return the fair price of the last month under each set over the headline; refitted: with weights of its own."""
    materials = found.model["materials"]
    head = ["set of assumptions"]
    head += [f"{material}, {how}" for material in materials for how in (*VINTAGES.values(), "refitted")]
    cells = _by(found.assumption_range, "assumption_set", "material", "vintage")
    names = dict.fromkeys(found.assumption_range["assumption_set"])
    return table(head, [[_set(name, cells, materials), *_ratios(name, cells, materials)] for name in names])


def _set(name: str, cells: Cells, materials: Sequence[str]) -> str:
    if name != HEADLINE:
        return name
    levels = (money(cells[name, material, "as_known"]["fair_usd_per_kg"]) for material in materials)
    return f"headline ({', '.join(levels)} USD/kg as known)"


def _ratios(name: str, cells: Cells, materials: Sequence[str]) -> list[str]:
    found = []
    for material in materials:
        found += [percent(cells[name, material, vintage]["ratio"]) for vintage in VINTAGES]
        found.append(percent(cells[name, material, "latest"]["refitted"]))
    return found


def _by(rows: pd.DataFrame, *keys: str) -> Cells:
    return {tuple(str(row[key]) for key in keys): row for _, row in rows.iterrows()}


def likeness(found: Outcome) -> str:
    """Return how the model misses prices beside simulated economies, and how many of those lie farther out."""
    head = ["", "months", *LIKENESS.values(), *(f"score, farther out: {cloud}" for cloud in CLOUDS)]
    rows = []
    for _, row in found.likeness.iterrows():
        months = NONE if np.isnan(row["months"]) else f"{row['months']:.0f}"
        stands = (_stands(row, after) for after in ("", BY_CALIBRATION))
        rows.append([row["material"], months, *(share(row[name]) for name in LIKENESS), *stands])
    return table(head, rows)


def _stands(row: pd.Series, after: str) -> str:
    score, farther = row[f"score{after}"], row[f"farther{after}"]
    if np.isnan(score):
        return NONE
    return f"{score:.1f}, {100 * farther:.1f} %{', **outside**' if row[f'outside{after}'] else ''}"


def swings(found: Outcome, material: str) -> str:
    """Return the largest swings of one material, as known, and what is left to all other parameters."""
    rows = _owed(found, material)
    named = rows[rows["parameter"] != REST]
    head = ["parameter", "at the prior's 10 %", "at its 90 %", "share of the variance", "identified"]
    lines = [
        [f"`{row['parameter']}`", *(percent(1 + row[edge]) for edge in ("swing_low", "swing_high")),
         f"{100 * row['share']:.0f} %", "yes" if row["identified"] else "no"]
        for _, row in named.head(SWINGS).iterrows()
    ]  # fmt: skip
    left = 100 * named["share"].iloc[SWINGS:].sum()
    bent = 100 * float(rows.loc[rows["parameter"] == REST, "share"].iloc[0])
    lines.append([f"the other {len(named) - SWINGS}", NONE, NONE, f"{left:.0f} %", NONE])
    lines.append(["not linear in any", NONE, NONE, f"{bent:.0f} %", NONE])
    return table(head, lines)


def identified(found: Outcome) -> str:
    """Return the parameters of which the data taught something, as known: mean and spread in spreads of the prior."""
    rows = _owed(found, found.model["materials"][0])
    taught = rows[rows["identified"] == 1].sort_values("spread")
    lines = [[f"`{r['parameter']}`", f"{r['shift']:+.1f}", share(r["spread"])] for _, r in taught.iterrows()]
    return table(["parameter", "mean, from the prior's", "spread over the prior's"], lines)


def not_identified(found: Outcome) -> str:
    """Return the names of all other parameters."""
    rows = _owed(found, found.model["materials"][0])
    names = sorted(str(name) for name in rows.loc[rows["identified"] == 0, "parameter"])
    return ", ".join(f"`{name}`" for name in names) + "."


def _owed(found: Outcome, material: str) -> pd.DataFrame:
    return found.tornado[(found.tornado["material"] == material) & (found.tornado["vintage"] == "as_known")]
