"""The numbers of a clause in each period: escalated, and reset by a most-favoured clause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from pricing.contracts.periods import Period, contract_year, month_shifted
from pricing.contracts.terms.conditions import MostFavoured, Party
from pricing.contracts.terms.contract import AnyClause, Contract
from pricing.contracts.terms.escalation import Escalator, FixedEscalator, IndexEscalator, Steps
from pricing.contracts.terms.facts import Facts
from pricing.errors import Fault

ONE = Decimal(1)
Numbers = Mapping[str, Decimal]


def numbers_in_force(
    clause: AnyClause, contract: Contract, facts: Facts, schedule: tuple[Period, ...], faults: list[Fault]
) -> tuple[Numbers, ...]:
    """Return a clause's numbers by period; an index level that is not given is noted as a fault."""
    stated, found = clause.numbers, []
    resets = [one for one in contract.most_favoured if one.target == clause.name]
    if clause.escalator is None and not resets:
        return (stated,) * len(schedule)
    for period in schedule:
        times = escalation(clause.escalator, contract, facts, period, faults)
        numbers = {name: number * times if name in clause.LEVELS else number for name, number in stated.items()}
        for one in resets:
            numbers = _reset(one, numbers, clause.LEVELS[0], facts, period)
        found.append(numbers)
    return tuple(found)


def escalation(
    escalator: Escalator | None, contract: Contract, facts: Facts, period: Period, faults: list[Fault]
) -> Decimal:
    """Return what a level is multiplied by in a period."""
    if escalator is None:
        return ONE
    year = contract_year(contract.first_day, period.first_day)
    if isinstance(escalator, FixedEscalator):
        return escalator.times(year)
    struck = period.months[0]
    if escalator.struck_every is Steps.YEAR:
        struck = f"{contract.first_day.year + year - 1:04d}-{contract.first_day.month:02d}"
    level, base = (
        _level(escalator, facts, month, faults)
        for month in (month_shifted(struck, -escalator.lag_months), escalator.base_month)
    )
    return escalator.times(level, base)


def _level(escalator: IndexEscalator, facts: Facts, month: str, faults: list[Fault]) -> Decimal:
    index = facts.price_indices.get(escalator.price_index)
    level = None if index is None else index.levels.get(month)
    if level is None:
        allowed = "the level of the price index; none is carried forward"
        faults.append(Fault(f"price_indices.{escalator.price_index}.levels.{month}", "nothing", allowed))
    return level or ONE


def _reset(one: MostFavoured, numbers: Numbers, level: str, facts: Facts, period: Period) -> dict[str, Decimal]:
    """Return the numbers with the level reset to the best price that somebody else was given, and is known, in time."""
    notice, known_by = timedelta(days=one.notice_days), facts.as_of or date.max
    deals = [
        deal.price_usd_per_kg
        for deal in facts.other_deals
        if deal.day + notice <= period.first_day and deal.day <= known_by
    ]
    best = min if one.favours is Party.BUYER else max
    return {**numbers, level: best([numbers[level], *deals])}
