"""One contract under each index that could settle it, and under a later start, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pricing.contracts.settlement import settle
from pricing.contracts.settlement_table import Settled
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.references import Quotation
from pricing.contracts.terms.words import nearest
from pricing.errors import Fault, TermsError


@dataclass(frozen=True, slots=True)
class UnderIndices:
    """The settlement under each index, or why there is none."""

    settled: Mapping[str, Settled]
    refused: Mapping[str, tuple[Fault, ...]]

    @property
    def range_usd(self) -> Decimal:
        """Return how far apart the indices put the total, in USD."""
        totals = [found.total_usd for found in self.settled.values()]
        return max(totals) - min(totals) if totals else Decimal(0)


@dataclass(frozen=True, slots=True)
class Slip:
    """What a later start changes for the seller by period, in USD; the buyer's side is its opposite."""

    by_period_usd: Mapping[str, Decimal]

    @property
    def to_seller_usd(self) -> Decimal:
        """Return what the seller gains, before discounting."""
        return sum(self.by_period_usd.values(), Decimal(0))


def slip(contract: Contract, facts: Facts, event: str, later: date) -> Slip:
    """Return what it changes that an event, such as a plant at full production, comes on a later day."""
    if event not in facts.events:
        known = ", ".join(facts.events) or "there is none"
        raise TermsError(Fault("event", event, f"an event of the facts: {known}", nearest(event, facts.events)))
    planned, late = (
        settle(contract, replace(facts, events={**facts.events, event: day})) for day in (facts.events[event], later)
    )
    pairs = zip(planned.periods, late.periods, strict=True)
    return Slip({old.label: new.usd - old.usd for old, new in pairs})


def under_indices(
    contract: Contract, facts: Facts, reference: str, rules: Mapping[str, Quotation] | Iterable[str]
) -> UnderIndices:
    """Return a contract settled with one reference resting on each of several indices.

    `rules` names the indices, where one rule fits all, or gives each its own rule. An index under which the contract
    cannot be settled stands with its faults.
    """
    settled: dict[str, Settled] = {}
    refused: dict[str, tuple[Fault, ...]] = {}
    for name, rule in _rules(contract, reference, rules).items():
        try:
            settled[name] = settle(replace(contract, references={**contract.references, reference: rule}), facts)
        except TermsError as error:
            refused[name] = error.faults
    return UnderIndices(settled, refused)


def _rules(
    contract: Contract, reference: str, rules: Mapping[str, Quotation] | Iterable[str]
) -> Mapping[str, Quotation]:
    if isinstance(rules, Mapping):
        return rules
    rule = contract.references.get(reference)
    if not isinstance(rule, Quotation):
        known = ", ".join(name for name, one in contract.references.items() if isinstance(one, Quotation))
        raise TermsError(
            Fault("reference", reference, f"a reference that rests on one index: {known or 'there is none'}")
        )
    return {name: replace(rule, index=name) for name in rules}
