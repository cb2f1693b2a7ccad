"""Which fixings of an index a delivery rests on, and each one before VAT with the rate in force on its day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from math import prod

from pricing.contracts.measures import VatRule
from pricing.contracts.periods import MONTHS_PER_YEAR, last_day_of, month_number, month_shifted
from pricing.contracts.terms.facts import Facts, IndexHistory, Restatement
from pricing.contracts.terms.fixings import MONTH_LETTERS
from pricing.contracts.terms.references import Quotation, Window
from pricing.errors import Fault
from pricing.price import Currency, Vat

ONE = Decimal(1)
_SPAN = {Window.MONTH: 1, Window.QUARTER: 3, Window.YEAR: MONTHS_PER_YEAR}


class Vintage(StrEnum):
    """Which figure of a restated fixing counts."""

    FIRST = "first"
    TRUED_UP = "trued up"  # the last one within the contract's days


@dataclass(frozen=True, slots=True)
class Calendar:
    """An index by month: its fixings in order, and the restatements of each."""

    months: Mapping[str, Sequence[str]]
    restated: Mapping[str, Sequence[Restatement]]

    @classmethod
    def of(cls, index: IndexHistory) -> Calendar:
        """Return the calendar of an index; a month has a fixing of its own or daily ones."""
        days: defaultdict[str, list[str]] = defaultdict(list)
        for key in sorted(index.fixings):
            days[key[:MONTH_LETTERS]].append(key)
        restated: defaultdict[str, list[Restatement]] = defaultdict(list)
        for one in index.restatements:
            restated[one.fixing].append(one)
        return cls(dict(days), dict(restated))


@dataclass(frozen=True, slots=True)
class UsedFixing:
    """A fixing as it entered an average: `amount` in the index's money, on the contract's VAT basis."""

    key: str
    published: Decimal
    amount: Decimal
    fx_per_usd: Decimal
    vat_rate: Decimal | None  # None where no VAT was taken out or put in
    restated: bool
    splice_factor: Decimal = ONE  # what brings a later symbol to the first one's specification; it is in the amount


@dataclass(frozen=True, slots=True)
class FixingRule:
    """What turns an index's fixings into amounts on a contract's VAT basis."""

    name: str
    reference: Quotation
    vat: Vat
    facts: Facts
    vintage: Vintage
    calendar: Calendar

    def used(self, key: str, index: IndexHistory, faults: list[Fault]) -> UsedFixing:
        """Return a fixing as it enters an average; what the rule or the facts leave open is noted as a fault."""
        published, restated = self._figure(key, index, faults)
        amount, rate = self._on_vat_basis(published, key, index, faults)
        factor = prod((splice.ratio for splice in index.splices_by(key[:MONTH_LETTERS])), start=ONE)
        return UsedFixing(key, published, amount * factor, self._fx(key, index, faults), rate, restated, factor)

    def _on_vat_basis(
        self, published: Decimal, key: str, index: IndexHistory, faults: list[Fault]
    ) -> tuple[Decimal, Decimal | None]:
        if index.vat is self.vat or self.reference.vat_rule is not VatRule.CONVERT:
            return published, None
        rate = index.vat_rates.get(key, self.facts.vat_on(_day_of(key)))
        if rate is None:
            faults.append(Fault("vat", f"no rate for {_day_of(key)}", "the rate in force on the day of each fixing"))
            return published, None
        return (published * (1 + rate) if self.vat is Vat.INCLUDED else published / (1 + rate)), rate

    def _fx(self, key: str, index: IndexHistory, faults: list[Fault]) -> Decimal:
        if index.currency is Currency.USD:
            return ONE
        history = self.facts.fx.get(index.currency)
        rate = None if history is None else history.per_usd.get(key)
        if rate is None:
            wanted = "a rate of the same day or month as the fixing; none is carried forward"
            faults.append(Fault(f"fx.{index.currency}.per_usd.{key}", "nothing", wanted))
        return rate or ONE

    def _figure(self, key: str, index: IndexHistory, faults: list[Fault]) -> tuple[Decimal, bool]:
        """Return the figure that counts, and whether it is a restated one."""
        first, as_of, days = index.fixings[key], self.facts.as_of, self.reference.true_up_within_days
        later = [one for one in self.calendar.restated.get(key, ()) if one.known_on <= (as_of or one.known_on)]
        if not later:
            return first, False
        if days is None:
            allowed = "true_up_within_days, 0 where the first figure stands"
            path = f"references.{self.name}.true_up_within_days"
            faults.append(Fault(path, f"nothing, and {key} was restated", allowed))
            return first, False
        until = index.published[key] + timedelta(days=days)
        counted = [one for one in later if one.known_on <= until] if days and self.vintage is Vintage.TRUED_UP else []
        return (max(counted, key=lambda one: one.known_on).amount, True) if counted else (first, False)


def windows(reference: Quotation, months: tuple[str, ...]) -> tuple[str, ...]:
    """Return the months whose fixings price deliveries in some months; one is repeated where it counts for more.

    >>> rule = Quotation(index="smm", window=Window.MONTH, lag_months=1)
    >>> windows(rule, ("2026-11", "2026-12"))
    ('2026-12', '2027-01')
    """
    return windows_of(reference.window, reference.lag_months, months)


@lru_cache(maxsize=4096)
def windows_of(window: Window, lag_months: int, months: tuple[str, ...]) -> tuple[str, ...]:
    """Return the same of a window and its lag."""
    found = [month for delivered in months for month in _window(window, lag_months, delivered)]
    counts = Counter(found)
    if len(set(counts.values())) == 1:
        return tuple(counts)
    return tuple(found)


def fixings_of(
    index: IndexHistory, calendar: Calendar, month: str, as_of: date | None, grace_days: int | None
) -> list[str]:
    """Return the fixings of a month that count: published by the day of settlement and within the days of grace.

    A month that is not over on the day of settlement has none: its average is not known.
    """
    if as_of is not None and as_of < last_day_of(month):
        return []
    keys = calendar.months.get(month, ())
    return [key for key in keys if _in_time(index, key, month, as_of, grace_days)] if index.published else [*keys]


def came_late(index: IndexHistory, calendar: Calendar, month: str, due: date) -> bool:
    """Return whether a month was published, but only after a day."""
    return any(key in index.published and index.published[key] > due for key in calendar.months.get(month, ()))


def _in_time(index: IndexHistory, key: str, month: str, as_of: date | None, grace_days: int | None) -> bool:
    known = index.published.get(key)
    if known is None:
        return True
    in_grace = grace_days is None or known <= last_day_of(month) + timedelta(days=grace_days)
    return in_grace and (as_of is None or known <= as_of)


def _window(window: Window, lag_months: int, delivered: str) -> list[str]:
    span = _SPAN[window]
    since_start = (month_number(delivered) + lag_months) % span
    return [month_shifted(delivered, lag_months - since_start + place) for place in range(span)]


def _day_of(key: str) -> date:
    return last_day_of(key) if len(key) == MONTH_LETTERS else date.fromisoformat(key)
