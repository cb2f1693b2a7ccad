"""Terms held against terms at both doors: each cell is its single call, a bad one is told, order is kept."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import orjson
import pytest

from pricing.errors import MissingModelError
from serving.book import Book
from serving.contracts.comparisons.desk import compared
from serving.contracts.outlook.model import ModelPrice, ModelPrices
from serving.contracts.valuations.documentation import (
    FLAT_100,
    FLAT_OR_SHARED,
    FLOOR,
    PARTIES,
    SHARE,
    UNDISCOUNTED,
    terms,
)

from .conftest import Door

COMPARISONS = "/v1/contracts/comparisons"
DECKS: list[dict[str, Any]] = [
    {"name": f"around {price}", "outlook": FLAT_100 | {"deck": {"kind": "given", "flat_usd_per_kg": price}}}
    for price in (80, 120)
]
THREE: dict[str, Any] = {
    "terms": [
        {"name": "floor", "contract": terms(FLOOR)},
        {"name": "dearer floor", "contract": terms(FLOOR | {"floor_usd_per_kg": 115})},
        {"name": "with share", "contract": terms(FLOOR, SHARE)},
    ],
    "outlooks": DECKS,
    "parties": PARTIES,
}


def test_question_7_the_share_is_cheaper_by_0_375_and_dearer_under_a_lognormal_price(door: Door) -> None:
    found = door("comparison", FLAT_OR_SHARED)
    shared, lognormal, flat, flat_lognormal = (cell["figures"]["usd_per_kg"] for cell in found["cells"])
    assert (shared, flat) == (6.625, 7.0)
    assert found["cells"][2]["against_first_terms"]["usd_per_kg"] == 0.375
    assert flat_lognormal < lognormal == 15.6987


def test_every_cell_is_its_single_call_in_order(door: Door) -> None:
    found = door("comparison", THREE)
    assert [(cell["terms"], cell["outlook"]) for cell in found["cells"]] == [
        (one["name"], other["name"]) for one in THREE["terms"] for other in DECKS
    ]
    for place, cell in enumerate(found["cells"]):
        body = {"contract": THREE["terms"][place // 2]["contract"], "parties": PARTIES}
        alone = door("valuation", body | {"outlook": DECKS[place % 2]["outlook"]})
        assert cell["figures"]["to_seller_usd"] == alone["values"][0]["value_usd"]
        assert cell["figures"]["to_buyer_usd"] == alone["values"][1]["value_usd"]
        assert cell["figures"]["total_usd"] == alone["total_usd"]
        assert list(cell["figures"]["by_year_usd"].values()) == [one["net_usd"]["mean"] for one in alone["years"]]


def test_differences_are_to_the_first_terms_and_to_the_first_outlook(door: Door) -> None:
    cells = door("comparison", THREE)["cells"]
    assert cells[0]["against_first_terms"]["to_seller_usd"] == 0
    last, same_outlook, same_terms = cells[5], cells[1], cells[4]
    value = last["figures"]["to_seller_usd"]
    for other, against in ((same_outlook, "against_first_terms"), (same_terms, "against_first_outlook")):
        assert last[against]["to_seller_usd"] == pytest.approx(value - other["figures"]["to_seller_usd"], abs=0.01)


def test_a_bad_cell_is_told_with_its_place_and_the_rest_is_answered(door: Door) -> None:
    body = deepcopy(THREE)
    body["terms"][1]["contract"]["clauses"][0]["floor_usd_per_kg"] = -1
    body["outlooks"].append({"name": "no deck", "outlook": {"kind": "paths"}})
    found = door("comparison", body)
    assert [cell["status"] for cell in found["cells"]] == [200, 200, 422, 422, 422, 422, 200, 200, 422]
    assert (found["answered"], found["refused"]) == (4, 5)
    paths = [{fault["path"] for fault in cell["error"]["faults"]} for cell in found["cells"] if cell["error"]]
    assert paths[0] == {"outlooks.2.outlook.deck"}
    assert paths[1] == {"terms.1.contract.clauses.0.floor_usd_per_kg"}
    alone = door("comparison", THREE)
    assert [found["cells"][place]["figures"] for place in (0, 1, 6, 7)] == [
        alone["cells"][place]["figures"] for place in (0, 1, 4, 5)
    ]
    assert found["cells"][3]["against_first_terms"] is None


def test_terms_may_have_facts_of_their_own(bare: Any) -> None:
    late = {"name": "valued later", "contract": terms(FLOOR), "facts": {"as_of": "bad"}}
    body = {"terms": [{"name": "floor", "contract": terms(FLOOR)}, late], "outlooks": DECKS[:1], "parties": PARTIES}
    cells = bare.post(COMPARISONS, json=body).json()["cells"]
    assert [cell["status"] for cell in cells] == [200, 422]
    assert cells[1]["error"]["faults"][0]["path"] == "terms.1.facts.as_of"


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, ["terms", "outlooks"]),
        (THREE | {"outlooks": DECKS * 9}, ["outlooks.2.name", "terms"]),
        (THREE | {"termz": 1}, ["termz"]),
        (THREE | {"terms": [7]}, ["terms.0.name"]),
        (THREE | {"terms": []}, ["terms"]),
    ],
)
def test_what_is_no_comparison_is_refused(bare: Any, body: dict[str, Any], paths: list[str]) -> None:
    sent = bare.post(COMPARISONS, json=body)
    assert sent.status_code == 422
    found = [fault["path"] for fault in sent.json()["faults"]]
    assert all(path in found for path in paths)


def test_cells_beyond_the_budget_of_one_request_are_told(bare: Any) -> None:
    wide = FLAT_100 | {"paths": 65_536, "deck": {"kind": "given", "flat_usd_per_kg": 100}}
    outlooks = [{"name": f"seed {seed}", "outlook": {"kind": "states", "usd_per_kg": [1.0]}} for seed in range(2)]
    body = {"terms": [{"name": "floor", "contract": terms(FLOOR)}], "outlooks": outlooks, "parties": UNDISCOUNTED}
    assert bare.post(COMPARISONS, json=body).json()["refused"] == 0
    long = terms(FLOOR, to="2090-12-31")
    body["terms"] = [{"name": "sixty-five years", "contract": long}]
    body["outlooks"] = [{"name": "wide", "outlook": wide}]
    (cell,) = bare.post(COMPARISONS, json=body).json()["cells"]
    assert cell["error"]["faults"][0]["path"] == "outlooks.0.outlook.budget"


class Breaking(ModelPrices):
    """A model without a book, whose prices break."""

    def price(self, *_: object) -> ModelPrice:
        raise RuntimeError


def test_a_cell_that_breaks_on_our_side_is_told_in_its_cell_and_the_others_are_valued() -> None:
    def nothing() -> Book:
        raise MissingModelError

    given = {"name": "given", "outlook": {"kind": "states", "usd_per_kg": [80, 120]}}
    ours = {"name": "ours", "outlook": {"kind": "paths", "deck": {"kind": "fair_price"}}}
    body = {
        "terms": [{"name": "a", "contract": terms()}],
        "outlooks": [given, ours],
        "facts": {"as_of": "2026-01-01"},
        "parties": PARTIES,
    }
    answer = orjson.loads(compared(body, Breaking(nothing, lambda _: b"")))
    assert [cell["status"] for cell in answer["cells"]] == [200, 500]
    assert "on our side" in answer["cells"][1]["error"]["message"]
