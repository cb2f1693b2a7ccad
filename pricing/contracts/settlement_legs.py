"""Clauses as the legs and the schedule that valuation takes.

A clause of difference is one or two legs on a strike. A price of goods, and two levels under one money cap, pay by the
clause's own function. What paths cannot carry is refused, never approximated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np

from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.periods import MONTHS_PER_YEAR, month_number, month_of
from pricing.contracts.settlement_plan import LegPlan, Plan, due_day
from pricing.contracts.terms.differences import Cap, Collar, Difference, Direction, Floor, Share
from pricing.contracts.valuation.clause_legs import ClauseLeg
from pricing.contracts.valuation.legs import Leg, Payer, Paying, Side
from pricing.contracts.valuation.limits import AnnualCap, Start
from pricing.contracts.valuation.rules import Rule
from pricing.contracts.valuation.schedule import Schedule
from pricing.errors import Fault, TermsError

Floats = np.ndarray


def legs_of(plan: Plan, rows: Mapping[str, int], alternative: int | None = None) -> tuple[Paying, ...]:
    """Return the legs of all clauses; goods are held against the reference in row `alternative`, where stated."""
    return tuple(leg for one in plan.legs for leg in _legs(one, rows, alternative))


def schedule_of(
    plan: Plan,
    fixings: Sequence[tuple[int, ...]],
    first_month: str,
    fiscal_starts: int,
    rules: tuple[Rule, ...] = (),
) -> Schedule:
    """Return when the periods pay and count, where each fixes in some months counted from the first one.

    Without payment_days a period is paid at its end, and never before the month of its last fixing; a payment counts at
    the end of its month. A fiscal year is named
    for the calendar year it starts in. TermsError for fixings before the first month.
    """
    start = month_number(first_month)
    if early := [plan.labels[place] for place, months in enumerate(fixings) if min(months) < 0]:
        allowed = f"fixings from {first_month} on, past ones in the deck; or settle earlier periods on history"
        raise TermsError(Fault("first_month", f"{early[0]} fixes before {first_month}", allowed))
    stated = [month_number(month_of(due_day(plan.contract, period) or period.last_day)) for period in plan.periods]
    paid = [max(month, start + max(fixed)) for month, fixed in zip(stated, fixings, strict=True)]
    fiscal = [(month + 1 - fiscal_starts) // MONTHS_PER_YEAR for month in paid]
    by_cap = {leg.cap_years for leg in plan.legs if leg.caps} or {tuple(month // MONTHS_PER_YEAR for month in paid)}
    delivered = tuple(period.last_day.year for period in plan.periods)
    years = by_cap.pop() if len(by_cap) == 1 else delivered
    due = (np.array(paid) - start + 1) / MONTHS_PER_YEAR
    return Schedule(tuple(fixings), due, np.array(years), np.array(fiscal), rules)


def _is_whole(plan: LegPlan) -> bool:
    """Return whether a clause is no sum of legs on strikes of their own."""
    clause = plan.clause
    both_ways = isinstance(clause, Collar) or (isinstance(clause, Difference) and clause.direction is Direction.TWO_WAY)
    return clause.PRICES or (both_ways and bool(plan.caps))


def _legs(plan: LegPlan, rows: Mapping[str, int], alternative: int | None) -> Iterator[Paying]:
    if not _is_whole(plan):
        yield from _struck_legs(plan, rows)
        return
    clause = plan.clause
    yield ClauseLeg(
        clause,
        {name: _floats([numbers[name] for numbers in plan.numbers]) for name in plan.numbers[0]},
        _kg(plan),
        {name: rows[name] for name in clause.references},
        _annual_cap(plan),
        _start(plan),
        _cap_years(plan),
        alternative if clause.PRICES else None,
    )


def _struck_legs(plan: LegPlan, rows: Mapping[str, int]) -> Iterator[Leg]:
    clause = plan.clause
    if isinstance(clause, Floor):
        yield _below(plan, rows, "floor_usd_per_kg")
    elif isinstance(clause, Cap):
        yield _above(plan, rows, "cap_usd_per_kg")
    elif isinstance(clause, Share):
        yield _above(plan, rows, "above_usd_per_kg", clause.share_above)
    elif isinstance(clause, Collar):
        yield _below(plan, rows, "floor_usd_per_kg", " floor")
        yield _above(plan, rows, "cap_usd_per_kg", clause.share_above_cap, " cap")
    elif isinstance(clause, Difference):
        two_way = clause.direction is Direction.TWO_WAY
        if clause.direction is not Direction.TO_BUYER:
            yield _below(plan, rows, "strike_usd_per_kg", " below" if two_way else "")
        if clause.direction is not Direction.TO_SELLER:
            yield _above(plan, rows, "strike_usd_per_kg", Decimal(1), " above" if two_way else "")


def _below(plan: LegPlan, rows: Mapping[str, int], level: str, part: str = "") -> Leg:
    return _leg(plan, rows, (Payer.BUYER, Side.BELOW, part), level, Decimal(1))


def _above(plan: LegPlan, rows: Mapping[str, int], level: str, share: Decimal = Decimal(1), part: str = "") -> Leg:
    return _leg(plan, rows, (Payer.SELLER, Side.ABOVE, part), level, share)


def _leg(plan: LegPlan, rows: Mapping[str, int], way: tuple[Payer, Side, str], level: str, share: Decimal) -> Leg:
    return Leg(
        name=f"{plan.clause.name}{way[2]}",
        payer=way[0],
        side=way[1],
        strike=_floats([numbers[level] for numbers in plan.numbers]),
        kg=_kg(plan),
        share=np.array(float(share)),
        reference=rows[plan.clause.references[0]],
        annual_cap=_annual_cap(plan),
        start=_start(plan),
        cap_years=_cap_years(plan),
    )


def _annual_cap(plan: LegPlan) -> AnnualCap | None:
    caps = {year: float(cap) for year, cap in plan.caps.items()}
    return AnnualCap(max(caps.values()), by_year=caps) if caps else None


def _cap_years(plan: LegPlan) -> Floats | None:
    return np.array(plan.cap_years) if plan.caps else None


def _start(plan: LegPlan) -> Start | None:
    start = plan.clause.starts_above
    return None if start is None else Start(0, float(start.average_usd_per_kg), start.over_periods)


def _kg(plan: LegPlan) -> Floats:
    return _floats([tonnes * KG_PER_TONNE for tonnes in plan.tonnes])


def _floats(amounts: Sequence[Decimal]) -> Floats:
    return np.array([float(amount) for amount in amounts])
