"""Terms solved backwards, from the bytes of a request to those of an answer; no solution is an answer too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from pricing.contracts.floor import KG_PER_TONNE
from serving.bodies import read_body, write_body
from serving.contracts.facts import read_case
from serving.contracts.outlook_model import ModelPrices
from serving.contracts.outlook_terms import StatesOutlook
from serving.contracts.solution_laid import Deliveries, deliveries_of
from serving.contracts.solution_schemas import SolutionAnswer
from serving.contracts.solution_solve import Found, solve
from serving.contracts.solution_terms import SolutionRequest
from serving.contracts.valuation_answer import decks_used, outlook_used
from serving.contracts.valuation_words import how_prices_move
from serving.rounding import DIGITS
from serving.schemas import Flag


def solution_of(body: bytes, model: ModelPrices) -> bytes:
    """Return the number asked for, or why there is none; InputError with every fault of the body."""
    return write_body(solved(read_body(body), model))


def solved(values: Mapping[str, object], model: ModelPrices) -> SolutionAnswer:
    """Return the answer of a body that was read already."""
    request = read_case(values, SolutionRequest, model.open_book).case
    at = deliveries_of(request, model)
    found = solve(request.solve, at)
    kg = np.broadcast_to(at.leg.kg, at.due_years.shape)
    return SolutionAnswer(
        solve=request.solve.KIND,
        as_of=at.laid.horizon.as_of.isoformat(),
        discount_rate=at.rate,
        tonnes=round(float(kg[at.due_years > 0].sum()) / float(KG_PER_TONNE), DIGITS),
        solved=any(one.value is not None for one in found.solutions),
        solutions=found.solutions,
        asks=found.asks,
        figures=found.figures,
        outlook=outlook_used(request.outlook, at.moving, at.laid.horizon),
        decks=tuple(decks_used(at.laid)),
        parameters=() if at.moving is None else at.moving.parameters,
        assumptions=(*how_prices_move(request.outlook, at.laid, at.moving), *found.assumptions),
        flags=tuple(_flags(request, at, found)),
    )


def _flags(request: SolutionRequest, at: Deliveries, found: Found) -> Iterator[Flag]:
    if found.asks is not None:
        yield Flag("asks", found.asks)
    if not isinstance(request.outlook, StatesOutlook):
        yield Flag("deck_is_not_a_forecast", "Expected prices follow from the deck; they are assumptions.")
    if at.moving is not None and (names := [one.name for one in at.moving.parameters if one.outside]):
        yield Flag("outside_evidence", f"Outside the range of evidence: {', '.join(names)}. See parameters.")
