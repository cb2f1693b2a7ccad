"""Which prices a valuation simulates: one row for each reference of each contract, and what is known of its months."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pricing.contracts.reference import References
from pricing.contracts.reference_fixings import windows
from pricing.contracts.settlement_plan import Plan
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.prices import Carbonate
from pricing.contracts.terms.references import Combination, Quotation, Window
from pricing.errors import TermsError
from pricing.materials import Material

ByMonth = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One reference of one contract, the material it follows, and the months it fixes in."""

    contract: Contract
    path: str  # of the contract in the request
    reference: str
    rule: Quotation
    material: Material
    months: tuple[str, ...]


def rows_of(
    plan: Plan, path: str, stated: Mapping[str, Material | None], alternative: str | None = None
) -> tuple[Row, ...]:
    """Return the rows a plan needs, in order of their first use; `stated` has materials that decks name.

    `alternative` is the reference at which goods would be traded without the contract.
    """
    return tuple(
        Row(plan.contract, path, name, rule, stated.get(name) or _material(plan.contract, name), _months(plan, rule))
        for name, rule in quotations(plan.contract, alternative)
    )


def quotations(contract: Contract, alternative: str | None = None) -> Iterator[tuple[str, Quotation]]:
    """Yield the references on one index that clauses and the alternative rest on, those of combinations among them."""
    wanted = [name for clause in contract.clauses for name in clause.references]
    if alternative is not None and alternative in contract.references:
        wanted.append(alternative)
    seen: set[str] = set()
    while wanted:
        name = wanted.pop(0)
        rule = contract.references[name]
        if name in seen:
            continue
        seen.add(name)
        if isinstance(rule, Combination):
            wanted += rule.of
        else:
            yield name, rule


def known_prices(row: Row, facts: Facts, months: Sequence[str]) -> ByMonth:
    """Return the price of each month whose fixing is known, on the contract's basis, by the reference's own rule."""
    if row.rule.index not in facts.indices:
        return _assumed(row, facts, months)
    alone = replace(row.rule, window=Window.MONTH, lag_months=0, rounded_to_decimals=None)
    contract = replace(row.contract, references={**row.contract.references, row.reference: alone})
    references = References(contract, facts)
    found = {}
    for month in months:
        try:
            found[month] = float(references.price(row.reference, (month,)).usd_per_kg)
        except TermsError as error:
            if not _is_missing(error, row.reference):
                raise
    return found


def _assumed(row: Row, facts: Facts, months: Sequence[str]) -> ByMonth:
    """Return the prices that a deck of the facts has for months of an index without fixings."""
    deck = facts.decks.get(row.reference)
    found = {month: None if deck is None else deck.price(month) for month in months}
    return {month: float(price) for month, price in found.items() if price is not None}


def _is_missing(error: TermsError, reference: str) -> bool:
    """Return whether all that is wrong is a month without a fixing, its fallback included."""
    return any(fault.path == f"references.{reference}" for fault in error.faults)


def _material(contract: Contract, reference: str) -> Material:
    """Return the material a reference follows: the oxide it is named for in a carbonate, else the contract's."""
    oxides = {name for clause in contract.clauses if isinstance(clause, Carbonate) for name in clause.references}
    named = reference in oxides and reference in list(Material)
    return Material(reference) if named else contract.material


def _months(plan: Plan, rule: Quotation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(month for period in plan.periods for month in windows(rule, period.months)))
