"""Every month's fair price as known, beside what all data say of it now and what the market did since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, isnan, log

import pandas as pd

from pricing.bundle_tables import HORIZONS, fair_column
from pricing.market.supply import Region, SupportSet

ESTIMATE, REFUSED = "estimate", "refused"
MIDDLE, LOW, HIGH = "mean", "p10", "p90"  # the headline's point and the ends of its 80 % interval
Cells = Mapping[str, object]
Which = tuple[str, str]  # material and month


@dataclass(frozen=True, slots=True)
class Fair:
    """A fair price, USD/kg oxide ex VAT delivered outside China, nominal: middle and 80 % interval.

    The middle is the posterior mean. It is published as a point only where `status` is estimate.
    """

    status: str
    middle: float | None
    low: float | None
    high: float | None
    short_middle: float | None  # at today's capacities
    short_low: float | None
    short_high: float | None

    @property
    def point(self) -> float | None:
        """Return the price where it is published as a point."""
        return self.middle if self.status == ESTIMATE else None

    @property
    def short_point(self) -> float | None:
        """Return the price at today's capacities where it is published as a point."""
        return self.short_middle if self.status == ESTIMATE else None


@dataclass(frozen=True, slots=True)
class MarketSince:
    """A region's market in a month and months later, each as first known, and the fair price on that basis.

    `fair` is the middle: delivered outside China, or less freight at works in China. `past_mean` is the geometric mean
    of this market's prices to that month. `later` is None where the month has no price of that market, or has not come.
    """

    region: str
    fair: float | None
    then: float | None
    evidence: str
    past_mean: float | None
    later: tuple[float | None, ...]
    later_evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FairRow:
    """One month of one material: what was known, what is said of it now, what the market did."""

    material: str
    month: str
    known_on: str
    known: Fair
    latest: Fair | None
    markets: tuple[MarketSince, ...]

    @property
    def revision_ln(self) -> float | None:
        """Return ln(latest / as known) of the middles."""
        now = self.latest.middle if self.latest else None
        return None if now is None or self.known.middle is None else log(now / self.known.middle)

    @property
    def shows_points(self) -> bool:
        """Return whether the month has a published point, as known and in the latest value."""
        return self.known.point is not None and self.latest is not None and self.latest.point is not None

    @property
    def told_revision_ln(self) -> float | None:
        """Return the revision as it may be told: in tenths where a point is withheld, or it would give that away."""
        found = self.revision_ln
        return found if found is None or self.shows_points else round(found, 1) + 0.0

    @property
    def inside(self) -> bool | None:
        """Return whether the latest middle lies inside the first 80 % interval."""
        now, low, high = self.latest.middle if self.latest else None, self.known.low, self.known.high
        return None if now is None or low is None or high is None else low <= now <= high

    def market(self, region: str) -> MarketSince:
        """Return the market of one region."""
        return next(one for one in self.markets if one.region == region)


def fair_rows(as_known: pd.DataFrame, latest: pd.DataFrame, months_ahead: Sequence[int]) -> tuple[FairRow, ...]:
    """Return a row per month and material of a bundle's two histories, in the order of the first."""
    known, now = dict(_by_month(as_known)), dict(_by_month(latest))
    means = _past_means(known)
    return tuple(_row(which, cells, now.get(which), known, means, months_ahead) for which, cells in known.items())


def months_later(month: str, count: int) -> str:
    """Return the month so many months later.

    >>> months_later("2024-11", 14)
    '2026-01'
    """
    number = int(month[:4]) * 12 + int(month[5:7]) - 1 + count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _by_month(history: pd.DataFrame) -> Iterator[tuple[Which, Cells]]:
    wanted = [column for column in history if str(column) in _WANTED]
    for cells in history[wanted].to_dict("records"):
        yield (str(cells["material"]), str(cells["month"])), {str(name): cell for name, cell in cells.items()}


def _past_means(known: Mapping[Which, Cells]) -> dict[tuple[Which, Region], float]:
    """Return the geometric mean of all prices of a market to each month of a material."""
    sums: dict[tuple[str, Region], tuple[float, int]] = {}
    means: dict[tuple[Which, Region], float] = {}
    for which in sorted(known):
        for region in Region:
            price = _number(known[which], f"market.{region}")
            total, count = sums.get((which[0], region), (0.0, 0))
            if price is not None:
                total, count = sums[which[0], region] = total + log(price), count + 1
            if count:
                means[which, region] = exp(total / count)
    return means


def _row(
    which: Which,
    cells: Cells,
    now: Cells | None,
    known: Mapping[Which, Cells],
    means: Mapping[tuple[Which, Region], float],
    months_ahead: Sequence[int],
) -> FairRow:
    material, month = which
    later = [known.get((material, months_later(month, ahead)), {}) for ahead in months_ahead]
    return FairRow(
        material=material,
        month=month,
        known_on=str(cells["vintage_day"]),
        known=_fair(cells),
        latest=_fair(now) if now else None,
        markets=tuple(_market(region, cells, means.get((which, region)), later) for region in Region),
    )


def _fair(cells: Cells) -> Fair:
    status = str(cells["status"])
    found = [None if status == REFUSED else _number(cells, column) for column in _FAIR]
    return Fair(status, *found)


def _market(region: Region, cells: Cells, past_mean: float | None, later: Sequence[Cells]) -> MarketSince:
    price, evidence = f"market.{region}", f"market.{region}.evidence"
    after = [_number(one, price) for one in later]
    return MarketSince(
        region=region.value,
        fair=_fair_here(region, cells),
        then=_number(cells, price),
        evidence=_text(cells, evidence),
        past_mean=past_mean,
        later=tuple(after),
        later_evidence=tuple(_text(one, evidence) if at else "" for one, at in zip(later, after, strict=True)),
    )


def _fair_here(region: Region, cells: Cells) -> float | None:
    """Return the middle on a region's basis: the market less its wedge in China, where freight is taken off."""
    if cells["status"] == REFUSED:
        return None
    if region is Region.EX_CHINA:
        return _number(cells, _FAIR[0])
    market, wedge = _number(cells, f"market.{region}"), _number(cells, f"wedge.{region}.total")
    return None if market is None or wedge is None else market - wedge


def _number(cells: Cells, name: str) -> float | None:
    value = cells.get(name)
    return value if isinstance(value, float) and not isnan(value) else None


def _text(cells: Cells, name: str) -> str:
    value = cells.get(name)
    return value if isinstance(value, str) else ""


_FAIR = tuple(fair_column(h, SupportSet.MARKET_ECONOMY.value, x) for h in HORIZONS for x in (MIDDLE, LOW, HIGH))
_WANTED = {
    *("material", "month", "vintage_day", "status", *_FAIR),
    *(f"market.{region}{mark}" for region in Region for mark in ("", ".evidence")),
    *(f"wedge.{region}.total" for region in Region),
}
