"""Averages of fixings, by the rules for what is averaged and for FX, and what an answer says of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from pricing.contracts.measures import KG_PER_UNIT, VatRule
from pricing.contracts.reference_fixings import UsedFixing
from pricing.contracts.settlement_payoffs import WIDE
from pricing.contracts.terms.facts import IndexHistory
from pricing.contracts.terms.references import AverageOf, FxRule, Quotation, Take
from pricing.errors import Fault, TermsError
from pricing.price import Currency

NOT_ROUNDED = "not rounded"
ByMonth = Sequence[tuple[str, list[UsedFixing]]]


def average(name: str, reference: Quotation, index: IndexHistory, by_month: ByMonth) -> Decimal:
    """Return the average in USD/kg of the contract's form, not rounded."""
    usd = _in_usd(name, reference, [used for _, used in by_month]) / KG_PER_UNIT[index.unit]
    if reference.metal is None:
        return usd
    return usd * reference.metal.oxide_kg_per_kg_metal + reference.metal.toll_usd_per_kg_metal


def combined(take: Take, amounts: list[Decimal]) -> Decimal:
    """Return the higher, the lower or the mean of several amounts."""
    if take is Take.MEAN:
        return mean_of(amounts)
    return max(amounts) if take is Take.HIGHER else min(amounts)


def rounded(usd: Decimal, reference: Quotation) -> tuple[Decimal, str]:
    """Return a reference by its rounding rule, and what was done."""
    if reference.rounded_to_decimals is None:
        return usd, NOT_ROUNDED
    step = Decimal(1).scaleb(-reference.rounded_to_decimals)
    return usd.quantize(step, ROUND_HALF_UP, WIDE), f"rounded half up to {reference.rounded_to_decimals} decimals"


def conversions(index: IndexHistory, reference: Quotation, by_month: ByMonth) -> list[str]:
    """Return what was done to the fixings: splices, VAT, FX, metal."""
    steps = _spliced(index, by_month)
    steps += _taxed([fixing.vat_rate for _, used in by_month for fixing in used])
    if reference.vat_rule is VatRule.AS_QUOTED:
        steps.append(f"VAT as quoted ({index.vat or 'not stated'})")
    if index.currency is not Currency.USD:
        steps.append(f"{index.currency} to USD: {reference.fx_rule}")
    if (metal := reference.metal) is not None:
        ratio = f"{metal.oxide_kg_per_kg_metal} kg oxide per kg metal ({metal.ratio_source})"
        steps.append(f"oxide to metal at {ratio}, toll {metal.toll_usd_per_kg_metal}")
    return steps


def _lag(months: int) -> str:
    """Return a lag in words.

    >>> _lag(1), _lag(-1), _lag(2)
    ('1 month after', '1 month before', '2 months after')
    """
    size = abs(months)
    return f"{size} month{'' if size == 1 else 's'} {'after' if months > 0 else 'before'}"


def told(by_month: ByMonth, reference: Quotation) -> str:
    """Return how many fixings of which months were averaged."""
    months = [month for month, _ in by_month]
    count = sum(len(used) for _, used in by_month)
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    restated = sum(fixing.restated for _, used in by_month for fixing in used)
    lag = f", {_lag(reference.lag_months)} delivery" if reference.lag_months else ""
    return f"{count} fixing{'' if count == 1 else 's'} of {span}{lag}" + (
        f", {restated} as restated" if restated else ""
    )


def mean_of(amounts: Iterable[Decimal]) -> Decimal:
    """Return the simple mean."""
    found = list(amounts)
    return sum(found, Decimal(0)) / len(found)


def _taxed(found: Sequence[Decimal | None]) -> list[str]:
    """Return the rates at which VAT was converted, and how many fixings it cannot be told from."""
    rates = ", ".join(f"{(rate * 100).normalize():f}%" for rate in sorted({rate for rate in found if rate}))
    untold = sum(rate == 0 for rate in found)
    told = [f"VAT converted at {rates}"] if rates else []
    return [*told, *([f"no VAT to be told from {untold} of {len(found)} fixings"] if untold else [])]


def _spliced(index: IndexHistory, by_month: ByMonth) -> list[str]:
    """Return the version of the method that the last of some months rests on, with the splices behind it."""
    if not index.splices:
        return []
    found = index.splices_by(max(month for month, _ in by_month))
    first = f"method version 1: {index.splices[0].symbol_before}"
    return [splice.told(place) for place, splice in enumerate(found, start=2)] or [first]


def _in_usd(name: str, reference: Quotation, groups: list[list[UsedFixing]]) -> Decimal:
    if reference.average_of is None and len(groups) > 1 and any(len(group) > 1 for group in groups):
        allowed = f"one of {', '.join(AverageOf)}: {reference.index} is fixed more than once a month"
        raise TermsError(Fault(f"references.{name}.average_of", "nothing", allowed))
    if reference.average_of is not AverageOf.MONTHS:
        groups = [[fixing for group in groups for fixing in group]]
    if reference.fx_rule is FxRule.MEAN_OVER_MEAN:
        price = mean_of(mean_of(fixing.amount for fixing in group) for group in groups)
        return price / mean_of(mean_of(fixing.fx_per_usd for fixing in group) for group in groups)
    return mean_of(mean_of(fixing.amount / fixing.fx_per_usd for fixing in group) for group in groups)
