"""What is odd in a settlement though nothing forbids it is told with the answer."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from serving.contracts.settlements.documentation import QUARTER

GUARANTEE = {"measure": "ebitda", "usd_per_year": 1_000_000, "partial_year": "scales"}
PENALTY = {"reason": "thorium", "usd_per_kg": 60}
CARBONATE = {
    "kind": "carbonate", "name": "price", "oxide_kg_per_kg_treo": {"benchmark": 0.2}, "payable_share": 0.7,
    "moisture_share": 0, "treo_share": 0.5, "penalties": [PENALTY],
}  # fmt: skip
RESTATED = {
    "published": {"2026-02": "2026-03-02"},
    "restatements": [{"fixing": "2026-02", "amount": 70, "known_on": "2026-05-20"}],
}


def days(month: str, *numbers: int) -> dict[str, float]:
    return {f"{month}-{number:02d}": 90.0 for number in numbers}


FULL = (2, 6, 9, 13, 16, 20, 23, 27)


def flags(
    client: Any, contract: Mapping[str, Any], facts: Mapping[str, Any] | None = None, **index: Any
) -> dict[str, str]:
    body = deepcopy(QUARTER)
    body["contract"] |= contract
    body["facts"] |= facts or {}
    body["facts"]["indices"]["published"] |= index
    sent = client.post("/v1/contracts/settlements", json=body)
    assert sent.status_code == 200, sent.text
    return {flag["code"]: flag["text"] for flag in sent.json()["flags"]}


def quoted(**more: Any) -> dict[str, Any]:
    rule = {"kind": "index", "index": "published", "window": "month", "lag_months": 0, **more}
    return {"references": {"benchmark": rule}}


@pytest.mark.parametrize(
    ("march", "said"), [((2, 27, 30), "2026-03 has 3, a usual month 8"), (FULL[:6], "2026-03 ends on 2026-03-20")]
)
def test_a_month_that_its_fixings_do_not_fill_is_told(bare: Any, march: tuple[int, ...], said: str) -> None:
    fixings = days("2026-01", *FULL) | days("2026-02", *FULL) | days("2026-03", *march)
    assert said in flags(bare, quoted(average_of="fixings"), fixings=fixings)["few_fixings.published"]
    whole = {**fixings, **days("2026-03", *FULL)}
    assert "few_fixings.published" not in flags(bare, quoted(average_of="fixings"), fixings=whole)


def test_a_restatement_after_its_deadline_is_told_with_both_days(bare: Any) -> None:
    found = flags(bare, quoted(true_up_within_days=30), **RESTATED)
    assert "restated on 2026-05-20, after the deadline of 2026-04-01" in found["restated_late.benchmark"]
    assert "restated_late.benchmark" not in flags(bare, quoted(true_up_within_days=90), **RESTATED)


@pytest.mark.parametrize(("tonnes", "is_told"), [(1100, True), (1000, False)])
def test_tonnes_beyond_the_year_are_told(bare: Any, tonnes: int, is_told: bool) -> None:
    volume = {"basis": "sold", "tonnes_per_year": 4000, "tonnes_by_period": {"2026-Q1": tonnes}}
    assert ("beyond_tonnes_per_year" in flags(bare, {"volume": volume})) is is_told


def test_a_guarantee_of_part_of_a_year_says_what_its_measure_must_be(bare: Any) -> None:
    found = flags(bare, {"guarantee": GUARANTEE}, {"measured_usd_by_year": {"2026": 0}})
    assert "0.250 of a year" in found["guarantee_of_part_of_a_year"]


def test_a_price_of_goods_below_zero_is_told(bare: Any) -> None:
    assert "2026-Q1" in flags(bare, {"clauses": [CARBONATE]})["price_below_zero.price"]


def test_facts_that_nothing_uses_are_told(bare: Any) -> None:
    told = {
        "other_deals": [{"day": "2026-01-05", "price_usd_per_kg": 90}],
        "measured_usd_by_year": {"2026": 1},
        "taken_tonnes_by_year": {"2026": 1},
        "price_indices": {"cpi": {"levels": {"2026-01": 100}}},
        "events": {"ramp": "2026-02-01"},
    }
    text = flags(bare, {}, told)["unused_facts"]
    for name in ("other_deals", "measured_usd_by_year", "taken_tonnes_by_year", "price_indices.cpi", "events.ramp"):
        assert f"facts.{name}" in text
    assert "unused_facts" not in flags(bare, {})
