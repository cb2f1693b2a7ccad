"""The shape of every answer. orjson writes these dataclasses as they stand; FastAPI documents them.

Every amount is in the answer's own `basis`, rounded to `digits` decimals where it leaves us: parts add up to their
total after rounding, because `unexplained` takes what rounding leaves. null means not available, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FairPoint:
    """One fair price: its mean over the weighted draws, its median, and intervals that hold 50, 80 and 95 % of them."""

    value: float | None
    median: float | None
    interval_50: Interval | None
    interval_80: Interval | None
    interval_95: Interval | None


@dataclass(frozen=True, slots=True)
class SupportSets:
    """Fair prices with more and more of China's support removed; each set contains the one before."""

    explicit: FairPoint
    financing: FairPoint
    market_economy: FairPoint


@dataclass(frozen=True, slots=True)
class Headline:
    """The fair price to quote when only one is wanted, with its 80 % interval."""

    horizon: str
    support_set: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Fair:
    """The undistorted price: at grown capacities (long run) and with plants as they stand (short run)."""

    basis: str
    headline: Headline
    long_run: SupportSets
    short_run: SupportSets


@dataclass(frozen=True, slots=True)
class AssumptionPrice:
    """The long-run fair price if other things counted, the evidence left as it was; null where the month is a band."""

    assumptions: str
    value: float | None
    over_headline: float


@dataclass(frozen=True, slots=True)
class AssumptionRange:
    """The sets of assumptions beside the interval, and which of them and the headline are lowest and highest."""

    low: AssumptionPrice
    high: AssumptionPrice
    sets: tuple[AssumptionPrice, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """A market price of the month with the range of its evidence."""

    value: float | None
    low: float | None
    high: float | None
    evidence: str
    source_basis: str
    quote_day: str | None
    age_days: int | None


@dataclass(frozen=True, slots=True)
class WedgePart:
    """What one distortion adds to the market price (negative: takes away); null with a band rests on priors alone."""

    item: str
    title: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Wedge:
    """Market less fair on one basis, and what it is made of.

    `low` and `high` are its 80 % range: the fair price's interval and the market's own range, as independent errors.
    """

    total: float | None
    low: float | None
    high: float | None
    parts: tuple[WedgePart, ...]


@dataclass(frozen=True, slots=True)
class RegionMarket:
    """A region's market beside the fair price on that region's basis."""

    basis: str
    market: Quote
    fair_on_this_basis: float | None
    wedge: Wedge
    p_market_below_fair: float | None


@dataclass(frozen=True, slots=True)
class IncentiveStep:
    """What the marginal tonne outside China must earn for a stated supply; holds a security premium, net of nothing.

    `heavy_credit` is what Dy and Tb take off, per kg NdPr; without it the same supply needs the last number.
    """

    tonnes_per_year: float
    price: float | None
    low: float | None
    high: float | None
    marginal_project: str
    heavy_credit: float | None
    price_without_heavy_credit: float | None


@dataclass(frozen=True, slots=True)
class CostStackOut:
    """Normal value of one route by stage and component; the parts add up to the total, credits are negative."""

    route: str
    variant: str
    unit: str
    total: float
    parts: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to know before leaning on a number."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class ModelOut:
    """Which published model answered."""

    name: str
    version: str
    source: str
    bundle: str
    method: str


@dataclass(frozen=True, slots=True)
class PriceAnswer:
    """What a material should cost and does cost, as known on a day."""

    quote_id: str
    material: str
    form: str
    unit: str
    currency: str
    region: str
    as_of: str
    month: str
    vintage: str
    basis: str
    conversions: tuple[str, ...]
    digits: int
    status: str
    reason: str
    fair: Fair
    assumption_range: AssumptionRange | None
    markets: dict[str, RegionMarket]
    incentive: tuple[IncentiveStep, ...]
    data_age_days: int
    flags: tuple[Flag, ...]
    model: ModelOut
    snapshot: str
    method: str
    cost_stacks: tuple[CostStackOut, ...]


@dataclass(frozen=True, slots=True)
class MaterialOut:
    """What can be asked about one material."""

    material: str
    first_day: str
    last_day: str
    first_month: str
    last_month: str
    forms: tuple[str, ...]
    oxide_per_metal: float
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MaterialsAnswer:
    """The materials, and the units and currencies an answer can come in."""

    materials: tuple[MaterialOut, ...]
    units: tuple[str, ...]
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """How much of one input column was observed, derived from an observation, or set by a prior, in one year."""

    year: int
    column: str
    observed: float | None
    derived: float | None
    prior: float | None


@dataclass(frozen=True, slots=True)
class EvidenceAnswer:
    """What the history of one material rests on."""

    material: str
    unit: str
    rows: tuple[EvidenceRow, ...]
    model: ModelOut


@dataclass(frozen=True, slots=True)
class FaultOut:
    """One thing wrong in a request."""

    path: str
    found: str
    allowed: str
    nearest: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorOut:
    """Why there is no answer; `faults` lists everything wrong with the request at once."""

    error: str
    message: str
    faults: tuple[FaultOut, ...] = ()
