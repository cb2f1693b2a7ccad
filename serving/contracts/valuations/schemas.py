"""The shape of an answer about what a contract is worth while prices are uncertain.

Amounts are USD half up to the cent, prices USD/kg and shares of one to four decimals, probabilities to six. Payments
are as contracted, positive where the seller receives; values are after discount, default and what a budget denies.
"""

from __future__ import annotations

from dataclasses import dataclass

from serving.floor_schemas import FairUnchanged
from serving.schemas import Flag, ModelOut

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class SpreadOut:
    """Mean and quantiles over the paths: of one in twenty they lie below `p5`, of nineteen in twenty below `p95`."""

    mean: float
    p5: float
    p10: float
    p50: float
    p90: float
    p95: float


@dataclass(frozen=True, slots=True)
class LegPeriodOut:
    """One leg in one period: its mean payment in USD, positive to the seller, and how likely it binds.

    A leg binds where its reference lies on the side of its level on which it pays, begun or not; null for a price of
    goods, which always pays.
    """

    mean_usd: float
    binding_probability: float | None


@dataclass(frozen=True, slots=True)
class PeriodValued:
    """One settlement period: when it fixes and pays, what the references are expected to be, and what is paid.

    `known` says that its references are fixed already: no path moves them. `paid_in` is the month in which the last of
    its payments is due, where several contracts pay by days of their own.
    """

    period: str
    first_day: str
    last_day: str
    paid_in: str
    fixing_months: tuple[str, str]
    known: bool
    reference_usd_per_kg: dict[str, float]
    net_usd: SpreadOut
    legs: dict[str, LegPeriodOut]


@dataclass(frozen=True, slots=True)
class YearValued:
    """A calendar year as yearly money caps count it: the net payment, and how likely each leg pays anything in it."""

    year: int
    net_usd: SpreadOut
    paying_probability: dict[str, float]


@dataclass(frozen=True, slots=True)
class FiscalYearOut:
    """What the buyer pays in a fiscal year, named for the calendar year it ends in: mean, and 95 % lie below `p95`."""

    fiscal_year: int
    mean_usd: float
    p95_usd: float


@dataclass(frozen=True, slots=True)
class ClosedFormOut:
    """A value in closed form beside the simulated one, both undiscounted or discounted as `what` says.

    `standard_errors` is the difference over the simulation's standard error; null where that is nil, as on single
    months, whose distribution every run of paths matches. `exact` is False where a mean of several open months was
    matched by its first two moments.
    """

    what: str
    closed_form_usd: float
    simulated_usd: float
    difference_usd: float
    standard_errors: float | None
    exact: bool


@dataclass(frozen=True, slots=True)
class LegValued:
    """One leg over the whole contract. `payoff` has points (reference, USD/kg to the seller) at today's terms.

    `side` is below, above or price; `level_usd_per_kg` is the level of the first and last period; `usd_per_kg` is the
    mean payment over all kilograms, undiscounted. Between the points of a payoff lie straight lines.
    """

    name: str
    contract: str
    clause: str
    side: str
    payer: str
    reference: str
    level_usd_per_kg: tuple[float, float] | None
    share: float
    tonnes: float
    mean_usd: float
    usd_per_kg: float
    binding_probability: float | None
    value_to_seller_usd: float
    value_to_buyer_usd: float
    payoff: Points


@dataclass(frozen=True, slots=True)
class AppropriationOut:
    """How likely a fiscal year's money is not granted; `lasting`: then none comes later either."""

    chance_of_none: float
    lasting: bool


@dataclass(frozen=True, slots=True)
class SideValued:
    """What the contract is worth to one side at its own rate; `standard_error_usd` is the simulation's.

    `appropriation` is null for the seller, and for a buyer whose money is taken as certain.
    """

    side: str
    discount_rate: float
    value_usd: float
    standard_error_usd: float
    default_per_year: float
    recovery: float
    appropriation: AppropriationOut | None


@dataclass(frozen=True, slots=True)
class ContractValued:
    """One contract of the request, with its share of the values; `usd_per_kg` is its mean payment over its tonnes."""

    name: str
    material: str
    first_day: str
    last_day: str
    settlement: str
    buyer: str
    seller: str
    tonnes: float
    mean_usd: float
    usd_per_kg: float
    value_to_seller_usd: float
    value_to_buyer_usd: float


@dataclass(frozen=True, slots=True)
class DeckUsed:
    """Expected prices of one reference by month, USD/kg on the contract's basis, and where they come from."""

    reference: str
    contract: str
    material: str
    source: str
    basis: str
    usd_per_kg: dict[str, float]


@dataclass(frozen=True, slots=True)
class ParameterOut:
    """A number the paths rest on, with its range of evidence; `outside` says that the request went beyond it."""

    name: str
    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    as_of: str | None
    outside: bool


@dataclass(frozen=True, slots=True)
class GreeksOut:
    """How the value to the seller moves, USD; by bumps on the same paths.

    `delta` per USD/kg on a material's deck in the months ahead, `gamma` per (USD/kg) squared, `vega` per hundredth of
    all volatilities, `rho` per basis point on both rates, `strike` per USD/kg on a leg's level.
    """

    delta: dict[str, float]
    gamma: dict[str, float]
    vega: float
    rho: float
    strike: dict[str, float]


@dataclass(frozen=True, slots=True)
class OutlookUsed:
    """How prices were taken to move. `paths` is 1 for closed forms alone; months and prices lie between the days."""

    kind: str
    paths: int
    seed: int | None
    first_month: str
    last_month: str
    market_price_of_risk: float
    policy_jumps: bool


@dataclass(frozen=True, slots=True)
class ValuationAnswer:
    """Payments by period and leg, values to each side, exposure by fiscal year, and everything they rest on.

    `fair_price` is the fair price with and without the contract, which are the same. `model` and `snapshot`, the digest
    of the data, are those of the fair price and of decks and series of ours; null where no model serves.
    """

    as_of: str
    contracts: tuple[ContractValued, ...]
    outlook: OutlookUsed
    values: tuple[SideValued, ...]
    present_value_to_seller_usd: SpreadOut
    total_usd: float
    legs: tuple[LegValued, ...]
    periods: tuple[PeriodValued, ...]
    years: tuple[YearValued, ...]
    exposure: tuple[FiscalYearOut, ...]
    closed_form: tuple[ClosedFormOut, ...]
    greeks: GreeksOut | None
    decks: tuple[DeckUsed, ...]
    parameters: tuple[ParameterOut, ...]
    assumptions: tuple[str, ...]
    fair_price: dict[str, FairUnchanged]
    flags: tuple[Flag, ...]
    model: ModelOut | None
    snapshot: str | None
