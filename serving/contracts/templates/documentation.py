"""What the OpenAPI document says about contract templates: their names, and the inputs that fill one."""

from __future__ import annotations

from features.contract_templates import load_templates
from pricing.contracts.template import INPUTS
from serving.documentation import JsonSchema, json_body

JARE_INPUTS = {
    "first_day": "2026-04-01",
    "last_day": "2038-03-31",
    "settlement": "quarterly",
    "payment_days": 45,
    "volume_basis": "delivered",
    "vat": "excluded",
    "index": "market",
    "window": "month",
    "lag_months": 0,
    "vat_rule": "refuse",
    "discount_share": 0,
    "achieved_index": "achieved",
    "year_of": "delivery",
    "partial_year": "scales",
}
TEMPLATE_PATH: JsonSchema = {
    "name": "name",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "enum": list(load_templates()), "example": "lynas_jare"},
    "description": "Template, from /v1/contracts/templates.",
}
FILL_SCHEMA: JsonSchema = {
    "type": "object",
    "additionalProperties": False,
    "required": [INPUTS],
    "properties": {
        INPUTS: {
            "type": "object",
            "description": "What is not public, by the names of the template's inputs; each missing one is refused.",
        }
    },
}
FILL_BODY = json_body(FILL_SCHEMA, {"lynas_jare": ("Lynas and JARE", {INPUTS: JARE_INPUTS})})
