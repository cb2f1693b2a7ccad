"""Why a price is what it is, and why it moved."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.documentation import EXPLANATION_PARAMETERS, answers
from serving.explanations.schemas import ExplanationAnswer
from serving.routes.answers import as_json, desk_of, material_of, query_of

router = APIRouter(prefix="/v1")


@router.get(
    "/explanations/{material}",
    summary="Why a fair price moved, and what lies between it and the market",
    responses=answers(ExplanationAnswer, 400, 422, 503),
    openapi_extra={"parameters": EXPLANATION_PARAMETERS},
)
async def read_explanation(request: Request) -> Response:
    """The change between two months in lines that add up, the costs behind the price, and the gap to the market."""
    material, query = material_of(request), query_of(request)
    return as_json(await run_in_threadpool(desk_of(request).explanation, material, query))
