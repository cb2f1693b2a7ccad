"""What the OpenAPI document says about values, solutions and comparisons: bodies, and examples that run."""

from __future__ import annotations

from typing import Any

from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.schema import Term
from serving.contracts.comparisons.desk import MOST_CELLS, OUTLOOKS, TERMS
from serving.contracts.outlook.terms import LognormalOutlook, PathsOutlook, StatesOutlook
from serving.contracts.schema.components import component_of
from serving.contracts.solutions.terms import SolutionRequest
from serving.contracts.valuations.terms import MOST_CONTRACTS, PartiesTerms, ValuationRequest
from serving.documentation import JsonSchema, json_body

DOCUMENTED_VALUES: tuple[type[Term], ...] = (ValuationRequest, SolutionRequest)
REFERENCES = {"benchmark": {"kind": "index", "index": "published", "window": "month", "lag_months": 0}}
PARTIES = {"seller": {"discount_rate": 0.10}, "buyer": {"discount_rate": 0.04, "fiscal_year_starts_in_month": 10}}
UNDISCOUNTED = {"seller": {"discount_rate": 0}, "buyer": {"discount_rate": 0}}
FLOOR = {"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_kg": 110}
SHARE = {"kind": "share", "name": "share", "reference": "benchmark", "above_usd_per_kg": 110, "share_above": 0.3}
FLAT_100 = {"kind": "paths", "deck": {"kind": "given", "flat_usd_per_kg": 100}}
FOUR_STATES = {"kind": "states", "usd_per_kg": [80, 100, 125, 140]}
ONE_YEAR_AHEAD = {"kind": "lognormal", "forward_usd_per_kg": 100, "volatility": 0.3, "years": 1}


def terms(*clauses: dict[str, Any], **change: Any) -> dict[str, Any]:
    """Return a contract of ten years on one benchmark with some clauses, and with what is changed."""
    return {
        "name": "price protection",
        "buyer": "the buyer",
        "seller": "the seller",
        "material": "NdPr",
        "form": "oxide",
        "vat": "excluded",
        "from": "2026-01-01",
        "to": "2035-12-31",
        "settlement": "quarterly",
        "volume": {"basis": "sold", "tonnes_per_year": 6000},
        "references": REFERENCES,
        "clauses": list(clauses or (FLOOR, SHARE)),
    } | change


ONE_KG = {
    "to": "2026-01-31",
    "settlement": "monthly",
    "volume": {"basis": "sold", "tonnes_by_period": {"2026-01": 0.001}},
}
ON_PATHS: dict[str, Any] = {"contract": terms(), "outlook": FLAT_100, "parties": PARTIES}
CLOSED_FORM: dict[str, Any] = {"contract": terms(**ONE_KG), "outlook": ONE_YEAR_AHEAD, "parties": UNDISCOUNTED}
BY_STATES: dict[str, Any] = {"contract": terms(**ONE_KG), "outlook": FOUR_STATES, "parties": UNDISCOUNTED}
ON_THE_FAIR_PRICE: dict[str, Any] = {
    "contract": terms(**{"from": "2026-04-01"}),
    "outlook": {"kind": "paths", "deck": {"kind": "fair_price"}, "policy_jumps": True},
    "parties": PARTIES,
}
TWENTY_YEARS = {
    "material": "NdPr",
    "from": "2026-01-01",
    "to": "2045-12-31",
    "settlement": "quarterly",
    "tonnes_per_year": 4000,
}
FIVE_YEARS = TWENTY_YEARS | {"to": "2030-12-31", "tonnes_per_year": 1000}
PLANT_FLOOR: dict[str, Any] = {
    "delivery": TWENTY_YEARS,
    "outlook": {"kind": "states", "usd_per_kg": [60]},
    "discount_rate": 0.08,
    "solve": {"kind": "floor_for_return", "capex_usd": 1.2e9, "opex_usd_per_kg": 55, "counted": "year_end"},
}
OFFERED_DISCOUNT: dict[str, Any] = {
    "delivery": FIVE_YEARS,
    "outlook": {"kind": "paths", "deck": {"kind": "given", "flat_usd_per_kg": 95}},
    "discount_rate": 0.08,
    "solve": {"kind": "discount_for_floor", "floor_usd_per_kg": 100, "discount_share": 0.03},
}
FIXED_OR_INDEXED: dict[str, Any] = {
    "delivery": FIVE_YEARS,
    "outlook": FLAT_100,
    "discount_rate": 0.09,
    "solve": {"kind": "fixed_price", "fixed_usd_per_kg": 115, "floor_usd_per_kg": 110},
}
FLAT_OR_SHARED: dict[str, Any] = {
    "terms": [
        {"name": "110 with a share of 30 %", "contract": terms(**ONE_KG)},
        {"name": "104 flat", "contract": terms(FLOOR | {"floor_usd_per_kg": 104}, **ONE_KG)},
    ],
    "outlooks": [
        {"name": "four states", "outlook": FOUR_STATES},
        {"name": "lognormal", "outlook": ONE_YEAR_AHEAD},
    ],
    "parties": UNDISCOUNTED,
}
_ANY_OUTLOOK: JsonSchema = {
    "oneOf": [component_of(kind) for kind in (StatesOutlook, LognormalOutlook, PathsOutlook)],
    "discriminator": {"propertyName": "kind"},
}


