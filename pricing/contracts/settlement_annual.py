"""Yearly reckonings: take-or-pay with deficiency and make-up, and a guaranteed yearly figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.periods import Period, Settlement, periods
from pricing.contracts.settlement_levels import escalation
from pricing.contracts.settlement_payoffs import cents, excess, shortfall
from pricing.contracts.settlement_table import YearFlow
from pricing.contracts.settlement_volume import year_share
from pricing.contracts.terms.clause import PartialYear
from pricing.contracts.terms.conditions import Guarantee, MakeUpPrice, TakeOrPay
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.escalation import Escalator, IndexEscalator, Steps
from pricing.contracts.terms.facts import Facts
from pricing.errors import Fault, TermsError

ZERO = Decimal(0)


def yearly(contract: Contract, facts: Facts, prices: Mapping[int, Decimal]) -> tuple[YearFlow, ...]:
    """Return the yearly reckonings; `prices` is the mean price of goods in USD/kg by calendar year."""
    schedule = periods(contract.first_day, contract.last_day, contract.settlement)
    faults: list[Fault] = []
    flows: list[YearFlow] = []
    if contract.take_or_pay is not None:
        flows += _take_or_pay(contract, contract.take_or_pay, facts, schedule, prices, faults)
    if contract.guarantee is not None:
        flows += _guaranteed(contract, contract.guarantee, facts, schedule, faults)
    if faults:
        raise TermsError(*dict.fromkeys(faults))
    return tuple(flows)


@dataclass(slots=True)
class _Owed:
    """Tonnes paid for and not taken, with the year they were paid in."""

    year: int
    tonnes: Decimal


def _take_or_pay(
    contract: Contract,
    said: TakeOrPay,
    facts: Facts,
    schedule: tuple[Period, ...],
    prices: Mapping[int, Decimal],
    faults: list[Fault],
) -> list[YearFlow]:
    per_year = contract.volume.tonnes_per_year
    if per_year is None:
        faults.append(Fault("volume.tonnes_per_year", "nothing", "the tonnes a year that take-or-pay is a share of"))
        return []
    owed: list[_Owed] = []
    flows = []
    for year in _years(schedule, facts):
        taken = facts.taken_tonnes_by_year.get(str(year))
        if taken is None:
            faults.append(Fault(f"taken_tonnes_by_year.{year}", "nothing", "the tonnes taken in the calendar year"))
            continue
        due = said.take_share * per_year * _scale(said.partial_year, schedule, year)
        missed = shortfall(due, taken)
        made_up = _make_up(owed, excess(due, taken), year - said.make_up_years)
        credit = _credit(said, made_up, year, prices, faults)
        if missed and said.make_up_years:
            owed.append(_Owed(year, missed))
        usd = cents(missed * KG_PER_TONNE * said.deficiency_usd_per_kg) - credit
        left = sum((one.tonnes for one in owed), ZERO)
        parts = {"due_t": due, "taken_t": taken, "deficient_t": missed, "made_up_t": made_up, "left_to_make_up_t": left}
        flows.append(YearFlow(year, "take_or_pay", usd, parts))
    return flows


def _make_up(owed: list[_Owed], above: Decimal, oldest: int) -> Decimal:
    """Return the tonnes made up, the oldest right first; rights older than a year are lost."""
    owed[:] = [one for one in owed if one.year >= oldest]
    made_up = ZERO
    for one in owed:
        taken = min(one.tonnes, above - made_up)
        one.tonnes -= taken
        made_up += taken
    owed[:] = [one for one in owed if one.tonnes]
    return made_up


def _credit(
    said: TakeOrPay, made_up: Decimal, year: int, prices: Mapping[int, Decimal], faults: list[Fault]
) -> Decimal:
    """Return what the buyer is credited for tonnes made up, which the periods invoice at the price of goods."""
    if not made_up or said.make_up_price is MakeUpPrice.CURRENT:
        return cents(made_up * KG_PER_TONNE * said.deficiency_usd_per_kg)
    if year not in prices:
        faults.append(Fault("clauses", f"no price of goods in {year}", "a price clause: tonnes made up are free"))
        return ZERO
    return cents(made_up * KG_PER_TONNE * prices[year])


def _guaranteed(
    contract: Contract, said: Guarantee, facts: Facts, schedule: tuple[Period, ...], faults: list[Fault]
) -> list[YearFlow]:
    flows = []
    for year in _years(schedule, facts):
        measured = facts.measured_usd_by_year.get(str(year))
        if measured is None:
            allowed = f"{said.measure} of the calendar year in USD"
            faults.append(Fault(f"measured_usd_by_year.{year}", "nothing", allowed))
            continue
        times = _escalated(contract, said.escalator, facts, year, faults)
        amount = said.usd_per_year * times * _scale(said.partial_year, schedule, year)
        usd = shortfall(amount, measured) - excess(amount, measured) * (said.share_above or ZERO)
        flows.append(YearFlow(year, "guarantee", cents(usd), {"guaranteed_usd": amount, "measured_usd": measured}))
    return flows


def _escalated(
    contract: Contract, escalator: Escalator | None, facts: Facts, year: int, faults: list[Fault]
) -> Decimal:
    """Return what a yearly amount is multiplied by in a calendar year, by months.

    A level rises on the anniversaries of the contract: the calendar year is split there, at the month that begins on
    or after the anniversary. What follows a price index in every settlement period counts by those periods.
    """
    by_period = isinstance(escalator, IndexEscalator) and escalator.struck_every is Steps.PERIOD
    schedule = periods(contract.first_day, contract.last_day, contract.settlement if by_period else Settlement.MONTHLY)
    here = [period for period in schedule if period.last_day.year == year]
    weighted = (escalation(escalator, contract, facts, one, faults) * one.months_carried for one in here)
    return sum(weighted, ZERO) / sum((one.months_carried for one in here), ZERO)


def _scale(partial: PartialYear, schedule: tuple[Period, ...], year: int) -> Decimal:
    return year_share(schedule, year) if partial is PartialYear.SCALES else Decimal(1)


def _years(schedule: tuple[Period, ...], facts: Facts) -> list[int]:
    """Return the calendar years of the contract that have ended by the day it is settled through."""
    ends = {period.last_day.year: period.last_day for period in schedule}
    return [year for year, end in ends.items() if facts.settle_through is None or end <= facts.settle_through]
