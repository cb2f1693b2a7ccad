"""A contract with the facts to settle it on, read together so that one refusal lists every fault of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.references import deck_faults, index_faults
from pricing.contracts.terms.schema import Term, stated
from pricing.errors import Fault


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
