"""The tonnes of each settlement period: stated or by calendar months, within tolerance, less what could not move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pricing.contracts.periods import MONTHS_PER_YEAR, Period, last_day_of, month_of, month_share
from pricing.contracts.terms.conditions import BorneBy, Cause, Interruption
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.errors import Fault

ZERO = Decimal(0)
SAME_TONNES = Decimal("0.001")  # t: to the kilogram, the tonnes delivered are the tonnes taken


@dataclass(frozen=True, slots=True)
class Tonnes:
    """The tonnes of a period that prices and that differences apply to, and what was cut and by which cause."""

    priced: Decimal
    differences: Decimal
    beyond_tolerance: Decimal = ZERO
    undelivered: Decimal = ZERO
    borne_by_seller: tuple[tuple[str, Decimal], ...] = ()  # cover reference and tonnes
    borne_by_buyer: Decimal = ZERO  # priced although not delivered
    notes: tuple[str, ...] = ()

    def for_clause(self, is_price: bool) -> Decimal:
        """Return the tonnes for a price of goods, or for a payment beside it."""
        return self.priced if is_price else self.differences


def tonnes_of(
    contract: Contract, facts: Facts, schedule: tuple[Period, ...], labels: tuple[str, ...], faults: list[Fault]
) -> tuple[Tonnes, ...]:
    """Return the tonnes of each period; what is not stated is noted as a fault."""
    known = {*labels, *(month for period in schedule for month in period.months)}
    faults += [
        Fault(f"volume.tonnes_by_period.{key}", key, f"a period of the contract, {labels[0]} to {labels[-1]}")
        for key in contract.volume.tonnes_by_period
        if key not in known
    ]
    stated = [_stated(contract, period, name, faults) for period, name in zip(schedule, labels, strict=True)]
    within = _within_tolerance(contract, schedule, stated)
    pairs = zip(schedule, within, strict=True)
    return tuple(_interrupted(contract, facts, period, tonnes, faults) for period, tonnes in pairs)


def taken_faults(
    contract: Contract, facts: Facts, schedule: tuple[Period, ...], tonnes: tuple[Tonnes, ...]
) -> Iterator[Fault]:
    """Yield calendar years whose tonnes taken are not those that the price of goods is paid on: one is paid twice.

    Tonnes that the buyer bears although they stopped, and those beyond the tolerance, may count as taken or not.
    """
    if contract.take_or_pay is None or not any(clause.PRICES for clause in contract.clauses):
        return
    by_year: dict[int, list[Tonnes]] = {}
    for period, found in zip(schedule, tonnes, strict=True):
        by_year.setdefault(period.last_day.year, []).append(found)
    for year, found_ones in by_year.items():
        taken = facts.taken_tonnes_by_year.get(str(year))
        least = sum((one.priced - one.borne_by_buyer for one in found_ones), ZERO)
        most = sum((one.priced + one.beyond_tolerance for one in found_ones), ZERO)
        if taken is not None and not least - SAME_TONNES <= taken <= most + SAME_TONNES:
            told = f"{taken.normalize():f} t taken, beside {round(least, 3).normalize():f} t delivered by the volume"
            allowed = "one figure: state what was delivered as volume.tonnes_by_period, or the delivered tonnes here"
            yield Fault(f"taken_tonnes_by_year.{year}", told, allowed)


def carried(period: Period, first: date, last: date) -> Decimal:
    """Return the calendar months of a period that lie between two days, a part of a month by its days."""
    if first <= period.first_day and period.last_day <= last:
        return period.months_carried
    start, end = max(period.first_day, first), min(period.last_day, last)
    return sum((month_share(month, start, end) for month in period.months), ZERO)


def contracted(contract: Contract, period: Period) -> Decimal | None:
    """Return the tonnes of a period under the yearly figure; None where there is none."""
    yearly = contract.volume.tonnes_per_year
    return None if yearly is None else period.tonnes(yearly)


def _stated(contract: Contract, period: Period, name: str, faults: list[Fault]) -> Decimal:
    """Return the tonnes stated for a period or for all of its months, else those of the yearly figure."""
    by_period = contract.volume.tonnes_by_period
    if not by_period and (evenly := contracted(contract, period)) is not None:
        return evenly
    if name in by_period:
        if twice := [month for month in period.months if month in by_period and month != name]:
            path = f"volume.tonnes_by_period.{twice[0]}"
            faults.append(Fault(path, f"beside {name}", f"the tonnes of {name} or of its months, not both"))
        return by_period[name]
    if all(month in by_period for month in period.months):
        return sum((by_period[month] for month in period.months), ZERO)
    yearly = contracted(contract, period)
    if yearly is None or any(month in by_period for month in period.months):
        allowed = f"tonnes of {name}, or of each of its months {', '.join(period.months)}"
        faults.append(Fault(f"volume.tonnes_by_period.{name}", "nothing", allowed))
        return ZERO
    return yearly


def _within_tolerance(contract: Contract, schedule: tuple[Period, ...], stated: list[Decimal]) -> list[Tonnes]:
    """Return the tonnes with what exceeds the tolerance of a calendar year cut, the latest first to go."""
    volume = contract.volume
    if volume.tolerance_share is None or volume.tonnes_per_year is None:
        return [Tonnes(tonnes, tonnes) for tonnes in stated]
    left: dict[int, Decimal] = {}
    for period in schedule:
        most = period.tonnes(volume.tonnes_per_year) * (1 + volume.tolerance_share)
        left[period.last_day.year] = left.get(period.last_day.year, ZERO) + most
    found = []
    for period, tonnes in zip(schedule, stated, strict=True):
        kept = min(tonnes, left[period.last_day.year])
        left[period.last_day.year] -= kept
        found.append(Tonnes(kept, kept, tonnes - kept))
    return found


def _interrupted(contract: Contract, facts: Facts, period: Period, tonnes: Tonnes, faults: list[Fault]) -> Tonnes:
    """Return the tonnes of a period less what its stops suspend, by the contract's word on each cause."""
    stops = _stopped(facts, period)
    if not stops:
        return tonnes
    yearly = contracted(contract, period)
    found = tonnes if yearly is None else replace(tonnes, differences=yearly)
    is_stated = tonnes.priced != yearly
    for cause, share in stops:
        said = next((one for one in contract.interruptions if one.cause is cause), None)
        if said is None:
            wanted = f"what {cause} does: deliveries stopped in {period.months[0]}"
            faults.append(Fault("interruptions", "nothing", wanted))
        if yearly is None:
            wanted = f"the tonnes contracted a year, of which {cause} stops a part in {period.months[0]}"
            told = "nothing beside tonnes_by_period, which are what was delivered"
            faults.append(Fault("volume.tonnes_per_year", told, wanted))
        if said is None or yearly is None:
            return tonnes
        found = _after_stop(found, said, yearly * share, is_stated)
    return found


