"""Negotiators' sums, many in one request: each answered, or refused with its faults, in the order sent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from pricing.contracts.sums.figures import Figures, Sum
from pricing.contracts.sums.kinds import KINDS
from pricing.contracts.terms.reading import read_kind
from pricing.errors import Fault, InputError
from serving.bodies import read_body, write_body
from serving.contracts.sums.schemas import AsksOut, Numbers, SumItem, SumOut, SumsAnswer
from serving.error_responses import error_out
from serving.fault_words import nearest, shown
from serving.schemas import Flag
from serving.stages.numbers import CENT, TEN_DECIMALS, rounded_or_none

SUMS = "sums"
MOST = 50  # sums of one request
OK = 200
MONEY = "usd"  # in the name of a figure that leaves to the cent


def sums_of(body: bytes) -> bytes:
    """Return the answers to the sums of a body; InputError where it holds none, or too many."""
    return write_body(sums(read_body(body)))


def sums(values: Mapping[str, object]) -> SumsAnswer:
    """Return the answers to the sums of a request."""
    faults = [Fault(shown(name), shown(name), SUMS, nearest(name, [SUMS])) for name in values if name != SUMS]
    sent = values.get(SUMS)
    items: list[object] = sent if isinstance(sent, list) else []
    if not 1 <= len(items) <= MOST:
        found = f"{len(items)} sums" if isinstance(sent, list) else "nothing" if sent is None else shown(sent)
        faults.insert(0, Fault(SUMS, found, f"a list of 1 to {MOST} sums"))
    if faults:
        raise InputError(*faults)
    answered = tuple(_item(place, row) for place, row in enumerate(items))
    refused = sum(item.error is not None for item in answered)
    return SumsAnswer(answered, len(answered) - refused, refused)


def _item(place: int, row: object) -> SumItem:
    try:
        asked = cast("Sum", read_kind(row, KINDS, f"{SUMS}.{place}"))
        return SumItem(place, OK, _out(asked.KIND, asked.answer()), None)
    except InputError as refused:
        status, error = error_out(refused)
        return SumItem(place, status, None, error)


def _out(kind: str, found: Figures) -> SumOut:
    asks = None if found.asks is None else AsksOut(found.asks.field, tuple(map(str, found.asks.one_of)), found.asks.why)
    return SumOut(
        kind=kind,
        figures=_rounded(found.figures),
        unrounded=_unrounded(found.figures),
        cases={str(name): _rounded(figures) for name, figures in found.cases.items()},
        says=found.says,
        how=found.how,
        asks=asks,
        flags=tuple(Flag(code, text) for code, text in found.notes.items()),
    )


def _rounded(figures: Mapping[str, Decimal | None]) -> Numbers:
    return {
        name: rounded_or_none(amount, CENT if MONEY in name.split("_") else TEN_DECIMALS)
        for name, amount in figures.items()
    }


def _unrounded(figures: Mapping[str, Decimal | None]) -> Numbers:
    return {name: rounded_or_none(amount, TEN_DECIMALS) for name, amount in figures.items()}
