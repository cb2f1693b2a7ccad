"""Clauses as the legs and the schedule that valuation takes: shares of what a reference lies below or above a strike.

A price of goods is no such leg. What valuation cannot carry is refused here, never approximated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np

from pricing.contracts.floor import KG_PER_TONNE
from pricing.contracts.periods import MONTHS_PER_YEAR, month_number, month_of
from pricing.contracts.reference_fixings import windows
from pricing.contracts.settlement_plan import LegPlan, Plan, due_day
from pricing.contracts.terms.differences import Cap, Collar, Difference, Direction, Floor, Share
from pricing.contracts.terms.references import Quotation
from pricing.contracts.valuation.legs import AnnualCap, Leg, Payer, Side, Start
from pricing.contracts.valuation.schedule import Schedule
from pricing.errors import Fault, TermsError

Floats = np.ndarray


def legs_of(plan: Plan, rows: Mapping[str, int]) -> tuple[Leg, ...]:
    """Return the legs of a plan's clauses of difference; `rows` has the row of each reference among the paths.

    TermsError for a price of goods, a cap that differs from year to year, and levels that a review may change.
    """
    faults = [fault for leg in plan.legs for fault in _refused(leg, rows)]
    if plan.contract.reviews:
        faults.append(Fault("reviews", "a price review", "none: its level follows the path; settle on given prices"))
    if faults:
        raise TermsError(*faults)
    return tuple(leg for one in plan.legs for leg in _legs(one, rows))


def schedule_of(plan: Plan, reference: str, first_month: str, fiscal_starts: int = 1) -> Schedule:
    """Return when the periods fix, pay and count, on paths whose month 0 is `first_month`.

    Without payment_days a period is paid at its end; a payment counts at the end of its month. A fiscal year is named
    for the calendar year it starts in. TermsError for fixings before the first month (settle those) and for caps that
    count their years differently.
    """
    rule = plan.contract.references[reference]
    if not isinstance(rule, Quotation):
        raise TermsError(Fault(f"references.{reference}", "a combination", "a reference on one index"))
    start = month_number(first_month)
    fixings = [tuple(month_number(month) - start for month in windows(rule, period.months)) for period in plan.periods]
    if early := [plan.labels[place] for place, months in enumerate(fixings) if min(months) < 0]:
        allowed = f"fixings from {first_month} on; settle earlier periods on history"
        raise TermsError(Fault("first_month", f"{early[0]} fixes before {first_month}", allowed))
    paid = [due_day(plan.contract, period) or period.last_day for period in plan.periods]
    months = [month_number(month_of(day)) - start + 1 for day in paid]
    fiscal = [(day.year * MONTHS_PER_YEAR + day.month - fiscal_starts) // MONTHS_PER_YEAR for day in paid]
    years = {leg.cap_years for leg in plan.legs if leg.caps} or {tuple(day.year for day in paid)}
    if len(years) > 1:
        allowed = "one way of counting the year of a cap; settle the clauses one by one"
        raise TermsError(Fault("annual_cap.year_of", "delivery and settlement in one contract", allowed))
    return Schedule(tuple(fixings), np.array(months) / MONTHS_PER_YEAR, np.array(years.pop()), np.array(fiscal))


def _legs(plan: LegPlan, rows: Mapping[str, int]) -> Iterator[Leg]:
    clause = plan.clause
    if isinstance(clause, Floor):
        yield _below(plan, rows, "floor_usd_per_kg")
    elif isinstance(clause, Cap):
        yield _above(plan, rows, "cap_usd_per_kg")
    elif isinstance(clause, Share):
        yield _above(plan, rows, "above_usd_per_kg", clause.share_above)
    elif isinstance(clause, Collar):
        yield _below(plan, rows, "floor_usd_per_kg")
        yield _above(plan, rows, "cap_usd_per_kg", clause.share_above_cap)
    elif isinstance(clause, Difference):
        if clause.direction is not Direction.TO_BUYER:
            yield _below(plan, rows, "strike_usd_per_kg")
        if clause.direction is not Direction.TO_SELLER:
            yield _above(plan, rows, "strike_usd_per_kg")


def _below(plan: LegPlan, rows: Mapping[str, int], level: str) -> Leg:
    return _leg(plan, rows, (Payer.BUYER, Side.BELOW), level, Decimal(1))


def _above(plan: LegPlan, rows: Mapping[str, int], level: str, share: Decimal = Decimal(1)) -> Leg:
    return _leg(plan, rows, (Payer.SELLER, Side.ABOVE), level, share)


def _leg(plan: LegPlan, rows: Mapping[str, int], way: tuple[Payer, Side], level: str, share: Decimal) -> Leg:
    clause, cap = plan.clause, next(iter(plan.caps.values()), None)
    start = clause.starts_above
    return Leg(
        name=clause.name,
        payer=way[0],
        side=way[1],
        strike=_floats([numbers[level] for numbers in plan.numbers]),
        kg=_floats([tonnes * KG_PER_TONNE for tonnes in plan.tonnes]),
        share=np.array(float(share)),
        reference=rows[clause.references[0]],
        annual_cap=None if cap is None else AnnualCap(float(cap)),
        start=None if start is None else Start(0, float(start.average_usd_per_kg), start.over_periods),
    )


def _refused(plan: LegPlan, rows: Mapping[str, int]) -> Iterator[Fault]:
    clause, path = plan.clause, f"clauses.{plan.clause.name}"
    if clause.PRICES:
        yield Fault(path, clause.KIND, "a clause of difference: floor, cap, collar, difference or share")
        return
    for name in clause.references:
        if name not in rows:
            yield Fault(f"{path}.reference", name, f"a reference with paths: {', '.join(rows)}")
    if len(set(plan.caps.values())) > 1:
        yield Fault(f"{path}.annual_cap", "caps that differ by year", "partial_year: whole, or whole calendar years")
    if plan.caps and isinstance(clause, Collar | Difference):
        yield Fault(f"{path}.annual_cap", "one cap on two legs", "a floor and a share, each with a cap of its own")


def _floats(amounts: Sequence[Decimal]) -> Floats:
    return np.array([float(amount) for amount in amounts])
