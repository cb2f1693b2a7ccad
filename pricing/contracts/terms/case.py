"""A contract with the facts to settle it on, read together so that one refusal lists every fault of both.

What is asked beside a settlement, other indices and a later start, is read with them for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.references import Quotation, deck_faults, index_faults
from pricing.contracts.terms.schema import (
    NAME,
    NAME_WANTED,
    Spec,
    Term,
    keyed,
    named,
    placed,
    stated,
    whole,
)
from pricing.contracts.terms.words import nearest
from pricing.errors import Fault

MOST_INDICES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Term):
    """What `settle` needs."""

    contract: Contract = stated()
    facts: Facts = stated()

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield indices that the facts lack, and conversions that the contract does not give."""
        contract, facts = found.get("contract"), found.get("facts")
        if contract is None or facts is None or not contract.references or facts.indices is None:
            return
        for fault in deck_faults(contract.references, facts.decks or {}):
            yield replace(fault, path=f"facts.{fault.path}")
        if contract.vat and contract.form:
            for fault in index_faults(contract.references, facts.indices, contract.vat, contract.form):
                yield replace(fault, path=f"contract.{fault.path}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderIndices(Term):
    """One reference under several indices: named, where its own rule fits all, or each with a rule of its own."""

    reference: str = named()
    indices: tuple[str, ...] = stated(Spec(shape=NAME, wanted=NAME_WANTED, most=MOST_INDICES), required=False)
    rules: Mapping[str, Quotation] = keyed(NAME, NAME_WANTED, most=MOST_INDICES)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield neither or both ways of naming the indices."""
        if {"indices", "rules"} <= found.keys() and bool(found["indices"]) == bool(found["rules"]):
            told = "both" if found["rules"] else "nothing"
            yield Fault("indices", told, "either indices by name, or rules: a rule by name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip(Term):
    """An event that starts a clause, so many months later than planned."""

    event: str = named()
    months_later: int = whole("months", low=1, high=600)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementCase(Case):
    """A contract and the facts to settle it on, perhaps also under other indices and with a later start."""

    under_indices: UnderIndices | None = stated(required=False)
    slip: Slip | None = stated(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield what is wrong between contract and facts, and what the other indices or the slip do not find there."""
        yield from Case.checks(found)
        contract, facts = found.get("contract"), found.get("facts")
        if contract is not None and found.get("under_indices") is not None:
            yield from _other_indices(found["under_indices"], contract, facts)
        if contract is not None and found.get("slip") is not None:
            yield from _slipping(found["slip"], contract, facts)


def _other_indices(asked: UnderIndices, contract: Contract, facts: Facts | None) -> Iterator[Fault]:
    known = [name for name, one in (contract.references or {}).items() if isinstance(one, Quotation)]
    if asked.reference is not None and asked.reference not in known:
        allowed = f"a reference that rests on one index: {', '.join(known) or 'there is none'}"
        yield Fault("under_indices.reference", asked.reference, allowed, nearest(asked.reference, known))
    if facts is None or facts.indices is None:
        return
    named_ones = [(f"indices.{place}", name) for place, name in placed(asked.indices or ())]
    named_ones += [(f"rules.{name}.index", rule.index) for name, rule in (asked.rules or {}).items() if rule]
    for path, index in named_ones:
        if index is not None and index not in facts.indices:
            allowed = f"an index with fixings: {', '.join(facts.indices) or 'none is given'}"
            yield Fault(f"under_indices.{path}", index, allowed, nearest(index, facts.indices))


def _slipping(slip: Slip, contract: Contract, facts: Facts | None) -> Iterator[Fault]:
    starts = [clause.starts_with for _, clause in placed(contract.clauses) if clause.starts_with]
    if slip.event is not None and slip.event not in starts:
        allowed = f"an event that a clause starts_with: {', '.join(starts) or 'there is none'}"
        yield Fault("slip.event", slip.event, allowed, nearest(slip.event, starts))
    elif slip.event is not None and facts is not None and slip.event not in (facts.events or {}):
        yield Fault(f"facts.events.{slip.event}", "nothing", f"the day on which {slip.event} is planned")
