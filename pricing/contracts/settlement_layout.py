"""A whole contract laid out on paths: every clause, every reference by its own rule, and what had to be assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import chain

import numpy as np

from pricing.contracts.periods import month_number
from pricing.contracts.reference_fixings import windows_of
from pricing.contracts.settlement_annual import yearly
from pricing.contracts.settlement_legs import legs_of, schedule_of
from pricing.contracts.settlement_plan import LegPlan, Plan
from pricing.contracts.terms.conditions import MakeUpPrice
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.references import Compared, Quotation, Window
from pricing.contracts.terms.words import nearest
from pricing.contracts.valuation.clause_legs import Stated
from pricing.contracts.valuation.legs import Paying
from pricing.contracts.valuation.rules import Average, Combined, Rule
from pricing.contracts.valuation.schedule import Schedule
from pricing.errors import Fault, TermsError

Months = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths a contract is laid out on: the item of each reference on an index, and the month of their first column.

    `alternative` names the reference at which the goods would be traded without the contract.
    """

    items: Mapping[str, int]
    first_month: str
    alternative: str | None = None
    fiscal_starts: int = 1


@dataclass(frozen=True, eq=False)
class Layout:
    """What a `Book` needs of a contract; `rows` has the row of each reference, `assumptions` what paths leave out."""

    legs: tuple[Paying, ...]
    schedule: Schedule
    rows: Mapping[str, int]
    assumptions: tuple[str, ...]


def layout_of(plan: Plan, facts: Facts, paths: Paths) -> Layout:
    """Return all clauses of a plan on paths: they pay what `settle` pays on the prices of a path, but for rounding.

    TermsError, all at once, for references without paths, price reviews, cover for stopped deliveries, yearly sums
    whose tonnes or figures are not stated, and fixings before the first month.
    """
    names = _used(plan, paths.alternative)
    faults = [*_without_paths(plan.contract, names, paths), *_reviews(plan.contract), *_covers(plan)]
    sums = _yearly_sums(plan, facts, faults)
    if faults:
        raise TermsError(*faults)
    first, slots = month_number(paths.first_month), [period.months for period in plan.periods]
    rules = tuple(_rule(plan.contract, name, slots, paths.items, first) for name in names)
    fixings = _fixed_in(rules) if rules else [_places_of(months, first) for months in slots]
    rows = {name: row for row, name in enumerate(names)}
    alternative = None if paths.alternative is None else rows[paths.alternative]
    schedule = schedule_of(plan, fixings, paths.first_month, paths.fiscal_starts, rules)
    return Layout((*legs_of(plan, rows, alternative), *sums), schedule, rows, tuple(_assumptions(plan, paths, names)))


def per_tonne(plan: Plan) -> Plan:
    """Return the plan with each clause on one tonne of every period, for the value of a right to choose the tonnes.

    TermsError for a yearly cap, under which a tonne is worth less the more were chosen before it.
    """
    if capped := [leg.clause.name for leg in plan.legs if leg.caps]:
        allowed = "clauses without an annual_cap: under one, a tonne's worth rests on the tonnes before it"
        raise TermsError(*(Fault(f"clauses.{name}.annual_cap", "beside volume_option", allowed) for name in capped))
    legs = tuple(replace(leg, tonnes=tuple(_on_one_tonne(leg, plan))) for leg in plan.legs)
    by_tonne = replace(plan.contract, take_or_pay=None, guarantee=None)  # sums that no choice of tonnes moves
    return replace(plan, contract=by_tonne, legs=legs)


def begins(plan: Plan, paths: Paths) -> tuple[int, ...]:
    """Return the month in which each period's deliveries begin, as a place on the simulated months."""
    return tuple(month_number(period.months[0]) - month_number(paths.first_month) for period in plan.periods)


def _on_one_tonne(leg: LegPlan, plan: Plan) -> Iterator[Decimal]:
    for own, all_tonnes in zip(leg.tonnes, plan.tonnes, strict=True):
        whole = all_tonnes.for_clause(leg.clause.PRICES)
        yield own / whole if whole else own


def _used(plan: Plan, alternative: str | None) -> tuple[str, ...]:
    """Return the references that legs look at, each once."""
    names = [name for leg in plan.legs for name in leg.clause.references]
    return tuple(dict.fromkeys(names if alternative is None else [*names, alternative]))


def _without_paths(contract: Contract, names: Sequence[str], paths: Paths) -> Iterator[Fault]:
    known = ", ".join(contract.references) or "there is none"
    for name in names:
        if name not in contract.references:
            near = nearest(name, contract.references)
            yield Fault("alternative", name, f"a reference of the contract: {known}", near)
    for leaf in dict.fromkeys(leaf for name in names for leaf in _indices_of(contract, name)):
        if leaf not in paths.items:
            yield Fault(f"items.{leaf}", "nothing", "the item whose paths price this reference")


