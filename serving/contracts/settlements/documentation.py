"""What the OpenAPI document says about settlements, implied references and sums: bodies and examples."""

from __future__ import annotations

from typing import Any

from pricing.contracts.sums.kinds import KINDS
from pricing.contracts.terms.basis import BasisQuestion
from pricing.contracts.terms.case import SettlementCase
from pricing.contracts.terms.reported import Reported
from pricing.contracts.terms.schema import Term
from serving.contracts.schema.components import component_of
from serving.contracts.solutions.terms import SolutionRequest
from serving.contracts.sums.desk import MOST, SUMS
from serving.contracts.valuations.terms import ValuationRequest
from serving.documentation import JsonSchema, json_body

SCHEMAS: dict[str, type[Term]] = {
    "settlement": SettlementCase,
    "valuation": ValuationRequest,
    "solution": SolutionRequest,
    "implied": Reported,
    "basis-risk": BasisQuestion,
} | {f"sums.{kind.KIND}": kind for kind in KINDS}
DOCUMENTED: tuple[type[Term], ...] = (SettlementCase, Reported, *KINDS)
COMPARISON = "comparison"
OF: JsonSchema = {
    "name": "of",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "enum": [*SCHEMAS, SUMS, COMPARISON], "default": "settlement"},
    "description": "What a body is written for.",
}
ONE_SUM: JsonSchema = {
    "oneOf": [component_of(kind) for kind in KINDS],
    "discriminator": {"propertyName": "kind"},
}
SUMS_SCHEMA: JsonSchema = {
    "type": "object",
    "additionalProperties": False,
    "required": [SUMS],
    "properties": {
        SUMS: {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST,
            "items": {"anyOf": [ONE_SUM, {}], "description": "A sum; a bad one is told and the rest answered."},
        }
    },
}
QUARTER: dict[str, Any] = {
    "contract": {
        "name": "price floor",
        "buyer": "the buyer",
        "seller": "the seller",
        "material": "NdPr",
        "form": "oxide",
        "vat": "excluded",
        "from": "2026-01-01",
        "to": "2026-03-31",
        "settlement": "quarterly",
        "volume": {"basis": "sold", "tonnes_by_period": {"2026-Q1": 1006}},
        "references": {"benchmark": {"kind": "index", "index": "published", "window": "month", "lag_months": 0}},
        "clauses": [{"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_kg": 110}],
    },
    "facts": {
        "indices": {
            "published": {
                "currency": "USD",
                "unit": "kg",
                "form": "oxide",
                "vat": "excluded",
                "fixings": {"2026-01": 66, "2026-02": 68, "2026-03": 70},
            }
        }
    },
}
ON_SERIES: dict[str, Any] = {
    "contract": QUARTER["contract"]
    | {
        "from": "2025-10-01",
        "to": "2025-12-31",
        "volume": {"basis": "sold", "tonnes_per_year": 4000},
        "references": {
            "benchmark": {
                "kind": "index",
                "index": "published",
                "window": "month",
                "lag_months": 0,
                "vat_rule": "convert",
            }
        },
    },
    "facts": {"as_of": "2026-02-28", "indices": {"published": {"series": "china_domestic"}}},
}
REPORTED: dict[str, Any] = {
    "usd": 42273000,
    "rounded_to_usd": 1000,
    "floor_usd_per_kg": 110,
    "share_in_force": False,
    "window": "quarter",
    "lag_months": 0,
    "tonnes": {"sold": 1006},
    "vat_rates": {"ex_vat": 0},
}
UNSTATED: dict[str, Any] = {
    "usd": 42273000,
    "rounded_to_usd": 1000,
    "floor_usd_per_kg": 110,
    "tonnes": {"sold": 1006, "produced": 917},
    "vat_rates": {"ex_vat": 0, "inc_vat": 0.13},
}
REAL_FLOOR: dict[str, Any] = {
    "kind": "real_value",
    "price_usd_per_kg": 110,
    "inflation_share_per_year": 0.025,
    "years": 10,
    "level_usd_per_kg": 100,
}
DISCOUNT: dict[str, Any] = {
    "kind": "discount_for_floor",
    "index_usd_per_kg": 95,
    "floor_usd_per_kg": 100,
    "discount_share": 0.03,
}


SETTLEMENT_BODY = json_body(
    component_of(SettlementCase),
    {
        "given": ("A floor of 110 on 1,006 t in a quarter that averaged 68", QUARTER),
        "series": ("The same floor on a series of the dataset, VAT taken out at the dated rate", ON_SERIES),
    },
)
IMPLIED_BODY = json_body(
    component_of(Reported),
    {
        "identified": ("A reported payment whose terms are stated", REPORTED),
        "refused": ("The same payment with volume, VAT and averaging open: the grid of readings", UNSTATED),
    },
)
SUMS_BODY = json_body(
    SUMS_SCHEMA, {"two": ("What a flat floor is worth, and a discount for a floor", {SUMS: [REAL_FLOOR, DISCOUNT]})}
)
