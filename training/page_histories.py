"""Tables of the histories page that run over all years: levels, support sets, real money, revisions, misses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pricing.bundle_tables import STATUSES
from pricing.costs.normal_value import Variant
from pricing.market.supply import Region
from training.page_markdown import money, percent, share, table
from training.page_numbers import VINTAGES, Numbers, inside
from training.page_prices import CHINA, EXPLICIT, FAIR, FINANCING, OUTSIDE, TODAY, fair, market, mean_of, wedge

ERAS = {
    "2010-12": "2010-07..2012-12",
    "2013-16": "2013-01..2016-12",
    "2017-20": "2017-01..2020-12",
    "2021-24": "2021-01..2024-12",
    "2025-26": "2025-01..2026-12",
}
UNMOVED = "not identified"  # as the estimator says it
SAID = {"as_known": "as known", "latest": "latest"}


def blocks(numbers: Numbers) -> dict[str, str]:
    """Return the tables by the name of their block."""
    return {
        "model": model(numbers),
        "last-month": last_month(numbers),
        **{f"years-{material}": years(numbers, material) for material in numbers.materials},
        "support": support(numbers),
        "routes": routes(numbers),
        "real": real(numbers, "NdPr"),
        "revisions": revisions(numbers),
        "misses": misses(numbers),
        "status": status(numbers),
    }


def model(numbers: Numbers) -> str:
    """Return which model the page quotes."""
    m = numbers.model
    return (
        f"Bundle `{m['digest'][:12]}`, method {m['method']}, dataset `{m['dataset_digest'][:12]}` (last day "
        f"{m['last_day']}), months {m['first_month']} to {m['last_month']}, {m['draws']:,} draws, seed {m['seed']}."
    )


def last_month(numbers: Numbers) -> str:
    """Return the prices of the last month, both vintages; other fair prices as their distance from the headline."""
    head = ["material, vintage", "fair (80 % interval)", "explicit support out", "+ financing out"]
    head += ["headline set, today's capacities", "market, China", "market, ex-China"]
    head += ["P(China < fair)", "P(ex-China < fair)"]
    rows = []
    for material in numbers.materials:
        for vintage in VINTAGES:
            month = numbers.months(material, vintage).iloc[-1]
            others = [percent(month[name] / month[FAIR]) for name in (EXPLICIT, FINANCING, TODAY)]
            beside = [*(market(month, region) for region in Region), *_chances(month)]
            rows.append([f"{material}, {SAID[vintage]}", fair(month), *others, *beside])
    return table(head, rows)


def years(numbers: Numbers, material: str) -> str:
    """Return yearly means; a market price of some months only says of how many."""
    head = ["year", "market, China", "market, ex-China", "fair, latest (80 % interval)", "fair, as known"]
    head += ["today's capacities, middle", "wedge, China", "wedge, ex-China", "P(China < fair)", "P(ex-China < fair)"]
    return table(head, _years(numbers, material))


def _years(numbers: Numbers, material: str) -> Iterator[list[str]]:
    latest, known = numbers.months(material), numbers.months(material, "as_known")
    for year in _calendar(latest):
        rows = latest[inside(latest.index, year)]
        mean, before = mean_of(rows), mean_of(known[inside(known.index, year)])
        markets = _of_months(rows[CHINA]), _of_months(rows[OUTSIDE])
        wedges = (wedge(mean, region) if np.isfinite(mean[f"market.{region}"]) else "-" for region in Region)
        yield [year, *markets, fair(mean), fair(before), money(mean[TODAY]), *wedges, *_chances(mean)]


def _calendar(frame: pd.DataFrame) -> list[str]:
    return sorted({str(month)[:4] for month in frame.index})


def _chances(month: pd.Series) -> list[str]:
    return [share(month[f"p_market_below_fair.{region}"]) for region in Region]


def _of_months(values: pd.Series) -> str:
    known = int(values.notna().sum())
    note = f" ({known} of {len(values)})" if 0 < known < len(values) else ""
    return money(values.mean()) + note


def support(numbers: Numbers) -> str:
    """Return how far the smaller support sets lie from the headline, and today's capacities beside, by years."""
    head = ["material, years", "fair, headline (80 % interval)", "explicit support out", "+ financing out"]
    rows = []
    for material in numbers.materials:
        frame = numbers.months(material)
        for name, window in ERAS.items():
            chosen = frame[inside(frame.index, window)]
            if len(chosen):
                mean = mean_of(chosen)
                gaps = (percent(mean[x] / mean[FAIR]) for x in (EXPLICIT, FINANCING, TODAY))
                rows.append([f"{material}, {name}", fair(mean), *gaps])
    return table([*head, "headline set, today's capacities"], rows)


