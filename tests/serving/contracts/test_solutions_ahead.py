"""Solutions look ahead: what is paid counts no more, and chances rest on the expected prices, not a hedge's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from serving.contracts.facts import read_case
from serving.contracts.solutions.desk import solution_of
from serving.contracts.solutions.laid import deliveries_of
from serving.contracts.solutions.terms import SolutionRequest

from .test_values_add import NO_MODEL, ON_PATHS, PARTIES, fixings, floor, valued

PLANT = {"kind": "floor_for_return", "capex_usd": 30_000_000, "opex_usd_per_kg": 60, "counted": "as_paid"}
FIXED = {"kind": "fixed_price", "fixed_usd_per_kg": 115, "floor_usd_per_kg": 110}
FEW_WORDS = {"material": "NdPr", "from": "2026-01-01", "to": "2030-12-31", "settlement": "quarterly"}
HALF_A_YEAR = {f"m2026_{month:02d}": 60.0 for month in range(1, 7)}


def asked(solve: dict[str, Any], outlook: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"outlook": outlook or ON_PATHS, "discount_rate": 0.09, "solve": solve, **more}


def solved(solve: dict[str, Any], outlook: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    body = asked(solve, outlook, **more)
    return dict(json.loads(solution_of(json.dumps(body).encode(), NO_MODEL)))


def figures(answer: dict[str, Any]) -> dict[str, float]:
    return {one["name"]: one["value"] for one in answer["figures"]}


def halves(solve: dict[str, Any], **change: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answer of a year whose first half is paid, and of its second half alone."""
    whole = floor(settlement="quarterly", **change)
    facts = {"as_of": "2026-06-30"}
    return (
        solved(solve, contract=whole, facts=facts | {"indices": fixings(**HALF_A_YEAR)}),
        solved(solve, contract=whole | {"from": "2026-07-01"}, facts=facts),
    )


RIGHT = {"holder": "seller", "least_tonnes_per_period": 0, "most_tonnes_per_period": 500}


@pytest.mark.parametrize("solve", [PLANT | {"capex_usd": 3_000_000}, FIXED, {"kind": "volume_option"}])
def test_what_is_over_counts_in_no_solution(solve: dict[str, Any]) -> None:
    change = {"volume_option": RIGHT} if solve["kind"] == "volume_option" else {}
    with_past, ahead = halves(solve, **change)
    assert with_past["solutions"] == ahead["solutions"]
    assert with_past["figures"] == ahead["figures"]
    assert with_past["tonnes"] == ahead["tonnes"] == 600


def test_deliveries_due_on_the_day_of_valuation_have_no_volume_and_where_all_are_the_request_is_refused() -> None:
    body = asked(FIXED, contract=floor(), facts={"as_of": "2026-06-30", "indices": fixings(**HALF_A_YEAR)})
    at = deliveries_of(read_case(body, SolutionRequest, NO_MODEL.open_book).case, NO_MODEL)
    assert at.due_years[5] == 0  # June is paid at its end
    assert (at.leg.kg > 0).tolist() == [False] * 6 + [True] * 6
    whole_year = {f"m2026_{month:02d}": 60.0 for month in range(1, 13)}
    with pytest.raises(Exception, match="when all is paid"):
        solved(FIXED, contract=floor(), facts={"as_of": "2026-12-31", "indices": fixings(**whole_year)})


def test_a_price_of_risk_moves_values_and_no_chance_nor_what_a_plant_earns() -> None:
    delivery = FEW_WORDS | {"tonnes_per_year": 1000}
    calm, risky = (solved(FIXED, ON_PATHS | {"market_price_of_risk": risk}, delivery=delivery) for risk in (0, 0.5))
    for name in ("floor_binds", "fixed_pays_more", "indexed_pays_more"):
        assert figures(risky)[name] == figures(calm)[name]
    assert figures(risky)["indexed_is_worth"] < figures(calm)["indexed_is_worth"]
    assert any("premium for risk" in words for words in risky["assumptions"])
    assert not any("premium for risk" in words for words in calm["assumptions"])
    plants = [solved(PLANT, ON_PATHS | {"market_price_of_risk": risk}, delivery=delivery) for risk in (0, 0.5)]
    assert plants[0]["solutions"] == plants[1]["solutions"]
    assert plants[0]["figures"] == plants[1]["figures"]


def test_a_floor_binds_as_often_in_a_solution_as_in_a_valuation_of_equal_tonnes() -> None:
    outlook = ON_PATHS | {"market_price_of_risk": 0.5}
    parties = {"seller": {"discount_rate": 0}, "buyer": {"discount_rate": 0}}
    found = solved(FIXED, outlook, contract=floor(), discount_rate=0)
    beside = valued(outlook, floor(), parties=parties)["legs"][0]["binding_probability"]
    assert figures(found)["floor_binds"] == pytest.approx(beside, abs=1e-6)


def test_a_day_settled_through_leaves_a_valuation_as_it_is() -> None:
    taken = {"2026": 500, "2027": 500}
    minimum = {"take_share": 0.8, "deficiency_usd_per_kg": 10, "make_up_years": 0, "partial_year": "whole"}
    contract = floor(to="2027-12-31", take_or_pay=minimum)
    facts = {"as_of": "2026-01-01", "taken_tonnes_by_year": taken}
    plain = valued(ON_PATHS, contract, facts=facts)
    through = valued(ON_PATHS, contract, facts=facts | {"settle_through": "2026-12-31"})
    assert through == plain
    assert plain["legs"][-1]["mean_usd"] == 2 * (0.8 * 1200 - 500) * 1000 * 10


def test_a_deal_after_the_day_of_valuation_resets_no_level() -> None:
    favoured = [{"target": "floor_one", "favours": "seller", "notice_days": 0}]
    contract = floor(to="2026-06-30", most_favoured=favoured)
    facts = {"as_of": "2026-03-31", "indices": fixings(m2026_01=100.0, m2026_02=100.0, m2026_03=100.0)}
    deals = [{"day": day, "price_usd_per_kg": 200} for day in ("2026-03-31", "2026-04-01")]
    without, before, after = (
        valued(ON_PATHS, contract, facts=facts | {"other_deals": known})["values"]
        for known in ([], deals[:1], deals[1:])
    )
    assert after == without
    assert before[0]["value_usd"] > without[0]["value_usd"] + 3 * 80 * 100_000  # a floor of 200 against 110


def test_a_certain_contract_has_its_mean_for_every_quantile() -> None:
    # 15,000 t a quarter x (110 - 90.123456) USD/kg x 40 quarters, discounted at 10 %
    contract = floor(to="2035-12-31", settlement="quarterly", volume={"basis": "sold", "tonnes_per_year": 60_000})
    found = valued({"kind": "states", "usd_per_kg": [90.123456] * 2}, contract, parties=PARTIES)
    spread = found["present_value_to_seller_usd"]
    assert set(spread.values()) == {spread["mean"]} == {found["values"][0]["value_usd"]}
    assert {set(year["net_usd"].values()) == {year["net_usd"]["mean"]} for year in found["years"]} == {True}
