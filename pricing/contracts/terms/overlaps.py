"""Clauses that would pay for the same thing twice: cover against a low price, and shares of a high one.

References count by their rule, not by their name: two names of one index on one rule are one reference.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations

from pricing.contracts.terms.clause import Clause
from pricing.contracts.terms.differences import Cap, Collar, Difference, Direction, Floor, Share
from pricing.contracts.terms.prices import Indexed
from pricing.contracts.terms.references import Quotation, Reference
from pricing.errors import Fault

ALL = Decimal(1)
COVER = "one cover against a low price of a reference on any day: days of its own for each, or one of them alone"
Rules = Mapping[str, Reference | None]
Placed = Sequence[tuple[int, Clause]]


def same_rule(one: str | None, other: str | None, references: Rules) -> bool:
    """Return whether two names stand for one reference: the same name, or the same index on the same rule."""
    return one is not None and other is not None and rule_of(one, references) == rule_of(other, references)


def rule_of(name: str, references: Rules, seen: tuple[str, ...] = ()) -> Hashable:
    """Return what of a reference decides its price; its name where it cannot be told."""
    reference = references.get(name)
    if reference is None or name in seen:
        return name
    if isinstance(reference, Quotation):
        if not reference.index:
            return name
        averaged = (reference.index, reference.window, reference.lag_months, reference.average_of)
        return (*averaged, reference.vat_rule, reference.fx_rule, reference.metal)
    members = frozenset(rule_of(member, references, (*seen, name)) for member in reference.of or () if member)
    return reference.take, reference.compared, members


def meet(one: Clause, other: Clause) -> bool:
    """Return whether two clauses hold on one day; days that rest on an event are a matter of fact."""
    if one.starts_with or other.starts_with:
        return False
    (first, last), (start, end) = _days(one), _days(other)
    return max(first, start) <= min(last, end)


def overlaps(clauses: Placed, references: Rules) -> Iterator[Fault]:
    """Yield cover that overlaps, and shares of a high price that add up to more than the whole of it."""
    for (_, one), (place, other) in combinations(clauses, 2):
        both_goods = one.PRICES and other.PRICES
        if both_goods or not (covers(one) and covers(other)) or not meet(one, other):
            continue
        if same_rule(_own(one), _own(other), references):
            yield Fault(f"clauses.{place}.from", f"overlaps {one.name}", COVER)
    yield from _shares(clauses, references)


def covers(clause: Clause) -> bool:
    """Return whether a clause pays the seller for what a reference lacks to a level."""
    if isinstance(clause, Indexed):
        return bool(clause.floor_usd_per_kg)
    to_seller = isinstance(clause, Difference) and clause.direction is not Direction.TO_BUYER
    return to_seller or isinstance(clause, Floor | Collar)


def share_given(clause: Clause) -> Decimal:
    """Return the share of each further dollar of a high price that a clause gives to the buyer."""
    found: Decimal | None = None
    if isinstance(clause, Share):
        found = clause.share_above
    elif isinstance(clause, Collar):
        found = clause.share_above_cap
    elif isinstance(clause, Difference):
        found = ALL if clause.direction in {Direction.TWO_WAY, Direction.TO_BUYER} else None
    elif isinstance(clause, Cap) or (isinstance(clause, Indexed) and clause.cap_usd_per_kg):
        found = ALL
    return found or Decimal(0)


def _shares(clauses: Placed, references: Rules) -> Iterator[Fault]:
    """Yield the clause with which the shares on a reference, on the day it starts, exceed the whole."""
    giving = [(place, clause) for place, clause in clauses if share_given(clause) and not clause.starts_with]
    for place, clause in giving:
        day, own = _days(clause)[0], _own(clause)
        before = [
            other
            for at, other in giving
            if at != place
            and _days(other)[0] <= day <= _days(other)[1]
            and (_days(other)[0] < day or at < place)
            and same_rule(own, _own(other), references)
        ]
        total = sum(map(share_given, before), share_given(clause))
        if before and total > ALL:
            named = ", ".join(f"{other.name} {share_given(other)}" for other in before)
            allowed = f"at most the whole of a price above any level, with {named} on the same reference"
            yield Fault(f"clauses.{place}", f"a share of {share_given(clause)}, {total} in all", allowed)


def _own(clause: Clause) -> str | None:
    found: str | None = getattr(clause, "reference", None)
    return found


def _days(clause: Clause) -> tuple[date, date]:
    return clause.first_day or date.min, clause.last_day or date.max
