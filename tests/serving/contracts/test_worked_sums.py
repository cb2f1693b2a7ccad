"""Sums and reported payments, checked by hand, are answered the same over HTTP and on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .conftest import Door, worked

FILE = worked("contract_doors.yaml")


def said(found: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in expected}


@pytest.mark.parametrize("case", FILE["sums"], ids=lambda case: case["question"].partition(":")[0])
def test_a_sum_is_answered(door: Door, case: dict[str, Any]) -> None:
    (item,) = door("sums", {"sums": [case["sum"]]})["sums"]
    found = item["answer"]
    for of in ("figures", "unrounded"):
        assert said(found[of], case.get(of, {})) == case.get(of, {})
    assert {name: said(found["cases"][name], one) for name, one in case.get("cases", {}).items()} == case.get(
        "cases", {}
    )
    assert (found["asks"] or {}).get("field") == case.get("asks")
    assert [flag["code"] for flag in found["flags"]] == case.get("flags", []) or "flags" not in case


@pytest.mark.parametrize("case", FILE["payments"], ids=lambda case: case["question"])
def test_a_payment_is_read_backwards(door: Door, case: dict[str, Any]) -> None:
    found = door("implied", case["implied"])
    assert said(found, case["says"]) == case["says"]
    assert [fault["path"] for fault in found["missing"]] == case.get("missing", [])
    if "grid" in case:
        assert [one["implied_usd_per_kg"] for one in found["readings"]] == case["grid"]
        assert "none" in found["says"]


def test_sums_keep_their_order_and_a_bad_one_stands_at_its_place(door: Door) -> None:
    good = [case["sum"] for case in FILE["sums"]]
    alone = [door("sums", {"sums": [one]})["sums"][0]["answer"] for one in good[:3]]
    found = door("sums", {"sums": [*good[:2], {"kind": "unts", "strike_usd_per_kg": 1}, good[2]]})
    assert [item["status"] for item in found["sums"]] == [200, 200, 422, 200]
    assert [item["answer"] for item in found["sums"] if item["answer"]] == alone
    (fault,) = found["sums"][2]["error"]["faults"]
    assert (fault["path"], fault["nearest"]) == ("sums.2.kind", "units")
    assert (found["answered"], found["refused"]) == (3, 1)


@pytest.mark.parametrize("case", FILE["refused"], ids=lambda case: case["question"])
def test_a_sum_without_its_basis_is_refused(door: Door, case: dict[str, Any]) -> None:
    (item,) = door("sums", {"sums": [case["sum"]]})["sums"]
    assert (item["status"], item["answer"]) == (422, None)
    assert {fault["path"] for fault in item["error"]["faults"]} == {f"sums.0.{path}" for path in case["paths"]}


@pytest.mark.parametrize("body", [{}, {"sums": []}, {"sums": 5}, {"sums": [{}] * 51}, {"sum": [{}]}])
def test_what_holds_no_sums_or_too_many_is_refused(bare: Any, body: dict[str, Any]) -> None:
    sent = bare.post("/v1/contracts/sums", json=body)
    assert sent.status_code == 422
    assert "1 to 50 sums" in sent.json()["faults"][0]["allowed"]


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"usd": 0}, {"usd"}),
        ({"usd": -5, "share_in_force": True}, {"share_above"}),
        ({"usd": -5}, {"share_in_force"}),
        ({"share_above": 0.3, "share_above_usd_per_kg": 100}, {"share_above_usd_per_kg"}),
        ({"tonnes": {"sold": -1}, "window": "week", "lag": 1}, {"tonnes.sold", "window", "lag"}),
        ({"floor_usd_per_kg": None}, {"floor_usd_per_kg"}),
    ],
)
def test_a_payment_that_cannot_be_read_is_refused(bare: Any, change: dict[str, Any], paths: set[str]) -> None:
    sent = bare.post("/v1/contracts/implied", json={**FILE["payments"][0]["implied"], **change})
    assert sent.status_code == 422
    assert {fault["path"] for fault in sent.json()["faults"]} == paths


def test_a_step_of_rounding_wider_than_the_prices_is_told(bare: Any) -> None:
    body = {**FILE["payments"][0]["implied"], "rounded_to_usd": 200_000_000}
    found = bare.post("/v1/contracts/implied", json=body).json()
    assert [flag["code"] for flag in found["flags"]] == ["rounding_too_wide"]


def test_a_payment_with_no_volume_names_what_is_missing_and_reads_nothing(bare: Any) -> None:
    found = bare.post("/v1/contracts/implied", json={"usd": 1, "rounded_to_usd": 1, "floor_usd_per_kg": 110}).json()
    assert (found["status"], found["readings"]) == ("refused", [])
    assert found["says"].startswith("No reading without a volume")
