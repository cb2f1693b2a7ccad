"""What a field of contract terms may hold, and terms that check themselves.

A Term is a frozen dataclass whose fields carry their unit and range; `checks` holds what must be true between fields.
The same fields and checks serve a value object made in code and a row read from JSON or YAML.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, TypeVar, get_args, get_origin

from pricing.contracts.measures import KG_PER_UNIT
from pricing.errors import Fault, TermsError
from pricing.price import Unit

Item = TypeVar("Item")
USD_PER_KG = "_usd_per_kg"
PRICE_UNITS = {f"_usd_per_{unit}": KG_PER_UNIT[unit] for unit in (Unit.KG, Unit.LB, Unit.T)}
ENOUGH = Decimal(10) ** 12
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}", re.ASCII)
NAME_WANTED = "a name of letters, digits and _, such as benchmark"
TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,120}")
TEXT_WANTED = "a text of 1 to 120 printable characters"
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
MONTH_WANTED = "a month such as 2026-03"


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from low to high with their unit; `above` leaves low itself out, `whole` takes whole numbers only."""

    low: Decimal
    high: Decimal
    unit: str
    above: bool = False
    whole: bool = False

    def __contains__(self, number: Decimal) -> bool:
        if not number.is_finite() or (self.whole and number != number.to_integral_value()):
            return False
        return (self.low < number if self.above else self.low <= number) and number <= self.high

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        if self.high == ENOUGH:
            return f"{kind} {'above' if self.above else 'of at least'} {self.low} ({self.unit})"
        reach = f"above {self.low} and up to" if self.above else f"from {self.low} to"
        return f"{kind} {reach} {self.high} ({self.unit})"


@dataclass(frozen=True, slots=True)
class Spec:
    """What a field holds beyond its type: numbers within a span, texts of a shape, keys of a shape."""

    span: Span | None = None
    shape: re.Pattern[str] = TEXT
    wanted: str = TEXT_WANTED
    keys: re.Pattern[str] = NAME
    keys_wanted: str = NAME_WANTED
    days: tuple[date, date] = (date(1990, 1, 1), date(2150, 12, 31))
    row_name: str = ""  # where the row's name is no Python name, such as from
    most: int = 40  # items of a list or mapping
    least: int = 0


def price(**more: Any) -> Any:
    """Return a field for a price above zero in USD/kg; its row may say _usd_per_lb or _usd_per_t instead."""
    return number("USD/kg", above=True, high=Decimal(1_000_000), **more)


def share(*, above: bool = False, high: Decimal = Decimal(1), **more: Any) -> Any:
    """Return a field for a share of one."""
    return number("a share: 0.3 is 30 %", above=above, high=high, **more)


def number(
    unit: str, *, low: Decimal = Decimal(0), high: Decimal = ENOUGH, above: bool = False, required: bool = True
) -> Any:
    """Return a field for a number with its unit and range."""
    return _field(Spec(Span(low, high, unit, above)), required)


def whole(unit: str, *, low: int = 0, high: int = 10_000, required: bool = True) -> Any:
    """Return a field for a whole number."""
    return _field(Spec(Span(Decimal(low), Decimal(high), unit, whole=True)), required)


def named(*, required: bool = True) -> Any:
    """Return a field for a name that other terms refer to."""
    return _field(Spec(shape=NAME, wanted=NAME_WANTED), required)


def month(*, required: bool = True) -> Any:
    """Return a field for a month written YYYY-MM."""
    return _field(Spec(shape=MONTH, wanted=MONTH_WANTED), required)


def contract_day(row_name: str, *, required: bool = True) -> Any:
    """Return a field for a day of a contract, which lies in this century."""
    return _field(Spec(days=(date(2000, 1, 1), date(2099, 12, 31)), row_name=row_name), required)


def stated(spec: Spec | None = None, *, required: bool = True) -> Any:
    """Return a field of the kind its type says: a word, a day, a list, a nested term."""
    return _field(spec or Spec(), required)


def listed(*, least: int = 0, most: int = 40) -> Any:
    """Return a field for a list; one that may be empty may be left out."""
    spec = Spec(least=least, most=most)
    return field(metadata={"spec": spec}) if least else field(default=(), metadata={"spec": spec})


def keyed(keys: re.Pattern[str], wanted: str, span: Span | None = None, *, most: int = 600, least: int = 0) -> Any:
    """Return a field for values by key; one that may be empty may be left out."""
    spec = Spec(span=span, keys=keys, keys_wanted=wanted, most=most, least=least)
    return field(metadata={"spec": spec}) if least else field(default_factory=dict, metadata={"spec": spec})


def _field(spec: Spec, required: bool) -> Any:
    return field(metadata={"spec": spec}) if required else field(default=None, metadata={"spec": spec})


class Term:
    """Terms that refuse values outside their ranges and fields that contradict each other, with every fault."""

    __slots__ = ()
    KIND: ClassVar[str] = ""  # the word of `kind` in a row, where a list holds several kinds

    def __post_init__(self) -> None:
        found = {item.name: getattr(self, item.name) for item in fields_of(type(self))}
        faults = [*_out_of_range(type(self), found), *self.checks(found)]
        if faults:
            raise TermsError(*faults)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield what is wrong between fields; a field that could not be read is absent from `found`."""
        yield from ()


def fields_of(kind: type[Term]) -> tuple[Field[Any], ...]:
    """Return the dataclass fields of a kind of term."""
    return _fields_of(typing.cast("Any", kind))


def hints_of(kind: type[Term]) -> dict[str, Any]:
    """Return the type of each field of a kind of term."""
    return _hints_of(typing.cast("Any", kind))


@cache
def _fields_of(kind: Any) -> tuple[Field[Any], ...]:
    return tuple(item for item in fields(kind) if "spec" in item.metadata)


@cache
def _hints_of(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def kinds_of(hint: Any) -> tuple[Any, ...]:
    """Return the types that a field of a type may hold, without None."""
    if get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(one for one in get_args(hint) if one is not type(None))
    return (hint,)


def spec_of(item: Field[Any]) -> Spec:
    """Return what a field holds."""
    return typing.cast("Spec", item.metadata["spec"])


def row_name(item: Field[Any]) -> str:
    """Return the name of a field in a row."""
    return spec_of(item).row_name or item.name


def is_required(item: Field[Any]) -> bool:
    """Return whether a row must state a field."""
    return item.default is MISSING and item.default_factory is MISSING


def stated_all(found: Mapping[str, Any], *names: str) -> bool:
    """Return whether every named field was read and is not left out."""
    return all(found.get(name) is not None for name in names)


def placed(items: Iterable[Item | None]) -> Iterator[tuple[int, Item]]:
    """Yield the items of a list that could be read, each with its place."""
    return ((place, item) for place, item in enumerate(items) if item is not None)


def _out_of_range(kind: type[Term], found: Mapping[str, Any]) -> Iterator[Fault]:
    for item in fields_of(kind):
        value, span = found[item.name], spec_of(item).span
        inside = value.items() if isinstance(value, Mapping) else [("", value)]
        for key, one in inside:
            if span is not None and isinstance(one, Decimal | int) and Decimal(one) not in span:
                yield Fault(".".join(part for part in (row_name(item), key) if part), str(one), str(span))