def _loosely(schema: JsonSchema) -> JsonSchema:
    """Return a schema whose faults refuse a cell and not the request."""
    return {"anyOf": [schema, {}]}


def _named(about: str, properties: JsonSchema) -> JsonSchema:
    named = {"name": {"type": "string", "minLength": 1}} | properties
    item: JsonSchema = {"type": "object", "required": ["name"], "properties": named}
    return {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_CELLS,
        "description": about,
        "items": {"anyOf": [item, {}]},
    }


_FACTS, _CONTRACT = _loosely(component_of(Facts)), component_of(Contract)
_SHARED: JsonSchema = {
    "facts": _FACTS,
    "parties": _loosely(component_of(PartiesTerms)),
    "alternative": _loosely({"type": "string"}),
}
_TERMS: JsonSchema = {
    "contract": _loosely(_CONTRACT),
    "contracts": _loosely({"type": "array", "maxItems": MOST_CONTRACTS, "items": _CONTRACT}),
    "facts": _FACTS,
}
COMPARISON_SCHEMA: JsonSchema = {
    "type": "object",
    "additionalProperties": False,
    "required": [TERMS, OUTLOOKS],
    "properties": {
        TERMS: _named("Sets of terms; a bad one is told and the rest answered.", _TERMS),
        OUTLOOKS: _named("Outlooks; a bad one is told and the rest answered.", {"outlook": _loosely(_ANY_OUTLOOK)}),
    }
    | _SHARED,
}


VALUATION_BODY = json_body(
    component_of(ValuationRequest),
    {
        "paths": ("Ten years of a floor of 110 with a share of 30 %, on paths around 100", ON_PATHS),
        "closed_form": ("The same for one kilogram under one lognormal price", CLOSED_FORM),
        "states": ("The same under four equally likely prices", BY_STATES),
        "fair_price": ("Around the published fair price, with policy jumps as a stress", ON_THE_FAIR_PRICE),
    },
)
SOLUTION_BODY = json_body(
    component_of(SolutionRequest),
    {
        "floor_for_return": ("The floor that makes a plant's net present value nil", PLANT_FLOOR),
        "discount_for_floor": ("The discount that pays for a floor of 100, under each rule", OFFERED_DISCOUNT),
        "fixed_price": ("Fixed 115, or the index with a floor of 110, at 9 %", FIXED_OR_INDEXED),
    },
)
COMPARISON_BODY = json_body(
    COMPARISON_SCHEMA, {"flat_or_shared": ("A flat floor or a dearer one with a share", FLAT_OR_SHARED)}
)
EXAMPLES: dict[str, tuple[dict[str, Any], ...]] = {
    "/v1/contracts/valuations": (ON_PATHS, CLOSED_FORM, BY_STATES),
    "/v1/contracts/solutions": (PLANT_FLOOR, OFFERED_DISCOUNT, FIXED_OR_INDEXED),
    "/v1/contracts/comparisons": (FLAT_OR_SHARED,),
}
