"""The market of a month beside the fair price on its basis, and what lies between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import hypot

from pricing.bundle_tables import WEDGE_ITEMS, fair_column
from pricing.explain.gap import ON_PRIORS, RESTS_ON
from pricing.market.history import Evidence
from pricing.market.supply import Region
from pricing.price import Place
from serving.book import MonthRow
from serving.conversion import Conversion
from serving.fair_answer import HEADLINE_HORIZON, HEADLINE_SET
from serving.flags import UNEXPLAINED
from serving.rounding import rounded, rounded_parts
from serving.schemas import Quote, RegionMarket, Wedge, WedgePart

PLACES = {Region.CHINA: Place.CHINA_WORKS, Region.EX_CHINA: Place.EX_CHINA}
WEDGE_TITLES = {
    "subsidy_explicit": "grants and tax concessions",
    "support_financing": "cheap credit, land and energy",
    "support_plant_capital": "plant and capital below market-economy cost",
    "environment": "abatement not paid for",
    "production_quota": "production quotas",
    "illegal_output": "illegal output beyond the quotas",
    "export_duty_and_quota": "export duty and export quota (both ended in 2015 and live on in plants built under them)",
    "export_licence": "export licences",
    "vat_not_refunded": "VAT not refunded on export",
    "stockpiling": "state stockpiling",
    "western_responses": "Western floors, tariffs and subsidies",
    "capacity_and_start": "capacities not yet adjusted, starting conditions",
    ON_PRIORS: "items that rest on priors, together (closes the sum; no finding)",
    UNEXPLAINED: "unexplained: market less the model with every distortion on (panics, stocks, the model's own error)",
}


def market_out(row: MonthRow, region: Region, as_of: date, conversion: Conversion) -> RegionMarket:
    """Return the market of a region in a month, beside the fair price on its basis."""
    column = f"market.{region}"
    factor = conversion.factor
    quote_day = row.text(f"{column}.quote_day") or None
    quote = Quote(
        value=rounded(row.number(column), factor),
        low=rounded(row.number(f"{column}.low"), factor),
        high=rounded(row.number(f"{column}.high"), factor),
        evidence=row.text(f"{column}.evidence"),
        source_basis=row.text(f"{column}.basis"),
        quote_day=quote_day,
        age_days=(as_of - date.fromisoformat(quote_day)).days if quote_day else None,
    )
    fair, gap = gap_shown(row, region, factor)
    below = row.number(f"p_market_below_fair.{region}") if row.text("status") != "refused" else None
    return RegionMarket(
        basis=conversion.basis_at(PLACES[region]),
        market=quote,
        fair_on_this_basis=fair,
        wedge=_wedge(row, region, factor, gap),
        p_market_below_fair=rounded(below),
    )


def gap_shown(row: MonthRow, region: Region, factor: float = 1.0) -> tuple[float | None, float | None]:
    """Return the fair price on a region's basis, and the market less it as both are shown; None without a point."""
    if row.text("status") != "estimate":
        return None, None
    fair, market = rounded(_fair_here(row, region), factor), rounded(row.number(f"market.{region}"), factor)
    return fair, None if fair is None or market is None else rounded(market - fair)


def _fair_here(row: MonthRow, region: Region) -> float | None:
    """Return the headline on a region's basis: delivered outside China, or at works in China (freight less)."""
    if region is Region.EX_CHINA:
        return row.number(fair_column(HEADLINE_HORIZON, HEADLINE_SET, "mean"))
    market, total = row.number(f"market.{region}"), row.number(f"wedge.{region}.total")
    return None if market is None or total is None else market - total


def _wedge(row: MonthRow, region: Region, factor: float, shown_total: float | None) -> Wedge:
    if row.text("status") == "refused":
        return Wedge(None, None, None, ())
    column = f"wedge.{region}"
    total = row.number(f"{column}.total")
    central = {item: row.number(f"{column}.{item}") for item in WEDGE_ITEMS}
    shown = rounded_parts(total, central, UNEXPLAINED, factor, shown_total)
    pointed = row.text("status") == "estimate"
    assumed = [item for item in WEDGE_ITEMS if row.text(f"{column}.{item}.{RESTS_ON}") == Evidence.PRIOR]
    parts = [
        WedgePart(
            item=item,
            title=WEDGE_TITLES[item],
            value=shown[item] if pointed and item not in assumed else None,
            low=rounded(row.number(f"{column}.{item}.low"), factor),
            high=rounded(row.number(f"{column}.{item}.high"), factor),
        )
        for item in WEDGE_ITEMS
    ]
    if pointed and assumed:
        parts.append(_together(shown, assumed))
    low, high = wedge_range(row, region, total)
    return Wedge(shown_total, rounded(low, factor), rounded(high, factor), tuple(parts))


def _together(shown: Mapping[str, float | None], assumed: Sequence[str]) -> WedgePart:
    """Return what the items that rest on priors hold together: known, as the gap and the other items are."""
    values = [value for value in (shown[item] for item in assumed) if value is not None]
    whole = rounded(sum(values)) if len(values) == len(assumed) else None
    return WedgePart(ON_PRIORS, WEDGE_TITLES[ON_PRIORS], whole, None, None)


def wedge_range(row: MonthRow, region: Region, total: float | None) -> tuple[float | None, float | None]:
    """Return the wedge's 80 % range: the fair price's interval and the market's own range, as independent errors.

    Each side is the root of the sum of squares of the fair price's and the market's. Where the market outside China is
    a band without a point, from its low less p90 to its high less p10.
    """
    mean, low, high = (row.number(fair_column(HEADLINE_HORIZON, HEADLINE_SET, x)) for x in ("mean", "p10", "p90"))
    market_low, market_high = row.number(f"market.{region}.low"), row.number(f"market.{region}.high")
    if mean is None or low is None or high is None:
        return None, None
    if total is not None:
        market = total + mean
        below, above = (abs(market - (market if edge is None else edge)) for edge in (market_low, market_high))
        return total - hypot(high - mean, below), total + hypot(mean - low, above)
    if region is Region.EX_CHINA and market_low is not None and market_high is not None:
        return market_low - high, market_high - low
    return None, None
