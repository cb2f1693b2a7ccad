"""Which fixings of an index a delivery rests on, and each one before VAT with the rate in force on its day."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pricing.contracts.floor import VatRule
from pricing.contracts.periods import MONTHS_PER_YEAR
from pricing.contracts.terms.facts import Facts, IndexHistory
from pricing.contracts.terms.references import Quotation, Window
from pricing.errors import Fault
from pricing.price import Vat

MONTH_LETTERS = len("2026-03")
_SPAN = {Window.MONTH: 1, Window.QUARTER: 3, Window.YEAR: MONTHS_PER_YEAR}


class Vintage(StrEnum):
    """Which figure of a restated fixing counts."""

    FIRST = "first"
    TRUED_UP = "trued up"  # the last one within the contract's days


@dataclass(frozen=True, slots=True)
class UsedFixing:
    """A fixing as it entered an average: `amount` in the index's money, on the contract's VAT basis."""

    key: str
    published: Decimal
    amount: Decimal
    vat_rate: Decimal | None  # None where no VAT was taken out or put in
    restated: bool
    faults: tuple[Fault, ...] = ()
    fx_per_usd: Decimal = Decimal(1)

    @classmethod
    def of(
        cls, key: str, reference: Quotation, index: IndexHistory, vat: Vat, facts: Facts, vintage: Vintage
    ) -> UsedFixing:
        """Return a fixing of an index under a contract's rule; what the rule leaves open is noted as a fault."""
        published, restated, faults = _figure(key, reference, index, facts, vintage)
        if index.vat is vat or reference.vat_rule is not VatRule.CONVERT:
            return cls(key, published, published, None, restated, faults)
        rate = facts.vat_on(_day_of(key))
        if rate is None:
            faults = (
                *faults,
                Fault("vat", f"no rate for {_day_of(key)}", "the rate in force on the day of each fixing"),
            )
        with_vat = 1 + (rate or Decimal(0))
        amount = published * with_vat if vat is Vat.INCLUDED else published / with_vat
        return cls(key, published, amount, rate, restated, faults)


def windows(reference: Quotation, months: tuple[str, ...]) -> tuple[str, ...]:
    """Return the months whose fixings price deliveries in some months; one is repeated where it counts for more.

    >>> rule = Quotation(index="smm", window=Window.MONTH, lag_months=1)
    >>> windows(rule, ("2026-11", "2026-12"))
    ('2026-12', '2027-01')
    """
    found = [month for delivered in months for month in _window(reference, delivered)]
    counts = Counter(found)
    if len(set(counts.values())) == 1:
        return tuple(counts)
    return tuple(found)


def fixings_of(index: IndexHistory, month: str, as_of: date | None, grace_days: int | None) -> list[str]:
    """Return the fixings of a month that count: published by the day of settlement and within the days of grace.

    A month that is not over on the day of settlement has none: its average is not known.
    """
    if as_of is not None and as_of < last_day(month):
        return []
    keys = [month] if month in index.fixings else _daily(index, month)
    return [key for key in keys if _in_time(index, key, month, as_of, grace_days)]


def came_late(index: IndexHistory, month: str, due: date) -> bool:
    """Return whether a month was published, but only after a day."""
    keys = [month, *_daily(index, month)]
    return any(key in index.published and index.published[key] > due for key in keys)


def last_day(month: str) -> date:
    """Return the last day of a month."""
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, monthrange(year, number)[1])


def _daily(index: IndexHistory, month: str) -> list[str]:
    return sorted(key for key in index.fixings if len(key) > MONTH_LETTERS and key.startswith(month))


def _in_time(index: IndexHistory, key: str, month: str, as_of: date | None, grace_days: int | None) -> bool:
    known = index.published.get(key)
    if known is None:
        return True
    in_grace = grace_days is None or known <= last_day(month) + timedelta(days=grace_days)
    return in_grace and (as_of is None or known <= as_of)


def _window(reference: Quotation, delivered: str) -> list[str]:
    span = _SPAN[reference.window]
    count = int(delivered[:4]) * MONTHS_PER_YEAR + int(delivered[5:]) - 1 + reference.lag_months
    first = count - count % span
    return [f"{n // MONTHS_PER_YEAR:04d}-{n % MONTHS_PER_YEAR + 1:02d}" for n in range(first, first + span)]


def _figure(
    key: str, reference: Quotation, index: IndexHistory, facts: Facts, vintage: Vintage
) -> tuple[Decimal, bool, tuple[Fault, ...]]:
    """Return the figure that counts, whether it is a restated one, and what the rule leaves open."""
    later = [one for one in index.restatements if one.fixing == key and one.known_on <= (facts.as_of or one.known_on)]
    days = reference.true_up_within_days
    if later and days is None:
        allowed = "true_up_within_days, 0 where the first figure stands"
        fault = Fault("references.{name}.true_up_within_days", f"nothing, and {key} was restated", allowed)
        return index.fixings[key], False, (fault,)
    if vintage is Vintage.FIRST or days is None:
        return index.fixings[key], False, ()
    until = index.published[key] + timedelta(days=days) if later else None
    counted = [one for one in later if until is not None and one.known_on <= until and days > 0]
    if not counted:
        return index.fixings[key], False, ()
    return max(counted, key=lambda one: one.known_on).amount, True, ()


def _day_of(key: str) -> date:
    return last_day(key) if len(key) == MONTH_LETTERS else date.fromisoformat(key)
