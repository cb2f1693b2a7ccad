"""What the OpenAPI document says about the scoreboard."""

from __future__ import annotations

from typing import Any

from pricing.forecast.published import PLACE_WORDS
from pricing.materials import Material
from serving.documentation import answers
from serving.scoreboard.question import JUDGED_PLACES, KINDS, SCOREBOARD_FORMATS
from serving.scoreboard.schemas import ScoreboardAnswer


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def _month(example: str) -> dict[str, Any]:
    return {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$", "example": example}


SCOREBOARD_PARAMETERS = [
    _query("material", {"type": "string", "enum": [m.value for m in Material]}, "Material; left out, all of them."),
    _query(
        "kind",
        {"type": "string", "enum": list(KINDS)},
        "Whose rows to give: fair prices or forecasts. "
        "Left out, the scores of both headlines, the worst months and no rows; a CSV needs it.",
    ),
    _query(
        "place",
        {"type": "string", "enum": list(JUDGED_PLACES)},
        "Market that was forecast; left out, both. "
        + "; ".join(f"{name}: {PLACE_WORDS[name]}" for name in JUDGED_PLACES)
        + ". Not with kind=fair.",
    ),
    _query("from", _month("2016-01"), "First month of the rows and of the page's charts; scores stand for all months."),
    _query("to", _month("2026-02"), "Last month of the rows; forecasts by the month they were made from."),
    _query(
        "format",
        {"type": "string", "enum": list(SCOREBOARD_FORMATS), "default": SCOREBOARD_FORMATS[0]},
        "JSON, rows as CSV, or a page for the browser and for paper.",
    ),
]


def scoreboard_answers() -> dict[int | str, dict[str, Any]]:
    """Return the documented answers of the scoreboard."""
    described = answers(ScoreboardAnswer, 400, 422, 503)
    return described | {200: described[200] | {"content": {"text/csv": {}, "text/html": {}}}}
