"""What was published when, and whether it was corrected."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from serving.published.documentation import PUBLICATION_PARAMETERS, publication_answers
from serving.routes.answers import desk_of, material_of, query_of

router = APIRouter(prefix="/v1/publications")


@router.get(
    "/{material}",
    summary="What was published on a day, and whether it was corrected",
    responses=publication_answers(),
    openapi_extra={"parameters": PUBLICATION_PARAMETERS},
)
async def read_publication(request: Request) -> Response:
    """The value of that day, what served it and its quote id; then each later value with its time, reason and size."""
    publications, material, query = desk_of(request).publications, material_of(request), query_of(request)
    reading = request.app.state.reading  # bundles of old champions: one request at a time reads them, the others wait
    body, media_type = await to_thread.run_sync(publications.publication, material, query, limiter=reading)
    return Response(body, media_type=media_type)
