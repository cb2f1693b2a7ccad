"""What a clause pays per kg: pure functions on exact decimals or on arrays of paths alike.

Amounts are USD/kg, positive where the buyer pays the seller. A floor and an upside share are the two halves of a
contract for difference; every other clause is made of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np

from pricing.contracts.measures import CENT, KG_PER_TONNE

WIDE = Context(prec=60)  # an amount beyond all reason is still rounded, not an error
Amount = TypeVar("Amount", Decimal, np.ndarray)


class DiscountRule(StrEnum):
    """What a discount or premium is taken from where a floor or cap stands beside it."""

    UNDISCOUNTED_INDEX = "undiscounted_index"  # bounds are measured from the index; the discount comes off beside
    FLOORED_PRICE = "floored_price"  # the discount comes off the bounded price
    GREATER_OF = "greater_of"  # the discounted index is bounded


def larger(one: Amount, other: Amount) -> Amount:
    """Return the larger of two amounts, path by path."""
    return np.maximum(one, other) if isinstance(one, np.ndarray) else max(one, other)


def smaller(one: Amount, other: Amount) -> Amount:
    """Return the smaller of two amounts, path by path."""
    return np.minimum(one, other) if isinstance(one, np.ndarray) else min(one, other)


def shortfall(level: Amount, reference: Amount) -> Amount:
    """Return what a reference lacks to a level, never negative: what a floor pays.

    >>> shortfall(Decimal(110), Decimal(68)), shortfall(Decimal(110), Decimal(118))
    (Decimal('42'), Decimal('0'))
    """
    return larger(level - reference, reference * 0)


def excess(level: Amount, reference: Amount) -> Amount:
    """Return what a reference has above a level, never negative: what an upside share falls on."""
    return larger(reference - level, reference * 0)


def bounded(price: Amount, floor: Amount | None, cap: Amount | None) -> Amount:
    """Return a price held between a floor and a cap; either may be absent."""
    held = price if floor is None else larger(price, floor)
    return held if cap is None else smaller(held, cap)


def discounted(
    index: Amount,
    kept: Amount,
    rule: DiscountRule | None,
    floor: Amount | None,
    cap: Amount | None,
    added: Amount | None = None,
) -> Amount:
    """Return the price under an index: `kept` is 1 less the discount (1.02 is a premium of 2 %), `added` is USD/kg.

    >>> args = Decimal(95), Decimal("0.97")
    >>> [str(discounted(*args, rule, Decimal(100), None)) for rule in DiscountRule]
    ['97.15', '97.00', '100']
    """
    more = index * 0 if added is None else added
    if rule is DiscountRule.FLOORED_PRICE:
        return bounded(index, floor, cap) * kept + more
    if rule is DiscountRule.UNDISCOUNTED_INDEX:
        return index * kept + more + bounded(index, floor, cap) - index
    return bounded(index * kept + more, floor, cap)


def difference(strike: Amount, reference: Amount, to_seller: bool, to_buyer: bool) -> Amount:
    """Return what a contract for difference pays: both ways, or one way only."""
    paid = shortfall(strike, reference) if to_seller else reference * 0
    return paid - excess(strike, reference) if to_buyer else paid


def within_cap(amounts: Sequence[Decimal], years: Sequence[int], caps: dict[int, Decimal]) -> list[Decimal]:
    """Return amounts in order of time, cut where their sum of a year reaches its cap; a new year starts afresh.

    >>> caps = dict.fromkeys((2026, 2027), Decimal(10))
    >>> due = [Decimal(-11), Decimal(-8), Decimal(-8)]
    >>> [str(usd) for usd in within_cap(due, [2026, 2026, 2027], caps)]
    ['-10', '0', '-8']
    """
    left, paid = dict(caps), []
    for amount, year in zip(amounts, years, strict=True):
        due = min(abs(amount), left[year])
        left[year] -= due
        paid.append(-due if amount < 0 and due else due)
    return paid


def begun(references: Sequence[Decimal], level: Decimal, over: int) -> list[bool]:
    """Return period by period whether the reference has, before it, averaged a level over so many periods.

    >>> begun([Decimal(90), Decimal(112), Decimal(80)], Decimal(100), 2)
    [False, False, True]
    """
    found, so_far = [], False
    for place in range(len(references)):
        found.append(so_far)
        if place + 1 >= over:
            so_far = so_far or sum(references[place + 1 - over : place + 1]) >= level * over
    return found


def cap_binds_at(share: Decimal, level: Decimal, cap_usd: Decimal, tonnes: Decimal) -> Decimal:
    """Return the flat price in USD/kg from which a yearly cap on an upside share binds.

    >>> round(cap_binds_at(Decimal("0.3"), Decimal(150), Decimal(10_000_000), Decimal(5000)), 2)
    Decimal('156.67')
    """
    return level + cap_usd / (share * tonnes * KG_PER_TONNE)


def basket(shares: dict[str, Amount], prices: dict[str, Amount]) -> Amount:
    """Return the value in USD/kg TREO of the oxides in a kg of it."""
    values: list[Any] = [shares[name] * prices[name] for name in shares]
    return sum(values[1:], values[0])


def cents(usd: Decimal) -> Decimal:
    """Return an amount rounded half up to the cent."""
    return usd.quantize(CENT, ROUND_HALF_UP, WIDE) + 0  # no minus before a zero