def _indices_of(contract: Contract, name: str) -> Iterator[str]:
    """Yield the references on an index that a reference rests on."""
    reference = contract.references.get(name)
    if isinstance(reference, Quotation):
        yield name
    elif reference is not None:
        for member in reference.of:
            yield from _indices_of(contract, member)


def _reviews(contract: Contract) -> Iterator[Fault]:
    if contract.reviews:
        yield Fault("reviews", "a price review", "none: its level follows the path; settle on given prices")


def _covers(plan: Plan) -> Iterator[Fault]:
    for label, tonnes in zip(plan.labels, plan.tonnes, strict=True):
        if tonnes.borne_by_seller:
            yield Fault("stops", f"cover for {label}", "stops that the seller does not cover; settle that period")
            return


def _yearly_sums(plan: Plan, facts: Facts, faults: list[Fault]) -> tuple[Stated, ...]:
    """Return take-or-pay and guarantee as sums due with the last period of each calendar year."""
    said = plan.contract.take_or_pay
    if said is not None and said.make_up_years and said.make_up_price is MakeUpPrice.PAID:
        allowed = f"{MakeUpPrice.CURRENT}, or settle it: the credit is the price of goods on the path"
        faults.append(Fault("take_or_pay.make_up_price", MakeUpPrice.PAID, allowed))
        return ()
    try:
        flows = yearly(plan.contract, facts, {})
    except TermsError as error:
        faults += error.faults
        return ()
    last = {period.last_day.year: place for place, period in enumerate(plan.periods)}
    usd = {flow.kind: np.zeros(len(plan.periods)) for flow in flows}
    for flow in flows:
        usd[flow.kind][last[flow.year]] += float(flow.usd)
    return tuple(Stated(name, amounts) for name, amounts in usd.items())


def _rule(contract: Contract, name: str, slots: Sequence[Months], items: Mapping[str, int], first: int) -> Rule:
    """Return a reference's rule over slots of delivery months."""
    reference = contract.references[name]
    if isinstance(reference, Quotation):
        fixings = _fixings(reference.window, reference.lag_months, tuple(slots), first)
        return Average(items[name], fixings, reference.rounded_to_decimals)
    by_month = reference.compared is Compared.MONTHS
    own = [(month,) for months in slots for month in months] if by_month else slots
    members = tuple(_rule(contract, member, own, items, first) for member in reference.of)
    return Combined(reference.take, members, tuple(len(months) for months in slots) if by_month else None)


@lru_cache(maxsize=64)
def _fixings(window: Window, lag_months: int, slots: tuple[Months, ...], first: int) -> tuple[tuple[int, ...], ...]:
    """Return where slots fix; nothing that a caller named is kept."""
    return tuple(_places_of(windows_of(window, lag_months, months), first) for months in slots)


def _places_of(months: Months, first: int) -> tuple[int, ...]:
    return tuple(month_number(month) - first for month in months)


def _fixed_in(rules: Sequence[Rule]) -> list[tuple[int, ...]]:
    """Return the months, as places, that fix any of the references in each period."""
    by_rule = [rule.fixed_in() for rule in rules]
    if len(by_rule) == 1:
        return [tuple(sorted(set(months))) for months in by_rule[0]]
    return [tuple(sorted(set(chain(*months)))) for months in zip(*by_rule, strict=True)]


def _assumptions(plan: Plan, paths: Paths, names: Sequence[str]) -> Iterator[str]:
    terms = plan.contract
    for name in dict.fromkeys(leaf for each in names for leaf in _indices_of(terms, each)):
        yield from _of_reference(name, terms)
    if any(leg.clause.PRICES for leg in plan.legs):
        held = f"held against {paths.alternative} for the same tonnes" if paths.alternative else "its payments alone"
        yield f"goods: the value of a price of goods is {held}"
    if terms.take_or_pay is not None or terms.guarantee is not None:
        yield "yearly sums rest on the stated tonnes and figures and are due with the last period of the calendar year"
    if terms.volume_option is not None:
        yield "tonnes are those of the plan: the right to choose them is valued apart"
    if terms.provisional is not None:
        yield "a provisional invoice moves no payment in time: all is due with the final one"
    if terms.most_favoured:
        yield "no other deal than the stated ones resets a level"


def _of_reference(name: str, terms: Contract) -> Iterator[str]:
    rule = terms.references[name]
    if not isinstance(rule, Quotation):
        return
    inside = [
        word
        for word, there in (
            ("exchange rate", rule.fx_rule),
            ("value-added tax", rule.vat_rule),
            ("step to metal", rule.metal),
        )
        if there is not None
    ]
    basis = f"USD/kg {terms.material} {terms.form}, VAT {terms.vat}"
    if inside:
        yield f"{name}: its deck and paths are {basis}; {' and '.join(inside)} are in the deck, not simulated"
    if rule.fallback:
        yield f"{name}: its index is published every month, so that no fallback is used"
    if rule.true_up_within_days:
        yield f"{name}: no fixing is restated"
