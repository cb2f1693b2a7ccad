"""Contracts: what terms pay on given or historical prices, what a payment implies, and negotiators' sums."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from serving.contracts.implied.desk import implied_of
from serving.contracts.implied.schemas import ImpliedAnswer
from serving.contracts.page.documentation import format_parameter, in_shapes
from serving.contracts.page.formats import OF_SETTLEMENTS, Given, settlement_given, shape_of
from serving.contracts.schema.question import schema_of
from serving.contracts.settlements.desk import settlement_of
from serving.contracts.settlements.documentation import IMPLIED_BODY, OF, SETTLEMENT_BODY, SUMS_BODY
from serving.contracts.settlements.schemas import SettlementAnswer
from serving.contracts.sums.desk import sums_of
from serving.contracts.sums.schemas import SumsAnswer
from serving.documentation import answers
from serving.questions import read_no_query
from serving.routes.answers import as_json, desk_of, query_of

router = APIRouter(prefix="/v1/contracts")
ANY_SCHEMA: Any = dict[str, Any]


def as_given(given: Given) -> Response:
    """Return an answer in the shape it was given."""
    return Response(given.content, media_type=given.media_type, headers=given.headers)


@router.post(
    "/settlements",
    summary="What a contract pays, period by period",
    responses=in_shapes(answers(SettlementAnswer, 400, 413, 422, 503), OF_SETTLEMENTS),
    openapi_extra={"parameters": [format_parameter(OF_SETTLEMENTS)], "requestBody": SETTLEMENT_BODY},
)
async def settle_contract(request: Request) -> Response:
    """Fixings, references with the fallback used, tonnes, every clause before and after its cap, who pays whom."""
    shape = shape_of(query_of(request), request.headers.get("accept"), OF_SETTLEMENTS)
    body, desk = await request.body(), desk_of(request)

    def answered() -> Given:
        return settlement_given(shape, body, settlement_of(body, lambda: desk.book))

    return as_given(await run_sync(answered, limiter=request.app.state.solving))


@router.post(
    "/implied",
    summary="What a reported payment implies of its reference",
    responses=answers(ImpliedAnswer, 400, 413, 422),
    openapi_extra={"requestBody": IMPLIED_BODY},
)
async def invert_payment(request: Request) -> Response:
    """One reference where volume, VAT, averaging, lag and share are stated; else the readings, and no conclusion."""
    read_no_query(query_of(request))
    return as_json(implied_of(await request.body()))


@router.post(
    "/sums",
    summary="Sums that negotiators do, up to 50 at once",
    responses=answers(SumsAnswer, 400, 413, 422),
    openapi_extra={"requestBody": SUMS_BODY},
)
async def do_sums(request: Request) -> Response:
    """Each answered at its place, or refused with its faults; every number is the caller's."""
    read_no_query(query_of(request))
    return as_json(sums_of(await request.body()))


@router.get(
    "/schema",
    summary="The JSON schema that terms are written by",
    responses=answers(ANY_SCHEMA, 400, 422),
    openapi_extra={"parameters": [OF]},
)
async def read_schema(request: Request) -> Response:
    """A JSON schema (2020-12) from the fields that read a request: ranges, units, required fields."""
    return as_json(schema_of(query_of(request)))
