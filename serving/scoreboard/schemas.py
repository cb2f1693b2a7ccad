"""The shape of the scoreboard. null is not available, never 0.

`_ln` is a difference of ln(price), `_percent` a share or a difference in per cent; bands hold 90 % of block-bootstrap
samples, and are null where fewer than four spans lie side by side. Where a fair price is shown as a band, per cents
are of ln in whole tenths or null: exact ones would give away the mean behind it. Amounts are named as in a history:
`p10` and `p90` are the ends of a fair price's 80 % interval; `low_80` and `high_80` of a forecast, as in its record.
"""

from __future__ import annotations

from dataclasses import dataclass

from serving.forecasts.schemas import BadMonth, RecordRow
from serving.schemas import Flag, Interval, ModelOut


def ends_of(low: float | None, high: float | None) -> Interval | None:
    """Return the ends of an interval; None where there is none."""
    return None if low is None or high is None else (low, high)


@dataclass(frozen=True, slots=True)
class MarketLater:
    """The market some months on, as first known.

    `off_by_percent` is the market over the fair price then, less one; null where that is no point.
    """

    months_ahead: int
    month: str
    market_usd_per_kg: float | None
    evidence: str
    off_by_percent: float | None


@dataclass(frozen=True, slots=True)
class MarketBeside:
    """A region's market beside a fair price, both on one basis: China at works, or delivered outside China.

    `past_mean_usd_per_kg` is the geometric mean of this market's prices to that month, the fair price's second rival.
    """

    region: str
    fair_long_run_usd_per_kg: float | None
    market_usd_per_kg: float | None
    evidence: str
    past_mean_usd_per_kg: float | None
    later: tuple[MarketLater, ...]


@dataclass(frozen=True, slots=True)
class FairRowOut:
    """One month's fair price as known, what all data say of that month now, and the market then and since.

    `said` is replayed, or published where a champion answered it at the time, with when and by which version. A band
    has no point; the mean behind it is scored. `scored` is false for months before scores begin.
    """

    material: str
    month: str
    known_on: str
    said: str
    published_at: str | None
    published_by: str | None
    scored: bool
    status: str
    fair_long_run_usd_per_kg: float | None
    fair_long_run_p10_usd_per_kg: float | None
    fair_long_run_p90_usd_per_kg: float | None
    fair_short_run_usd_per_kg: float | None
    fair_short_run_p10_usd_per_kg: float | None
    fair_short_run_p90_usd_per_kg: float | None
    latest_status: str
    latest_long_run_usd_per_kg: float | None
    latest_long_run_p10_usd_per_kg: float | None
    latest_long_run_p90_usd_per_kg: float | None
    revision_percent: float | None
    latest_inside_first_80: bool | None
    markets: tuple[MarketBeside, ...]

    @property
    def interval_80(self) -> Interval | None:
        """Return the first 80 % interval."""
        return ends_of(self.fair_long_run_p10_usd_per_kg, self.fair_long_run_p90_usd_per_kg)

    @property
    def latest_interval_80(self) -> Interval | None:
        """Return the latest 80 % interval."""
        return ends_of(self.latest_long_run_p10_usd_per_kg, self.latest_long_run_p90_usd_per_kg)


@dataclass(frozen=True, slots=True)
class RevisionScores:
    """How latest values lie to first ones; `all` pools the materials. The latest value is no truth."""

    material: str
    first_month: str
    last_month: str
    months: int
    block_months: int
    windows: int
    inside_80_percent: float
    inside_80_low: float | None
    inside_80_high: float | None
    median_percent: float
    median_size_percent: float
    rms_ln: float
    rms_ln_low: float | None
    rms_ln_high: float | None
    largest_percent: float
    largest_month: str
    largest_material: str


@dataclass(frozen=True, slots=True)
class MarketScores:
    """The fair price against the last price and the mean of all past prices, as predictors of a region's market.

    It is no market forecast. `ratio` is RMS error over that of the last price, `fair_over_mean` over that of the mean
    of all past prices, `mean_over_last` that mean over the last price. `dm` below 0 favours the fair price: equal
    errors tested by Student's t over means of blocks side by side, `windows` - 1 degrees of freedom.
    `verdict`: nearer where whole band and test (p of .1) agree against both rivals; farther where they do against one;
    not shown to be nearer, both ratios below 1; no nearer; too few windows; mostly derived prices, where fewer than
    half of the pairs are quoted at both ends.
    `slope` is that of the later change of the market on the gap to the fair price: 1 closes the gap, 0 says nothing.
    `mean_slope` is the same of the gap to the mean of past prices: what a plain line shows.
    `nearer_percent`: months after which the market lay nearer to the fair price than before.
    """

    material: str
    region: str
    months_ahead: int
    origins: str
    first_month: str
    last_month: str
    pairs: int
    windows: int
    block_months: int
    quoted_percent: float
    rms_fair_ln: float
    rms_last_price_ln: float
    rms_past_mean_ln: float
    verdict: str
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    dm: float | None
    dm_p: float | None
    mean_over_last: float | None
    fair_over_mean: float | None
    fair_over_mean_low: float | None
    fair_over_mean_high: float | None
    fair_over_mean_dm: float | None
    fair_over_mean_dm_p: float | None
    nearer_percent: float
    nearer_low: float | None
    nearer_high: float | None
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    mean_slope: float | None


