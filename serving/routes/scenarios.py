"""What would be if a lever stood elsewhere; solved off the loop, one at a time, so that price queries stay quick."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.desk import JSON
from serving.documentation import answers
from serving.routes.answers import as_json, desk_of, query_of, word_of
from serving.scenarios.desk import CREATED, Said, Unsolved, written
from serving.scenarios.documentation import BATCH_BODY, GROUP, SCENARIO_BODY, SCENARIO_PATH, scenario_answers
from serving.scenarios.list_schemas import BatchAnswer, LeversAnswer, PresetsAnswer
from serving.scenarios.schemas import ScenarioAnswer

router = APIRouter(prefix="/v1")


@router.get(
    "/levers",
    summary="What a scenario may change",
    responses=answers(LeversAnswer, 400, 422, 503),
    openapi_extra={"parameters": [GROUP]},
)
async def read_levers(request: Request) -> Response:
    """Every lever with unit, baseline, range of evidence, bounds, source and what it moves."""
    return as_json(await run_in_threadpool(desk_of(request).scenarios.levers, query_of(request)))


@router.get("/presets", summary="Named scenarios", responses=answers(PresetsAnswer, 400, 422))
async def read_presets(request: Request) -> Response:
    """Named overrides with their source and what is assumed to put the event in numbers."""
    return as_json(desk_of(request).scenarios.presets(query_of(request)))


@router.post(
    "/scenarios",
    summary="What would be if levers stood elsewhere, or what a price floor pays",
    responses=scenario_answers(),
    openapi_extra={"requestBody": SCENARIO_BODY},
)
async def run_scenario(request: Request) -> Response:
    """With `overrides` or `preset`: baseline, scenario, difference and bridge. With `floor` alone: what it pays."""
    scenarios = desk_of(request).scenarios
    said = await _solved(request, scenarios.read(await request.body(), query_of(request)))
    headers = {"location": f"{request.url.path}/{said.name}"} if said.status == CREATED else {}
    return Response(said.body, said.status, headers, JSON)


@router.post(
    "/scenarios/batch",
    summary="Up to 50 scenarios at once",
    responses=answers(BatchAnswer, 400, 413, 422, 503),
    openapi_extra={"requestBody": BATCH_BODY},
)
async def run_batch(request: Request) -> Response:
    """Each answered as its single call would be, order kept; a bad one is told with its faults."""
    entries = desk_of(request).scenarios.read_batch(await request.body(), query_of(request))
    return as_json(written([await run_sync(entry.solve, limiter=request.app.state.solving) for entry in entries]))


@router.get(
    "/scenarios/{scenario_id}",
    summary="A scenario's answer again",
    responses=answers(ScenarioAnswer, 400, 404, 422, 503),
    openapi_extra={"parameters": [SCENARIO_PATH]},
)
async def read_scenario(request: Request) -> Response:
    """The bytes that were answered under an id, by the model that gave them, after any retraining."""
    name, query = word_of(request, "scenario_id"), query_of(request)
    return as_json(await run_in_threadpool(desk_of(request).scenarios.again, name, query))


async def _solved(request: Request, question: Said | Unsolved) -> Said:
    if isinstance(question, Said):
        return question
    return await run_sync(question.solve, limiter=request.app.state.solving)
