"""What contracts are worth while prices are uncertain, terms solved from their price, and terms held against terms."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from serving.contracts.comparisons.desk import comparison_of
from serving.contracts.comparisons.schemas import ComparisonAnswer
from serving.contracts.outlook.model import model_prices
from serving.contracts.page.documentation import format_parameter, in_shapes
from serving.contracts.page.formats import OF_VALUATIONS, Given, shape_of, valuation_given
from serving.contracts.solutions.desk import solution_of
from serving.contracts.solutions.schemas import SolutionAnswer
from serving.contracts.valuations.desk import valuation_of
from serving.contracts.valuations.documentation import COMPARISON_BODY, SOLUTION_BODY, VALUATION_BODY
from serving.contracts.valuations.schemas import ValuationAnswer
from serving.documentation import answers
from serving.questions import read_no_query
from serving.routes.answers import as_json, desk_of, query_of
from serving.routes.contracts import as_given

router = APIRouter(prefix="/v1/contracts")


@router.post(
    "/valuations",
    summary="What contracts pay and are worth while prices are uncertain",
    responses=in_shapes(answers(ValuationAnswer, 400, 413, 422, 503), OF_VALUATIONS),
    openapi_extra={"parameters": [format_parameter(OF_VALUATIONS)], "requestBody": VALUATION_BODY},
)
async def value_contracts(request: Request) -> Response:
    """Payments by period and leg with quantiles, values to each side, exposure by fiscal year, what it all rests on."""
    shape = shape_of(query_of(request), request.headers.get("accept"), OF_VALUATIONS)
    body, model = await request.body(), model_prices(desk_of(request))

    def answered() -> Given:
        return valuation_given(shape, body, valuation_of(body, model))

    return as_given(await run_sync(answered, limiter=request.app.state.solving))


@router.post(
    "/solutions",
    summary="Terms solved backwards: a floor, cap, discount, fixed price or right to tonnes",
    responses=answers(SolutionAnswer, 400, 413, 422, 503),
    openapi_extra={"requestBody": SOLUTION_BODY},
)
async def solve_terms(request: Request) -> Response:
    """The number asked for with its standard error, or the reason why there is none."""
    read_no_query(query_of(request))
    body, model = await request.body(), model_prices(desk_of(request))
    return as_json(await run_sync(lambda: solution_of(body, model), limiter=request.app.state.solving))


@router.post(
    "/comparisons",
    summary="Several terms under several outlooks, up to 50 cells",
    responses=answers(ComparisonAnswer, 400, 413, 422, 503),
    openapi_extra={"requestBody": COMPARISON_BODY},
)
async def compare_terms(request: Request) -> Response:
    """Each cell as its single call, on the same paths, with differences to the first; a bad one is told."""
    read_no_query(query_of(request))
    body, model = await request.body(), model_prices(desk_of(request))
    return as_json(await run_sync(lambda: comparison_of(body, model), limiter=request.app.state.solving))
