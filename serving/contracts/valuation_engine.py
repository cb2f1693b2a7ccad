"""Laid-out contracts as the engine takes them: items with paths, a rule for each reference, legs, one schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from pricing.contracts.periods import MONTHS_PER_YEAR, month_number
from pricing.contracts.reference_fixings import windows
from pricing.contracts.settlement_legs import legs_of, schedule_of
from pricing.contracts.terms.references import Combination, Compared
from pricing.contracts.valuation.legs import Paying
from pricing.contracts.valuation.rules import Average, Combined, Rule
from pricing.contracts.valuation.schedule import Schedule
from pricing.errors import Fault, TermsError
from serving.contracts.outlook_decks import RowDeck
from serving.contracts.outlook_months import Horizon, last_over
from serving.contracts.outlook_rows import quotations
from serving.contracts.valuation_laid import Laid, LaidOut

T = TypeVar("T")
Slots = Sequence[tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Engine:
    """Legs with the contract each belongs to, the schedule, and the rows that have paths of their own.

    `places` are those rows; rows of one material with equal decks share their paths. `references` has contract and
    name of each rule of the schedule.
    """

    legs: tuple[Paying, ...]
    owners: tuple[int, ...]
    schedule: Schedule
    months: tuple[str, ...]
    places: tuple[int, ...]
    names: tuple[str, ...]
    references: tuple[tuple[str, str], ...]

    def items(self, rows: Sequence[T]) -> list[T]:
        """Return the rows that have paths of their own."""
        return [rows[place] for place in self.places]


def engine_of(laid: LaidOut, fiscal_starts: int) -> Engine:
    """Return what the engine needs; TermsError with every clause that paths cannot carry."""
    places, item_of = _items(laid.decks)
    rules: list[Rule] = []
    legs: list[Paying] = []
    owners: list[int] = []
    faults: list[Fault] = []
    references: list[tuple[str, str]] = []
    for number, contract in enumerate(laid.contracts):
        rows, own = _rules(contract, laid.horizon, {d.row.reference: item_of[id(d)] for d in contract.decks}, rules)
        rules += own
        references += [(contract.contract.name, name) for name in rows]
        try:
            found = legs_of(contract.plan, rows)
        except TermsError as error:
            faults += [replace(one, path=f"{_path(contract, number)}.{one.path}") for one in error.faults]
            continue
        legs += found
        owners += [number] * len(found)
    if faults:
        raise TermsError(*faults)
    if not legs:
        raise TermsError(Fault("contract.clauses", "none that pays", "at least one clause with tonnes"))
    schedule = replace(_schedule(laid, fiscal_starts), rules=tuple(rules))
    names = _names([laid.decks[place] for place in places])
    return Engine(tuple(legs), tuple(owners), schedule, laid.horizon.months, places, names, tuple(references))


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


def _rules(
    contract: Laid, horizon: Horizon, items: Mapping[str, int], before: Sequence[Rule]
) -> tuple[dict[str, int], list[Rule]]:
    """Return the place of each reference among the rules, and the rules of this contract."""
    wanted = dict.fromkeys(name for clause in contract.contract.clauses for name in clause.references)
    periods: Slots = [period.months for period in contract.plan.periods]
    own = [_rule(name, contract, horizon, items, periods) for name in wanted]
    return {name: len(before) + place for place, name in enumerate(wanted)}, own


def _rule(name: str, contract: Laid, horizon: Horizon, items: Mapping[str, int], slots: Slots) -> Rule:
    reference = contract.contract.references[name]
    if isinstance(reference, Combination):
        if reference.compared is Compared.MONTHS and any(len(slot) > 1 for slot in slots):
            single = [(month,) for slot in slots for month in slot]
            members = tuple(_rule(one, contract, horizon, items, single) for one in reference.of)
            return Combined(reference.take, members, tuple(len(slot) for slot in slots))
        return Combined(reference.take, tuple(_rule(one, contract, horizon, items, slots) for one in reference.of))
    fixings = tuple(tuple(horizon.place(month) for month in windows(reference, slot)) for slot in slots)
    return Average(items[name], fixings, reference.rounded_to_decimals)


def _schedule(laid: LaidOut, fiscal_starts: int) -> Schedule:
    """Return when the first contract's periods pay and count, years being counted from the day of valuation."""
    first = laid.contracts[0]
    name = next((name for name, _ in quotations(first.contract)), None)
    if name is None:
        raise TermsError(Fault("contract.references", "nothing that moves", "a clause on a reference"))
    found = schedule_of(first.plan, name, laid.horizon.months[0], fiscal_starts)
    shift = (laid.horizon.first - month_number(last_over(laid.horizon.as_of)) - 1) / MONTHS_PER_YEAR
    return replace(found, due_years=np.round((found.due_years + shift) * MONTHS_PER_YEAR) / MONTHS_PER_YEAR)


def _path(contract: Laid, number: int) -> str:
    return contract.decks[0].row.path if contract.decks else f"contracts.{number}"
