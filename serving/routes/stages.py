"""The price ladder from ore to magnet, and the tariff at each stage."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from serving.documentation import answers
from serving.routes.answers import as_json, desk_of, query_of
from serving.stages.documentation import LADDER_BODY, TARIFF_BODY
from serving.stages.schemas import LadderAnswer, TariffAnswer

router = APIRouter(prefix="/v1/stages")


@router.post(
    "/ladder",
    summary="What a kilogram costs at each stage from ore to magnet",
    responses=answers(LadderAnswer, 400, 413, 422, 503),
    openapi_extra={"requestBody": LADDER_BODY},
)
async def climb_ladder(request: Request) -> Response:
    """Prices up and down from one stage, by ratios, tolls and losses; what is missing for the others."""
    return as_json(desk_of(request).ladder(await request.body(), query_of(request)))


@router.post(
    "/tariff",
    summary="The tariff that lifts an import to a reference price, and what a tariff makes of it",
    responses=answers(TariffAnswer, 400, 413, 422, 503),
    openapi_extra={"requestBody": TARIFF_BODY},
)
async def find_tariff(request: Request) -> Response:
    """One line per stage: the ad valorem rate that meets the reference, and the landed price at a stated rate."""
    return as_json(desk_of(request).tariff(await request.body(), query_of(request)))
