"""What the OpenAPI document says about forecasts."""

from __future__ import annotations

from typing import Any

from pricing.forecast.published import HORIZONS, PLACE_WORDS, PLACES
from serving.documentation import MATERIAL_PATH, answers
from serving.forecasts.question import FORECAST_FORMATS
from serving.forecasts.schemas import ForecastAnswer, RecordAnswer
from serving.questions import AGE, FORMATS

PLACE = {
    "name": "place",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "enum": list(PLACES), "default": PLACES[0]},
    "description": "; ".join(f"{name}: {words}" for name, words in PLACE_WORDS.items()) + ".",
}


def _query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


FORECAST_PARAMETERS = [
    MATERIAL_PATH,
    PLACE,
    _query(
        "as_of",
        {"type": "string", "format": "date", "example": "2026-02-28"},
        "Day to forecast from; left out, the dataset's last day.",
    ),
    _query(
        "horizon",
        {"type": "integer", "minimum": HORIZONS[0], "maximum": HORIZONS[-1], "example": 12},
        "Months ahead; left out, all of them.",
    ),
    _query(
        "format",
        {"type": "string", "enum": list(FORECAST_FORMATS), "default": FORECAST_FORMATS[0]},
        "JSON, CSV, or the fan as a plot.",
    ),
    _query(
        "max_age_days",
        {"type": "integer", "minimum": int(AGE.low), "maximum": int(AGE.high), "example": 45},
        "Refuse data older than this many days.",
    ),
]
RECORD_PARAMETERS = [
    MATERIAL_PATH,
    PLACE,
    _query("format", {"type": "string", "enum": list(FORMATS), "default": FORMATS[0]}, "JSON or CSV."),
]


def forecast_answers() -> dict[int | str, dict[str, Any]]:
    """Return the documented answers about a forecast."""
    media: dict[str, Any] = {"text/csv": {}, "image/svg+xml": {}, "image/png": {}}
    return _in(answers(ForecastAnswer, 400, 422, 503), media)


def record_answers() -> dict[int | str, dict[str, Any]]:
    """Return the documented answers about a record."""
    return _in(answers(RecordAnswer, 400, 422, 503), {"text/csv": {}})


def _in(described: dict[int | str, dict[str, Any]], media: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return described | {200: described[200] | {"content": media}}
