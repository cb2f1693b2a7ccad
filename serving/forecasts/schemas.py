"""The shape of answers about the market to come and about how often past ones held. null is not available, never 0."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import Flag, Interval, ModelOut


@dataclass(frozen=True, slots=True)
class BaseQuote:
    """The last quote known that day, from which the forecast starts; `day` is null where only a mean is known."""

    usd_per_kg: float
    month: str
    day: str | None
    age_days: int
    evidence: str
    source: str


@dataclass(frozen=True, slots=True)
class PastCoverage:
    """Of this material's own forecasts at this horizon that were resolved by the day: shares that held, per cent."""

    resolved: int
    in_50: float | None
    in_80: float | None
    in_95: float | None


@dataclass(frozen=True, slots=True)
class HorizonForecast:
    """The last quote of one month to come, what stands behind the point, and what may be claimed for it.

    `month_over`: the month has ended by the day asked for, and its quote may be known to whoever watches the market.
    `served` is `models`, `last quote`, or `month's mean` where the base is one. Models are served where `past_rmsse` is
    below 1, here and at every shorter horizon: the error of past model forecasts of this place, all materials pooled,
    over that of the last quote, from `past_months` resolved months. `skill` is `skill` where models are served, the
    record has 36 months and 4 windows or more, the whole band of `rmsse` lies below 1 and a test of equal errors
    agrees, else `no skill`; null where models are served on a record too short for a verdict, or an older bundle does
    not say. `rmsse` is the record of this material known that day, as in the record's row: the error of what was served
    over that of the last quote; null where that was the last quote itself.
    """

    months_ahead: int
    month: str
    month_over: bool
    point: float
    interval_50: Interval
    interval_80: Interval
    interval_95: Interval
    served: str
    skill: str | None
    says: str
    rmsse: float | None
    rmsse_low: float | None
    rmsse_high: float | None
    past_rmsse: float | None
    past_months: int
    past_coverage: PastCoverage


@dataclass(frozen=True, slots=True)
class ForecastAnswer:
    """What a market price is likely to be, month by month, as known on a day; `status` none says why there is none.

    `snapshot` is the digest of the data of `month`, as in a price. `method` is that of forecasts, `model.method` that
    of prices.
    """

    material: str
    place: str
    as_of: str
    basis: str
    digits: int
    status: str
    reason: str
    month: str | None
    known_on: str | None
    base: BaseQuote | None
    horizons: tuple[HorizonForecast, ...]
    method: str
    record: str
    data_age_days: int | None
    flags: tuple[Flag, ...]
    model: ModelOut
    snapshot: str | None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """How past forecasts went: one material (or all pooled), horizon and time of origin.

    `rmsse` is over the last quote, with a block-bootstrap band; `windows` spans fit side by side into `months`.
    Coverage in per cent; `interval_score_ratio` is over Gaussian random-walk bands; `dm` below 0 favours us. `skill`
    is `skill` where the whole band of `rmsse` lies below 1 and `dm_p` agrees, null where the record is too short for a
    verdict; below 4 windows there is no band. What was served then is in `models_served_percent`.
    """

    material: str
    months_ahead: int
    origins: str
    first_origin: str
    last_origin: str
    forecasts: int
    months: int
    windows: int
    block_months: int
    models_served_percent: float
    rmsse: float | None
    rmsse_low: float | None
    rmsse_high: float | None
    skill: str | None
    mae_percent: float
    mae_last_quote_percent: float
    in_50: float
    in_80: float
    in_95: float
    pinball: float
    interval_score: float
    interval_score_ratio: float | None
    interval_score_ratio_low: float | None
    interval_score_ratio_high: float | None
    dm: float | None
    dm_p: float | None


@dataclass(frozen=True, slots=True)
class BadMonth:
    """One of a material's largest misses at a horizon; `off_by_percent` is what came over the forecast, less one."""

    months_ahead: int
    origin: str
    month: str
    forecast_usd_per_kg: float
    low_95_usd_per_kg: float
    high_95_usd_per_kg: float
    came_usd_per_kg: float
    off_by_percent: float
    inside_95: bool


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """How often forecasts of a material at a place were right, bad months included.

    `snapshot` is the digest of the data of the model's last month.
    """

    material: str
    place: str
    basis: str
    status: str
    reason: str
    rows: tuple[RecordRow, ...]
    bad_months: tuple[BadMonth, ...]
    notes: tuple[str, ...]
    method: str
    flags: tuple[Flag, ...]
    model: ModelOut
    snapshot: str
