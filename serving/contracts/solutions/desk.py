"""Terms solved backwards, from the bytes of a request to those of an answer; no solution is an answer too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from serving.bodies import read_body, write_body
from serving.contracts.data_used import data_used, model_used
from serving.contracts.facts import read_case
from serving.contracts.outlook.answer import decks_used, outlook_used
from serving.contracts.outlook.flags import outlook_flags
from serving.contracts.outlook.model import ModelPrices
from serving.contracts.outlook.process import Moving
from serving.contracts.solutions.laid import deliveries_of
from serving.contracts.solutions.schemas import SolutionAnswer
from serving.contracts.solutions.solve import solve
from serving.contracts.solutions.terms import SolutionRequest, VolumeRight
from serving.contracts.solutions.volume import volume_found
from serving.contracts.valuations.laid import LaidOut
from serving.contracts.valuations.words import how_prices_move
from serving.rounding import DIGITS

Floats = np.ndarray


def solution_of(body: bytes, model: ModelPrices) -> bytes:
    """Return the number asked for, or why there is none; InputError with every fault of the body."""
    return write_body(solved(read_body(body), model))


def solved(values: Mapping[str, object], model: ModelPrices) -> SolutionAnswer:
    """Return the answer of a body that was read already."""
    read = read_case(values, SolutionRequest, model.open_book)
    request, model = read.case, model.naming(read.origin)
    if isinstance(request.solve, VolumeRight):
        runs, found = volume_found(request, request.solve, model)
        laid, moving, due_years = runs.laid, runs.moving, runs.engine.schedule.due_years
    else:
        at = deliveries_of(request, model)
        laid, moving, due_years, found = at.laid, at.moving, at.due_years, solve(request.solve, at)
    return SolutionAnswer(
        solve=request.solve.KIND,
        as_of=laid.horizon.as_of.isoformat(),
        discount_rate=float(request.discount_rate),
        tonnes=_tonnes(laid, due_years),
        solved=any(one.value is not None for one in found.solutions),
        solutions=found.solutions,
        asks=found.asks,
        figures=found.figures,
        outlook=outlook_used(request.outlook, moving, laid.horizon),
        decks=tuple(decks_used(laid)),
        parameters=() if moving is None else moving.parameters,
        assumptions=(*how_prices_move(request.outlook, laid, moving), *_risk(moving), *found.assumptions),
        flags=tuple(outlook_flags(request.outlook, laid, moving)),
        model=model_used(laid.book),
        snapshot=data_used(laid.book),
    )


def _tonnes(laid: LaidOut, due_years: Floats) -> float:
    """Return the contracted tonnes of the periods that are due after the day of valuation."""
    (only,) = laid.contracts
    tonnes = (own.differences for own, due in zip(only.plan.tonnes, due_years, strict=True) if due > 0)
    return round(float(sum(tonnes)), DIGITS)


def _risk(moving: Moving | None) -> Iterator[str]:
    if moving is not None and moving.market_price_of_risk:
        yield "Values rest on prices less the premium for risk; chances and a project's income on the expected prices."
