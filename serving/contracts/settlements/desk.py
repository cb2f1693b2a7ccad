"""Settlements from the bytes of a request to those of an answer; a model is opened only for its own series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from pricing.contracts.settlement import settle
from pricing.contracts.terms.facts import Facts
from pricing.errors import Fault, InputError, TermsError
from serving.bodies import read_body, write_body
from serving.contracts.facts import OpenBook, Origin
from serving.contracts.settlements.answer import settlement_answer
from serving.contracts.settlements.beside import beside
from serving.contracts.settlements.question import read_settlement
from serving.contracts.settlements.schemas import SettlementAnswer
from serving.private_flags import reference_flags
from serving.reading import MAX_FAULTS

OF_FACTS = frozenset(item.name for item in fields(Facts))


def settlement_of(body: bytes, open_book: OpenBook) -> bytes:
    """Return what a contract pays; InputError with every fault of the body."""
    return write_body(settlement(read_body(body), open_book))


def settlement(values: Mapping[str, object], open_book: OpenBook) -> SettlementAnswer:
    """Return what the contract of a request pays; InputError with every fault."""
    asked = read_settlement(values, open_book)
    try:
        settled = settle(asked.case.contract, asked.case.facts)
        return settlement_answer(asked, settled, beside(asked.case, settled))
    except TermsError as refused:
        raise InputError(*_said_withheld(placed_faults(refused), asked.origin)) from None


def _said_withheld(faults: list[Fault], origin: Origin) -> list[Fault]:
    """Return the faults, those about missing fixings with what of the series is withheld from this caller."""
    if origin.book is None:
        return faults
    told = {
        name: "; ".join(flag.text for flag in reference_flags(origin.book, series.material, series.name))
        for name, series in origin.series.items()
    }
    return [
        replace(fault, allowed=f"{fault.allowed}; {said}") if (said := _about(fault, told)) else fault
        for fault in faults
    ]


def _about(fault: Fault, told: Mapping[str, str]) -> str:
    """Return what is told of the index whose fixings a fault misses; empty where it is about something else."""
    return next((said for name, said in told.items() if said and fault.found.startswith(f"no fixing of {name} ")), "")


def placed_faults(refused: TermsError) -> list[Fault]:
    """Return the faults of a settlement under the place in the request where they can be mended."""
    return [replace(fault, path=_place(fault.path)) for fault in refused.faults[:MAX_FAULTS]]


def _place(path: str) -> str:
    """Return a path from the top of a request.

    >>> _place("events.full_production"), _place("references.benchmark")
    ('facts.events.full_production', 'contract.references.benchmark')
    """
    return f"{'facts' if path.split('.', maxsplit=1)[0] in OF_FACTS else 'contract'}.{path}"
