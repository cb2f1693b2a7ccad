"""What the OpenAPI document says beyond the routes: parameters, examples, and which errors an address can give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pricing.contracts.measures import VatRule
from pricing.contracts.periods import Settlement
from pricing.materials import Form, Material
from pricing.price import Currency, Unit
from serving.book import VINTAGES
from serving.floor_questions import (
    AMOUNT,
    DECK_WANTED,
    FLOOR_BASES,
    OWN_INDEX,
    RATE,
    RATIO,
    TOLL,
    TONNES,
    USD_PER_KG,
)
from serving.questions import AGE, ALL_REGIONS, FORMATS, REGIONS
from serving.quote_ids import BUNDLE_CHARACTERS
from serving.reading import Span
from serving.schemas import ErrorOut

TITLE = "Fair prices of NdPr, Dy and Tb"
ABOUT = """What NdPr, Dy and Tb oxide should cost outside China had the market's distortions never existed, what they do
cost, what lies between, and what a price floor pays.

* Amounts are nominal, ex VAT, on the `basis` beside them, rounded to `digits` decimals; null is not available, never 0.
* `as_of` is the day priced for: only what was known that day is used. Left out, it is the dataset's last day.
* A price and a floor carry a `quote_id`; `/v1/quotes/{id}` computes the same bytes again, after any retraining.
* `/v1/scenarios` says what would be if levers stood elsewhere; `/v1/levers` lists them and how far evidence reaches.
* `/v1/forecasts` says what a market price is likely to be, with intervals; where there is no skill, it says so.
* `/v1/scoreboard` says how often prices and forecasts were right, each beside what came later, bad months included.
* `/v1/contracts` settles terms to the cent, reads payments backwards, does sums, values terms and solves for them.
* `/v1/stages` carries a price from ore to magnet and finds tariffs: USD/kg, to the cent, on the tax basis of its start.
* Explanations add up: costs to the price, lines to its change, items to the gap; what rests on priors is a band.
* What rests on private data is null and named in `flags`; `Authorization: Bearer TOKEN` shows it to who may see it.
* A request with faults gets one 422 that lists all of them, each with what is allowed and the nearest name.
"""
JsonSchema = dict[str, Any]

FAULTY = {
    "error": "invalid_request",
    "message": "2 things are wrong with this request; each is listed with what is allowed.",
    "faults": [
        {"path": "material", "found": "ndpr", "allowed": "one of NdPr, Dy, Tb", "nearest": "NdPr"},
        {
            "path": "as_of",
            "found": "1890-01-01",
            "allowed": "a day from 2010-08-20 to 2026-03-31, written YYYY-MM-DD",
            "nearest": None,
        },
    ],
}
_ERRORS = {
    400: "The request is not UTF-8, or its body is no JSON or repeats a field.",
    404: "No kept model answers this quote id.",
    413: "The body is too large.",
    422: "The request has faults; all are listed.",
    503: "No model is published, or it is damaged, or made before models held what is asked.",
}


def answers(model: type, *errors: int) -> dict[int | str, dict[str, Any]]:
    """Return the documented answers of an address: its own shape, and the errors it can give."""
    described: dict[int | str, dict[str, Any]] = {200: {"model": model, "description": "The answer."}}
    for status in errors:
        described[status] = {"model": ErrorOut, "description": _ERRORS[status]}
    if 422 in described:
        described[422]["content"] = {"application/json": {"example": FAULTY}}
    return described


def json_body(schema: JsonSchema, examples: Mapping[str, tuple[str, Mapping[str, Any]]]) -> JsonSchema:
    """Return how a JSON body is described: its schema, and examples by name, each with what it shows."""
    shown = {name: {"summary": summary, "value": value} for name, (summary, value) in examples.items()}
    return {"required": True, "content": {"application/json": {"schema": schema, "examples": shown}}}


def span_schema(span: Span, example: float) -> JsonSchema:
    """Return a number's bounds and unit as a JSON schema."""
    lower = "exclusiveMinimum" if span.above else "minimum"
    return {
        "type": "number",
        lower: float(span.low),
        "maximum": float(span.high),
        "description": span.unit,
        "example": example,
    }


def _choice(words: Iterable[str], default: str | None = None) -> JsonSchema:
    schema: JsonSchema = {"type": "string", "enum": [str(word) for word in words]}
    return schema if default is None else schema | {"default": str(default)}


def _parameter(name: str, schema: JsonSchema, description: str, *, place: str = "query") -> JsonSchema:
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "schema": schema,
        "description": description,
    }


def _day(example: str) -> JsonSchema:
    return {"type": "string", "format": "date", "example": example}


