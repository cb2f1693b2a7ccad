"""Sums that negotiators do before they settle anything: what is at risk, what a discount pays for, what money buys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.settlement_payoffs import DiscountRule, discounted, excess, shortfall
from pricing.contracts.settlement_table import Settled
from pricing.contracts.terms.conditions import Party, VolumeOption
from pricing.errors import Fault, TermsError

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class TakeOrPayExposure:
    """A year of take-or-pay against a spot price: tonnes bound, and USD lost if resold, or with no need at all."""

    tonnes: Decimal
    marked_to_market_usd: Decimal  # tonnes resold at spot
    cash_at_risk_usd: Decimal  # neither needed nor resold


def take_or_pay_exposure(
    take_share: Decimal, tonnes_per_year: Decimal, price: Decimal, spot: Decimal, make_up_worth: Decimal = ZERO
) -> TakeOrPayExposure:
    """Return what a year of take-or-pay binds at a price in USD/kg against a spot price.

    `make_up_worth` is what a kg that may be taken later is worth today in USD/kg; 0 without a right to make up.

    >>> bound = take_or_pay_exposure(Decimal("0.8"), Decimal(520), Decimal(110), Decimal(85))
    >>> str(bound.marked_to_market_usd), str(bound.cash_at_risk_usd)
    ('10400000.0', '45760000.0')
    """
    tonnes = take_share * tonnes_per_year
    kg = tonnes * KG_PER_TONNE
    return TakeOrPayExposure(tonnes, kg * (price - max(spot, make_up_worth)), kg * (price - make_up_worth))


@dataclass(frozen=True, slots=True)
class DiscountForFloor:
    """A floor bought with a discount, on one index: USD/kg, and the discount at which neither side gains."""

    floor_worth: Decimal
    discount_costs: Decimal
    break_even_share: dict[DiscountRule, Decimal | None]  # None: no discount makes it even


def discount_for_floor(index: Decimal, floor: Decimal, discount: Decimal) -> DiscountForFloor:
    """Return what a floor is worth and a discount costs on a flat index, with the break-even under each rule.

    The price is compared with the index: at break-even the seller is paid the index.

    >>> found = discount_for_floor(Decimal(95), Decimal(100), Decimal("0.03"))
    >>> [None if share is None else f"{share:.2%}" for share in found.break_even_share.values()]
    ['5.26%', '5.00%', None]
    """
    rules = {rule: _break_even(index, floor, rule) for rule in DiscountRule}
    return DiscountForFloor(shortfall(floor, index), index * discount, rules)


def _break_even(index: Decimal, floor: Decimal, rule: DiscountRule) -> Decimal | None:
    """Return the discount at which the price is the index, from the price's two ends: it is linear in the discount."""
    whole, nothing = (discounted(index, kept, rule, floor, None) for kept in (ONE, ZERO))
    if rule is DiscountRule.GREATER_OF:
        return ZERO if whole == index else None
    return (whole - index) / (whole - nothing)


def most_tonnes(usd: Decimal, floor: Decimal) -> Decimal:
    """Return the tonnes that an amount buys at a floor: an upper bound, since the price may be above it.

    >>> round(most_tonnes(Decimal(96_000_000), Decimal(110)), 1)
    Decimal('872.7')
    """
    return usd / (floor * KG_PER_TONNE)


def supported_tonnes(usd: Decimal, floor: Decimal, reference: Decimal) -> Decimal:
    """Return the tonnes whose shortfall an amount pays for, where it is support and not purchase value."""
    lacking = shortfall(floor, reference)
    if not lacking:
        raise TermsError(Fault("reference", str(reference), f"a reference below the floor, {floor}: nothing is paid"))
    return usd / (lacking * KG_PER_TONNE)


@dataclass(frozen=True, slots=True)
class VolumeBound:
    """What a right to choose tonnes is worth at most, on prices known in advance, against an even spread."""

    best_tonnes: tuple[Decimal, ...]
    best_usd: Decimal
    even_usd: Decimal

    @property
    def most_worth_usd(self) -> Decimal:
        """Return the upper bound of the right's value: nobody chooses better than with perfect foresight."""
        return self.best_usd - self.even_usd


