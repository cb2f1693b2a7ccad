"""The reference price of a delivery, by the contract's rule, on the contract's basis, with the steps that led to it.

Order: fixings -> VAT at the rate of each fixing's day -> FX, per fixing or on averages -> average -> metal -> rounding.
A fixing that is not there is an error, a price of a stated deck, or a fallback that the contract names; no price is
ever carried forward.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from pricing.contracts.periods import first_named, last_day_of
from pricing.contracts.reference_average import NOT_ROUNDED, average, combined, conversions, mean_of, rounded, told
from pricing.contracts.reference_fixings import (
    Calendar,
    FixingRule,
    UsedFixing,
    Vintage,
    came_late,
    fixings_of,
    windows,
)
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts, IndexHistory
from pricing.contracts.terms.references import (
    Combination,
    Compared,
    FallbackFor,
    FallbackStep,
    Quotation,
    deck_faults,
    index_faults,
)
from pricing.errors import Fault, TermsError

Months = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """A reference on the contract's basis; `fallback_step` 0 is the first choice, 1 the first fallback.

    `deck_months` are the months priced by the deck, each as often as it counts.
    """

    name: str
    usd_per_kg: Decimal
    steps: tuple[str, ...]
    fixings: tuple[UsedFixing, ...]
    fallback_step: int = 0
    deck_months: Months = ()


@dataclass(frozen=True, slots=True)
class References:
    """The references of a contract, priced on facts; `vintage` says whether restatements count."""

    contract: Contract
    facts: Facts
    vintage: Vintage = Vintage.FIRST
    calendars: Mapping[str, Calendar] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        calendars = {name: Calendar.of(index) for name, index in self.facts.indices.items()}
        object.__setattr__(self, "calendars", calendars)

    def faults(self) -> list[Fault]:
        """Return indices that are not known, conversions that the rule does not give, and decks of nothing."""
        terms = self.contract
        found = list(index_faults(terms.references, self.facts.indices, terms.vat, terms.form))
        return [*found, *deck_faults(terms.references, self.facts.decks)]

    def price(self, name: str, months: Months) -> ReferencePrice:
        """Return the reference of deliveries in some months; TermsError where a fixing is not there."""
        reference = self.contract.references[name]
        if isinstance(reference, Combination):
            return self._combined(name, reference, months)
        if reference.fallback_for is FallbackFor.MONTH and len(months) > 1:
            exact = replace(reference, rounded_to_decimals=None)
            return _mean(name, [self._one(name, exact, (month,)) for month in months], reference)
        return self._one(name, reference, months)

    def _combined(self, name: str, reference: Combination, months: Months) -> ReferencePrice:
        if reference.compared is Compared.MONTHS and len(months) > 1:
            return _mean(name, [self._combined(name, reference, (month,)) for month in months])
        members = [self.price(member, months) for member in reference.of]
        taken = combined(reference.take, [member.usd_per_kg for member in members])
        all_of = ", ".join(f"{member.name} {member.usd_per_kg:.2f}" for member in members)
        return _joined(name, taken, members, f"{reference.take} of {all_of}")

    def _one(self, name: str, reference: Quotation, months: Months) -> ReferencePrice:
        """Return the first choice, with a deck where it reaches, else the first fallback that is due and priced."""
        wanted = windows(reference, months)
        fixed = {month: self._fixings(reference, month) for month in dict.fromkeys(wanted)}
        missing = [month for month, keys in fixed.items() if not keys]
        deck = self.facts.decks.get(name)
        assumed = {month: None if deck is None else deck.price(month) for month in missing}
        if all(price is not None for price in assumed.values()):
            known = {month: price for month, price in assumed.items() if price is not None}
            return self._first_choice(name, reference, wanted, fixed, known)
        unpriced = [month for month, price in assumed.items() if price is None]
        return self._fallback(name, reference, months, missing, self._missing_fault(name, reference, unpriced))

    def _fixings(self, reference: Quotation, month: str) -> list[str]:
        grace = reference.fallback[0].after_days_late if reference.fallback else None
        keys = fixings_of(self._index(reference), self.calendars[reference.index], month, self.facts.as_of, grace)
        least = reference.least_fixings_per_month or 0
        return keys if month in keys or len(keys) >= least else []

    def _missing_fault(self, name: str, reference: Quotation, missing: list[str]) -> Fault:
        """Return what is missing and why: never fixed, known only later, or fixed on too few days."""
        index, calendar = self._index(reference), self.calendars[reference.index]
        found = f"no fixing of {reference.index} for {first_named(missing)}"
        allowed = "a fixing, or a deck from that month on; none is ever carried forward"
        if hidden := [month for month in missing if fixings_of(index, calendar, month, None, None)]:
            least = reference.least_fixings_per_month or 0
            if few := [month for month in hidden if len(calendar.months[month]) < least]:
                found += f"; fewer than {least} daily ones in {first_named(few)}"
            if later := [month for month in hidden if month not in few and self.facts.as_of]:
                found += f"; {first_named(later)} known only after as_of {self.facts.as_of}"
        return Fault(f"references.{name}", found, allowed)

    def _fallback(
        self, name: str, reference: Quotation, months: Months, missing: list[str], unpriced: Fault
    ) -> ReferencePrice:
        faults = [unpriced]
        for place, step in enumerate(reference.fallback):
            if (waits := self._waits_until(reference, missing, step)) is not None:
                found = f"{missing[-1]} not fixed, {self.facts.as_of or 'no as_of'}"
                faults.append(Fault(f"references.{name}.fallback.{place}", found, f"an as_of from {waits} on"))
                continue
            try:
                price = self.price(step.use, months)
            except TermsError as error:
                faults += error.faults
                continue
            why = f"{name} has no fixing for {', '.join(missing)}: step {place + 1} of its fallback, {step.use}"
            return replace(price, name=name, steps=(why, *price.steps), fallback_step=place + 1)
        raise TermsError(*faults)

    def _waits_until(self, reference: Quotation, missing: list[str], step: FallbackStep) -> date | None:
        """Return the day from which a step applies, if the day of settlement is not that far.

        Without a day of settlement all that was published is known, and with it that a month came too late.
        """
        index, grace, as_of = self._index(reference), timedelta(days=step.after_days_late), self.facts.as_of
        calendar, stopped = self.calendars[reference.index], index.stopped_after
        due = {month: last_day_of(month) + grace for month in missing if stopped is None or month <= stopped}
        if as_of is None:
            return max((day for month, day in due.items() if not came_late(index, calendar, month, day)), default=None)
        return max((day for day in due.values() if as_of < day), default=None)

    def _first_choice(
        self,
        name: str,
        reference: Quotation,
        wanted: Months,
        fixed: Mapping[str, list[str]],
        assumed: Mapping[str, Decimal],
    ) -> ReferencePrice:
        """Return the average of fixings and of assumed months; where both meet, each month counts once."""
        index, steps = self._index(reference), []
        by_month = self._used(name, reference, fixed, [month for month in wanted if month not in assumed])
        prices = [assumed[month] for month in wanted if month in assumed]
        usd = mean_of(prices) if prices else Decimal(0)
        if by_month:
            own = average(name, reference, index, by_month)
            usd = (own * len(by_month) + sum(prices, Decimal(0))) / len(wanted) if prices else own
            steps = [f"{reference.index}: {told(by_month, reference)}", *conversions(index, reference, by_month)]
        if prices:
            steps.append(f"deck for {len(assumed)} months from {min(assumed)} to {max(assumed)}")
        usd, how = rounded(usd, reference)
        fixings = tuple(fixing for _, used in by_month for fixing in used)
        deck_months = tuple(month for month in wanted if month in assumed)
        return ReferencePrice(name, usd, (*steps, how), fixings, deck_months=deck_months)

    def _used(
        self, name: str, reference: Quotation, fixed: Mapping[str, list[str]], wanted: list[str]
    ) -> list[tuple[str, list[UsedFixing]]]:
        index, faults = self._index(reference), list[Fault]()
        rule = FixingRule(name, reference, self.contract.vat, self.facts, self.vintage, self.calendars[reference.index])
        found = [(month, [rule.used(key, index, faults) for key in fixed[month]]) for month in wanted]
        if faults:
            raise TermsError(*dict.fromkeys(faults))
        return found

    def _index(self, reference: Quotation) -> IndexHistory:
        if reference.index not in self.facts.indices:
            raise TermsError(*self.faults())
        return self.facts.indices[reference.index]


def _mean(name: str, prices: list[ReferencePrice], rounding: Quotation | None = None) -> ReferencePrice:
    """Return the mean of the months' references, each month counting once."""
    mean = mean_of(price.usd_per_kg for price in prices)
    usd, how = (mean, "") if rounding is None else rounded(mean, rounding)
    found = _joined(name, usd, prices, f"mean of {len(prices)} months of delivery")
    steps = [step for step in found.steps if step != NOT_ROUNDED]
    return replace(found, steps=tuple(step for step in dict.fromkeys([*steps, how]) if step))


def _joined(name: str, usd: Decimal, parts: list[ReferencePrice], how: str) -> ReferencePrice:
    return ReferencePrice(
        name,
        usd,
        (how, *(step for part in parts for step in part.steps)),
        tuple(fixing for part in parts for fixing in part.fixings),
        max(part.fallback_step for part in parts),
        tuple(month for part in parts for month in part.deck_months),
    )
