"""Laid-out contracts as the engine takes them: items with paths, legs on the references of all, one schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

import numpy as np

from pricing.contracts.periods import MONTHS_PER_YEAR
from pricing.contracts.settlement_layout import Layout, layout_of
from pricing.contracts.settlement_layout import Paths as OnPaths
from pricing.contracts.settlement_plan import LegPlan
from pricing.contracts.valuation.clause_legs import ClauseLeg, Stated
from pricing.contracts.valuation.legs import Leg, Paying
from pricing.contracts.valuation.rules import Rule
from pricing.contracts.valuation.schedule import Schedule, Timing
from pricing.errors import Fault, TermsError
from serving.contracts.outlook.decks import RowDeck
from serving.contracts.outlook.months import Horizon
from serving.contracts.valuations.laid import Laid, LaidOut

T = TypeVar("T")
MOST_DIMENSIONS = 1080  # months x items, whose covariance is taken apart once: 15 years of six items


@dataclass(frozen=True, eq=False)
class OwnLeg:
    """A leg with the contract it belongs to and the clause it is of; a yearly sum is of none."""

    leg: Paying
    owner: int
    plan: LegPlan | None


@dataclass(frozen=True, eq=False)
class Engine:
    """Legs, the schedule, and the rows that have paths of their own; each contract is paid by its own terms.

    `places` are those rows; rows of one material with equal decks share their paths. `references` has contract and
    name of each reference of the schedule.
    """

    own_legs: tuple[OwnLeg, ...]
    schedule: Schedule
    places: tuple[int, ...]
    names: tuple[str, ...]
    references: tuple[tuple[str, str], ...]
    assumptions: tuple[str, ...]

    @property
    def legs(self) -> tuple[Paying, ...]:
        """Return the legs of all contracts."""
        return tuple(own.leg for own in self.own_legs)

    def items(self, rows: Sequence[T]) -> list[T]:
        """Return the rows that have paths of their own."""
        return [rows[place] for place in self.places]


def engine_of(laid: LaidOut, fiscal_starts: int, alternative: str | None = None) -> Engine:
    """Return what the engine needs; TermsError with everything that paths cannot carry, and beyond the dimensions."""
    places, item_of = _items(laid.decks)
    _check_dimensions(laid, len(places))
    legs, rules, references, words, layouts = list[OwnLeg](), list[Rule](), list[tuple[str, str]](), list[str](), []
    faults: list[Fault] = []
    for number, contract in enumerate(laid.contracts):
        items = {deck.row.reference: item_of[id(deck)] for deck in contract.decks}
        try:
            layout = layout_of(
                contract.plan, laid.facts, OnPaths(items, laid.horizon.months[0], alternative, fiscal_starts)
            )
        except TermsError as error:
            faults += [_placed(one, contract) for one in error.faults]
            continue
        legs += _own(layout, contract, number, len(rules), several=len(laid.contracts) > 1)
        rules += layout.schedule.rules
        references += [(contract.contract.name, name) for name in layout.rows]
        words += layout.assumptions
        layouts.append(layout)
    if faults:
        raise TermsError(*dict.fromkeys(faults))
    if not legs:
        raise TermsError(Fault(f"{laid.contracts[0].path}.clauses", "none that pays", "at least one clause"))
    schedule = _schedule(layouts, legs, tuple(rules), laid.horizon, fiscal_starts)
    names = _names([laid.decks[place] for place in places])
    return Engine(tuple(legs), schedule, places, names, tuple(references), tuple(dict.fromkeys(words)))


def _own(layout: Layout, contract: Laid, number: int, offset: int, *, several: bool) -> Iterator[OwnLeg]:
    clauses = {leg.clause.name: leg for leg in contract.plan.legs}
    for leg in layout.legs:
        clause = None if isinstance(leg, Stated) else clauses[leg.name.split(" ", 1)[0]]
        yield OwnLeg(_moved(leg, offset, contract.contract.name if several else ""), number, clause)


def _moved(leg: Paying, rows: int, contract: str) -> Paying:
    """Return a leg whose references stand so many rows further down."""
    if isinstance(leg, Leg | ClauseLeg) and not rows:
        return leg
    if isinstance(leg, Leg):
        return replace(leg, reference=leg.reference + rows)
    if isinstance(leg, ClauseLeg):
        further = None if leg.alternative is None else leg.alternative + rows
        return replace(leg, rows={name: row + rows for name, row in leg.rows.items()}, alternative=further)
    if isinstance(leg, Stated) and contract:
        return replace(leg, name=f"{leg.name} of {contract}")
    return leg


def _schedule(
    layouts: Sequence[Layout], own_legs: Sequence[OwnLeg], rules: tuple[Rule, ...], horizon: Horizon, fiscal_starts: int
) -> Schedule:
    """Return the one schedule of all contracts, with the timing of each where it is not the first one's."""
    first_fiscal_year = (horizon.last_over + 2 - fiscal_starts) // MONTHS_PER_YEAR  # of the first month ahead
    timings = [_timing(layout.schedule, horizon, first_fiscal_year) for layout in layouts]
    first = timings[0]
    others = {owner for owner, timing in enumerate(timings) if not _alike(timing, first)}
    fixings = zip(*(layout.schedule.fixing_months for layout in layouts), strict=True)
    return Schedule(
        tuple(tuple(sorted(set(chain(*months)))) for months in fixings),
        first.due_years,
        first.cap_years,
        first.fiscal_years,
        rules,
        first_fiscal_year,
        {own.leg.name: timings[own.owner] for own in own_legs if own.owner in others},
    )


