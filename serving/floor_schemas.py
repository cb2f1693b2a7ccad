"""The shape of what a price floor pays; amounts, digits and null as `serving.schemas` says."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import Flag, Headline, ModelOut


@dataclass(frozen=True, slots=True)
class FloorOut:
    """The floor as it was read, defaults filled in."""

    amount: float
    basis: str
    reference: str
    settlement: str
    vat_rule: str
    first_day: str
    last_day: str
    tonnes_per_year: float
    oxide_per_metal: float | None
    toll_usd_per_kg: float | None


@dataclass(frozen=True, slots=True)
class DeckOut:
    """Prices of the months without a fixing: what was assumed, on which basis, from where."""

    kind: str
    flat_usd_per_kg: float | None
    flat_from: str | None
    prices_usd_per_kg: dict[str, float]
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class FixingOut:
    """One month of the index: as published, its VAT, and as settled on the floor's VAT basis, USD/kg oxide."""

    month: str
    published_usd_per_kg: float
    vat: str
    vat_rate: float
    usd_per_kg: float
    evidence: str
    source: str


@dataclass(frozen=True, slots=True)
class PaymentOut:
    """One period's payment to the seller.

    Reference, shortfall and tonnes have ten decimals: shortfall x mass is the payment again, to the cent.
    """

    first_day: str
    last_day: str
    reference: float
    shortfall: float
    tonnes: float
    payment_usd: float
    settled_on: str


@dataclass(frozen=True, slots=True)
class TotalsOut:
    """Sums of the payments in USD."""

    total_usd: float
    on_history_usd: float
    on_history_and_deck_usd: float
    on_deck_usd: float
    by_year_usd: dict[str, float]
    discount_rate: float | None
    present_value_usd: float | None


@dataclass(frozen=True, slots=True)
class FairUnchanged:
    """The fair price with the floor in force: the same as without it."""

    basis: str
    month: str
    status: str
    without_floor: Headline
    with_floor: Headline
    change: float
    why: str


@dataclass(frozen=True, slots=True)
class FloorAnswer:
    """What a price floor pays, period by period, on known fixings and on a stated deck."""

    quote_id: str
    material: str
    as_of: str
    floor: FloorOut
    deck: DeckOut
    rules: dict[str, str]
    totals: TotalsOut
    fixings: tuple[FixingOut, ...]
    payments: tuple[PaymentOut, ...]
    fair_price: FairUnchanged
    digits: int
    data_age_days: int
    flags: tuple[Flag, ...]
    model: ModelOut
    snapshot: str
    method: str
