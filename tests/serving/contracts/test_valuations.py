"""Acceptance questions about values at both doors, with figures worked by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from serving.contracts.valuations.documentation import (
    BY_STATES,
    CLOSED_FORM,
    FLAT_100,
    FLOOR,
    FOUR_STATES,
    ON_PATHS,
    PARTIES,
    SHARE,
    terms,
)

from .conftest import Door

ONE_YEAR = {"to": "2026-12-31", "settlement": "monthly"}


def on_paths(**outlook: Any) -> dict[str, Any]:
    """Return the documented request with parts of its outlook replaced."""
    found = deepcopy(ON_PATHS)
    found["outlook"] |= outlook
    return found


def leg(answer: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(one) for one in answer["legs"] if one["name"] == name)


def seller(answer: dict[str, Any]) -> float:
    return float(answer["values"][0]["value_usd"])


def test_question_7_a_share_of_30_percent_costs_6_625_and_a_flat_floor_of_104_costs_7(door: Door) -> None:
    # states of 80, 100, 125, 140: shortfalls 30, 10, 0, 0; shares 0, 0, 4.5, 9: (40 - 13.5) / 4; flat (24 + 4) / 4
    shared = door("valuation", BY_STATES)
    flat = door("valuation", BY_STATES | {"contract": shared_of(104)})
    assert shared["contracts"][0]["usd_per_kg"] == 6.625
    assert flat["contracts"][0]["usd_per_kg"] == 7.0
    assert (leg(shared, "floor")["usd_per_kg"], leg(shared, "share")["usd_per_kg"]) == (10.0, -3.375)


def shared_of(level: float) -> dict[str, Any]:
    return dict(BY_STATES["contract"]) | {"clauses": [FLOOR | {"floor_usd_per_kg": level}]}


def test_question_8_a_floor_of_110_on_a_forward_of_100_is_the_closed_form(door: Door) -> None:
    found = door("valuation", CLOSED_FORM)
    floor, share = leg(found, "floor"), leg(found, "share")
    assert round(floor["usd_per_kg"], 2) == 18.14
    assert round(floor["binding_probability"], 3) == 0.680
    assert round(share["usd_per_kg"], 2) == -2.44
    assert round(found["contracts"][0]["usd_per_kg"], 2) == 15.70
    assert {one["standard_error_usd"] for one in found["values"]} == {0.0}
    assert found["closed_form"][-1]["exact"]


def test_question_12_a_dearer_floor_costs_no_less_is_convex_and_leaves_the_fair_price(client: Any) -> None:
    costs, fair = [], []
    for level in (109, 110, 111):
        body = ON_PATHS | {"contract": terms(FLOOR | {"floor_usd_per_kg": level})}
        found = client.post("/v1/contracts/valuations", json=body).json()
        costs.append(found["total_usd"])
        fair.append(found["fair_price"])
    first, second = costs[1] - costs[0], costs[2] - costs[1]
    assert 0 <= first <= second <= 60_000_000  # 60,000 t, a dollar a kilogram
    assert fair[0] == fair[1] == fair[2]
    assert fair[0]["NdPr"]["change"] == 0
    assert fair[0]["NdPr"]["with_floor"] == fair[0]["NdPr"]["without_floor"]


def test_question_13_quantiles_are_ordered_and_a_seed_gives_the_same_answer(door: Door) -> None:
    found, again, other = (door("valuation", on_paths(seed=seed)) for seed in (7, 7, 8))
    assert found == again
    assert seller(found) != seller(other)
    in_2028 = next(year for year in found["years"] if year["year"] == 2028)
    assert in_2028["net_usd"]["p10"] < in_2028["net_usd"]["p50"] < in_2028["net_usd"]["p90"]
    assert 0.5 < in_2028["paying_probability"]["floor"] < 1
    for one in [*found["years"], *found["periods"]]:
        quantiles = [one["net_usd"][name] for name in ("p5", "p10", "p50", "p90", "p95")]
        assert quantiles == sorted(quantiles)


def test_the_simulation_of_single_months_is_within_a_tenth_of_a_percent_of_the_closed_form(door: Door) -> None:
    (whole,) = door("valuation", ON_PATHS | {"contract": terms(FLOOR, **ONE_YEAR)})["closed_form"]
    assert whole["exact"]
    assert whole["standard_errors"] is None  # every run of paths has each month's distribution
    assert 0 < abs(whole["difference_usd"]) < 1e-3 * whole["closed_form_usd"]


def test_an_average_of_months_stands_beside_its_moment_matched_form_in_standard_errors(door: Door) -> None:
    found = door("valuation", ON_PATHS | {"contract": terms(FLOOR)})
    (whole,) = found["closed_form"]
    assert not whole["exact"]
    error = found["values"][0]["standard_error_usd"]
    assert whole["standard_errors"] == pytest.approx(whole["difference_usd"] / error, abs=0.01)
    assert abs(whole["difference_usd"]) < 5e-4 * whole["closed_form_usd"]


def test_question_52_a_share_that_starts_a_year_late_is_worth_what_its_first_year_was(door: Door) -> None:
    late = SHARE | {"from": "2027-01-01"}
    on_time, slipped, first = (
        door("valuation", ON_PATHS | {"contract": terms(FLOOR, share)})
        for share in (SHARE, late, SHARE | {"to": "2026-12-31"})
    )
    for side in (0, 1):
        given = on_time["values"][side]["value_usd"], slipped["values"][side]["value_usd"]
        gained = given[1] - given[0]
        assert gained == pytest.approx(-share_value(first, side), rel=1e-6)
    assert slipped["values"][0]["value_usd"] > on_time["values"][0]["value_usd"]


def share_value(answer: dict[str, Any], side: int) -> float:
    return float(leg(answer, "share")["value_to_seller_usd" if side == 0 else "value_to_buyer_usd"])


def test_parts_add_up(door: Door) -> None:
    found = door("valuation", ON_PATHS)
    assert sum(one["mean_usd"] for one in found["legs"]) == pytest.approx(found["total_usd"], abs=0.02)
    assert sum(one["value_to_seller_usd"] for one in found["legs"]) == pytest.approx(seller(found), abs=0.02)
    assert sum(one["net_usd"]["mean"] for one in found["periods"]) == pytest.approx(found["total_usd"], abs=0.5)
    assert sum(one["net_usd"]["mean"] for one in found["years"]) == pytest.approx(found["total_usd"], abs=0.5)
    floor = [one["legs"]["floor"]["mean_usd"] for one in found["periods"]]
    assert sum(one["mean_usd"] for one in found["exposure"]) == pytest.approx(
        sum(floor), abs=0.5
    )  # what the buyer pays


def test_the_buyers_fiscal_year_is_named_for_the_year_it_ends_in(door: Door) -> None:
    october, january = (
        door("valuation", ON_PATHS | {"parties": PARTIES | {"buyer": {"discount_rate": 0.04} | start}})
        for start in ({"fiscal_year_starts_in_month": 10}, {})
    )
    assert [one["fiscal_year"] for one in october["exposure"]] == list(range(2026, 2037))
    assert [one["fiscal_year"] for one in january["exposure"]] == list(range(2026, 2036))
    first_three = sum(one["legs"]["floor"]["mean_usd"] for one in october["periods"][:3])
    assert october["exposure"][0]["mean_usd"] == pytest.approx(first_three, abs=0.05)


def test_a_payoff_is_drawn_by_its_corners(door: Door) -> None:
    found = door("valuation", BY_STATES)
    assert leg(found, "floor")["payoff"] == [[55.0, 55.0], [110.0, 0.0], [111.25, 0.0], [166.875, 0.0]]
    assert leg(found, "share")["payoff"][-1] == [166.875, -17.0625]  # .3 x (166.875 - 110)


def test_default_and_money_not_granted_lower_the_value_and_not_the_payments(door: Door) -> None:
    weak = deepcopy(PARTIES)
    weak["buyer"] |= {"default_per_year": 0.03, "recovery_share": 0.4}
    weak["buyer"]["appropriation"] = {"chance_of_none": 0.1, "lasting": True}  # type: ignore[assignment]
    sure, risky = door("valuation", ON_PATHS), door("valuation", ON_PATHS | {"parties": weak})
    assert leg(risky, "floor")["value_to_seller_usd"] < leg(sure, "floor")["value_to_seller_usd"]
    assert risky["periods"] == sure["periods"]


def test_greeks_have_the_signs_of_a_floor(door: Door) -> None:
    found = door("valuation", ON_PATHS | {"contract": terms(FLOOR), "greeks": True})["greeks"]
    assert found["delta"]["NdPr"] < 0 < found["gamma"]["NdPr"]
    assert found["vega"] > 0 > found["rho"]
    assert found["strike"]["floor"] > 0


def test_a_market_price_of_risk_moves_values_and_not_payments_and_adds_up_by_leg(door: Door) -> None:
    plain, risky = door("valuation", ON_PATHS), door("valuation", on_paths(market_price_of_risk=0.2))
    assert risky["total_usd"] == plain["total_usd"]
    assert seller(risky) > seller(plain)  # lower prices make the floor dearer
    assert sum(one["value_to_seller_usd"] for one in risky["legs"]) == pytest.approx(seller(risky), rel=1e-9)


def test_policy_jumps_widen_the_years_and_leave_the_expected_price(door: Door) -> None:
    calm, jumpy = door("valuation", ON_PATHS), door("valuation", on_paths(policy_jumps=True))
    assert jumpy["outlook"]["policy_jumps"]
    assert jumpy["decks"] == calm["decks"]
    assert jumpy["years"][3]["net_usd"]["p5"] < calm["years"][3]["net_usd"]["p5"]
    assert any(one["name"] == "jumps.per_year" for one in jumpy["parameters"])
    assert jumpy["closed_form"] == []


def test_a_number_beyond_its_evidence_is_used_and_flagged(door: Door) -> None:
    found = door("valuation", on_paths(parameters={"volatility.NdPr": 0.6}))
    used = next(one for one in found["parameters"] if one["name"] == "volatility.NdPr")
    assert (used["value"], used["high"], used["outside"]) == (0.6, 0.4, True)
    assert "outside_evidence" in {flag["code"] for flag in found["flags"]}
    assert seller(found) > seller(door("valuation", ON_PATHS))


def test_three_materials_are_valued_on_joint_paths_and_their_values_add(door: Door) -> None:
    def one(material: str, level: float) -> dict[str, Any]:
        clause = FLOOR | {"name": f"floor_{material}", "floor_usd_per_kg": level}
        return terms(clause, name=material, material=material, **ONE_YEAR)

    three = [one("NdPr", 110), one("Dy", 300), one("Tb", 1000)]
    together = door("valuation", {"contracts": three, "outlook": FLAT_100, "parties": PARTIES})
    alone = [door("valuation", {"contract": each, "outlook": FLAT_100, "parties": PARTIES}) for each in three]
    assert [found["name"] for found in together["contracts"]] == ["NdPr", "Dy", "Tb"]
    assert seller(together) == pytest.approx(sum(seller(each) for each in alone), rel=1e-3)
    spreads = [found["present_value_to_seller_usd"] for found in (together, *alone)]
    widths = [spread["p90"] - spread["p10"] for spread in spreads]
    assert widths[0] < sum(widths[1:])  # they do not move as one


def test_goods_are_valued_against_the_index_they_would_fetch(door: Door) -> None:
    fixed = {"kind": "fixed", "name": "goods", "price_usd_per_kg": 115}
    body = ON_PATHS | {"contract": terms(fixed, FLOOR), "alternative": "benchmark"}
    goods = leg(door("valuation", body), "goods")
    kg, discounted = 1_500_000, [1.1 ** -((place + 1) / 4) for place in range(40)]
    assert goods["value_to_seller_usd"] == pytest.approx(15 * kg * sum(discounted), rel=1e-3)
    assert goods["mean_usd"] == pytest.approx(115 * 60_000_000)


def test_states_of_two_references_move_together(door: Door) -> None:
    references = {
        "benchmark": {"kind": "index", "index": "published", "window": "month", "lag_months": 0},
        "achieved": {"kind": "index", "index": "sales", "window": "month", "lag_months": 0},
    }
    contract = dict(BY_STATES["contract"]) | {
        "references": references,
        "clauses": [FLOOR, SHARE | {"reference": "achieved"}],
    }
    outlook = {"kind": "states", "by_reference": {"benchmark": [80, 100], "achieved": [100, 150]}}
    found = door("valuation", BY_STATES | {"contract": contract, "outlook": outlook})
    assert leg(found, "floor")["usd_per_kg"] == 20.0  # (30 + 10) / 2
    assert leg(found, "share")["usd_per_kg"] == -6.0  # .3 x (0 + 40) / 2


def test_four_states_are_no_paths(door: Door) -> None:
    found = door("valuation", BY_STATES)
    assert found["outlook"] | {"first_month": "", "last_month": ""} == {
        "kind": "states",
        "paths": len(FOUR_STATES["usd_per_kg"]),  # type: ignore[arg-type]
        "seed": None,
        "first_month": "",
        "last_month": "",
        "market_price_of_risk": 0.0,
        "policy_jumps": False,
    }


GRANTED = {"appropriation": {"chance_of_none": 0.2, "lasting": True}, "default_per_year": 0.01, "recovery_share": 0.4}


def test_what_may_keep_money_from_arriving_is_told_of_both_sides(door: Door) -> None:
    body = on_paths() | {"parties": PARTIES | {"buyer": PARTIES["buyer"] | GRANTED}}
    found = door("valuation", body)
    assert [side["appropriation"] for side in found["values"]] == [None, {"chance_of_none": 0.2, "lasting": True}]
    told = " ".join(found["assumptions"])
    assert "default 1.00% a year, recovery 40%, appropriation: no money at 20.00% in each fiscal year" in told
    assert "Seller: discounts at 10.00% a year, default 0.00% a year, recovery 0%." in told


def test_a_tolerance_at_the_option_of_a_side_is_said_to_be_valued_by_nobody(door: Door) -> None:
    volume = {"basis": "sold", "tonnes_per_year": 6000, "tolerance_share": 0.1, "tolerance_at_option_of": "buyer"}
    told = " ".join(door("valuation", on_paths() | {"contract": terms(volume=volume)})["assumptions"])
    assert "option of the buyer is an option that is not valued" in told


@pytest.mark.parametrize(("level", "far"), [(110_000, True), (110, False), (0.11, True)])
def test_a_level_a_thousand_times_off_its_deck_is_flagged(door: Door, level: float, far: bool) -> None:
    found = door("valuation", on_paths() | {"contract": terms(FLOOR | {"floor_usd_per_kg": level})})
    assert ("level_far_from_prices" in {flag["code"] for flag in found["flags"]}) is far
