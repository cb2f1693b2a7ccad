"""The ladder from ore to magnet over HTTP: the acceptance questions, and the model's prices as a start."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from pricing.bundle import Bundle
from serving.book import Book
from serving.likeness_flags import CODE
from serving.model_store import PublishedModel
from serving.stages.desk import ladder_of
from serving.stages.documentation import CARBONATE, FAIR_METAL, FLOOR_ON_METAL
from serving.stages.numbers import closed, rounded

from .conftest import Client, answer, codes, faults

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/stages.yaml").read_text())
LADDER = "/v1/stages/ladder"
START = {"stage": "oxide", "usd_per_kg": 100}


def rungs(client: Client, **body: Any) -> dict[str, dict[str, Any]]:
    return {rung["stage"]: rung for rung in answer(client, LADDER, {"material": "NdPr"} | body)["rungs"]}


@pytest.mark.parametrize(
    ("reduction", "metal"),
    [({"kg_in": 1.176549}, 129.42), ({"kg_in": 1.2}, 132.0), ({"kg_in": 1.2, "toll": 12}, 144.0)],
)
def test_a_floor_on_oxide_has_a_price_of_metal_with_its_ratio_and_rounding_rule(
    client: Client, reduction: dict[str, float], metal: float
) -> None:
    body = FLOOR_ON_METAL | {"steps": {"reduction": reduction}}
    found = answer(client, LADDER, body)
    assert found["rungs"][-1]["usd_per_kg"] == metal
    used = {number["path"]: number["value"] for number in found["numbers"]}
    assert used["steps.reduction.kg_in"] == reduction["kg_in"]
    assert "half up to the cent" in found["rules"]["rounding"]
    assert ("no_toll" in codes(found)) is ("toll" not in reduction)


def test_a_carbonate_has_a_basket_and_what_is_paid_and_is_no_ndpr_price(client: Client) -> None:
    found = answer(client, LADDER, CARBONATE)
    assert (found["basket"]["usd_per_kg_treo"], found["basket"]["paid_usd_per_kg_treo"]) == (23.2, 16.24)
    assert found["rungs"][0]["usd_per_kg"] == 16.24
    assert "basket_is_not_ndpr" in codes(found)


def test_fifteen_dollars_on_oxide_add_to_a_motor(client: Client) -> None:
    case = CASES["motor"]
    body = {"start": {"stage": "oxide"}, "change": case["change"], "steps": case["steps"]}
    found = answer(client, LADDER, {"material": "NdPr", "per_unit": {"kg": case["kg"]}} | body)
    assert found["per_unit"]["change_usd"] == case["usd"]
    assert found["per_unit"]["usd"] is None  # no price was stated


def test_a_change_is_told_beside_a_price_even_where_a_toll_is_missing(client: Client) -> None:
    found = answer(client, LADDER, {"material": "NdPr", "start": START, "change": 10, "per_unit": {"kg": 2}})
    magnet = found["rungs"][-1]
    assert (magnet["stage"], magnet["usd_per_kg"]) == ("magnet", None)
    assert magnet["change_usd_per_kg"] == rounded(Decimal("1.176549") * Decimal("0.31") / Decimal("0.725") * 10)
    assert {one["stage"]: one["needs"] for one in found["not_priced"]}["magnet"] == [
        "steps.alloying.toll",
        "steps.magnet_making.toll",
    ]


@pytest.mark.parametrize(("made_in", "metal"), [("china", 120.85), ("ex_china", 137.65)])
def test_without_a_word_on_metal_making_the_evidence_of_the_place_prices_it(
    client: Client, made_in: str, metal: float
) -> None:
    # 100 x 1.176549 + 3.2 in China, + 20 outside
    found = answer(client, LADDER, {"material": "NdPr", "start": START, "to": "metal", "steps": {"made_in": made_in}})
    assert found["rungs"][-1]["usd_per_kg"] == metal
    toll = next(number for number in found["numbers"] if number["path"] == "steps.reduction.toll")
    assert toll["low"] <= toll["value"] <= toll["high"]
    assert toll["source"]
    assert "by_the_evidence" in codes(found)


FULL = {
    "cracking": {"kg_in": 2.5, "recovery": 0.9, "toll": 1.5},
    "separation": {"share": 0.22, "payable": 0.7, "others": {"Dy": {"share": 0.005, "usd_per_kg": 300}}},
    "reduction": {"kg_in": 1.2, "toll": 12},
    "alloying": {"kg_in": 0.3, "toll": 3, "others": {"iron": {"kg": 0.68, "usd_per_kg": 0.5}}},
    "magnet_making": {"kg_in": 1, "recovery": 0.75, "toll": 15},
}


def test_from_ore_to_magnet_and_back_every_stage_is_the_same(client: Client) -> None:
    there = rungs(client, start=START, steps=FULL)
    assert list(there) == ["concentrate", "carbonate", "oxide", "metal", "alloy", "magnet"]
    for stage in there:
        back = rungs(client, start={"stage": stage, "usd_per_kg": there[stage]["unrounded_usd_per_kg"]}, steps=FULL)
        assert {one: rung["usd_per_kg"] for one, rung in back.items()} == {
            one: rung["usd_per_kg"] for one, rung in there.items()
        }


def test_parts_add_up_to_the_price_to_the_cent(client: Client) -> None:
    for rung in rungs(client, start={"stage": "oxide", "usd_per_kg": 97.335}, steps=FULL).values():
        assert not rung["parts"] or round(sum(rung["parts"].values()), 2) == rung["usd_per_kg"]
    assert closed(Decimal("1.005"), {"a": Decimal("0.335"), "b": Decimal("0.67")}, "a") == {"a": 0.34, "b": 0.67}


def test_every_stage_says_how_it_follows_from_its_neighbour(client: Client) -> None:
    upward = rungs(client, start={"stage": "carbonate", "usd_per_kg": 16}, steps=FULL)
    downward = rungs(client, start={"stage": "magnet", "usd_per_kg": 90}, steps=FULL)
    carbonate = "carbonate = 0.7 x 1 x (0.22 x oxide + 0.005 Dy x 300) - 0"
    assert (upward["oxide"]["how"], downward["carbonate"]["how"]) == (f"solved from: {carbonate}", carbonate)
    metal = "metal = oxide x 1.2 / 1 + 12"
    assert (upward["metal"]["how"], downward["oxide"]["how"]) == (metal, f"solved from: {metal}")
    assert upward["carbonate"]["how"] == downward["magnet"]["how"] == "the start"


def test_a_separator_paid_by_toll_withholds_nothing_else(client: Client) -> None:
    separation = {"share": 0.25, "recovery": 0.92, "toll": 4}
    body = {"material": "NdPr", "start": START, "to": "carbonate", "steps": {"separation": separation}}
    assert answer(client, LADDER, body)["rungs"][0]["usd_per_kg"] == 19.0  # 0.92 x 25 - 4
    del separation["recovery"], separation["toll"]
    assert answer(client, LADDER, body)["rungs"][0]["usd_per_kg"] == 17.75  # 0.71 x 25, by the evidence


def test_only_numbers_of_steps_that_were_climbed_are_listed(client: Client) -> None:
    found = answer(client, LADDER, FLOOR_ON_METAL)
    assert {number["path"].split(".")[1] for number in found["numbers"]} == {"reduction"}


def test_a_price_below_zero_is_said_to_be_one(client: Client) -> None:
    body = {"material": "NdPr", "start": {"stage": "metal", "usd_per_kg": 5}, "steps": FULL, "to": "oxide"}
    found = answer(client, LADDER, body)
    assert found["rungs"][0]["usd_per_kg"] < 0
    assert "below_zero" in codes(found)


def test_a_ladder_from_the_fair_price_starts_at_the_price_the_model_answers(client: Client) -> None:
    price = client.get("/v1/prices/NdPr?as_of=2026-02-28").json()
    fair = price["fair"]["headline"]
    found = answer(client, LADDER, FAIR_METAL | {"as_of": "2026-02-28"})
    start, metal = found["start"], found["rungs"][-1]
    assert (start["usd_per_kg"], start["low"], start["high"]) == (fair["value"], fair["low"], fair["high"])
    assert metal["usd_per_kg"] == pytest.approx(fair["value"] * 1.176549 + 20, abs=0.006)
    assert metal["low"] < metal["usd_per_kg"] < metal["high"]
    assert "delivered outside China" in start["basis"]
    assert not any("market" in code or "quote" in code for code in codes(found))
    assert (found["model"], found["snapshot"]) == (price["model"], price["snapshot"])


def test_a_stated_price_rests_on_no_model_and_no_data(client: Client) -> None:
    found = answer(client, LADDER, FLOOR_ON_METAL)
    assert (found["model"], found["snapshot"]) == (None, None)


@pytest.mark.parametrize("region", ["china", "ex_china"])
def test_a_ladder_from_the_market_starts_at_the_regions_market(client: Client, region: str) -> None:
    market = client.get("/v1/prices/NdPr").json()["markets"][region]["market"]
    found = answer(client, LADDER, {"material": "NdPr", "start": {"from": "market", "region": region}})
    assert found["start"]["usd_per_kg"] == market["value"]
    assert ("at works, China" in found["start"]["basis"]) is (region == "china")


def test_a_market_price_is_flagged_as_a_market_price_and_not_as_a_fair_one(client: Client) -> None:
    found = codes(answer(client, LADDER, {"material": "Dy", "start": {"from": "market"}}))
    assert "derived_market.ex_china" in found
    assert "band" not in found


def test_a_day_is_priced_by_what_was_known_on_it(client: Client) -> None:
    first, last = (answer(client, LADDER, FAIR_METAL | {"as_of": day})["start"] for day in ("2024-06-30", "2026-02-28"))
    assert first["usd_per_kg"] < last["usd_per_kg"]
    assert "2024-05" in first["basis"]


def test_a_band_without_a_point_stays_a_band_at_every_stage(client: Client) -> None:
    body = {"material": "Dy", "start": {"from": "fair"}, "steps": {"reduction": {"kg_in": 1.147683, "toll": 30}}}
    found = answer(client, LADDER, body | {"to": "metal"})
    metal = found["rungs"][-1]
    assert metal["usd_per_kg"] is None
    assert metal["low"] < metal["high"]
    assert "band" in codes(found)


def test_a_refused_fair_price_starts_no_ladder(client: Client) -> None:
    found = faults(client.post(LADDER, json={"material": "Tb", "start": {"from": "fair"}}))
    assert "too few draws" in found["start.from"]["found"]


def test_other_oxides_of_a_carbonate_may_be_left_to_the_model_that_prices_the_start(client: Client) -> None:
    separation = {"share": 0.22, "others": {"Dy": {"share": 0.005}, "Ce": {"share": 0.4, "usd_per_kg": 1}}}
    body = {"material": "NdPr", "start": {"from": "market", "region": "china"}, "steps": {"separation": separation}}
    found = answer(client, LADDER, body)
    dy = client.get("/v1/prices/Dy").json()["markets"]["china"]["market"]
    assert found["basket"]["parts"]["Dy"] == pytest.approx(0.005 * dy["value"], abs=0.006)
    source = next(number["source"] for number in found["numbers"] if number["path"].endswith("Dy.usd_per_kg"))
    assert source == found["start"]["basis"].replace("NdPr", "Dy")
    assert found["rungs"][0]["low"] < found["rungs"][0]["usd_per_kg"] < found["rungs"][0]["high"]
    stated = client.post(LADDER, json=body | {"start": START})
    assert "steps.separation.others.Dy.usd_per_kg" in faults(stated)
    fair = client.post(LADDER, json=body | {"start": {"from": "fair"}})  # Dy is a band, without a point
    assert "no fair price of Dy" in faults(fair)["steps.separation.others.Dy.usd_per_kg"]["found"]


def test_what_is_to_be_known_of_another_oxide_is_told_with_its_name(client: Client) -> None:
    separation = {"share": 0.22, "others": {"Dy": {"share": 0.005}}}
    found = answer(
        client, LADDER, {"material": "NdPr", "start": {"from": "market"}, "steps": {"separation": separation}}
    )
    told = [flag["text"] for flag in found["flags"] if flag["code"] == "derived_market.ex_china"]
    assert told[1:] == [f"Dy: {told[0]}"]


def test_a_fair_price_brings_along_that_the_market_is_unlike_simulated_ones(bundle: Bundle) -> None:
    stands = {"outside": 1.0, "outside_calibrated": 0.0, "farther": 0.16, "farther_calibrated": 0.2}
    book = Book(PublishedModel(replace(bundle, parameters={"likeness": {"NdPr": stands}}), "1", "test"))
    asked = [{"material": "NdPr", "start": {"from": origin}} for origin in ("fair", "market")]
    fair, market = (json.loads(ladder_of(json.dumps(body).encode(), lambda: book)) for body in asked)
    assert (CODE in codes(fair), CODE in codes(market)) == (True, False)
