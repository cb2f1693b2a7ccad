"""Tables of the histories page around its episodes: months before and after, and what the wedge was made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pricing.bundle_tables import WEDGE_ITEMS
from pricing.market.supply import Region
from pricing.materials import Material
from training.page_markdown import interval, money, table
from training.page_numbers import (
    AFTER_2015,
    AFTER_2025,
    AFTER_FLOOR,
    ASSUMED,
    BANDED_2025,
    BEFORE_2015,
    BEFORE_2025,
    BEFORE_FLOOR,
    QUOTED_2025,
    Numbers,
)
from training.page_prices import TODAY, fair, market, wedge

CHINA, OUTSIDE = Region.CHINA, Region.EX_CHINA
PANIC = ("2010-07", "2010-12", "2011-03", "2011-06", "2011-08", "2011-12", "2012-06", "2012-12")
DUTIES = ("2014-12", "2015-02", "2015-04", "2015-05", "2015-06", "2015-09", "2015-12")
BOOM = ("2020-06", "2020-12", "2021-06", "2021-12", "2022-02", "2022-06", "2022-12", "2023-06", "2023-12")
LICENCES = ("2025-01", "2025-03", "2025-04", "2025-05", "2025-06", "2025-10", "2026-02")
FLOOR = ("2025-06", "2025-07", "2025-09", "2025-10", "2025-12", "2026-02")
LICENSED, NDPR = (Material.DY.value, Material.TB.value), Material.NDPR.value
NAMES = {CHINA: "China", OUTSIDE: "ex-China"}

# What the parts of a wedge are shown for: region and span of months, column by column.
PANIC_PARTS = tuple((OUTSIDE, year) for year in ("2010", "2011", "2012"))
BOOM_PARTS = tuple((CHINA, year) for year in ("2021", "2022", "2023"))
DUTIES_PARTS = tuple((region, span) for region in Region for span in (BEFORE_2015, AFTER_2015))
FLOOR_PARTS = tuple((region, span) for region in Region for span in (BEFORE_FLOOR, AFTER_FLOOR))
LICENCES_PARTS = (
    (CHINA, BEFORE_2025),
    (CHINA, AFTER_2025),
    (OUTSIDE, BEFORE_2025),
    (OUTSIDE, QUOTED_2025),
    (OUTSIDE, BANDED_2025),
)


def blocks(numbers: Numbers) -> dict[str, str]:
    """Return the tables by the name of their block."""
    return {
        "panic-months": months(numbers, NDPR, PANIC),
        "panic-parts": parts(numbers, NDPR, PANIC_PARTS),
        "duties-months": months(numbers, NDPR, DUTIES),
        "duties-parts": parts(numbers, NDPR, DUTIES_PARTS),
        "boom-months": months(numbers, NDPR, BOOM),
        "boom-parts": parts(numbers, NDPR, BOOM_PARTS),
        **{f"licences-months-{material}": months(numbers, material, LICENCES) for material in LICENSED},
        **{f"licences-parts-{material}": parts(numbers, material, LICENCES_PARTS) for material in LICENSED},
        "floor-months": months(numbers, NDPR, FLOOR),
        "floor-parts": parts(numbers, NDPR, FLOOR_PARTS),
    }


def months(numbers: Numbers, material: str, chosen: Sequence[str]) -> str:
    """Return single months: markets, the distorted model, fair prices, wedges; latest where nothing else is said."""
    head = ["month", "market, China", "market, ex-China", "model, China", "model, ex-China"]
    head += ["fair, latest (80 % interval)", "fair, as known", "today's capacities, middle"]
    head += ["wedge, China", "wedge, ex-China"]
    latest, known = numbers.months(material), numbers.months(material, "as_known")
    rows = latest[latest.index.isin(chosen)]
    return table(head, [_month(row, known.loc[[str(month)]].iloc[0]) for month, row in rows.iterrows()])


def _month(now: pd.Series, then: pd.Series) -> list[str]:
    models = (money(now[f"model.{region}"]) for region in Region)
    prices = fair(now), fair(then), money(now[TODAY])
    wedges = (wedge(now, region) for region in Region)
    return [str(now.name), *(market(now, region) for region in Region), *models, *prices, *wedges]


def parts(numbers: Numbers, material: str, columns: Sequence[tuple[Region, str]]) -> str:
    """Return the mean wedge by part over spans of months, latest, each part with its 80 % band."""
    head = ["USD/kg", *(f"{NAMES[region]}, {window.replace('..', ' to ')}" for region, window in columns)]
    found = [numbers.parts(material, region, window) for region, window in columns]
    rows = [[item.replace("_", " "), *(_part(frame, item) for frame in found)] for item in WEDGE_ITEMS]
    return table(head, [*rows, ["**market less fair**", *(_part(frame, "total") for frame in found)]])


def _part(frame: pd.DataFrame, item: str) -> str:
    """Return one part as text: nothing where the span has no months, a point alone where no band is known.

    A part that rests on priors alone in every month of the span is a band without a point.
    """
    value, low, high = (float(frame[edge].get(item, np.nan)) for edge in ("value", ".low", ".high"))
    known = np.isfinite([value, low, high]).all()
    if known and ASSUMED in frame and frame[ASSUMED].get(item, 0.0) == 1:
        return interval(low, high)
    return f"{money(value)} ({interval(low, high)})" if known else money(value)
