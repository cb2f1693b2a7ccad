"""Health, readiness and the documentation page, which needs nothing from elsewhere."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from serving.error_responses import json_response
from serving.in_use import taken
from serving.model_schemas import HealthOut, ReadyOut
from serving.readiness import readiness
from serving.routes.answers import desk_of

router = APIRouter()
STATIC = {
    "docs.html": "text/html; charset=utf-8",
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
}


@router.get("/health", summary="Whether the process runs", responses={200: {"model": HealthOut}})
async def read_health() -> Response:
    """Answers 200 while the process runs."""
    return json_response(HealthOut("ok"))


@router.get("/ready", summary="Whether a model serves", responses={200: {"model": ReadyOut}, 503: {"model": ReadyOut}})
async def read_ready(request: Request) -> Response:
    """Answers 200 while a model serves, also a degraded one: see `watch`. 503 while nothing is published."""
    serving, known = taken(request.scope), request.app.state.watch.known
    ready = readiness(desk_of(request).model(), serving.since, known, serving.flags)
    return json_response(ready, 200 if ready.bundle else 503)


@router.get("/docs", include_in_schema=False)
async def read_docs() -> Response:
    """Return the documentation page."""
    return _static("docs.html")


@router.get("/static/{name}", include_in_schema=False)
async def read_static(name: str) -> Response:
    """Return one of the page's own files."""
    if name not in STATIC:
        raise HTTPException(404)
    return _static(name)


def _static(name: str) -> Response:
    return Response(files("serving").joinpath("static", name).read_bytes(), media_type=STATIC[name])
