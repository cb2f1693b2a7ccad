"""The plan of a contract: its periods, and per clause and period the tonnes and the numbers in force.

A plan needs no price, so that one plan serves a settlement and any number of price paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.periods import MONTHS_PER_YEAR, Period, Settlement, periods
from pricing.contracts.settlement_levels import numbers_in_force
from pricing.contracts.settlement_payoffs import begun, cents
from pricing.contracts.settlement_volume import Tonnes, carried, taken_faults, tonnes_of
from pricing.contracts.terms.clause import PartialYear, YearOf
from pricing.contracts.terms.contract import AnyClause, Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.words import nearest
from pricing.errors import Fault, TermsError

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LegPlan:
    """One clause over the periods: eligible tonnes, the numbers it computes with, and its cap by calendar year.

    `shares` says which part of each period the clause is in force, whether or not anything moved.
    """

    clause: AnyClause
    shares: tuple[Decimal, ...]
    tonnes: tuple[Decimal, ...]
    numbers: tuple[Mapping[str, Decimal], ...]
    cap_years: tuple[int, ...]
    caps: Mapping[int, Decimal]  # empty where the clause has none

    def first(self, count: int) -> LegPlan:
        """Return the first periods; the caps stay those of the whole contract."""
        return replace(
            self,
            shares=self.shares[:count],
            tonnes=self.tonnes[:count],
            numbers=self.numbers[:count],
            cap_years=self.cap_years[:count],
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A contract laid out over its settlement periods."""

    contract: Contract
    periods: tuple[Period, ...]
    labels: tuple[str, ...]
    tonnes: tuple[Tonnes, ...]
    legs: tuple[LegPlan, ...]

    def through(self, day: date) -> Plan:
        """Return the periods that ended by a day; TermsError where there is none."""
        count = sum(period.last_day <= day for period in self.periods)
        if not count:
            allowed = f"a day from {self.periods[0].last_day}, when the first period ends"
            raise TermsError(Fault("settle_through", str(day), allowed))
        legs = tuple(leg.first(count) for leg in self.legs)
        return Plan(self.contract, self.periods[:count], self.labels[:count], self.tonnes[:count], legs)


def plan(contract: Contract, facts: Facts) -> Plan:
    """Return a contract's plan; TermsError for tonnes, escalations or events that nobody stated, all at once.

    Also for tonnes taken that are not those delivered, where goods are priced beside take-or-pay.
    """
    schedule = periods(contract.first_day, contract.last_day, contract.settlement)
    labels = tuple(label(period, contract.settlement) for period in schedule)
    faults: list[Fault] = []
    tonnes = tonnes_of(contract, facts, schedule, labels, faults)
    faults += [] if faults else taken_faults(contract, facts, schedule, tonnes)
    legs = tuple(_leg(clause, contract, facts, schedule, tonnes, faults) for clause in contract.clauses)
    if faults:
        raise TermsError(*dict.fromkeys(faults))
    return Plan(contract, schedule, labels, tonnes, legs)


def label(period: Period, settlement: Settlement) -> str:
    """Return a period's name: 2026-03, or 2026-Q1."""
    month = period.months[0]
    return month if settlement is Settlement.MONTHLY else f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def due_day(contract: Contract, period: Period) -> date | None:
    """Return the day a period is paid; None where the contract does not say."""
    days = contract.payment_days
    return None if days is None else period.last_day + timedelta(days=days)


def leg_usd(leg: LegPlan, references: Sequence[Mapping[str, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    """Return per period what a clause pays per kg, and in USD before its yearly cap, at references by name."""
    per_kg = [leg.clause.usd_per_kg(dict(numbers), at) for numbers, at in zip(leg.numbers, references, strict=True)]
    if (start := leg.clause.starts_above) is not None:
        own = [at[leg.clause.references[0]] for at in references]
        on = begun(own, start.average_usd_per_kg, start.over_periods)
        per_kg = [rate * started for rate, started in zip(per_kg, on, strict=True)]
    usd = [rate * (tonnes * KG_PER_TONNE) for rate, tonnes in zip(per_kg, leg.tonnes, strict=True)]
    return list(zip(per_kg, usd, strict=True))


def _leg(
    clause: AnyClause,
    contract: Contract,
    facts: Facts,
    schedule: tuple[Period, ...],
    tonnes: tuple[Tonnes, ...],
    faults: list[Fault],
) -> LegPlan:
    if clause.starts_with is not None and clause.starts_with not in facts.events:
        allowed = f"the day of {clause.starts_with}, which starts {clause.name}; a day after the contract is never"
        near = nearest(clause.starts_with, facts.events)
        faults.append(Fault(f"events.{clause.starts_with}", "nothing", allowed, near))
    days = contract.days_of(clause, facts.events)
    months = [ZERO if days is None else carried(period, *days) for period in schedule]
    shares = tuple(share / period.months_carried for period, share in zip(schedule, months, strict=True))
    eligible = tuple(
        all_tonnes.for_clause(clause.PRICES) * share / period.months_carried
        for period, all_tonnes, share in zip(schedule, tonnes, months, strict=True)
    )
    numbers = numbers_in_force(clause, contract, facts, schedule, faults)
    years = tuple(_cap_year(clause, contract, period) for period in schedule)
    return LegPlan(clause, shares, eligible, numbers, years, _caps(clause, years, months))


def _cap_year(clause: AnyClause, contract: Contract, period: Period) -> int:
    due = due_day(contract, period)
    by_settlement = clause.annual_cap is not None and clause.annual_cap.year_of is YearOf.SETTLEMENT
    return due.year if by_settlement and due is not None else period.last_day.year


def _caps(clause: AnyClause, years: tuple[int, ...], months: list[Decimal]) -> dict[int, Decimal]:
    """Return the cap of each calendar year, scaled with the months in force where the contract says so."""
    cap = clause.annual_cap
    if cap is None:
        return {}
    if cap.partial_year is PartialYear.WHOLE:
        return dict.fromkeys(years, cents(cap.usd_per_year))
    in_force = dict.fromkeys(years, ZERO)
    for year, carried_months in zip(years, months, strict=True):
        in_force[year] += carried_months
    return {year: cents(cap.usd_per_year * min(Decimal(1), m / MONTHS_PER_YEAR)) for year, m in in_force.items()}
