"""What of a settlement is odd though allowed: thin months, late restatements, facts without use, prices below zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from features.contract_words import FEW_FIXINGS, contract_words
from pricing.contracts.periods import first_named, last_day_of
from pricing.contracts.reference_fixings import windows
from pricing.contracts.settlement_table import Settled
from pricing.contracts.settlement_volume import SAME_TONNES, year_share
from pricing.contracts.terms.clause import PartialYear
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.escalation import IndexEscalator
from pricing.contracts.terms.facts import Facts, IndexHistory
from pricing.contracts.terms.fixings import MONTH_LETTERS
from pricing.contracts.terms.references import Quotation
from serving.schemas import Flag

ZERO = Decimal(0)


def doubts(facts: Facts, settled: Settled) -> Iterator[Flag]:
    """Yield the flags of what is odd in a settlement though nothing forbids it."""
    yield from _few_fixings(facts, settled)
    yield from _restated_late(facts, settled)
    yield from _beyond_the_year(settled)
    yield from _part_of_a_year(settled)
    yield from _negative_prices(settled)
    if unused := list(_unused(settled.contract, facts)):
        yield Flag("unused_facts", f"Nothing in the contract uses {', '.join(unused)}: no payment rests on it.")


def thin_months(index: IndexHistory) -> dict[str, str]:
    """Return the months with daily fixings that end early or are few beside the other months, each with why."""
    days: dict[str, list[str]] = {}
    for key in sorted(index.fixings):
        if len(key) > MONTH_LETTERS:
            days.setdefault(key[:MONTH_LETTERS], []).append(key)
    usual = median(map(len, days.values())) if days else 0
    said, found = contract_words().under(FEW_FIXINGS), {}
    for month, keys in days.items():
        left = (last_day_of(month) - date.fromisoformat(keys[-1])).days
        if len(keys) < usual * said["share_of_usual"].value:
            found[month] = f"{month} has {len(keys)}, a usual month {usual:g}"
        elif left > said["days_before_month_end"].value:
            found[month] = f"{month} ends on {keys[-1]}"
    return found


def _few_fixings(facts: Facts, settled: Settled) -> Iterator[Flag]:
    months = tuple(month for flow in settled.periods for month in flow.period.months)
    used: dict[str, set[str]] = {}
    for rule in settled.contract.references.values():
        if isinstance(rule, Quotation):
            used.setdefault(rule.index, set()).update(windows(rule, months))
    for index, wanted in used.items():
        thin = thin_months(facts.indices[index])
        if told := [thin[month] for month in sorted(wanted & thin.keys())]:
            text = f"Daily fixings of {index} do not fill the month: {first_named(told)}; each counts as a whole month."
            yield Flag(f"few_fixings.{index}", text)


def _restated_late(facts: Facts, settled: Settled) -> Iterator[Flag]:
    used = {fixing.key for flow in settled.periods for price in flow.references.values() for fixing in price.fixings}
    for name, rule in settled.contract.references.items():
        if not isinstance(rule, Quotation) or not rule.true_up_within_days:
            continue
        index = facts.indices[rule.index]
        for one in index.restatements:
            until = index.published[one.fixing] + timedelta(days=rule.true_up_within_days)
            if one.fixing in used and until < one.known_on <= (facts.as_of or one.known_on):
                text = (
                    f"{one.fixing} was restated on {one.known_on}, after the deadline of {until}: it changes nothing."
                )
                yield Flag(f"restated_late.{name}", text)


def _beyond_the_year(settled: Settled) -> Iterator[Flag]:
    volume = settled.contract.volume
    if volume.tonnes_per_year is None or not volume.tonnes_by_period or volume.tolerance_share is not None:
        return
    schedule = tuple(flow.period for flow in settled.periods)
    for year in dict.fromkeys(period.last_day.year for period in schedule):
        stated = sum((flow.tonnes.priced for flow in settled.periods if flow.period.last_day.year == year), ZERO)
        yearly = volume.tonnes_per_year * year_share(schedule, year)
        if stated > yearly + SAME_TONNES:
            text = f"{year}: {stated:,.3f} t by period beside {yearly:,.3f} t by the year, and no tolerance: all count."
            yield Flag("beyond_tonnes_per_year", text)


def _part_of_a_year(settled: Settled) -> Iterator[Flag]:
    said = settled.contract.guarantee
    if said is None or said.partial_year is not PartialYear.SCALES:
        return
    schedule = tuple(flow.period for flow in settled.periods)
    for year in (flow.year for flow in settled.years if flow.kind == "guarantee"):
        if (part := year_share(schedule, year)) < 1:
            text = (
                f"{year}: the guarantee is scaled to {part:.3f} of a year; measured_usd_by_year must be the "
                f"{said.measure} of the same months, not of the whole year."
            )
            yield Flag("guarantee_of_part_of_a_year", text)


def _negative_prices(settled: Settled) -> Iterator[Flag]:
    goods = {clause.name for clause in settled.contract.clauses if clause.PRICES}
    for name in sorted(goods):
        legs = [(flow.label, leg) for flow in settled.periods for leg in flow.legs if leg.clause == name]
        if below := [label for label, leg in legs if leg.usd_per_kg < 0]:
            text = f"The price of goods of {name} is below zero in {first_named(below)}: the seller pays for them."
            yield Flag(f"price_below_zero.{name}", text)


def _unused(contract: Contract, facts: Facts) -> Iterator[str]:
    """Yield the facts that no term of the contract looks at, by their place."""
    by_term: Mapping[str, tuple[object, object]] = {
        "other_deals": (facts.other_deals, contract.most_favoured),
        "measured_usd_by_year": (facts.measured_usd_by_year, contract.guarantee),
        "taken_tonnes_by_year": (facts.taken_tonnes_by_year, contract.take_or_pay),
    }
    yield from (f"facts.{name}" for name, (told, term) in by_term.items() if told and not term)
    escalators = [clause.escalator for clause in contract.clauses]
    escalators += [] if contract.guarantee is None else [contract.guarantee.escalator]
    indices = {one.price_index for one in escalators if isinstance(one, IndexEscalator)}
    events = {clause.starts_with for clause in contract.clauses}
    yield from (f"facts.price_indices.{name}" for name in facts.price_indices if name not in indices)
    yield from (f"facts.events.{name}" for name in facts.events if name not in events)
