"""A whole contract, and what must be true between its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from pricing.contracts.periods import Settlement
from pricing.contracts.terms.clause import Clause, YearOf
from pricing.contracts.terms.conditions import (
    Cause,
    Guarantee,
    Interruption,
    MostFavoured,
    PriceReview,
    Provisional,
    TakeOrPay,
    Volume,
    VolumeOption,
)
from pricing.contracts.terms.differences import Cap, Collar, Difference, Floor, Share
from pricing.contracts.terms.overlaps import Rules, meet, overlaps, same_rule
from pricing.contracts.terms.prices import Carbonate, Fixed, Indexed
from pricing.contracts.terms.references import Reference, reference_faults
from pricing.contracts.terms.schema import (
    NAME,
    NAME_WANTED,
    Term,
    contract_day,
    keyed,
    listed,
    placed,
    stated,
    stated_all,
    whole,
)
from pricing.contracts.terms.words import nearest
from pricing.errors import Fault
from pricing.materials import Form, Material
from pricing.price import Vat

AnyClause = Fixed | Indexed | Carbonate | Floor | Cap | Collar | Difference | Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract(Term):
    """Terms between a buyer and a seller; levels are USD/kg of the material's form, all on one VAT basis."""

    name: str = stated()
    buyer: str = stated()
    seller: str = stated()
    material: Material = stated()
    form: Form = stated()
    vat: Vat = stated()
    first_day: date = contract_day("from")
    last_day: date = contract_day("to")
    settlement: Settlement = stated()
    payment_days: int | None = whole("days after the period ends", high=400, required=False)
    volume: Volume = stated()
    references: Mapping[str, Reference] = keyed(NAME, NAME_WANTED, most=20)
    clauses: tuple[AnyClause, ...] = listed(most=30)
    volume_option: VolumeOption | None = stated(required=False)
    take_or_pay: TakeOrPay | None = stated(required=False)
    guarantee: Guarantee | None = stated(required=False)
    provisional: Provisional | None = stated(required=False)
    interruptions: tuple[Interruption, ...] = listed()
    reviews: tuple[PriceReview, ...] = listed()
    most_favoured: tuple[MostFavoured, ...] = listed()

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield what contradicts between the parts that could be read."""
        yield from _days(found)
        yield from _nothing_due(found)
        yield from _clauses(found)
        yield from _targets(found)
        yield from _causes(found)
        if "references" in found:
            yield from reference_faults(found["references"])
            yield from _used_references(found)

    def clause(self, name: str) -> AnyClause:
        """Return a clause by name."""
        return next(clause for clause in self.clauses if clause.name == name)

    def days_of(self, clause: Clause, events: Mapping[str, date]) -> tuple[date, date] | None:
        """Return the first and last day on which a clause holds; None where its event has not come."""
        first = max(self.first_day, clause.first_day or self.first_day)
        if clause.starts_with is not None:
            if clause.starts_with not in events:
                return None
            first = max(first, events[clause.starts_with])
        last = min(self.last_day, clause.last_day or self.last_day)
        return (first, last) if first <= last else None


Placed = list[tuple[int, AnyClause]]


def _clauses_of(found: Mapping[str, Any]) -> Placed:
    """Return the clauses that could be read, each with its place; what could not be read of one is None."""
    return list(placed(found.get("clauses", ())))


def _nothing_due(found: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield a contract under which nobody ever pays."""
    if all(name in found and not found[name] for name in ("clauses", "take_or_pay", "guarantee")):
        yield Fault("clauses", "none", "at least one clause, or take_or_pay or a guarantee: else nobody pays anything")


def _days(found: Mapping[str, Any]) -> Iterator[Fault]:
    if not stated_all(found, "first_day", "last_day"):
        return
    first, last = found["first_day"], found["last_day"]
    if first > last:
        yield Fault("to", str(last), f"a day on or after {first}, the day the contract starts")
        return
    for place, clause in _clauses_of(found):
        for name, day in (("from", clause.first_day), ("to", clause.last_day)):
            if day is not None and not first <= day <= last:
                yield Fault(f"clauses.{place}.{name}", str(day), f"a day of the contract, {first} to {last}")


