"""How a row states the fields of a kind of term: worked out once for each kind, since every row is read by it."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from functools import cache
from typing import Any, get_args, get_origin

from pricing.contracts.terms.schema import (
    USD_PER_KG,
    Spec,
    Term,
    fields_of,
    hints_of,
    is_required,
    kinds_of,
    row_name,
    spec_of,
)


@dataclass(frozen=True, slots=True)
class Held:
    """What a value may be: one of several kinds of term, a plain value, or a list or mapping of such."""

    kinds: tuple[Any, ...]
    container: type | None  # tuple or Mapping
    items: Held | None  # what each holds
    is_term: bool

    @property
    def kind(self) -> Any:
        """Return the one type of a plain value, or the first of several kinds."""
        return self.kinds[0]


@dataclass(frozen=True, slots=True)
class Entry:
    """One field: its own name and the one in a row, what it holds, and what stands where a row leaves it out."""

    name: str
    row_name: str
    spec: Spec
    held: Held
    is_required: bool
    default: Any
    factory: Callable[[], Any] | None
    is_price: bool  # a row may state it in another unit, under another name

    def left_out(self) -> Any:
        """Return what stands where a row leaves the field out."""
        return self.default if self.factory is None else self.factory()


def entries_of(kind: type[Term]) -> tuple[Entry, ...]:
    """Return the entries of a kind of term, in the order of its fields."""
    return _entries_of(typing.cast("Any", kind))


def row_names_of(kind: type[Term]) -> frozenset[str]:
    """Return the names of a row's fields, prices in USD/kg."""
    return _row_names_of(typing.cast("Any", kind))


@cache
def _entries_of(kind: Any) -> tuple[Entry, ...]:
    hints = hints_of(kind)
    return tuple(
        Entry(
            item.name,
            row_name(item),
            spec_of(item),
            _held(hints[item.name]),
            is_required(item),
            item.default,
            None if item.default_factory is MISSING else item.default_factory,
            row_name(item).endswith(USD_PER_KG),
        )
        for item in fields_of(kind)
    )


@cache
def _row_names_of(kind: Any) -> frozenset[str]:
    return frozenset(entry.row_name for entry in _entries_of(kind))


def _held(hint: Any) -> Held:
    kinds = kinds_of(hint)
    origin = get_origin(kinds[0])
    if origin is None:
        return Held(kinds, None, None, issubclass(kinds[0], Term))
    container, place = (tuple, 0) if origin is tuple else (Mapping, 1)
    return Held(kinds, container, _held(get_args(kinds[0])[place]), is_term=False)
