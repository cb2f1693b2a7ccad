"""A contract on one index and a cargo priced on another, to see what a hedge leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.references import FallbackFor, Quotation, index_faults
from pricing.contracts.terms.schema import Term, number, stated, stated_all, whole
from pricing.errors import Fault
from pricing.materials import Form
from pricing.price import Vat

LEAST_MONTHS = 24  # of both prices, and of the range of their spread


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisQuestion(Term):
    """Two rules for a month's price, the facts they rest on, one basis to hold them against each other, a position."""

    contract: Quotation = stated()
    cargo: Quotation = stated()
    form: Form = stated()
    vat: Vat = stated()
    facts: Facts = stated()
    tonnes: Decimal = number("t of the position", above=True, high=Decimal(1_000_000))
    last_months: int | None = whole("months of the range of the spread", low=LEAST_MONTHS, high=600, required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield indices that the facts lack, conversions that a rule does not give, and fallbacks."""
        rules = {name: found[name] for name in ("contract", "cargo") if found.get(name) is not None}
        for name, rule in rules.items():
            if rule.fallback or rule.fallback_for is FallbackFor.MONTH:
                yield Fault(f"{name}.fallback", "a fallback", "nothing: the two indices themselves are compared")
        facts = found.get("facts")
        if facts is None or facts.indices is None:
            return
        is_basis_known = stated_all(found, "vat", "form")
        vat, form = (found["vat"], found["form"]) if is_basis_known else (Vat.EXCLUDED, Form.OXIDE)
        for fault in index_faults(rules, facts.indices, vat, form):
            if is_basis_known or fault.path.endswith(".index"):
                yield replace(fault, path=fault.path.removeprefix("references."))
