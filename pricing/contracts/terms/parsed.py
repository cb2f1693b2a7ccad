"""One plain value of a row as its type: number, day, word or text; what cannot be read fails without a message."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pricing.contracts.terms.schema import Spec

MAX_DIGITS = 28  # of a number, as many as exact sums carry
MAX_MAGNITUDE = 20  # powers of ten
FAILED: Any = object()  # a field that could not be read


def parsed(value: object, kind: type[Any], spec: Spec) -> Any:
    """Return a plain value as its type, FAILED where it is none or out of range."""
    if kind is Decimal or kind is int:
        got = _number(value)
        return FAILED if got is None or (spec.span and got not in spec.span) else kind(got)
    if kind is date:
        day = _day(value)
        return day if day is not FAILED and spec.days[0] <= day <= spec.days[1] else FAILED
    if kind is bool:
        return value if isinstance(value, bool) else FAILED
    if issubclass(kind, StrEnum):
        return _word(value, kind)
    is_text = isinstance(value, str) and value.isprintable() and spec.shape.fullmatch(value)
    return value if is_text else FAILED


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    got = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not got.is_finite() or abs(got.adjusted()) > MAX_MAGNITUDE:
        return None
    return got if len(got.normalize().as_tuple().digits) <= MAX_DIGITS else None


def _word(value: object, kind: type[StrEnum]) -> Any:
    try:
        return kind(value) if isinstance(value, str) else FAILED
    except ValueError:
        return FAILED


def _day(value: object) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-01-31") else FAILED
    except ValueError:
        return FAILED
