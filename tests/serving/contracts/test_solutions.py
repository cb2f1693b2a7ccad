"""Acceptance questions solved backwards at both doors; no solution is an answer with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from serving.contracts.valuations.documentation import (
    FIVE_YEARS,
    FIXED_OR_INDEXED,
    FLAT_100,
    FLOOR,
    FOUR_STATES,
    OFFERED_DISCOUNT,
    PLANT_FLOOR,
    SHARE,
    TWENTY_YEARS,
    terms,
)

from .conftest import Door

ONE_MONTH = TWENTY_YEARS | {"to": "2026-01-31", "settlement": "monthly"}
RIGHT: dict[str, Any] = {
    "kind": "volume_option",
    "holder": "seller",
    "right_to": "floor",
    "level_usd_per_kg": 110,
    "least_tonnes_per_period": 0,
    "most_tonnes_per_period": 500,
    "total_tonnes": 5000,
}


def states(*prices: float) -> dict[str, Any]:
    return {"kind": "states", "usd_per_kg": list(prices)}


def plant(rate: float, price: float, **limits: float) -> dict[str, Any]:
    """Return the plant of question 28 at a rate and a flat price, its floor perhaps limited."""
    solve = PLANT_FLOOR["solve"] | limits
    return PLANT_FLOOR | {"discount_rate": rate, "outlook": states(price), "solve": solve}


def figures(answer: dict[str, Any]) -> dict[str, float]:
    return {one["name"]: one["value"] for one in answer["figures"]}


def under(answer: dict[str, Any]) -> dict[str, float | None]:
    return {one["under"]: one["value"] for one in answer["solutions"]}


@pytest.mark.parametrize(("rate", "needed"), [(0.08, 85.56), (0.12, 95.16)])
def test_question_29_the_floor_of_a_plant_is_the_price_it_needs(door: Door, rate: float, needed: float) -> None:
    # 1.2 bn x .08 / (1 - 1.08^-20) = 122.22 m a year over 4,000 t = 30.56 above 55; at 12 %: 40.16
    found = door("solution", plant(rate, 60))
    assert found["solutions"][0]["value"] == pytest.approx(needed, abs=0.01)
    assert figures(found)["price_needed_in_every_period"] == pytest.approx(needed, abs=0.005)


@pytest.mark.parametrize(
    ("body", "reason"),
    [(plant(0.08, 90), "no floor is needed"), (plant(0.08, 60, annual_cap_usd=1e6), "no floor is enough")],
)
def test_question_29_no_solution_is_an_answer_with_its_reason(door: Door, body: dict[str, Any], reason: str) -> None:
    found = door("solution", body)
    assert (found["solved"], found["solutions"][0]["value"]) == (False, None)
    assert reason in found["solutions"][0]["reason"]


def test_under_uncertainty_the_floor_is_lower_and_has_an_error(door: Door) -> None:
    outlook = {"kind": "paths", "paths": 1024, "deck": {"kind": "given", "flat_usd_per_kg": 60}}
    found = door("solution", PLANT_FLOOR | {"outlook": outlook})["solutions"][0]
    assert 60 < found["value"] < 85.56
    assert 0 < found["standard_error"] < 0.5


def test_question_25_the_discount_that_pays_for_a_floor_depends_on_a_rule_that_is_asked_for(door: Door) -> None:
    # 5 / 95 = 5.26 %; 1 - 95 / 100 = 5.00 %; a price that is never below the floor is never worth the index
    found = door("solution", OFFERED_DISCOUNT | {"delivery": ONE_MONTH, "outlook": states(95)})
    assert {rule: value and round(value * 100, 2) for rule, value in under(found).items()} == {
        "undiscounted_index": 5.26,
        "floored_price": 5.0,
        "greater_of": None,
    }
    assert "Which rule" in found["asks"]
    beside = figures(found)
    assert (beside["floor_is_worth"], beside["offered_discount_costs_on_the_undiscounted_index"]) == (5.0, 2.85)


def test_question_25_on_paths_the_floor_is_worth_more_than_on_a_flat_price(door: Door) -> None:
    found = door("solution", OFFERED_DISCOUNT)
    assert figures(found)["floor_is_worth"] > 20
    assert 0.2 < (under(found)["floored_price"] or 0) < (under(found)["undiscounted_index"] or 0)
    assert 0.5 < figures(found)["floor_binds"] < 1
    assert found["solutions"][0]["standard_error"] > 0


def test_a_rule_that_is_stated_is_the_only_one(door: Door) -> None:
    solve = OFFERED_DISCOUNT["solve"] | {"discount_rule": "floored_price"}
    found = door("solution", OFFERED_DISCOUNT | {"solve": solve})
    assert list(under(found)) == ["floored_price"]
    assert found["asks"] is None


def test_question_26_fixed_against_indexed_with_the_chance_that_each_wins(door: Door) -> None:
    found = door("solution", FIXED_OR_INDEXED)
    beside = figures(found)
    assert 0 < beside["fixed_pays_more"] < 1
    assert beside["fixed_pays_more"] + beside["indexed_pays_more"] == pytest.approx(1)
    even = found["solutions"][0]["value"]
    assert beside["fixed_is_worth"] / 115 * even == pytest.approx(beside["indexed_is_worth"], rel=1e-5)


def test_question_26_a_fixed_price_is_no_less_than_the_floor_where_the_index_is_the_floor(door: Door) -> None:
    found = door("solution", FIXED_OR_INDEXED | {"outlook": states(110)})
    assert found["solutions"][0]["value"] == 110.0
    assert figures(found)["fixed_less_indexed"] > 0
    assert figures(found)["fixed_pays_more"] == 1.0


def test_question_7_the_flat_floor_of_equal_cost_is_103_25(door: Door) -> None:
    solve = {"kind": "equal_flat_floor", "floor_usd_per_kg": 110, "above_usd_per_kg": 110, "share_above": 0.3}
    found = door("solution", {"delivery": ONE_MONTH, "outlook": FOUR_STATES, "discount_rate": 0, "solve": solve})
    assert found["solutions"][0]["value"] == 103.25
    assert figures(found)["floor_with_share_costs"] == 6.625


def test_a_zero_cost_collar_gives_away_what_the_floor_pays(door: Door) -> None:
    solve = {"kind": "zero_cost_collar", "floor_usd_per_kg": 90, "share_above_cap": 1}
    asked = {"delivery": ONE_MONTH, "outlook": states(80, 120), "discount_rate": 0, "solve": solve}
    assert door("solution", asked)["solutions"][0]["value"] == 110.0
    never = door("solution", asked | {"outlook": states(95, 120)})["solutions"][0]
    assert never["value"] is None
    assert "never pays" in never["reason"]


def test_question_55_a_right_to_tonnes_lies_between_a_rule_and_foresight(door: Door) -> None:
    body = {"delivery": FIVE_YEARS, "outlook": FLAT_100, "discount_rate": 0.09, "solve": RIGHT}
    found = door("solution", body)
    least, most = (one["value"] for one in found["solutions"])
    assert 0 < least < most
    assert all(one["standard_error"] > 0 for one in found["solutions"])
    spread = door("solution", body | {"solve": RIGHT | {"total_tonnes": 10_000}})  # the most in every period
    assert [one["value"] for one in spread["solutions"]] == [0.0, 0.0]


def test_question_55_a_contracts_own_option_is_valued_on_its_own_clauses(door: Door) -> None:
    option = {"holder": "seller", "least_tonnes_per_period": 0, "most_tonnes_per_period": 500, "total_tonnes": 5000}
    contract = terms(FLOOR, to="2030-12-31", volume_option=option)
    body = {"contract": contract, "outlook": FLAT_100, "discount_rate": 0.09, "solve": {"kind": "volume_option"}}
    stated = {"delivery": FIVE_YEARS, "outlook": FLAT_100, "discount_rate": 0.09, "solve": RIGHT}
    assert under(door("solution", body)) == under(door("solution", stated))


def test_a_contract_with_several_references_must_name_one(bare: Any) -> None:
    other = {"kind": "index", "index": "sales", "window": "month", "lag_months": 0}
    contract = terms(FLOOR, SHARE | {"reference": "achieved"})
    contract["references"] = contract["references"] | {"achieved": other}
    solve = {"kind": "zero_cost_collar", "floor_usd_per_kg": 90, "share_above_cap": 1}
    body = {"contract": contract, "outlook": FLAT_100, "discount_rate": 0.08, "solve": solve}
    sent = bare.post("/v1/contracts/solutions", json=body)
    assert [fault["path"] for fault in sent.json()["faults"]] == ["reference"]
    assert bare.post("/v1/contracts/solutions", json=body | {"reference": "achieved"}).status_code == 200


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"delivery": None}, "delivery"),
        ({"contract": terms()}, "delivery"),
        ({"discount_rate": -0.05}, "discount_rate"),
        ({"solve": {"kind": "zero_cost_colar"}}, "solve.kind"),
        ({"solve": RIGHT | {"holder": "buyer"}}, "solve.right_to"),
        ({"solve": RIGHT | {"total_tonnes": 1e6}}, "solve.total_tonnes"),
        ({"solve": {"kind": "volume_option"}}, "solve.holder"),
        ({"solve": RIGHT, "outlook": FOUR_STATES}, "outlook.kind"),
        ({"delivery": FIVE_YEARS | {"to": "2020-01-01"}}, "delivery.to"),
        ({"reference": "index"}, "reference"),
    ],
)
def test_a_question_that_cannot_be_solved_as_stated_is_refused(bare: Any, change: dict[str, Any], path: str) -> None:
    body = {name: one for name, one in (FIXED_OR_INDEXED | change).items() if one is not None}
    sent = bare.post("/v1/contracts/solutions", json=body)
    assert sent.status_code == 422, sent.text
    assert path in [fault["path"] for fault in sent.json()["faults"]]
