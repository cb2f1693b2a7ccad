"""Reading a request field by field, so that one refusal lists every fault.

Values are read before any value object is made: an object that refuses its second field would hide the faults of the
third. Each reader notes a fault and returns None; whoever composes the request looks at `faults` first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation, localcontext
from typing import TypeVar

from pricing.errors import Fault, InputError
from serving.fault_words import nearest, one_of, shown

T = TypeVar("T")

MAX_FAULTS = 50  # listed in one answer
MAX_DECIMALS = 20
ROUNDED_DIGITS = 60  # more than the largest number of any span has with MAX_DECIMALS
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from low to high with their unit; `above` leaves low itself out."""

    low: Decimal
    high: Decimal
    unit: str
    above: bool = False

    def __contains__(self, number: Decimal) -> bool:
        return (self.low < number if self.above else self.low <= number) and number <= self.high

    def __str__(self) -> str:
        reach = f"above {self.low} and up to" if self.above else f"from {self.low} to"
        return f"a number {reach} {self.high} {self.unit}"


@dataclass(slots=True)
class Fields:
    """The named values of one section of a request. `text` says that numbers arrive as text, as in a query."""

    values: Mapping[str, object]
    faults: list[Fault]
    prefix: str = ""
    text: bool = False
    read: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Return whether the caller sent the field; null counts as not sent."""
        return self.values.get(name) is not None

    def choice(
        self, name: str, allowed: Iterable[str], default: str | None = None, *, required: bool = True
    ) -> str | None:
        """Return one of the allowed words, or the default where the field is absent."""
        words = [str(word) for word in allowed]
        value = self._take(name)
        if value is None:
            return self._absent(name, default, one_of(words) if required else None)
        if isinstance(value, str) and value in words:
            return value
        self.note(name, value, one_of(words), nearest(value, words))
        return None

    def matching(self, name: str, shape: re.Pattern[str], allowed: str) -> str | None:
        """Return a text of one shape."""
        value = self._take(name)
        if isinstance(value, str) and shape.fullmatch(value):
            return value
        self.note(name, value, allowed)
        return None

    def day(
        self, name: str, first: date, last: date, default: date | None = None, *, required: bool = True
    ) -> date | None:
        """Return a day written YYYY-MM-DD between first and last."""
        allowed = f"a day from {first} to {last}, written YYYY-MM-DD"
        value = self._take(name)
        if value is None:
            return self._absent(name, default, allowed if required else None)
        day = _parsed_day(value)
        if day is not None and first <= day <= last:
            return day
        self.note(name, value, allowed)
        return None

    def month(self, name: str, first: str, last: str, default: str) -> str | None:
        """Return a month written YYYY-MM between first and last."""
        value = self._take(name)
        if value is None:
            return default
        if isinstance(value, str) and _MONTH.fullmatch(value) and first <= value <= last:
            return value
        self.note(name, value, f"a month from {first} to {last}, written YYYY-MM")
        return None

    def number(self, name: str, span: Span, default: Decimal | None = None, *, required: bool = True) -> Decimal | None:
        """Return a finite number within a span."""
        value = self._take(name)
        if value is None:
            return self._absent(name, default, str(span) if required else None)
        number = _parsed_number(value, self.text)
        if number is None or number not in span:
            self.note(name, value, str(span))
            return None
        if not _within_decimals(number):
            self.note(name, value, f"{span}, with at most {MAX_DECIMALS} decimals")
            return None
        return plain(number)

    def section(self, name: str, allowed: str, *, required: bool = True) -> Fields | None:
        """Return the fields of a nested object."""
        value = self._take(name)
        if value is None:
            return self._absent(name, None, allowed if required else None)
        if isinstance(value, dict):
            return Fields(value, self.faults, self.path(name), self.text)
        self.note(name, value, allowed)
        return None

    def none(self, name: str, why: str) -> None:
        """Note a field that has no place beside the others."""
        value = self._take(name)
        if value is not None:
            self.note(name, value, f"nothing: {why}")

    def close(self) -> None:
        """Note every field that nobody read."""
        for name in self.values:
            if name not in self.read:
                self.note(name, name, one_of(self.read), nearest(name, self.read))

    def path(self, name: str) -> str:
        """Return the field's path from the top of the request."""
        return ".".join(part for part in (self.prefix, shown(name)) if part)

    def note(self, name: str, found: object, allowed: str, near: str | None = None) -> None:
        """Note a fault under the name of a field."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(self.path(name), shown(found), allowed, near))

    def _take(self, name: str) -> object:
        self.read.append(name)
        return self.values.get(name)

    def _absent(self, name: str, default: T | None, allowed: str | None) -> T | None:
        if default is None and allowed is not None:
            self.note(name, _NOTHING, allowed)
        return default


def plain(number: Decimal) -> Decimal:
    """Return a number written in one way only, so that 110 and 110.0 are the same request.

    >>> str(plain(Decimal("110.00"))), str(plain(Decimal("1.1E+2")))
    ('110', '110')
    """
    return Decimal(format(number.normalize(), "f"))


def got(value: T | None) -> T:
    """Return a value that was read without a fault; call after `refuse_if_any`."""
    if value is None:
        msg = "a value that could not be read must leave a fault"
        raise AssertionError(msg)
    return value


def is_number(text: str) -> bool:
    """Return whether a text is a number in plain digits.

    >>> [is_number(text) for text in ("110", "1e5", "1_000", " 5", "NaN")]
    [True, True, False, False, False]
    """
    return _NUMBER.fullmatch(text) is not None


def refuse_if_any(faults: list[Fault]) -> None:
    """Raise one InputError with every fault, if there is one."""
    if faults:
        raise InputError(*faults)


def _parsed_day(value: object) -> date | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _within_decimals(number: Decimal) -> bool:
    with localcontext(prec=ROUNDED_DIGITS):
        return number == round(number, MAX_DECIMALS)


def _parsed_number(value: object, text: bool) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str if text else (int, Decimal)):
        return None
    if isinstance(value, str) and not is_number(value):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
