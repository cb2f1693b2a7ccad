"""Terms written back as the rows they are read from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from pricing.contracts.terms.entries import entries_of
from pricing.contracts.terms.schema import Term


def plain(term: Term) -> dict[str, Any]:
    """Return the row that `read` reads back: prices in USD/kg, days as texts, what was left out left out."""
    kind = {"kind": term.KIND} if term.KIND else {}
    stated = ((entry.row_name, getattr(term, entry.name)) for entry in entries_of(type(term)))
    found = {name: _plain(value) for name, value in stated if value is not None}
    return kind | {name: value for name, value in found.items() if value not in ([], {})}


def _plain(value: Any) -> Any:
    if isinstance(value, Term):
        return plain(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
