"""What a settlement answers: a cash-flow table by period, yearly reckonings, invoices and true-ups.

Amounts are USD, positive where the buyer pays the seller. The rules stand in settlement_rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.periods import Period
from pricing.contracts.reference import ReferencePrice
from pricing.contracts.settlement_volume import Tonnes
from pricing.contracts.terms.conditions import Party
from pricing.contracts.terms.contract import Contract

ZERO = Decimal(0)
TRUE_UPS = "true-ups"  # the row of what restated indices change
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class LegFlow:
    """One clause in one period."""

    clause: str
    kind: str
    references: Mapping[str, Decimal]  # USD/kg by name
    numbers: Mapping[str, Decimal]  # levels and shares in force
    usd_per_kg: Decimal
    tonnes: Decimal
    usd_before_cap: Decimal
    cap_year: int | None  # None where the clause has no yearly cap
    cap_left_usd: Decimal | None  # of that year, after this payment
    usd: Decimal
    parts: Mapping[str, Decimal] = field(default_factory=dict)  # of the amount per kg, such as a basket


@dataclass(frozen=True, slots=True)
class PeriodFlow:
    """One settlement period with everything it was computed from."""

    label: str
    period: Period
    due_day: date | None
    tonnes: Tonnes
    references: Mapping[str, ReferencePrice]
    legs: tuple[LegFlow, ...]

    @property
    def usd(self) -> Decimal:
        """Return the period's net payment."""
        return sum((leg.usd for leg in self.legs), ZERO)


@dataclass(frozen=True, slots=True)
class YearFlow:
    """A yearly reckoning: a deficiency, a make-up credit, a guarantee."""

    year: int
    kind: str
    usd: Decimal
    parts: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Invoice:
    """What was invoiced before the final price of a period was known, and the final invoice."""

    label: str
    provisional_usd_per_kg: Decimal
    final_usd_per_kg: Decimal
    tonnes: Decimal
    provisional_usd: Decimal
    final_usd: Decimal

    @property
    def change_usd_per_kg(self) -> Decimal:
        """Return the final price less the provisional one."""
        return self.final_usd_per_kg - self.provisional_usd_per_kg


@dataclass(frozen=True, slots=True)
class TrueUp:
    """What a restated index changes in a period already settled."""

    label: str
    before_usd: Decimal
    after_usd: Decimal

    @property
    def usd(self) -> Decimal:
        """Return what is still due."""
        return self.after_usd - self.before_usd


@dataclass(frozen=True, slots=True)
class Review:
    """A price review that took place: the level, the reference it was held against, whether and to what it changed."""

    target: str
    day: date
    level_usd_per_kg: Decimal
    reference_usd_per_kg: Decimal
    triggered: bool
    new_level_usd_per_kg: Decimal


@dataclass(frozen=True, slots=True)
class Reset:
    """A level that a most-favoured clause reset: for whom, from which period, and by how much."""

    target: str
    favours: Party
    from_label: str
    level_usd_per_kg: Decimal
    new_level_usd_per_kg: Decimal


@dataclass(frozen=True, slots=True)
class Settled:
    """A contract settled on facts."""

    contract: Contract
    periods: tuple[PeriodFlow, ...]
    years: tuple[YearFlow, ...]
    invoices: tuple[Invoice, ...]
    true_ups: tuple[TrueUp, ...]
    reviews: tuple[Review, ...]
    resets: tuple[Reset, ...]

    @property
    def total_usd(self) -> Decimal:
        """Return the sum of all payments: periods, yearly reckonings and true-ups."""
        parts = (self.periods, self.years, self.true_ups)
        return sum((flow.usd for flows in parts for flow in flows), ZERO)

    @property
    def net_usd_per_kg(self) -> Decimal | None:
        """Return what the buyer pays per kg of goods over the contract; None where nothing is priced."""
        kg = sum((flow.tonnes.priced for flow in self.periods), ZERO) * KG_PER_TONNE
        priced = any(clause.PRICES for clause in self.contract.clauses)
        return self.total_usd / kg if priced and kg else None

    def usd_by_year(self) -> dict[int, Decimal]:
        """Return all payments by the calendar year of delivery: periods, yearly reckonings and true-ups."""
        years = {flow.label: flow.period.last_day.year for flow in self.periods}
        flows = [(years[flow.label], flow.usd) for flow in self.periods]
        flows += [(flow.year, flow.usd) for flow in self.years]
        return _summed([*flows, *((years[one.label], one.usd) for one in self.true_ups)])

    def usd_by_clause(self) -> dict[str, Decimal]:
        """Return all payments by clause, with a row for each kind of yearly reckoning and one for true-ups."""
        flows = [(leg.clause, leg.usd) for flow in self.periods for leg in flow.legs]
        flows += [(flow.kind, flow.usd) for flow in self.years]
        return _summed([*flows, *((TRUE_UPS, one.usd) for one in self.true_ups)])


def _summed(flows: Iterable[tuple[Key, Decimal]]) -> dict[Key, Decimal]:
    found: dict[Key, Decimal] = {}
    for key, usd in flows:
        found[key] = found.get(key, ZERO) + usd
    return found


def who_pays(usd: Decimal) -> str:
    """Return who pays whom.

    >>> who_pays(Decimal(-1))
    'seller pays buyer'
    """
    if usd == 0:
        return "nobody pays"
    return "buyer pays seller" if usd > 0 else "seller pays buyer"
