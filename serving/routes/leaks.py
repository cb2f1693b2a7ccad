"""What the fair price does when market prices alone move."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from serving.documentation import MATERIAL_PATH, answers
from serving.leaks.schemas import LeakAnswer
from serving.routes.answers import as_json, desk_of, material_of, query_of

router = APIRouter(prefix="/v1/leaks")


@router.get(
    "/{material}",
    summary="What the fair price does when market prices alone move",
    responses=answers(LeakAnswer, 400, 422, 503),
    openapi_extra={"parameters": [MATERIAL_PATH]},
)
async def read_leak(request: Request) -> Response:
    """Nothing by its definition; what leaks through the weights was measured by fitting again, beside its limit."""
    return as_json(desk_of(request).leak(material_of(request), query_of(request)))
