"""Contracts of which part is public: what was published, what to ask, and the whole contract once it is answered."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from serving.contracts.templates.answer import filled_answer, template_answer, templates_answer
from serving.contracts.templates.documentation import FILL_BODY, TEMPLATE_PATH
from serving.contracts.templates.schemas import FilledAnswer, TemplateAnswer, TemplatesAnswer
from serving.documentation import answers
from serving.routes.answers import as_json, query_of, word_of

router = APIRouter(prefix="/v1/contracts/templates")


@router.get("", summary="Contracts of which part is public", responses=answers(TemplatesAnswer, 400, 422))
async def list_templates(request: Request) -> Response:
    """Every template with its parties, its standing and the inputs it asks for."""
    return as_json(templates_answer(query_of(request)))


@router.get(
    "/{name}",
    summary="One template: what is public with its source, and what to ask",
    responses=answers(TemplateAnswer, 400, 422),
    openapi_extra={"parameters": [TEMPLATE_PATH]},
)
async def read_template(request: Request) -> Response:
    """Public terms with source and day, open ones as questions with what an answer may be."""
    return as_json(template_answer(word_of(request, "name"), query_of(request)))


@router.post(
    "/{name}",
    summary="A template filled with what is not public: a whole contract",
    responses=answers(FilledAnswer, 400, 413, 422),
    openapi_extra={"parameters": [TEMPLATE_PATH], "requestBody": FILL_BODY},
)
async def fill_template(request: Request) -> Response:
    """A contract ready to be settled or valued; every input missing or wrong is refused at once, none is guessed."""
    return as_json(filled_answer(word_of(request, "name"), await request.body(), query_of(request)))
