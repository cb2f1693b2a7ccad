"""Every answer about a contract says which model and which data it rests on, and what to know about them."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import Client

from serving.contracts.basis.documentation import ON_SERIES as TWO_SERIES
from serving.contracts.basis.documentation import TWO_INDICES
from serving.contracts.settlements.documentation import ON_SERIES as SETTLED_ON_SERIES
from serving.contracts.valuations.documentation import FLAT_100, FLOOR, PARTIES, PLANT_FLOOR, terms

AS_OF = "2026-03-31"
CONVERTED = {"kind": "index", "index": "published", "window": "month", "lag_months": 0, "vat_rule": "convert"}
CONTRACT = terms(FLOOR) | {"from": "2026-01-01", "to": "2026-12-31", "references": {"benchmark": CONVERTED}}
FACTS = {"as_of": AS_OF, "indices": {"published": {"series": "china_domestic"}}}
LAST_QUOTE = {"kind": "paths", "paths": 1024, "deck": {"kind": "last_quote"}}
SOLVE = {"kind": "discount_for_floor", "floor_usd_per_kg": 100, "discount_rule": "floored_price"}
SOLUTION = {"contract": CONTRACT, "facts": FACTS, "outlook": FLAT_100, "discount_rate": 0.08, "solve": SOLVE}
COMPARISON = {
    "terms": [{"name": "floor", "contract": CONTRACT}],
    "outlooks": [{"name": "flat", "outlook": FLAT_100}],
    "facts": FACTS,
    "parties": PARTIES,
}
ON_DATA: list[tuple[str, dict[str, Any]]] = [
    ("settlements", SETTLED_ON_SERIES),
    ("basis-risk", TWO_SERIES | {"facts": TWO_SERIES["facts"] | {"as_of": AS_OF}}),
    ("valuations", {"contract": CONTRACT, "facts": FACTS, "outlook": FLAT_100, "parties": PARTIES}),
    ("solutions", SOLUTION),
    ("solutions", SOLUTION | {"outlook": LAST_QUOTE}),
    ("comparisons", COMPARISON),
]


def answered(client: Client, address: str, body: dict[str, Any]) -> dict[str, Any]:
    sent = client.post(f"/v1/contracts/{address}", json=body)
    assert sent.status_code == 200, sent.text
    return dict(sent.json())


@pytest.mark.parametrize(("address", "body"), ON_DATA)
def test_what_rests_on_our_data_names_model_data_and_day(client: Client, address: str, body: dict[str, Any]) -> None:
    models = client.get("/v1/models").json()
    found = answered(client, address, body)
    assert (found["model"]["bundle"], found["snapshot"]) == (models["serving"]["bundle"], models["dataset"])
    days = [cell["figures"]["as_of"] for cell in found["cells"]] if "cells" in found else [found["as_of"]]
    assert days == [body.get("facts", {}).get("as_of", found.get("as_of"))]
    assert days[0] is not None


@pytest.mark.parametrize(("address", "body"), [("solutions", PLANT_FLOOR), ("basis-risk", TWO_INDICES)])
def test_what_rests_on_the_callers_prices_alone_names_none(client: Client, address: str, body: dict[str, Any]) -> None:
    found = answered(client, address, body)
    assert (found["model"], found["snapshot"]) == (None, None)


@pytest.mark.parametrize(("address", "body"), ON_DATA[2:])
def test_a_series_read_on_a_day_that_nobody_stated_is_told(client: Client, address: str, body: dict[str, Any]) -> None:
    undated = body | {"facts": {"indices": FACTS["indices"]}}
    told = {flag["code"] for flag in answered(client, address, undated)["flags"]}
    assert "as_of_by_default" in told
    assert "as_of_by_default" not in {flag["code"] for flag in answered(client, address, body)["flags"]}
