"""The reference price of a delivery, by the contract's rule, on the contract's basis, with the steps that led to it.

Order: fixings -> VAT at the rate of each fixing's day -> FX, per fixing or on averages -> average -> metal -> rounding.
A fixing that is not there is an error or a fallback that the contract names; no price is ever carried forward.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from pricing.contracts.reference_fixings import UsedFixing, Vintage, came_late, fixings_of, last_day, windows
from pricing.contracts.settlement_payoffs import larger, smaller
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts, IndexHistory
from pricing.contracts.terms.references import (
    AverageOf,
    Combination,
    Compared,
    FallbackFor,
    FallbackStep,
    FxRule,
    Quotation,
    Take,
    index_faults,
)
from pricing.contracts.terms.schema import PRICE_UNITS
from pricing.errors import Fault, TermsError
from pricing.price import Currency

Months = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """A reference on the contract's basis; `fallback_step` 0 is the first choice, 1 the first fallback."""

    name: str
    usd_per_kg: Decimal
    steps: tuple[str, ...]
    fixings: tuple[UsedFixing, ...]
    fallback_step: int = 0


@dataclass(frozen=True, slots=True)
class References:
    """The references of a contract, priced on facts; `vintage` says whether restatements count."""

    contract: Contract
    facts: Facts
    vintage: Vintage = Vintage.FIRST

    def faults(self) -> list[Fault]:
        """Return indices that are not known and conversions that the rule does not give."""
        contract = self.contract
        return list(index_faults(contract.references, self.facts.indices, contract.vat, contract.form))

    def price(self, name: str, months: Months) -> ReferencePrice:
        """Return the reference of deliveries in some months; TermsError where a fixing is not there."""
        reference = self.contract.references[name]
        if isinstance(reference, Combination):
            return self._combined(name, reference, months)
        if reference.fallback_for is FallbackFor.MONTH and len(months) > 1:
            return _mean(name, [self._or_fallback(name, reference, (month,)) for month in months], reference)
        return self._or_fallback(name, reference, months)

    def _combined(self, name: str, reference: Combination, months: Months) -> ReferencePrice:
        if reference.compared is Compared.MONTHS and len(months) > 1:
            return _mean(name, [self._combined(name, reference, (month,)) for month in months])
        members = [self.price(member, months) for member in reference.of]
        taken = _take(reference.take, [member.usd_per_kg for member in members])
        told = ", ".join(f"{member.name} {_shown(member.usd_per_kg)}" for member in members)
        steps = (f"{reference.take} of {told}", *(step for member in members for step in member.steps))
        fixings = tuple(fixing for member in members for fixing in member.fixings)
        return ReferencePrice(name, taken, steps, fixings, max(member.fallback_step for member in members))

    def _or_fallback(self, name: str, reference: Quotation, months: Months) -> ReferencePrice:
        """Return the first choice, else the first fallback that is due and can be priced."""
        missing = self._missing(reference, months)
        if not missing:
            return self._first_choice(name, reference, months)
        faults = [_missing_fault(name, reference, missing)]
        for place, step in enumerate(reference.fallback):
            if (waits := self._waits_until(reference, missing, step)) is not None:
                told = f"{missing[-1]} not fixed, {self.facts.as_of or 'no as_of'}"
                faults.append(Fault(f"references.{name}.fallback.{place}", told, f"an as_of from {waits} on"))
                continue
            try:
                found = self.price(step.use, months)
            except TermsError as error:
                faults += error.faults
                continue
            why = f"{name} has no fixing for {', '.join(missing)}: step {place + 1} of its fallback, {step.use}"
            return replace(found, name=name, steps=(why, *found.steps), fallback_step=place + 1)
        raise TermsError(*faults)

    def _missing(self, reference: Quotation, months: Months) -> list[str]:
        index = self._index(reference)
        grace = reference.fallback[0].after_days_late if reference.fallback else None
        wanted = dict.fromkeys(windows(reference, months))
        return [month for month in wanted if not fixings_of(index, month, self.facts.as_of, grace)]

    def _waits_until(self, reference: Quotation, missing: list[str], step: FallbackStep) -> date | None:
        """Return the day from which a step applies, if the day of settlement is not that far."""
        index, grace = self._index(reference), timedelta(days=step.after_days_late)
        stopped = index.stopped_after
        late = [month for month in missing if stopped is None or month <= stopped]
        late = [month for month in late if not came_late(index, month, last_day(month) + grace)]
        if not late:
            return None
        due = last_day(late[-1]) + grace
        return None if self.facts.as_of is not None and self.facts.as_of >= due else due

    def _first_choice(self, name: str, reference: Quotation, months: Months) -> ReferencePrice:
        index = self._index(reference)
        by_month = self._used(name, reference, windows(reference, months))
        average = _average(name, reference, by_month)
        steps = [f"{reference.index}: {_told(by_month, reference)}", *_conversions(index, reference, by_month)]
        usd = average / PRICE_UNITS[f"_usd_per_{index.unit}"]
        if reference.metal is not None:
            metal = reference.metal
            usd = usd * metal.oxide_kg_per_kg_metal + metal.toll_usd_per_kg_metal
            ratio = f"{metal.oxide_kg_per_kg_metal} kg oxide per kg metal ({metal.ratio_source})"
            steps.append(f"oxide to metal at {ratio}, toll {metal.toll_usd_per_kg_metal}")
        rounded, how = _rounded(usd, reference)
        fixings = tuple(fixing for _, used in by_month for fixing in used)
        return ReferencePrice(name, rounded, (*steps, how), fixings)

    def _used(self, name: str, reference: Quotation, wanted: Months) -> list[tuple[str, list[UsedFixing]]]:
        index = self._index(reference)
        rates = self.facts.fx.get(index.currency)
        found, faults = [], []
        for month in wanted:
            grace = reference.fallback[0].after_days_late if reference.fallback else None
            used = []
            for key in fixings_of(index, month, self.facts.as_of, grace):
                fixing = UsedFixing.of(key, reference, index, self.contract.vat, self.facts, self.vintage)
                faults += [replace(fault, path=fault.path.replace("{name}", name)) for fault in fixing.faults]
                rate = Decimal(1) if index.currency is Currency.USD else rates and rates.per_usd.get(key)
                if rate is None:
                    wanted_rate = "a rate of the same day or month as the fixing"
                    faults.append(Fault(f"fx.{index.currency}.per_usd.{key}", "nothing", wanted_rate))
                used.append(replace(fixing, fx_per_usd=rate or Decimal(1)))
            found.append((month, used))
        if faults:
            raise TermsError(*dict.fromkeys(faults))
        return found

    def _index(self, reference: Quotation) -> IndexHistory:
        if reference.index not in self.facts.indices:
            raise TermsError(*self.faults())
        return self.facts.indices[reference.index]


