"""Price reviews: a clause's level held against a reference, and set anew where they lie too far apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from pricing.contracts.periods import Period, last_day_of, month_of, month_shifted
from pricing.contracts.reference import ReferencePrice
from pricing.contracts.settlement_plan import LegPlan, Plan
from pricing.contracts.settlement_table import Review
from pricing.contracts.terms.conditions import PriceReview
from pricing.contracts.terms.facts import Facts
from pricing.errors import Fault, TermsError


def reviewed(
    laid_out: Plan, prices: tuple[Mapping[str, ReferencePrice], ...], facts: Facts
) -> tuple[Plan, tuple[Review, ...]]:
    """Return the plan with reviewed levels, and the reviews; TermsError for an outcome that is not stated.

    A review after the last settled day moves no settled period: it is neither held nor asked for.
    """
    last_settled = laid_out.periods[-1].last_day
    legs = {leg.clause.name: leg for leg in laid_out.legs}
    found: list[Review] = []
    faults = list(_unasked(laid_out, facts))
    for said in laid_out.contract.reviews:
        for day in review_days(said, last_settled):
            held = _held_against(said, laid_out.periods, prices, day)
            if held is None:
                continue
            legs[said.target], review = _review(said, legs[said.target], laid_out.periods, day, held, facts, faults)
            found.append(review)
    if faults:
        raise TermsError(*faults)
    return replace(laid_out, legs=tuple(legs.values())), tuple(found)


def review_days(said: PriceReview, last: date) -> Iterator[date]:
    """Yield the days of review up to the last day; the 31st becomes the last day of a shorter month."""
    day, count = said.first_review, 0
    while day <= last:
        yield day
        count += said.every_months
        end = last_day_of(month_shifted(month_of(said.first_review), count))
        day = end.replace(day=min(said.first_review.day, end.day))


def _unasked(laid_out: Plan, facts: Facts) -> Iterator[Fault]:
    """Yield outcomes of reviews that the contract does not hold."""
    last = laid_out.contract.last_day
    days = {(said.target, day) for said in laid_out.contract.reviews for day in review_days(said, last)}
    for place, one in enumerate(facts.reviewed):
        if (one.target, one.day) not in days:
            allowed = ", ".join(f"{target} on {day}" for target, day in sorted(days)[:6]) or "no review in the contract"
            yield Fault(f"reviewed.{place}", f"{one.target} on {one.day}", allowed)


def _held_against(
    said: PriceReview, schedule: tuple[Period, ...], prices: tuple[Mapping[str, ReferencePrice], ...], day: date
) -> Decimal | None:
    """Return the reference of the last period that ended before a review; None where there is none."""
    ended = [place for place, period in enumerate(schedule) if period.last_day < day]
    return prices[ended[-1]][said.reference].usd_per_kg if ended else None


def _review(  # noqa: PLR0913, PLR0917
    said: PriceReview,
    leg: LegPlan,
    schedule: tuple[Period, ...],
    day: date,
    held: Decimal,
    facts: Facts,
    faults: list[Fault],
) -> tuple[LegPlan, Review]:
    name = leg.clause.LEVELS[0]
    first = next((place for place, period in enumerate(schedule) if period.first_day >= day), len(schedule))
    level = leg.numbers[min(first, len(schedule) - 1)][name]
    triggered = abs(held / level - 1) >= said.trigger_share
    new = _outcome(said, day, level, held, facts, faults) if triggered else level
    numbers = [
        {**here, name: here[name] * new / level} if place >= first else here for place, here in enumerate(leg.numbers)
    ]
    return replace(leg, numbers=tuple(numbers)), Review(said.target, day, level, held, triggered, new)


def _outcome(said: PriceReview, day: date, level: Decimal, held: Decimal, facts: Facts, faults: list[Fault]) -> Decimal:
    stated = [one for one in facts.reviewed if (one.target, one.day) == (said.target, day)]
    if stated:
        return stated[0].level_usd_per_kg
    if said.reset_share is None:
        allowed = f"the level that {said.target} was set to, or reset_share in the contract"
        faults.append(Fault("reviewed", f"nothing for {day}, when the review was triggered", allowed))
        return level
    return level + said.reset_share * (held - level)