@dataclass(frozen=True, slots=True)
class BadRevision:
    """A month that was revised far."""

    material: str
    month: str
    known_on: str
    fair_long_run_p10_usd_per_kg: float | None
    fair_long_run_p90_usd_per_kg: float | None
    latest_long_run_p10_usd_per_kg: float | None
    latest_long_run_p90_usd_per_kg: float | None
    revision_percent: float
    latest_inside_first_80: bool | None


@dataclass(frozen=True, slots=True)
class BadMarket:
    """A month whose fair price, on the market's basis, lay far from the market that came."""

    material: str
    region: str
    months_ahead: int
    month: str
    for_month: str
    fair_long_run_p10_usd_per_kg: float | None
    fair_long_run_p90_usd_per_kg: float | None
    market_then_usd_per_kg: float
    came_usd_per_kg: float
    off_by_percent: float | None
    last_price_off_by_percent: float


@dataclass(frozen=True, slots=True)
class FairScores:
    """How fair prices went. `revisions` are of the replay, `published` of what champions published then."""

    basis: str
    scored_from: str
    revisions: tuple[RevisionScores, ...]
    published: tuple[RevisionScores, ...]
    largest_revisions: tuple[BadRevision, ...]
    market: tuple[MarketScores, ...]
    largest_market_misses: tuple[BadMarket, ...]


@dataclass(frozen=True, slots=True)
class ForecastScores:
    """How forecasts of a material at a place went: its record, in which rows of `all` pool the materials.

    `bad_months` have the largest absolute misses in ln(price) of forecasts that the headline counts, made from
    `headline_from` on; `bad_months_before` those of earlier ones. Largest first at each distance.
    """

    material: str
    place: str
    basis: str
    status: str
    reason: str
    headline_from: str
    rows: tuple[RecordRow, ...]
    bad_months: tuple[BadMonth, ...]
    bad_months_before: tuple[BadMonth, ...]


@dataclass(frozen=True, slots=True)
class ForecastRowOut:
    """One forecast beside the quote that came.

    `state` is judged, open, stale base or not quoted; `served` is models, last quote or month's mean. `said`,
    `published_at` and `published_by` as for fair prices.
    """

    material: str
    place: str
    month: str
    known_on: str
    said: str
    published_at: str | None
    published_by: str | None
    months_ahead: int
    for_month: str
    base_usd_per_kg: float
    forecast_usd_per_kg: float
    low_50_usd_per_kg: float
    high_50_usd_per_kg: float
    low_80_usd_per_kg: float
    high_80_usd_per_kg: float
    low_95_usd_per_kg: float
    high_95_usd_per_kg: float
    served: str
    state: str
    came_usd_per_kg: float | None
    off_by_percent: float | None
    inside_50: bool | None
    inside_80: bool | None
    inside_95: bool | None


@dataclass(frozen=True, slots=True)
class SeriesOut:
    """A series of which only today's values are stored: what stands for its day of knowledge, and what it feeds."""

    name: str
    publisher: str
    day_of_knowledge: str
    revised: str
    why: str
    feeds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoreboardAnswer:
    """How often fair prices and forecasts were right, bad months included.

    Scores stand for the whole record, rows for the months asked for: `fair_rows` with `kind=fair`, `forecast_rows` at
    the scored horizons with `kind=forecast`, null otherwise; a CSV holds every horizon. Without a kind there are the
    scores of the headline, forecasts of each material alone, markets 12 and 24 months on, and of each list the worst;
    `without_vintages` is null then.
    """

    material: str | None
    first_month: str
    last_month: str
    in_short: tuple[str, ...]
    said: str
    fair: FairScores | None
    forecasts: tuple[ForecastScores, ...] | None
    fair_rows: tuple[FairRowOut, ...] | None
    forecast_rows: tuple[ForecastRowOut, ...] | None
    series_without_vintages: int
    series_revised_often: int
    without_vintages: tuple[SeriesOut, ...] | None
    notes: tuple[str, ...]
    digits: int
    flags: tuple[Flag, ...]
    model: ModelOut
    snapshot: str