def _average(name: str, reference: Quotation, by_month: Sequence[tuple[str, list[UsedFixing]]]) -> Decimal:
    """Return the average in USD per unit of the index, by the rules for averages and for FX."""
    groups = [used for _, used in by_month]
    several = any(len(used) > 1 for used in groups)
    if reference.average_of is None and several and len(groups) > 1:
        allowed = f"one of {', '.join(AverageOf)}: {reference.index} is fixed more than once a month"
        raise TermsError(Fault(f"references.{name}.average_of", "nothing", allowed))
    if reference.average_of is not AverageOf.MONTHS:
        groups = [[fixing for used in groups for fixing in used]]
    if reference.fx_rule is FxRule.MEAN_OVER_MEAN:
        prices, rates = ([_mean_of(getattr(f, field) for f in g) for g in groups] for field in ("amount", "fx_per_usd"))
        return _mean_of(prices) / _mean_of(rates)
    return _mean_of(_mean_of(fixing.amount / fixing.fx_per_usd for fixing in group) for group in groups)


def _mean(name: str, prices: list[ReferencePrice], rounding: Quotation | None = None) -> ReferencePrice:
    """Return the mean of the months' references, each month counting once."""
    mean = _mean_of(price.usd_per_kg for price in prices)
    rounded, how = (mean, "") if rounding is None else _rounded(mean, rounding)
    steps = [f"mean of {len(prices)} months of delivery", *(step for price in prices for step in price.steps)]
    fixings = tuple(fixing for price in prices for fixing in price.fixings)
    steps = [step for step in dict.fromkeys([*steps, how]) if step]
    return ReferencePrice(name, rounded, tuple(steps), fixings, max(price.fallback_step for price in prices))


def _take(take: Take, amounts: list[Decimal]) -> Decimal:
    if take is Take.MEAN:
        return _mean_of(amounts)
    found = amounts[0]
    for amount in amounts[1:]:
        found = larger(found, amount) if take is Take.HIGHER else smaller(found, amount)
    return found


def _rounded(usd: Decimal, reference: Quotation) -> tuple[Decimal, str]:
    if reference.rounded_to_decimals is None:
        return usd, "not rounded"
    step = Decimal(1).scaleb(-reference.rounded_to_decimals)
    return usd.quantize(step, ROUND_HALF_UP), f"rounded half up to {reference.rounded_to_decimals} decimals"


def _conversions(
    index: IndexHistory, reference: Quotation, by_month: Sequence[tuple[str, list[UsedFixing]]]
) -> list[str]:
    rates = sorted({fixing.vat_rate for _, used in by_month for fixing in used if fixing.vat_rate is not None})
    steps = [f"VAT {reference.vat_rule}: {', '.join(f'{rate:.0%}' for rate in rates)}"] if rates else []
    if reference.vat_rule == "as_quoted":
        steps.append(f"VAT as quoted ({index.vat or 'not stated'})")
    return steps + ([f"{index.currency} to USD: {reference.fx_rule}"] if index.currency is not Currency.USD else [])


def _told(by_month: Sequence[tuple[str, list[UsedFixing]]], reference: Quotation) -> str:
    months = [month for month, _ in by_month]
    count = sum(len(used) for _, used in by_month)
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    restated = sum(fixing.restated for _, used in by_month for fixing in used)
    lag = f", {reference.lag_months} months after delivery" if reference.lag_months else ""
    return f"{count} fixings of {span}{lag}" + (f", {restated} as restated" if restated else "")


def _missing_fault(name: str, reference: Quotation, missing: list[str]) -> Fault:
    more = f" and {len(missing) - 6} more" if len(missing) > 6 else ""
    allowed = "a fixing for each month; none is ever carried forward"
    return Fault(f"references.{name}", f"no fixing of {reference.index} for {', '.join(missing[:6])}{more}", allowed)


def _mean_of(amounts: Iterable[Decimal]) -> Decimal:
    found = list(amounts)
    return sum(found, Decimal(0)) / len(found)


def _shown(amount: Decimal) -> str:
    return f"{amount:.2f}"