def routes(numbers: Numbers) -> str:
    """Return what a kg of NdPr oxide costs in China as each support set is taken out, and the capital charge in it."""
    variants = [Variant.AS_REPORTED, Variant.EXPLICIT, Variant.FINANCING, Variant.MARKET_ECONOMY]
    found = numbers.routes.set_index(["route", "variant"])
    chinese = [route for route in numbers.routes["route"].unique() if (route, Variant.AS_REPORTED.value) in found.index]
    rows = [
        [route.replace("_", " "), *(_cost(found.loc[(route, variant.value)]) for variant in variants)]
        for route in chinese
    ]
    head = ["route, USD/kg NdPr (capital charge in it)", "as reported", "explicit support out", "+ financing out"]
    return table([*head, "+ plant and capital out"], rows)


def _cost(row: pd.Series) -> str:
    return f"{money(row['total'])} ({money(row['capital'])})"


def real(numbers: Numbers, material: str) -> str:
    """Return yearly means in the money of the base month, which takes inflation out of the shape."""
    head = [
        "year",
        "market, ex-China",
        "fair, latest, middle",
        "fair, as known, middle",
        "today's capacities, latest, middle",
    ]
    latest, known = numbers.months(material), numbers.months(material, "as_known")
    rows = []
    for year in _calendar(latest):
        now, then = (frame[inside(frame.index, year)] for frame in (latest, known))
        means = [(now[name] / now["deflator"]).mean() for name in (OUTSIDE, FAIR)]
        means += [(then[FAIR] / then["deflator"]).mean(), (now[TODAY] / now["deflator"]).mean()]
        rows.append([year, *map(money, means)])
    return table(head, rows)


def revisions(numbers: Numbers) -> str:
    """Return how far the fair price first known lay from the one known now, and its largest step in a month."""
    head = ["material", "RMS of ln(as known / latest)", "farthest apart", "as known then", "latest", "largest step"]
    rows = []
    for material in numbers.materials:
        known, latest = (numbers.months(material, vintage)[FAIR] for vintage in VINTAGES)
        apart = pd.Series(np.log(known / latest), index=known.index)
        step = pd.Series(np.log(known), index=known.index).diff()
        far, jump = str(apart.abs().idxmax()), str(step.abs().idxmax())
        pair = money(known[far]), money(latest[far])
        moved = f"{percent(float(np.exp(step[jump])))} in {jump}"
        rows.append([material, share(float(np.sqrt((apart**2).mean()))), far, *pair, moved])
    return table(head, rows)


def misses(numbers: Numbers) -> str:
    """Return the RMS of ln(model / market, China) by years, with every distortion on."""
    head = ["material, vintage", *ERAS]
    rows = []
    for material in numbers.materials:
        for vintage in VINTAGES:
            frame = numbers.months(material, vintage)
            gap = np.log(frame[f"model.{Region.CHINA}"] / frame[CHINA])
            spans = [gap[inside(frame.index, window)] for window in ERAS.values()]
            rows.append([f"{material}, {SAID[vintage]}", *(share(float(np.sqrt((s**2).mean()))) for s in spans)])
    return table(head, rows)


def status(numbers: Numbers) -> str:
    """Return how many months are an estimate, a band, refused or not identified, and the fewest effective draws."""
    rows = []
    for material in numbers.materials:
        for vintage in VINTAGES:
            frame = numbers.months(material, vintage)
            counts = [str(int((frame["status"] == name).sum())) for name in STATUSES]
            unmoved = str(int(frame["reason"].fillna("").str.contains(UNMOVED).sum()))
            rows.append([f"{material}, {SAID[vintage]}", *counts, unmoved, f"{frame['ess'].min():,.0f}"])
    return table(["material, vintage", *STATUSES, f"of all: {UNMOVED}", "fewest effective draws"], rows)
