"""What a market price is likely to be, and how often that was right."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.forecasts.documentation import (
    FORECAST_PARAMETERS,
    RECORD_PARAMETERS,
    forecast_answers,
    record_answers,
)
from serving.forecasts.plot import MEDIA_TYPES
from serving.routes.answers import desk_of, material_of, query_of

router = APIRouter(prefix="/v1/forecasts")


@router.get(
    "/{material}",
    summary="What a market price is likely to be, 1 to 24 months ahead",
    responses=forecast_answers(),
    openapi_extra={"parameters": FORECAST_PARAMETERS},
)
async def read_forecast(request: Request) -> Response:
    """Point, intervals of 50, 80 and 95 %, the base quote, and per horizon whether there is skill beyond it."""
    forecasts, material, query = desk_of(request).forecasts, material_of(request), query_of(request)
    if any(name == "format" and value in MEDIA_TYPES for name, value in query):
        body, media_type = await run_in_threadpool(forecasts.forecast, material, query)
    else:
        body, media_type = forecasts.forecast(material, query)
    return Response(body, media_type=media_type)


@router.get(
    "/{material}/record",
    summary="How often forecasts were right",
    responses=record_answers(),
    openapi_extra={"parameters": RECORD_PARAMETERS},
)
async def read_record(request: Request) -> Response:
    """Skill against the last quote, coverage and scores per horizon and time, with bands, and the worst months."""
    body, media_type = desk_of(request).forecasts.record(material_of(request), query_of(request))
    return Response(body, media_type=media_type)
