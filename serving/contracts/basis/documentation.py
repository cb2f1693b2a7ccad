"""What the OpenAPI document says about basis risk: the body, and an example of two years and a month."""

from __future__ import annotations

from typing import Any

from pricing.contracts.periods import months_between
from pricing.contracts.terms.basis import BasisQuestion
from serving.contracts.schema.components import component_of
from serving.documentation import json_body

MONTHS = tuple(months_between("2024-02", "2026-02"))
DOMESTIC = (55, 54, 53, 54, 53, 52, 51, 52, 53, 54, 56, 55, 54, 55, 56, 58, 60, 62, 65, 71, 70, 66, 68, 74, 89)
ABROAD = (57, 55, 55, 55, 56, 53, 53, 52, 56, 55, 58, 58, 55, 58, 57, 62, 62, 66, 70, 84, 82, 80, 79, 92, 118)


def _index(prices: tuple[int, ...]) -> dict[str, Any]:
    fixings = dict(zip(MONTHS, prices, strict=True))
    return {"currency": "USD", "unit": "kg", "form": "oxide", "vat": "excluded", "fixings": fixings}


def _side(index: str) -> dict[str, Any]:
    return {"kind": "index", "index": index, "window": "month", "lag_months": 0}


TWO_INDICES: dict[str, Any] = {
    "contract": _side("domestic"),
    "cargo": _side("abroad"),
    "form": "oxide",
    "vat": "excluded",
    "tonnes": 100,
    "facts": {"indices": {"domestic": _index(DOMESTIC), "abroad": _index(ABROAD)}},
}
ON_SERIES: dict[str, Any] = TWO_INDICES | {
    "contract": _side("domestic") | {"vat_rule": "convert"},
    "cargo": _side("fob") | {"vat_rule": "as_quoted"},
    "facts": {
        "indices": {
            "domestic": {"series": "china_domestic", "material": "NdPr"},
            "fob": {"series": "fob_china", "material": "NdPr"},
        }
    },
}
BASIS_BODY = json_body(
    component_of(BasisQuestion),
    {
        "given": ("Two indices with made-up prices, 100 t", TWO_INDICES),
        "series": ("Two series of the dataset", ON_SERIES),
    },
)
