"""What the OpenAPI document says about scenarios: bodies, bounds, examples, and the answers each address can give."""

from __future__ import annotations

from typing import Any

from features.levers import load_presets
from pricing.levers import Way
from pricing.levers.reading import MOST as MOST_OVERRIDES
from pricing.market.supply import Region
from pricing.materials import Material
from serving.documentation import (
    DECK_SCHEMA,
    FLOOR_SCHEMA,
    MP_FLOOR,
    OWN_DECK,
    JsonSchema,
    answers,
    json_body,
    span_schema,
)
from serving.documentation import (
    SCENARIO_SCHEMA as FLOOR_ALONE,
)
from serving.floor_questions import RATE
from serving.floor_schemas import FloorAnswer
from serving.questions import AGE
from serving.scenarios.desk import MOST, SCENARIOS
from serving.scenarios.schemas import ScenarioAnswer

MONTH: JsonSchema = {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$"}
SCENARIO_PATH: JsonSchema = {
    "name": "scenario_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
    "description": "As printed in an answer.",
}
GROUP: JsonSchema = {
    "name": "group",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "enum": ["costs", "policy", "demand", "supply"]},
    "description": "Levers of one group alone.",
}
WAYS = {
    Way.SET: "The lever's value, in its unit.",
    Way.SCALE: "Times the baseline.",
    Way.ADD: "On top of the baseline, in the lever's unit.",
}
OVERRIDE: JsonSchema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["lever"],
    "properties": {
        "lever": {"type": "string", "description": "Name from /v1/levers.", "example": "wages.united_states"},
        **{way.value: {"type": "number", "description": about} for way, about in WAYS.items()},
        "from": MONTH | {"description": "First month in force; left out, it holds from now on."},
        "to": MONTH | {"description": "Last month in force; left out, it holds for good."},
    },
    "oneOf": [{"required": [way.value]} for way in Way],
}
PROPERTIES: dict[str, JsonSchema] = {
    "overrides": {
        "type": "array",
        "maxItems": MOST_OVERRIDES,
        "items": OVERRIDE,
        "description": "What differs from the baseline, in any order; an empty list is the baseline.",
    },
    "preset": {
        "type": "string",
        "enum": list(load_presets()),
        "description": "A named scenario whose overrides are joined.",
    },
    "material": {
        "type": "string",
        "enum": [material.value for material in Material],
        "description": "Answer about one material alone; a floor needs it.",
    },
    "as_of": {
        "type": "string",
        "format": "date",
        "description": "A day of the model's last month known; left out, the dataset's last day.",
    },
    "max_age_days": span_schema(AGE, 45),
    "floor": FLOOR_SCHEMA,
    "deck": DECK_SCHEMA,
    "discount_rate": span_schema(RATE, 0.05),
    "reference_region": {
        "type": "string",
        "enum": [region.value for region in Region],
        "description": "Whose market moves a floor's deck; left out, China's for `china_domestic`, else the other.",
    },
}
OVERRIDDEN: JsonSchema = {
    "type": "object",
    "title": "Scenario",
    "additionalProperties": False,
    "properties": PROPERTIES,
    "anyOf": [{"required": ["overrides"]}, {"required": ["preset"]}],
}
BODY: JsonSchema = {"anyOf": [OVERRIDDEN, FLOOR_ALONE | {"title": "Floor"}]}
BATCH: JsonSchema = {
    "type": "object",
    "additionalProperties": False,
    "required": [SCENARIOS],
    "properties": {
        SCENARIOS: {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST,
            "items": {"description": "What /v1/scenarios takes; a bad one is told and the rest answered."},
        }
    },
}
US_WAGES: dict[str, Any] = {"overrides": [{"lever": "wages.united_states", "scale": 1.1}]}
DY_BAN: dict[str, Any] = {"overrides": [{"lever": "export_quota.Dy", "set": 1, "from": "2027-01", "to": "2027-12"}]}
YUAN_AND_QUOTA: dict[str, Any] = {
    "preset": "yuan_up",
    "overrides": [{"lever": "quota.mining", "scale": 1.1}],
    "material": "NdPr",
}
FLOOR_UNDER_QUOTAS: dict[str, Any] = OWN_DECK | {"preset": "quotas_raised"}


EXAMPLES = {
    "us_wages": ("Wages in the United States 10 % up, for good", US_WAGES),
    "dy_ban": ("China lets no Dy out in 2027", DY_BAN),
    "preset_and_more": ("A named scenario and a lever on top, about NdPr", YUAN_AND_QUOTA),
    "floor_under_quotas": ("What a floor pays at the baseline, and with quotas 10 % up", FLOOR_UNDER_QUOTAS),
    "history_then_last_quote": ("A floor alone: 110 USD/kg on FOB China, history and then the last quote", MP_FLOOR),
    "own_deck": ("A floor alone: 6,000 t a year against a deck flat at 85", OWN_DECK),
}
SCENARIO_BODY = json_body(BODY, EXAMPLES)
BATCH_BODY = json_body(BATCH, {"two": ("Two scenarios", {SCENARIOS: [US_WAGES, YUAN_AND_QUOTA]})})


def scenario_answers() -> dict[int | str, dict[str, Any]]:
    """Return the documented answers of a scenario: new, known, or a floor's alone; and the errors it can give."""
    either: Any = ScenarioAnswer | FloorAnswer
    found = answers(either, 400, 413, 422, 503)
    found[200]["description"] = "A scenario whose answer is known, or what a floor pays."
    found[201] = {"model": ScenarioAnswer, "description": "A scenario that was solved for this request."}
    return found
