"""Basis risk: a contract on one index, a cargo priced on another."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from serving.contracts.basis.desk import basis_risk_of
from serving.contracts.basis.documentation import BASIS_BODY
from serving.contracts.basis.schemas import BasisRiskAnswer
from serving.documentation import answers
from serving.questions import read_no_query
from serving.routes.answers import as_json, desk_of, query_of

router = APIRouter(prefix="/v1/contracts")


@router.post(
    "/basis-risk",
    summary="What a hedge on one index leaves open of a cargo on another",
    responses=answers(BasisRiskAnswer, 400, 413, 422, 503),
    openapi_extra={"requestBody": BASIS_BODY},
)
async def measure_basis_risk(request: Request) -> Response:
    """Correlation of changes, range of the spread over the last 24 months, what stays open per kg and in USD."""
    read_no_query(query_of(request))
    body, desk = await request.body(), desk_of(request)
    return as_json(await run_sync(lambda: basis_risk_of(body, lambda: desk.book), limiter=request.app.state.solving))
