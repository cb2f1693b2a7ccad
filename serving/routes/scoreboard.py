"""How often fair prices and forecasts were right."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.html_file import NO_FRAMES
from serving.routes.answers import desk_of, query_of
from serving.scoreboard.documentation import SCOREBOARD_PARAMETERS, scoreboard_answers
from serving.scoreboard.page import HTML, policy

router = APIRouter(prefix="/v1")


@router.get(
    "/scoreboard",
    summary="How often fair prices and forecasts were right",
    responses=scoreboard_answers(),
    openapi_extra={"parameters": SCOREBOARD_PARAMETERS},
)
async def read_scoreboard(request: Request) -> Response:
    """Scores and bad months beside what came later; with `kind` every row; as JSON, CSV, or a page to read."""
    body, media_type = await run_in_threadpool(desk_of(request).scoreboard.scoreboard, query_of(request))
    headers = {"content-security-policy": f"{policy()}; {NO_FRAMES}"} if media_type == HTML else None
    return Response(body, media_type=media_type, headers=headers)
