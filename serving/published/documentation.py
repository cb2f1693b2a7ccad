"""What the OpenAPI document says about what was published when."""

from __future__ import annotations

from typing import Any

from serving.documentation import MATERIAL_PATH, answers
from serving.published.schemas import PublicationAnswer
from serving.questions import FORMATS


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


PUBLICATION_PARAMETERS = [
    MATERIAL_PATH,
    _query(
        "on",
        {"type": "string", "format": "date", "example": "2026-03-11"},
        "Day on which it was published, UTC; left out, today.",
    ),
    _query(
        "month",
        {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$", "example": "2025-11"},
        "Month to tell of; left out, the last one known that day.",
    ),
    _query("format", {"type": "string", "enum": list(FORMATS), "default": FORMATS[0]}, "JSON or CSV."),
]


def publication_answers() -> dict[int | str, dict[str, Any]]:
    """Return the documented answers about what was published."""
    described = answers(PublicationAnswer, 400, 422, 503)
    return described | {200: described[200] | {"content": {"text/csv": {}}}}
