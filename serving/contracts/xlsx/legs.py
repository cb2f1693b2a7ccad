"""What a clause pays per kg as a formula on the cells of its row; None for a kind that no one row can compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pricing.contracts.settlement_payoffs import DiscountRule
from pricing.contracts.terms.differences import Direction
from serving.contracts.xlsx.live import NOTHING, Live, largest, smallest

# which number in force stands in which column
LEVEL = ("floor_usd_per_kg", "cap_usd_per_kg", "strike_usd_per_kg", "above_usd_per_kg", "price_usd_per_kg")
SECOND = "cap_usd_per_kg"
SHARES = ("share", "share_above_cap", "kept")
ADDED = "added"


@dataclass(frozen=True, slots=True)
class LegCells:
    """The cells of a leg's row that its formula may use; None where the clause has no such number."""

    reference: Live | None
    level: Live | None
    second: Live | None
    share: Live | None
    added: Live | None

    def bounded(self, price: Live) -> Live:
        """Return a price between the bounds of the row."""
        held = price if self.level is None else largest(price, self.level)
        return held if self.second is None else smallest(held, self.second)


def numbers_of(leg: Mapping[str, Any]) -> dict[str, float | None]:
    """Return level, second level, share and added amount of a leg, by the columns they stand in."""
    levels: dict[str, float] = leg["levels"]
    two = leg["kind"] in ("collar", "indexed")
    first = "floor_usd_per_kg" if two else next((name for name in LEVEL if name in levels), "")
    return {
        "level": levels.get(first),
        "second": levels.get(SECOND) if two else None,
        "share": next((levels[name] for name in SHARES if name in levels), None),
        "added": levels.get(ADDED),
    }


def paid_per_kg(leg: Mapping[str, Any], terms: Mapping[str, Any], cells: LegCells) -> Live | None:
    """Return what a leg pays per kg as a formula; None where the kind has none, or a cell it needs is empty."""
    made = FORMULAS.get(leg["kind"])
    needed = NEEDED.get(leg["kind"], ())
    if made is None or any(getattr(cells, name) is None for name in needed):
        return None
    return made(cells, terms)


def _floor(cells: LegCells, _terms: Mapping[str, Any]) -> Live:
    return largest(NOTHING, _of(cells.level) - _of(cells.reference))


def _above(cells: LegCells, _terms: Mapping[str, Any]) -> Live:
    return -largest(NOTHING, _of(cells.reference) - _of(cells.level))


def _collar(cells: LegCells, terms: Mapping[str, Any]) -> Live:
    return _floor(cells, terms) - largest(NOTHING, _of(cells.reference) - _of(cells.second)) * _of(cells.share)


def _share(cells: LegCells, terms: Mapping[str, Any]) -> Live:
    return _above(cells, terms) * _of(cells.share)


def _difference(cells: LegCells, terms: Mapping[str, Any]) -> Live:
    if terms["direction"] == Direction.TO_SELLER:
        return _floor(cells, terms)
    if terms["direction"] == Direction.TO_BUYER:
        return _above(cells, terms)
    return _of(cells.level) - _of(cells.reference)


def _fixed(cells: LegCells, _terms: Mapping[str, Any]) -> Live:
    return _of(cells.level)


def _indexed(cells: LegCells, terms: Mapping[str, Any]) -> Live:
    index, kept, added = _of(cells.reference), _of(cells.share), _of(cells.added)
    rule = terms.get("discount_rule")
    if rule == DiscountRule.FLOORED_PRICE:
        return cells.bounded(index) * kept + added
    if rule == DiscountRule.UNDISCOUNTED_INDEX and (cells.level is not None or cells.second is not None):
        return index * kept + added + cells.bounded(index) - index
    return cells.bounded(index * kept + added)


def _of(cell: Live | None) -> Live:
    return NOTHING if cell is None else cell


FORMULAS: dict[str, Callable[[LegCells, Mapping[str, Any]], Live]] = {
    "floor": _floor,
    "cap": _above,
    "collar": _collar,
    "share": _share,
    "difference": _difference,
    "fixed": _fixed,
    "indexed": _indexed,
}
NEEDED: dict[str, tuple[str, ...]] = {
    "floor": ("reference", "level"),
    "cap": ("reference", "level"),
    "collar": ("reference", "level", "second", "share"),
    "share": ("reference", "level", "share"),
    "difference": ("reference", "level"),
    "fixed": ("level",),
    "indexed": ("reference", "share"),
}
