"""The shape of a settlement's answer.

Money is USD, positive where the buyer pays the seller, to the cent and exact. A price `usd_per_kg` is rounded half up
to the cent, with `unrounded_usd_per_kg` beside it; unrounded prices, levels, shares, tonnes and rates have ten
decimals. null means that there is none, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serving.contracts.settlements.beside_schemas import SlipOut, UnderIndicesOut, VolumeBoundOut
from serving.schemas import Flag, ModelOut


@dataclass(frozen=True, slots=True)
class SettledContract:
    """The contract that was settled: `basis` is what every price is per; `terms` are the terms as they were read."""

    name: str
    buyer: str
    seller: str
    material: str
    form: str
    vat: str
    basis: str
    first_day: str
    last_day: str
    settlement: str
    payment_days: int | None
    words: tuple[str, ...]
    terms: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UsedFixingOut:
    """A fixing in an average: as published, and on the contract's VAT basis in the index's money.

    `vat_rate` is null where no VAT was taken out or put in. `splice_factor`, in the amount, brings a later symbol of
    the index to the specification of the first; 1 where there is none.
    """

    fixing: str
    published: float
    amount: float
    fx_per_usd: float
    vat_rate: float | None
    splice_factor: float
    restated: bool


@dataclass(frozen=True, slots=True)
class ReferenceOut:
    """A reference of a period: its price, the steps that led to it, and what it rests on.

    `fallback_step` 0 is the first choice, 1 the first fallback. `settled_on` is fixings, deck, or fixings and deck;
    `deck_months` are the months that the deck priced.
    """

    reference: str
    usd_per_kg: float
    unrounded_usd_per_kg: float
    fallback_step: int
    settled_on: str
    steps: tuple[str, ...]
    fixings: tuple[UsedFixingOut, ...]
    deck_months: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeriodTonnes:
    """The tonnes that prices of goods and that payments of difference apply to, and what fell away."""

    priced: float
    differences: float
    beyond_tolerance: float
    undelivered: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettledLeg:
    """One clause in one period: eligible tonnes, levels in force, the payment before and after its yearly cap.

    `references_usd_per_kg` are those the clause settles on; `levels` the numbers in force, `parts` what an amount per
    kg is made of, such as a basket. `cap_year` and `cap_left_usd` are null without a cap.
    """

    clause: str
    kind: str
    tonnes: float
    references_usd_per_kg: dict[str, float]
    levels: dict[str, float]
    parts: dict[str, float]
    usd_per_kg: float
    unrounded_usd_per_kg: float
    usd_before_cap: float
    cap_year: int | None
    cap_used_usd: float | None
    cap_left_usd: float | None
    usd: float
    who_pays: str


@dataclass(frozen=True, slots=True)
class SettledPeriod:
    """One settlement period: fixings, references, tonnes, legs, the net payment and who pays whom."""

    period: str
    first_day: str
    last_day: str
    due_day: str | None
    months: tuple[str, ...]
    tonnes: PeriodTonnes
    references: tuple[ReferenceOut, ...]
    legs: tuple[SettledLeg, ...]
    usd: float
    who_pays: str


@dataclass(frozen=True, slots=True)
class SettledYear:
    """A yearly reckoning, `kind` take_or_pay or guarantee, with what it was computed from."""

    year: int
    kind: str
    parts: dict[str, float]
    usd: float
    who_pays: str


@dataclass(frozen=True, slots=True)
class InvoiceOut:
    """What was invoiced before the final price was known, and the final invoice, which takes it off."""

    period: str
    tonnes: float
    provisional_usd_per_kg: float
    final_usd_per_kg: float
    change_usd_per_kg: float
    provisional_usd: float
    final_usd: float
    who_pays_final: str


@dataclass(frozen=True, slots=True)
class TrueUpOut:
    """What a restated index changes in a period already settled."""

    period: str
    before_usd: float
    after_usd: float
    usd: float
    who_pays: str


@dataclass(frozen=True, slots=True)
class ReviewOut:
    """A price review: the level, the reference it was held against, whether and to what it changed."""

    clause: str
    day: str
    level_usd_per_kg: float
    reference_usd_per_kg: float
    triggered: bool
    new_level_usd_per_kg: float


@dataclass(frozen=True, slots=True)
class ResetOut:
    """A level that a most-favoured clause reset, for whom and from which period."""

    clause: str
    favours: str
    from_period: str
    level_usd_per_kg: float
    new_level_usd_per_kg: float


@dataclass(frozen=True, slots=True)
class SettlementTotals:
    """All payments: those of periods, of yearly reckonings and of true-ups, and together.

    `net_usd_per_kg` is what the buyer pays per kg of goods over the contract; null where nothing is priced.
    `by_year_usd` goes by the calendar year of delivery; `by_clause_usd` has a row for each clause, each kind of yearly
    reckoning and true-ups. Both add up to `usd`.
    """

    usd: float
    who_pays: str
    periods_usd: float
    years_usd: float
    true_ups_usd: float
    tonnes: float
    net_usd_per_kg: float | None
    by_year_usd: dict[str, float]
    by_clause_usd: dict[str, float]


@dataclass(frozen=True, slots=True)
class IndexOut:
    """An index that a reference may rest on: given in the request, or a series of the dataset as known on `as_of`.

    `fixings` counts those read, from `first` to `last`.
    """

    index: str
    series: str | None
    basis: str
    source: str
    fixings: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class VatRateOut:
    """A rate of value-added tax, the first day it was in force, and where it comes from."""

    first_day: str
    rate: float
    source: str


@dataclass(frozen=True, slots=True)
class SettlementAnswer:
    """What a contract pays on given or historical prices, period by period.

    The same contract, facts and release have the same `settlement_id`. `model` and `snapshot`, the digest of the data,
    are null where every fixing was given.
    """

    settlement_id: str
    contract: SettledContract
    as_of: str | None
    settled_through: str
    totals: SettlementTotals
    periods: tuple[SettledPeriod, ...]
    years: tuple[SettledYear, ...]
    invoices: tuple[InvoiceOut, ...]
    true_ups: tuple[TrueUpOut, ...]
    reviews: tuple[ReviewOut, ...]
    resets: tuple[ResetOut, ...]
    under_indices: UnderIndicesOut | None
    slip: SlipOut | None
    volume_option: VolumeBoundOut | None
    indices: tuple[IndexOut, ...]
    vat_rates: tuple[VatRateOut, ...]
    rules: dict[str, str]
    flags: tuple[Flag, ...]
    model: ModelOut | None
    snapshot: str | None
