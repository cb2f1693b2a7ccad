"""Ladders and tariffs over HTTP: the acceptance questions, the model's prices as a start, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from httpx import Client, Response
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from pricing.errors import FairPriceError
from serving.desk import Desk
from serving.stages_documentation import (
    CARBONATE,
    CHINESE_OXIDE,
    CHINESE_PRICE,
    CUSTOMS_VALUE,
    EVERY_STAGE,
    FAIR_METAL,
    FLOOR_ON_METAL,
    LADDER_SCHEMA,
    MOTOR,
    TARIFF_SCHEMA,
)
from serving.stages_numbers import closed, rounded

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/stages.yaml").read_text())
LADDER, TARIFF = "/v1/stages/ladder", "/v1/stages/tariff"
START = {"stage": "oxide", "usd_per_kg": 100}


def answer(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answered = client.post(path, json=body)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def rungs(client: Client, **body: Any) -> dict[str, dict[str, Any]]:
    return {rung["stage"]: rung for rung in answer(client, LADDER, {"material": "NdPr"} | body)["rungs"]}


def faults(answered: Response) -> dict[str, dict[str, Any]]:
    assert answered.status_code == 422, answered.text
    return {fault["path"]: fault for fault in answered.json()["faults"]}


def codes(found: dict[str, Any]) -> set[str]:
    return {flag["code"] for flag in found["flags"]}


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
    fair = client.get("/v1/prices/NdPr?as_of=2026-02-28").json()["fair"]["headline"]
    found = answer(client, LADDER, FAIR_METAL | {"as_of": "2026-02-28"})
    start, metal = found["start"], found["rungs"][-1]
    assert (start["usd_per_kg"], start["low"], start["high"]) == (fair["value"], fair["low"], fair["high"])
    assert metal["usd_per_kg"] == pytest.approx(fair["value"] * 1.176549 + 20, abs=0.006)
    assert metal["low"] < metal["usd_per_kg"] < metal["high"]
    assert "delivered outside China" in start["basis"]
    assert not any("market" in code or "quote" in code for code in codes(found))
    assert found["model"] == client.get("/v1/models").json()["serving"]


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
    assert found["rungs"][0]["low"] < found["rungs"][0]["usd_per_kg"] < found["rungs"][0]["high"]
    stated = client.post(LADDER, json=body | {"start": START})
    assert "steps.separation.others.Dy.usd_per_kg" in faults(stated)
    fair = client.post(LADDER, json=body | {"start": {"from": "fair"}})  # Dy is a band, without a point
    assert "no fair price of Dy" in faults(fair)["steps.separation.others.Dy.usd_per_kg"]["found"]


def line(client: Client, body: dict[str, Any], stage: str = "oxide") -> dict[str, Any]:
    return next(one for one in answer(client, TARIFF, body)["lines"] if one["stage"] == stage)


@pytest.mark.parametrize(
    ("body", "dutiable", "percent", "landed"),
    [(CUSTOMS_VALUE, 94.73, 16.1, 118.41), (CHINESE_PRICE, 107.05, 2.8, 133.81)],
)
def test_the_tariff_that_lifts_an_import_to_the_reference_and_what_lands_at_another(
    client: Client, body: dict[str, Any], dutiable: float, percent: float, landed: float
) -> None:
    found = line(client, body)
    assert found["dutiable_usd_per_kg"] == pytest.approx(dutiable, abs=0.005)
    assert (found["rate_percent"], found["at_rate"]["landed_usd_per_kg"]) == (percent, landed)
    assert found["tariff_needed"] is True


def chinese(**changes: Any) -> dict[str, Any]:
    return CHINESE_PRICE | {"imports": {"oxide": CHINESE_OXIDE | changes}}


@pytest.mark.parametrize("basis", ["domestic ex VAT", "domestic inc VAT"])
def test_a_home_price_without_a_word_on_the_refund_is_refused_with_the_way_out(client: Client, basis: str) -> None:
    found = faults(client.post(TARIFF, json=chinese(basis=basis, vat_refund_share=None)))
    assert list(found) == ["imports.oxide.vat_refund_share"]
    assert "0 when none is" in found["imports.oxide.vat_refund_share"]["allowed"]


def test_a_price_of_billions_a_tonne_is_read_whatever_the_currency(client: Client) -> None:
    won = {"basis": "FOB", "amount": 1_400_000_000.5, "currency": "KRW", "unit": "t", "fx_per_usd": 1400}
    found = line(client, {"material": "Tb", "imports": {"oxide": won}, "rate": 0})
    assert found["dutiable_usd_per_kg"] == pytest.approx(1000, abs=1e-6)


def test_a_partial_refund_lies_between_none_and_all(client: Client) -> None:
    values = [
        line(client, chinese(vat_rate=0.13, vat_refund_share=share))["dutiable_usd_per_kg"] for share in (0, 0.5, 1)
    ]
    assert values == [pytest.approx(value, abs=0.005) for value in (107.05, 100.89, 94.73)]


def test_duty_on_cif_bears_freight_and_duty_on_fob_does_not(client: Client) -> None:
    body = {"material": "NdPr", "imports": {"oxide": {"basis": "FOB", "amount": 100, "reference": 110}}, "rate": 0.1}
    on_fob = line(client, body | {"duty_on": "fob", "freight": 1.5, "insurance": 0.5})
    on_cif = line(client, body | {"duty_on": "cif", "freight": 1.5, "insurance": 0.5})
    assert (on_fob["rate_percent"], on_fob["at_rate"]["landed_usd_per_kg"]) == (8.0, 112.0)
    assert (on_cif["rate_percent"], on_cif["at_rate"]["landed_usd_per_kg"]) == (7.8, 112.2)


def test_a_reference_below_the_customs_value_needs_no_tariff_and_says_so(client: Client) -> None:
    body = {"material": "NdPr", "imports": {"oxide": {"basis": "customs value", "amount": 120, "reference": 110}}}
    found = line(client, body)
    assert (found["rate_percent"], found["tariff_needed"]) == (-8.3, False)
    assert found["says"].startswith("No tariff is needed")


def test_one_price_and_one_reference_are_carried_to_every_stage(client: Client) -> None:
    found = {one["stage"]: one for one in answer(client, TARIFF, EVERY_STAGE)["lines"]}
    assert list(found) == ["oxide", "metal"]
    # metal: (94.7348316 x 1.176549 + 3.2) x 1.13 against 110 x 1.176549 + 20
    assert found["metal"]["dutiable_usd_per_kg"] == pytest.approx(129.5659935, abs=1e-6)
    assert found["metal"]["reference_usd_per_kg"] == 149.42
    assert found["metal"]["rate_percent"] == 15.3
    assert (found["metal"]["origin"], found["metal"]["reference_from"]) == ("carried from oxide", "carried from oxide")


def test_a_carbonate_is_held_against_what_its_basket_fetches_at_the_reference(client: Client) -> None:
    separation = {"share": 0.22, "payable": 0.7, "others": {"Dy": {"share": 0.005, "usd_per_kg": 300}}}
    body = {"material": "NdPr", "imports": {"carbonate": {"basis": "FOB", "amount": 15}}, "reference": START}
    found = answer(client, TARIFF, body | {"reference_steps": {"separation": separation}})
    # 0.7 x (0.22 x 100 + 1.50) = 16.45; 16.45 / 15 = 1.0967
    assert (found["lines"][0]["reference_usd_per_kg"], found["lines"][0]["rate_percent"]) == (16.45, 9.7)
    assert "basket_is_not_ndpr" in codes(found)


def test_freight_is_paid_once_at_every_stage_and_never_carried(client: Client) -> None:
    body = {
        "material": "NdPr",
        "import_steps": {"reduction": {"kg_in": 1.2}},
        "rate": 0,
        "duty_on": "cif",
        "freight": 2,
    }
    metals = [
        line(client, body | {"imports": {"oxide": {"basis": basis, "amount": amount}}}, "metal")
        for basis, amount in (("FOB", 100), ("CIF", 102))
    ]
    assert [metal["dutiable_usd_per_kg"] for metal in metals] == [122.0, 122.0]  # 100 x 1.2 + 2


def test_a_reference_may_be_the_fair_price(client: Client) -> None:
    fair = client.get("/v1/prices/NdPr").json()["fair"]["headline"]["value"]
    body = {"material": "NdPr", "imports": {"oxide": {"basis": "FOB", "amount": 50}}, "reference": {"from": "fair"}}
    found = line(client, body)
    assert found["rate"] == pytest.approx(fair / 50 - 1, abs=1e-6)
    assert found["reference_from"] == "fair"


def test_stated_prices_need_no_model_and_the_models_prices_do(client_of: Callable[..., Client], tmp_path: Path) -> None:
    empty = client_of(tmp_path)
    assert empty.post(LADDER, json=FLOOR_ON_METAL).status_code == 200
    assert empty.post(TARIFF, json=CUSTOMS_VALUE).status_code == 200
    assert empty.post(LADDER, json=FAIR_METAL).status_code == 503


def test_one_answer_lists_all_faults_of_a_ladder(client: Client) -> None:
    body = {
        "material": "Nd",
        "as_of": "2026-02-28",
        "start": {"stage": "oxid", "usd_per_kg": float("nan"), "regoin": "china"},
        "to": "magnets",
        "change": "15",
        "per_unit": {"kg": 0},
        "steps": {
            "made_in": "China",
            "reduction": {"kg_in": 3, "recovery": 0, "tol": 12},
            "separation": {"share": 0.9, "others": {"Ce!": {"share": 0.3, "usd_per_kg": 1}, "Dy": {"share": 0.3}}},
            "smelting": {},
        },
        "labor_cst": 2,
    }
    found = faults(client.post(LADDER, content=json.dumps(body)))
    assert set(found) == {
        "material",
        "as_of",
        "start.stage",
        "start.usd_per_kg",
        "start.regoin",
        "to",
        "change",
        "per_unit.kg",
        "steps.made_in",
        "steps.reduction.kg_in",
        "steps.reduction.recovery",
        "steps.reduction.tol",
        "steps.separation.others.Ce!",
        "steps.separation.others.Dy.usd_per_kg",
        "steps.smelting",
        "labor_cst",
    }
    assert found["start.stage"]["nearest"] == "oxide"
    assert found["steps.reduction.tol"]["nearest"] == "toll"


def test_one_answer_lists_all_faults_of_a_tariff(client: Client) -> None:
    body = {
        "material": "NdPr",
        "imports": {
            "oxide": {"basis": "fob", "amount": 0, "vat_rate": 0.13},
            "metal": {"basis": "domestic ex VAT", "amount": 700, "currency": "CNY"},
            "alloy": {"basis": "FOB", "amount": 60, "fx_per_usd": 7, "vat_refund_share": 0},
            "metl": {},
        },
        "rate": -0.25,
        "duty_on": "exw",
        "freight": float("inf"),
    }
    assert set(faults(client.post(TARIFF, content=json.dumps(body)))) == {
        "imports.oxide.basis",
        "imports.oxide.amount",
        "imports.metal.fx_per_usd",
        "imports.metal.vat_refund_share",
        "imports.alloy.fx_per_usd",
        "imports.alloy.vat_refund_share",
        "imports.metl",
        "rate",
        "duty_on",
        "freight",
    }


FOB = {"basis": "FOB", "amount": 100}
CIF = {"basis": "CIF", "amount": 1}
DECLARED = {"basis": "customs value", "amount": 100}
OTHERS_OF = "steps.separation.others"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({}, "rate"),
        ({"imports": {}}, "imports"),
        ({"freight": 1, "rate": 0.1}, "duty_on"),
        ({"imports": {"oxide": CIF}, "rate": 0.1}, "duty_on"),
        ({"imports": {"oxide": CIF}, "rate": 0.1, "duty_on": "fob"}, "freight"),
        ({"rate": 0.1, "duty_on": "cif"}, "freight"),
        ({"imports": {"oxide": CIF}, "rate": 0.1, "duty_on": "fob", "freight": 1}, "imports.oxide.amount"),
        ({"imports": {"oxide": DECLARED}, "rate": 0.1, "duty_on": "cif", "freight": 1}, "freight"),
        ({"imports": {"oxide": FOB, "metal": FOB}, "import_steps": {}, "rate": 0.1}, "imports"),
        ({"imports": {"oxide": CHINESE_OXIDE}, "import_steps": {}, "rate": 0.1}, "imports.oxide.vat_rate"),
        (
            {"imports": {"metal": {"basis": "FOB", "amount": 9}}, "import_steps": {}, "rate": 0.1},
            "imports.metal.amount",
        ),
        ({"reference_steps": {}, "rate": 0.1}, "reference_steps"),
        ({"as_of": "2026-02-28", "rate": 0.1}, "as_of"),
        ({"imports": {"magnet": FOB}, "reference": START}, "reference_steps.alloying.toll"),
        ({"reference": {"stage": "oxide"}}, "reference.usd_per_kg"),
        ({"as_of": "2026-02-28", "reference": START}, "as_of"),
        ({"reference": {"from": "fair", "usd_per_kg": 1}}, "reference.usd_per_kg"),
        ({"reference": {"from": "fair", "stage": "metal"}}, "reference.stage"),
        ({"material": "Dy", "reference": {"from": "fair"}}, "reference.from"),
    ],
)
def test_a_question_that_leaves_something_open_is_refused(client: Client, changes: dict[str, Any], path: str) -> None:
    body = {"material": "NdPr", "imports": {"oxide": FOB}} | changes
    assert path in faults(client.post(TARIFF, json=body))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"to": "magnet"}, "steps.magnet_making.toll"),
        ({"to": "concentrate"}, "steps.separation.share"),
        ({"per_unit": {"kg": 2}}, "steps.alloying.toll"),
        ({"start": {"stage": "oxide"}}, "start.usd_per_kg"),
        ({"start": START | {"region": "china"}}, "start.region"),
        ({"steps": {"separation": {"share": 0.6, "others": {"Ce": {"share": 0.5, "usd_per_kg": 1}}}}}, OTHERS_OF),
        ({"steps": {"separation": {"share": 0.1, "others": {f"x{n}": {} for n in range(21)}}}}, OTHERS_OF),
        ({"start": {"from": "fair", "region": "china"}}, "start.region"),
        ({"start": {"from": "market"}, "as_of": "1890-01-01"}, "as_of"),
    ],
)
def test_a_ladder_that_leaves_something_open_is_refused(client: Client, changes: dict[str, Any], path: str) -> None:
    assert path in faults(client.post(LADDER, json={"material": "NdPr", "start": START} | changes))


LADDERS = [FLOOR_ON_METAL, CARBONATE, MOTOR, FAIR_METAL]
TARIFFS = [CUSTOMS_VALUE, CHINESE_PRICE, EVERY_STAGE]


@pytest.mark.parametrize(
    ("path", "schema", "body"),
    [(LADDER, LADDER_SCHEMA, body) for body in LADDERS] + [(TARIFF, TARIFF_SCHEMA, body) for body in TARIFFS],
)
def test_every_example_is_allowed_and_answered(
    client: Client, path: str, schema: dict[str, Any], body: dict[str, Any]
) -> None:
    Draft202012Validator(schema).validate(body)
    answer(client, path, body)


TEXT = st.text(alphabet="aé\ud8002-. ", max_size=8)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(TEXT, PLAIN, max_size=2)
STEP = st.dictionaries(st.sampled_from(["kg_in", "recovery", "toll", "share", "payable", "others"]), JSON, max_size=4)
NUMBERS = st.sampled_from([1e-6, 0.01, 0.5, 1, 1.5, 100, 1e6, 1e10, -1, 0])
LADDER_FIELDS = st.sampled_from(["material", "start", "to", "change", "per_unit", "as_of"])
TARIFF_FIELDS = st.sampled_from(["imports", "duty_on", "rate", "reference", "as_of"])
IMPORT_FIELDS = st.sampled_from([*FOB, "currency", "unit", "fx_per_usd", "vat_rate", "vat_refund_share"])
STEPS = st.dictionaries(
    st.sampled_from(["cracking", "separation", "reduction", "alloying", "magnet_making", "made_in"]),
    JSON | STEP | st.fixed_dictionaries({}, optional={"kg_in": NUMBERS, "toll": NUMBERS, "share": NUMBERS}),
    max_size=5,
)


@given(
    changed=st.dictionaries(
        st.sampled_from(["material", "start", "to", "change", "per_unit", "as_of"]), JSON, max_size=2
    ),
    steps=JSON | STEPS,
    price=NUMBERS,
    stage=st.sampled_from(["concentrate", "oxide", "magnet"]),
)
def test_whatever_ladder_is_sent_only_our_own_errors_come_back(
    desk: Desk, changed: dict[str, Any], steps: Any, price: float, stage: str
) -> None:
    body = {"material": "NdPr", "start": {"stage": stage, "usd_per_kg": price}, "steps": steps} | changed
    try:
        desk.ladder(json.dumps(body).encode())
    except FairPriceError:
        return


@given(
    changed=st.dictionaries(TARIFF_FIELDS, JSON, max_size=2),
    stated=st.dictionaries(IMPORT_FIELDS, JSON | NUMBERS, max_size=3),
    basis=st.sampled_from(["customs value", "FOB", "CIF", "domestic inc VAT", "domestic ex VAT"]),
    steps=JSON | STEPS,
    numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS),
)
def test_whatever_tariff_is_asked_only_our_own_errors_come_back(
    desk: Desk,
    changed: dict[str, Any],
    stated: dict[str, Any],
    basis: str,
    steps: Any,
    numbers: tuple[float, float, float],
) -> None:
    amount, reference, freight = numbers
    oxide = {"basis": basis, "amount": amount, "reference": reference} | stated
    body = {"material": "NdPr", "imports": {"oxide": oxide}, "import_steps": steps, "freight": freight}
    try:
        desk.tariff(json.dumps(body | {"duty_on": "cif"} | changed).encode())
    except FairPriceError:
        return
