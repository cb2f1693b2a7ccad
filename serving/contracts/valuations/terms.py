"""A question for the value of contracts as a caller states it; one reader finds every fault of all its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.references import deck_faults, index_faults
from pricing.contracts.terms.schema import Term, listed, named, number, share, stated, whole
from pricing.errors import Fault
from serving.contracts.outlook.terms import AnyOutlook

MOST_CONTRACTS = 6
NO_FACTS = Facts()


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerTerms(Term):
    """How the seller discounts, and how likely it is to fail."""

    discount_rate: Decimal = number("a share a year: 0.08 is 8 %", high=Decimal(1))
    default_per_year: Decimal | None = number("defaults a year, a hazard rate", high=Decimal(1), required=False)
    recovery_share: Decimal | None = share(required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppropriationTerms(Term):
    """How likely a fiscal year's money is not granted; `lasting`: then none comes later either."""

    chance_of_none: Decimal = share()
    lasting: bool = stated()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerTerms(Term):
    """How the buyer discounts, how likely it is to fail, and whether its money must be granted."""

    discount_rate: Decimal = number("a share a year: 0.04 is 4 %", high=Decimal(1))
    default_per_year: Decimal | None = number("defaults a year, a hazard rate", high=Decimal(1), required=False)
    recovery_share: Decimal | None = share(required=False)
    appropriation: AppropriationTerms | None = stated(required=False)
    fiscal_year_starts_in_month: int | None = whole("month of the year, 10 is October", low=1, high=12, required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartiesTerms(Term):
    """The two sides."""

    seller: SellerTerms = stated()
    buyer: BuyerTerms = stated()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuationRequest(Term):
    """Contracts, facts, sides and an outlook; `greeks` asks for how the value moves.

    `alternative` names the reference at which goods would be traded without the contract: their value is held
    against it.
    """

    contract: Contract | None = stated(required=False)
    contracts: tuple[Contract, ...] = listed(most=MOST_CONTRACTS)
    facts: Facts | None = stated(required=False)
    outlook: AnyOutlook = stated()
    parties: PartiesTerms = stated()
    alternative: str | None = named(required=False)
    greeks: bool | None = stated(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield neither or both ways to state contracts, and conversions that a contract does not give."""
        yield from contract_faults(found)

    @property
    def all_contracts(self) -> tuple[Contract, ...]:
        """Return the contracts, one or several."""
        return (self.contract,) if self.contract is not None else self.contracts

    @property
    def known(self) -> Facts:
        """Return the facts, empty where none are stated."""
        return self.facts or NO_FACTS


def contract_faults(found: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong between contracts and facts; only indices that the facts hold need a conversion."""
    if not {"contract", "contracts"} <= found.keys():
        return
    one, several = found["contract"], found["contracts"]
    if (one is None) is (not several):
        yield Fault("contract", "both" if several else "nothing", "either contract or a list of contracts")
    facts: Facts = found.get("facts") or NO_FACTS
    named = [("contract", one)] if one is not None else [(f"contracts.{n}", c) for n, c in enumerate(several)]
    for path, contract in named:
        if contract is None or not contract.references or facts.indices is None:
            continue
        for fault in deck_faults(contract.references, facts.decks or {}):
            yield replace(fault, path=f"facts.{fault.path}")
        if contract.vat and contract.form:
            held = {name: rule for name, rule in contract.references.items() if _index(rule) in facts.indices}
            for fault in index_faults(held, facts.indices, contract.vat, contract.form):
                yield replace(fault, path=f"{path}.{fault.path}")


def _index(rule: object) -> object:
    return getattr(rule, "index", None)