def _clauses(found: Mapping[str, Any]) -> Iterator[Fault]:
    clauses = _clauses_of(found)
    for (_, one), (place, other) in combinations(clauses, 2):
        path = f"clauses.{place}"
        if one.name == other.name is not None:
            yield Fault(f"{path}.name", f"{other.name} a second time", "a name of its own for each clause")
        if meet(one, other):
            yield from _two_prices(path, one, other)
            yield from _crossing(path, one, other, found.get("references", {}))
    yield from overlaps(clauses, found.get("references", {}))
    yield from _discount_beside_a_floor(clauses)
    for place, clause in clauses:
        if clause.starts_above is not None and isinstance(clause, Fixed | Carbonate):
            yield Fault(f"clauses.{place}.starts_above", clause.KIND, "nothing: the clause has no reference of its own")
        by_settlement = clause.annual_cap is not None and clause.annual_cap.year_of is YearOf.SETTLEMENT
        if by_settlement and found.get("payment_days", 0) is None:
            yield Fault("payment_days", "nothing", f"days after a period ends: clauses.{place} caps by settlement day")


def _two_prices(path: str, one: AnyClause, other: AnyClause) -> Iterator[Fault]:
    if one.PRICES and other.PRICES:
        yield Fault(f"{path}.from", f"overlaps {one.name}", "one price of goods on any day")


def _crossing(path: str, one: AnyClause, other: AnyClause, references: Rules) -> Iterator[Fault]:
    """Yield a floor above a cap, or above the level of a share, on the same reference."""
    floor = next((clause for clause in (one, other) if isinstance(clause, Floor)), None)
    cap = next((clause for clause in (one, other) if isinstance(clause, Cap | Share)), None)
    if floor is None or cap is None or not same_rule(floor.reference, cap.reference, references):
        return
    level = cap.cap_usd_per_kg if isinstance(cap, Cap) else cap.above_usd_per_kg
    if None not in (level, floor.floor_usd_per_kg) and floor.floor_usd_per_kg > level:
        at_most = f"at most {level}, the level of {cap.name} on the same reference"
        yield Fault(f"{path}.floor_usd_per_kg", str(floor.floor_usd_per_kg), at_most)


def _discount_beside_a_floor(clauses: Placed) -> Iterator[Fault]:
    """Yield a discounted price whose floor stands in a clause of its own while nothing says how the two meet."""
    floors = [clause for _, clause in clauses if isinstance(clause, Floor | Collar)]
    for place, clause in clauses:
        if isinstance(clause, Indexed) and clause.moved and clause.discount_rule is None and floors:
            allowed = "undiscounted_index, or the floor as floor_usd_per_kg of this clause with another rule"
            yield Fault(f"clauses.{place}.discount_rule", f"nothing, beside the floor of {floors[0].name}", allowed)


def _targets(found: Mapping[str, Any]) -> Iterator[Fault]:
    if "clauses" not in found or None in found["clauses"]:
        return
    names = [clause.name for _, clause in _clauses_of(found) if len(clause.LEVELS) == 1 and clause.name]
    for field in ("reviews", "most_favoured"):
        for place, one in placed(found.get(field, ())):
            if one.target is not None and one.target not in names:
                allowed = f"a clause with one level: {', '.join(names) or 'there is none'}"
                yield Fault(f"{field}.{place}.target", one.target, allowed, nearest(one.target, names))


def _causes(found: Mapping[str, Any]) -> Iterator[Fault]:
    said: set[Cause] = set()
    for place, one in placed(found.get("interruptions", ())):
        if one.cause in said:
            yield Fault(f"interruptions.{place}.cause", one.cause, "each cause once")
        said |= {one.cause} - {None}


def _used_references(found: Mapping[str, Any]) -> Iterator[Fault]:
    known = found["references"]
    for path, name in _uses(found):
        if name is not None and name not in known:
            allowed = f"a reference of the contract: {', '.join(known) or 'there is none'}"
            yield Fault(path, name, allowed, nearest(name, known))


def _uses(found: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Yield where references are named, with the names."""
    for place, clause in _clauses_of(found):
        yield from ((f"clauses.{place}.reference", name) for name in clause.references)
    for field, name in (("reviews", "reference"), ("interruptions", "cover_reference")):
        for place, one in placed(found.get(field, ())):
            yield f"{field}.{place}.{name}", getattr(one, name, None)
    yield "provisional.reference", getattr(found.get("provisional"), "reference", None)