def volume_bound(option: VolumeOption, gain_usd_per_kg: Sequence[Decimal]) -> VolumeBound:
    """Return the best choice of tonnes for the holder at the holder's gain per kg of each period.

    With a total, every period takes the least and the rest goes to the best periods; without one, each period stands
    alone. TermsError where the total cannot be reached.
    """
    count, least, most = len(gain_usd_per_kg), option.least_tonnes_per_period, option.most_tonnes_per_period
    total = option.total_tonnes
    if total is not None and not least * count <= total <= most * count:
        raise TermsError(Fault("volume_option.total_tonnes", str(total), f"{least * count} to {most * count} t"))
    left = (most - least) * count if total is None else total - least * count
    best = [least] * count
    for place in sorted(range(count), key=lambda period: -gain_usd_per_kg[period]):
        more = min(most - least, left) if total is not None or gain_usd_per_kg[place] > 0 else ZERO
        best[place] += more
        left -= more
    even = (least + most) / 2 if total is None else total / count
    return VolumeBound(tuple(best), _usd(best, gain_usd_per_kg), _usd([even] * count, gain_usd_per_kg))


def volume_bound_of(settled: Settled) -> VolumeBound:
    """Return the bound of a contract's right to choose tonnes, on the prices it was settled on.

    TermsError without such a right, and where a yearly cap limits what its holder pays: more tonnes then cost nothing.
    """
    option = settled.contract.volume_option
    if option is None:
        raise TermsError(Fault("volume_option", "nothing", "the holder, the least and the most tonnes of a period"))
    side = 1 if option.holder is Party.SELLER else -1
    legs = [leg for flow in settled.periods for leg in flow.legs]
    if against := [leg.clause for leg in legs if leg.cap_year is not None and leg.usd_before_cap * side < 0]:
        allowed = "no yearly cap on what the holder pays"
        raise TermsError(Fault("clauses", f"an annual_cap on {against[0]}", allowed))
    gains = [sum((leg.usd_per_kg * side for leg in flow.legs), ZERO) for flow in settled.periods]
    return volume_bound(option, gains)


def effective_cost(cost: Decimal, credit_share: Decimal, phase_out: Mapping[int, Decimal], year: int) -> Decimal:
    """Return a production cost in USD/kg less a credit on it, in a year of its phase-out.

    `phase_out` has the share of the credit still granted from a year on; before its first year all of it is.

    >>> years = {2031: Decimal("0.75"), 2032: Decimal("0.5"), 2033: Decimal("0.25"), 2034: Decimal(0)}
    >>> [str(effective_cost(Decimal(75), Decimal("0.1"), years, year)) for year in (2026, 2032, 2040)]
    ['67.5', '71.25', '75.0']
    """
    begun = [first for first in phase_out if first <= year]
    granted = phase_out[max(begun)] if begun else ONE
    return cost - cost * credit_share * granted


def floor_with_share(prices: Mapping[str, Decimal], floor: Decimal, share: Decimal, above: Decimal) -> Decimal:
    """Return the mean cost in USD/kg of a floor less an upside share over equally likely prices.

    >>> states = {str(p): Decimal(p) for p in (80, 100, 125, 140)}
    >>> both = floor_with_share(states, Decimal(110), Decimal("0.3"), Decimal(110))
    >>> both, floor_with_share(states, Decimal(104), Decimal(0), Decimal(104))
    (Decimal('6.625'), Decimal('7'))
    """
    paid = (shortfall(floor, price) - excess(above, price) * share for price in prices.values())
    return sum(paid, ZERO) / len(prices)


def _usd(tonnes: Sequence[Decimal], rates: Sequence[Decimal]) -> Decimal:
    return sum((t * KG_PER_TONNE * rate for t, rate in zip(tonnes, rates, strict=True)), ZERO)
