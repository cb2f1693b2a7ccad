"""Settlements from the bytes of a request to those of an answer; a model is opened only for its own series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from pricing.contracts.settlement import settle
from pricing.contracts.terms.facts import Facts
from pricing.errors import Fault, InputError, TermsError
from serving.bodies import read_body, write_body
from serving.contracts.facts import OpenBook
from serving.contracts.settlement_answer import settlement_answer
from serving.contracts.settlement_beside import beside
from serving.contracts.settlement_question import read_settlement
from serving.contracts.settlement_schemas import SettlementAnswer
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
        raise InputError(*placed_faults(refused)) from None


def placed_faults(refused: TermsError) -> list[Fault]:
    """Return the faults of a settlement under the place in the request where they can be mended."""
    return [replace(fault, path=_place(fault.path)) for fault in refused.faults[:MAX_FAULTS]]


def _place(path: str) -> str:
    """Return a path from the top of a request.

    >>> _place("events.full_production"), _place("references.benchmark")
    ('facts.events.full_production', 'contract.references.benchmark')
    """
    return f"{'facts' if path.split('.', maxsplit=1)[0] in OF_FACTS else 'contract'}.{path}"
