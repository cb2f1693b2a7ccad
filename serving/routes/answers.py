"""Prices, histories, quotes, and what there is to ask about."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.bodies import need_utf8
from serving.desk import JSON, Desk
from serving.documentation import (
    HISTORY_PARAMETERS,
    MATERIAL_PATH,
    PRICE_PARAMETERS,
    QUOTE_PATH,
    answers,
)
from serving.floor_schemas import FloorAnswer
from serving.history_schemas import HistoryAnswer
from serving.in_use import taken
from serving.model_schemas import ModelsAnswer
from serving.schemas import EvidenceAnswer, MaterialsAnswer, PriceAnswer

router = APIRouter(prefix="/v1")


def desk_of(request: Request) -> Desk:
    """Return the desk that answers this caller: that of readers for a token that carries the right."""
    return taken(request.scope).desks.of_caller(request.headers.get("authorization"))


def material_of(request: Request) -> str:
    """Return the material of the path."""
    return word_of(request, "material")


def word_of(request: Request, name: str) -> str:
    """Return a word of the path; MalformedError when the address is not UTF-8."""
    need_utf8(request.scope.get("raw_path", b""), "path")
    return str(request.path_params[name])


def query_of(request: Request) -> list[tuple[str, str]]:
    """Return the query's names and values as sent; MalformedError when they are not UTF-8."""
    need_utf8(request.scope["query_string"], "query")
    return request.query_params.multi_items()


def as_json(body: bytes) -> Response:
    """Return an answer's bytes as a JSON response."""
    return Response(body, media_type=JSON)


@router.get(
    "/prices/{material}",
    summary="What a material should cost, does cost, and why they differ",
    responses=answers(PriceAnswer, 400, 422, 503),
    openapi_extra={"parameters": PRICE_PARAMETERS},
)
async def read_price(request: Request) -> Response:
    """Fair prices with intervals, the market per region, the wedge with its parts, cost stacks, as known on a day."""
    return as_json(desk_of(request).price(material_of(request), query_of(request)))


@router.get(
    "/history/{material}",
    summary="Monthly fair and market prices",
    responses=answers(HistoryAnswer, 400, 422, 503)
    | {200: {"model": HistoryAnswer, "description": "The answer.", "content": {"text/csv": {}}}},
    openapi_extra={"parameters": HISTORY_PARAMETERS},
)
async def read_history(request: Request) -> Response:
    """One row per month, oldest first. `as_known` and `latest` are two histories and never mixed."""
    body, media_type = desk_of(request).history(material_of(request), query_of(request))
    return Response(body, media_type=media_type)


@router.get(
    "/quotes/{quote_id}",
    summary="The same answer again",
    responses=answers(PriceAnswer | FloorAnswer, 400, 404, 422, 503),  # type: ignore[arg-type]
    openapi_extra={"parameters": [QUOTE_PATH]},
)
async def read_quote(request: Request) -> Response:
    """Recomputes an answer from its quote id by the model that gave it: the same bytes."""
    quote_id, query = word_of(request, "quote_id"), query_of(request)
    return as_json(await run_in_threadpool(desk_of(request).quote, quote_id, query))


@router.get("/materials", summary="What can be asked about", responses=answers(MaterialsAnswer, 400, 422, 503))
async def read_materials(request: Request) -> Response:
    """Materials with the days they can be priced for and the indices a contract can settle on; units; currencies."""
    return as_json(desk_of(request).materials(query_of(request)))


@router.get("/models", summary="The model that serves", responses=answers(ModelsAnswer, 400, 422, 503))
async def read_models(request: Request) -> Response:
    """The serving model with its card, the versions beside it and what served when; why the champion does not."""
    known = request.app.state.watch.known
    return as_json(await run_in_threadpool(desk_of(request).models, query_of(request), known))


@router.get(
    "/evidence/{material}",
    summary="What a material's history rests on",
    responses=answers(EvidenceAnswer, 400, 422, 503),
    openapi_extra={"parameters": [MATERIAL_PATH]},
)
async def read_evidence(request: Request) -> Response:
    """Share of each input column that was observed, derived or set by a prior, per year."""
    return as_json(desk_of(request).evidence(material_of(request), query_of(request)))