def _timing(schedule: Schedule, horizon: Horizon, first_fiscal_year: int) -> Timing:
    """Return when a contract's payments are due, in whole months from the day of valuation."""
    months = np.round(schedule.due_years * MONTHS_PER_YEAR) + horizon.ahead(horizon.months[0]) - 1
    return Timing(months / MONTHS_PER_YEAR, schedule.cap_years, schedule.fiscal_years, first_fiscal_year)


def _alike(one: Timing, other: Timing) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("due_years", "cap_years", "fiscal_years")
    )


def _items(decks: Sequence[RowDeck]) -> tuple[tuple[int, ...], dict[int, int]]:
    """Return the first row of each material with its own deck, and for each row which of them it is."""
    places: list[int] = []
    seen: dict[object, int] = {}
    item_of: dict[int, int] = {}
    for place, deck in enumerate(decks):
        key = (deck.row.material, tuple(sorted(deck.prices.items())))
        if key not in seen:
            seen[key] = len(places)
            places.append(place)
        item_of[id(deck)] = seen[key]
    return tuple(places), item_of


def _names(decks: Sequence[RowDeck]) -> tuple[str, ...]:
    """Return a name for each item: its material, with the reference where a material has several."""
    materials = [deck.row.material for deck in decks]
    return tuple(
        str(deck.row.material)
        if materials.count(deck.row.material) == 1
        else f"{deck.row.material}, {deck.row.reference} of {deck.row.contract.name}"
        for deck in decks
    )


def _check_dimensions(laid: LaidOut, items: int) -> None:
    months = len(laid.horizon.months)
    if months * items > MOST_DIMENSIONS:
        found = f"{months} months x {items} references with decks of their own = {months * items:,}"
        allowed = f"at most {MOST_DIMENSIONS:,}; ask for fewer years, contracts or decks in one request"
        raise TermsError(Fault("budget", found, allowed))


def _placed(fault: Fault, contract: Laid) -> Fault:
    """Return a fault of a layout under its place in the request."""
    if fault.path == "alternative":
        return fault
    of_facts = fault.path.startswith(("stops", "events.", "price_indices.", "measured_", "taken_"))
    return replace(fault, path=f"{'facts' if of_facts else contract.path}.{fault.path}")
