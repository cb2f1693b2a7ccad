"""Fifty scenarios in one call: order kept, a bad one told, each of the others as its single call gives it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from httpx import Client

from serving.documentation import OWN_DECK
from serving.scenarios.desk import MOST

BATCH = "/v1/scenarios/batch"
BAD_AT = 3


def fifty() -> list[dict[str, Any]]:
    """Return fifty scenarios of six kinds in turn, one of them bad."""
    kinds: list[dict[str, Any]] = [
        {"overrides": []},
        {"overrides": [{"lever": "quota.mining", "scale": 1.1}]},
        {"preset": "quotas_raised"},
        {"overrides": [{"lever": "quota.mining", "scale": 1.1}], "material": "Dy"},
        {"overrides": [{"lever": "quota.mining", "scale": 1.1}], **OWN_DECK},
        OWN_DECK,
    ]
    chosen = [kinds[place % len(kinds)] for place in range(MOST)]
    chosen[BAD_AT] = {"overrides": [{"lever": "labor_cst", "scale": 2}]}
    return chosen


def test_of_fifty_one_is_refused_and_the_rest_are_as_their_single_calls(client: Client) -> None:
    sent = fifty()
    answered = client.post(BATCH, json={"scenarios": sent})
    assert answered.status_code == 200
    found = answered.json()
    assert [item["index"] for item in found["scenarios"]] == list(range(MOST))
    assert (found["answered"], found["refused"]) == (MOST - 1, 1)
    bad = found["scenarios"].pop(BAD_AT)
    assert (bad["status"], bad["answer"]) == (422, None)
    assert [fault["path"] for fault in bad["error"]["faults"]] == [f"scenarios.{BAD_AT}.overrides.0.lever"]
    at = 0
    for item in found["scenarios"]:
        single = client.post("/v1/scenarios", json=sent[item["index"]])
        assert item["answer"] == single.json()
        at = answered.content.index(single.content, at) + len(single.content)  # byte for byte, in order


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"scenarios": []}, "scenarios"),
        ({"scenarios": [{"overrides": []}] * (MOST + 1)}, "scenarios"),
        ({"scenarios": {"overrides": []}}, "scenarios"),
        ({}, "scenarios"),
        ({"scenarios": [{"overrides": []}], "overrides": []}, "overrides"),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(client: Client, body: dict[str, Any], path: str) -> None:
    answered = client.post(BATCH, content=json.dumps(body))
    assert answered.status_code == 422
    assert path in {fault["path"] for fault in answered.json()["faults"]}


def test_an_item_that_is_no_object_is_told_at_its_place(client: Client) -> None:
    items = client.post(BATCH, json={"scenarios": [None, {"overrides": []}]}).json()["scenarios"]
    assert items[0]["error"]["faults"][0]["path"] == "scenarios.0"
    assert items[1]["error"] is None
