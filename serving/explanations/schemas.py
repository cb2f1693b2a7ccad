"""The shape of an explanation. Parts add up to their totals after rounding; null means not available, or no point."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import Flag, ModelOut


@dataclass(frozen=True, slots=True)
class Line:
    """One part: its value, and a band from 10 to 90 % of the draws. Null with a band: the band is all there is.

    In a cost stack and in the lines of a change, `low` and `high` are what the part is at the low end and at the high
    end of the fair price's 80 % interval: each column adds up to its end, or to the change of that end, and `low` may
    be above `high`.
    """

    item: str
    title: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class MonthOut:
    """The fair price of one end of the span and the costs and margin that add up to it.

    `demand_t` is wanted at the reference price, `capacity_t` is what plants could yield in the fair world, t oxide a
    year. `known_today` is the same month by all figures known today.
    """

    month: str
    known_on: str
    status: str
    reason: str
    fair: Line
    cost_stack: tuple[Line, ...]
    demand_t: float | None
    capacity_t: float | None
    known_today: Line


@dataclass(frozen=True, slots=True)
class GapOut:
    """Market less fair price at one end of the span, its 80 % range, and what it is made of."""

    month: str
    market: Line
    fair_on_this_basis: float | None
    total: float | None
    low: float | None
    high: float | None
    parts: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class RegionOut:
    """Both ends of the span in one region, and the parts of the market price's move: the fair price's and the gap's."""

    basis: str
    first: GapOut
    last: GapOut
    market_change: Line
    parts_of_market_change: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class PriorOut:
    """What the price owes to one prior: its move, as a share, with the parameter at the prior's 10 and 90 % point.

    `share` is of the variance of the log price. `shift` and `spread` are mean and spread after the evidence, in spreads
    of the prior; `identified` is false where they are those of the prior: the data taught nothing of it.
    """

    parameter: str
    swing_low: float | None
    swing_high: float | None
    share: float | None
    shift: float | None
    spread: float | None
    identified: bool | None


@dataclass(frozen=True, slots=True)
class AssumptionOut:
    """The fair price under another set of assumptions, the evidence left as it was, and its ratio to the headline."""

    assumption_set: str
    fair: float | None
    ratio: float | None


@dataclass(frozen=True, slots=True)
class DoubtOut:
    """What the fair price of the model's last month owes to each prior, and the range over assumption sets."""

    month: str
    priors: tuple[PriorOut, ...]
    assumptions: tuple[AssumptionOut, ...]


@dataclass(frozen=True, slots=True)
class ExplanationAnswer:
    """Why a fair price is what it is, why it moved, and what lies between it and the market.

    `change` is last less first; `parts_of_change` add up to it. `words` says the same in sentences to read aloud.
    `doubt` is known of the model's last month only. `said_by` is the model that gave the first month, `said_in` the
    quote it was given in. `unchanged` says of a quote that the answer is still the same; `words` then says no more.
    """

    material: str
    vintage: str
    basis: str
    digits: int
    flags: tuple[Flag, ...]
    words: tuple[str, ...]
    unchanged: bool
    first: MonthOut
    last: MonthOut
    change: Line
    parts_of_change: tuple[Line, ...]
    markets: dict[str, RegionOut]
    doubt: DoubtOut | None
    said_by: ModelOut | None
    said_in: str | None
    model: ModelOut
