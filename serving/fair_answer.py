"""The fair prices of a month as they are shown: a band has no point, a refusal has nothing."""

from __future__ import annotations

from pricing.bundle_tables import HORIZONS, fair_column
from pricing.market.supply import SupportSet
from pricing.price import Place
from serving.book import MonthRow
from serving.conversion import Conversion
from serving.rounding import rounded
from serving.schemas import Fair, FairPoint, Headline, Interval, SupportSets

HEADLINE_HORIZON, HEADLINE_SET = "long_run", SupportSet.MARKET_ECONOMY


def headline(row: MonthRow, factor: float = 1.0) -> Headline:
    """Return the fair price to quote when only one is wanted."""
    return _headline(row, HEADLINE_HORIZON, factor)


def short_run_headline(row: MonthRow) -> Headline:
    """Return the fair price at today's capacities, in the headline's support set."""
    return _headline(row, "short_run", 1.0)


def _headline(row: MonthRow, horizon: str, factor: float) -> Headline:
    point = _point(row, horizon, HEADLINE_SET, factor)
    low, high = point.interval_80 or (None, None)
    return Headline(horizon, HEADLINE_SET, point.value, low, high)


def fair_out(row: MonthRow, conversion: Conversion) -> Fair:
    """Return the fair prices of a month, for both horizons and every support set."""
    sets = {
        horizon: SupportSets(*(_point(row, horizon, support, conversion.factor) for support in SupportSet))
        for horizon in HORIZONS
    }
    return Fair(conversion.basis_at(Place.EX_CHINA), headline(row, conversion.factor), **sets)


def _point(row: MonthRow, horizon: str, support: SupportSet, factor: float) -> FairPoint:
    """Return one fair price; a band has no point, a refusal has nothing."""

    def at(statistic: str) -> float | None:
        return rounded(row.number(fair_column(horizon, support, statistic)), factor)

    if row.text("status") == "refused":
        return FairPoint(None, None, None, None, None)
    intervals = (_interval(at("p25"), at("p75")), _interval(at("p10"), at("p90")), _interval(at("p2.5"), at("p97.5")))
    if row.text("status") == "band":
        return FairPoint(None, None, *intervals)
    return FairPoint(at("mean"), at("p50"), *intervals)


def _interval(low: float | None, high: float | None) -> Interval | None:
    return None if low is None or high is None else (low, high)