def _month(example: str) -> JsonSchema:
    return {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$", "example": example}


MATERIAL_PATH = _parameter("material", _choice(Material) | {"example": "NdPr"}, "Material.", place="path")
QUOTE_PATH = _parameter("quote_id", {"type": "string", "minLength": 1}, "As printed in an answer.", place="path")

PRICE_PARAMETERS = [
    MATERIAL_PATH,
    _parameter("as_of", _day("2026-02-28"), "Day to price for; left out, the dataset's last day."),
    _parameter("form", _choice(Form, Form.OXIDE), "What one unit is of; metal by stoichiometry, no toll."),
    _parameter("unit", _choice(Unit, Unit.KG), "Mass that amounts are per."),
    _parameter("currency", _choice(Currency, Currency.USD), "Converted at the priced month's mean rate, if known."),
    _parameter("region", _choice(REGIONS, ALL_REGIONS), "Whose market stands beside the fair price."),
    _parameter(
        "max_age_days",
        {"type": "integer", "minimum": int(AGE.low), "maximum": int(AGE.high), "example": 45},
        "Refuse data older than this many days.",
    ),
]
HISTORY_PARAMETERS = [
    MATERIAL_PATH,
    _parameter("vintage", _choice(VINTAGES, "as_known"), "Months as first known, or all by what is known today."),
    _parameter("from", _month("2024-01"), "First month."),
    _parameter("to", _month("2026-01"), "Last month."),
    _parameter("format", _choice(FORMATS, FORMATS[0]), "JSON or CSV."),
]
EXPLANATION_PARAMETERS = [
    MATERIAL_PATH,
    _parameter("from", _month("2025-12"), "Month to explain from; left out, the month before `to`."),
    _parameter("to", _month("2026-02"), "Month to explain to; left out, the last one."),
    _parameter("vintage", _choice(VINTAGES, "as_known"), "Months as first known, or all by what is known today."),
    _parameter(
        "said_by",
        {"type": "string", "pattern": f"^[0-9a-f]{{{BUNDLE_CHARACTERS},64}}$"},
        "Bundle of the model that gave the earlier answer, as in its quote id: adds the line `model_version`.",
    ),
    _parameter(
        "said_in",
        {"type": "string", "minLength": 1},
        "Quote id of the earlier answer: month and model follow from it, in the place of `from` and `said_by`.",
    ),
]

FLOOR_SCHEMA: JsonSchema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["amount", "basis", "reference", "from", "to", "tonnes_per_year"],
    "properties": {
        "amount": span_schema(AMOUNT, 110),
        "basis": _choice(FLOOR_BASES) | {"description": "What the amount is per kilogram of, and its VAT."},
        "currency": _choice((Currency.USD,), Currency.USD),
        "unit": _choice(Unit, Unit.KG),
        "reference": {
            "type": "string",
            "description": f"Index to settle on, from /v1/materials; {OWN_INDEX} takes every month from the deck.",
            "example": "fob_china",
        },
        "from": _day("2025-10-01"),
        "to": _day("2035-12-31"),
        "tonnes_per_year": span_schema(TONNES, 6000),
        "settlement": _choice(Settlement, Settlement.QUARTERLY)
        | {"description": "How long the reference is averaged."},
        "vat_rule": _choice(VatRule, VatRule.REFUSE)
        | {"description": "What to do when index and floor treat VAT differently."},
        "oxide_per_metal": span_schema(RATIO, 1.2) | {"description": f"{RATIO.unit}; for a floor on metal only."},
        "toll": span_schema(TOLL, 12) | {"description": f"{TOLL.unit}; for a floor on metal only."},
    },
}
DECK_SCHEMA: JsonSchema = {
    "type": "object",
    "description": f"Prices of months without a fixing, USD/kg oxide on the floor's VAT basis: {DECK_WANTED}.",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "flat": span_schema(USD_PER_KG, 85),
        "prices": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {r"^\d{4}(-(0[1-9]|1[0-2]))?$": span_schema(USD_PER_KG, 90)},
            "example": {"2026": 85, "2027-03": 90},
        },
    },
}
SCENARIO_SCHEMA: JsonSchema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["material", "floor"],
    "properties": {
        "material": _choice(Material),
        "as_of": _day("2026-02-28"),
        "max_age_days": span_schema(AGE, 45),
        "floor": FLOOR_SCHEMA,
        "deck": DECK_SCHEMA,
        "discount_rate": span_schema(RATE, 0.05),
    },
}
MP_FLOOR = {
    "material": "NdPr",
    "as_of": "2026-02-28",
    "floor": {
        "amount": 110,
        "basis": "oxide ex VAT",
        "reference": "fob_china",
        "vat_rule": "convert",
        "from": "2025-10-01",
        "to": "2035-12-31",
        "tonnes_per_year": 6000,
    },
    "discount_rate": 0.05,
}
OWN_DECK = {
    "material": "NdPr",
    "floor": {
        "amount": 110,
        "basis": "oxide ex VAT",
        "reference": OWN_INDEX,
        "from": "2026-01-01",
        "to": "2035-12-31",
        "tonnes_per_year": 6000,
    },
    "deck": {"flat": 85},
    "discount_rate": 0.05,
}