def _after_stop(tonnes: Tonnes, said: Interruption, stopped: Decimal, is_stated: bool) -> Tonnes:
    found = replace(tonnes, notes=(*tonnes.notes, f"{said.cause}: {stopped:.3f} t, borne by {said.borne_by}"))
    if said.suspends_difference:
        found = replace(found, differences=max(ZERO, found.differences - stopped))
    if not said.suspends_delivery:
        return found
    found = replace(found, undelivered=found.undelivered + stopped)
    if said.borne_by is BorneBy.BUYER:
        priced = found.priced + stopped if is_stated else found.priced
        return replace(found, priced=priced, borne_by_buyer=found.borne_by_buyer + stopped)
    if not is_stated:
        found = replace(found, priced=max(ZERO, found.priced - stopped))
    if said.borne_by is BorneBy.SELLER and said.cover_reference is not None:
        return replace(found, borne_by_seller=(*found.borne_by_seller, (said.cover_reference, stopped)))
    return found


def _stopped(facts: Facts, period: Period) -> list[tuple[Cause, Decimal]]:
    """Return the share of a period that each cause stops; a day under two causes counts for the first."""
    taken: set[date] = set()
    found: list[tuple[Cause, Decimal]] = []
    for stop in facts.stops:
        days = {day for day in _days(stop.first_day, stop.last_day, period) if day not in taken}
        taken |= days
        months = sum((Decimal(1) / last_day_of(month_of(day)).day for day in sorted(days)), ZERO)
        if days:
            found.append((stop.cause, min(Decimal(1), round(months, 20) / period.months_carried)))
    return found


def _days(first: date, last: date, period: Period) -> Iterator[date]:
    start, end = max(first, period.first_day).toordinal(), min(last, period.last_day).toordinal()
    return (date.fromordinal(day) for day in range(start, end + 1))


def year_share(schedule: tuple[Period, ...], year: int) -> Decimal:
    """Return the share of a calendar year that the contract covers, by months."""
    covered = sum((period.months_carried for period in schedule if period.last_day.year == year), ZERO)
    return min(Decimal(1), covered / MONTHS_PER_YEAR)
