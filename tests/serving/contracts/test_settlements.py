"""Settlements at the doors: series of the dataset, other indices, a slip, ids, and what may not leave."""

from __future__ import annotations

import logging
from copy import deepcopy
from typing import Any

import pytest
from httpx import Client

from serving.contracts.settlements.documentation import ON_SERIES, QUARTER

from .conftest import VAT_BY_DEFAULT, Door

SETTLEMENTS = "/v1/contracts/settlements"
FLAT = {"currency": "USD", "unit": "kg", "form": "oxide", "vat": "excluded"}
MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]
SHARE = {"kind": "share", "name": "upside", "reference": "benchmark", "above_usd_per_kg": 110, "share_above": 0.3}


def year(price: float, **contract: Any) -> dict[str, Any]:
    """Return a year of 4,000 t on a flat index, with parts of the contract replaced."""
    found = deepcopy(QUARTER)
    found["contract"] |= {"to": "2026-12-31", "volume": {"basis": "sold", "tonnes_per_year": 4000}, **contract}
    found["facts"]["indices"]["published"]["fixings"] = dict.fromkeys(MONTHS, price)
    return found


def settled(client: Any, body: dict[str, Any]) -> dict[str, Any]:
    sent = client.post(SETTLEMENTS, json=body)
    assert sent.status_code == 200, sent.text
    return dict(sent.json())


def test_no_cache_keeps_an_answer_that_may_hold_terms(client: Client) -> None:
    refused = {**QUARTER, "extra": 1}
    for sent in (client.post(SETTLEMENTS, json=QUARTER), client.post(SETTLEMENTS, json=refused)):
        assert sent.headers["cache-control"] == "private, no-store", sent.status_code
    assert client.get("/v1/contracts/templates").headers["cache-control"] == "no-cache"  # public terms only


def codes(found: dict[str, Any]) -> set[str]:
    return {flag["code"] for flag in found["flags"]}


def test_a_series_of_the_dataset_settles_as_known_on_the_day(client: Client) -> None:
    found = settled(client, ON_SERIES)
    (index,) = found["indices"]
    assert (index["series"], index["first"]) == ("china_domestic", "2024-01")
    assert found["as_of"] == "2026-02-28"
    assert found["model"]["bundle"] == client.get("/v1/models").json()["serving"]["bundle"]
    used = [fixing["fixing"] for fixing in found["periods"][0]["references"][0]["fixings"]]
    assert used == ["2025-10", "2025-11", "2025-12"]
    assert found["totals"]["usd"] == (110 - (83 + 84 + 85) / 3) * 1_000_000  # the fixture quotes 62 plus the month


def test_nothing_known_later_than_the_day_is_read(client: Client) -> None:
    body = deepcopy(ON_SERIES)
    body["facts"]["as_of"] = "2025-12-15"  # December's figures came on the first of January
    sent = client.post(SETTLEMENTS, json=body)
    assert sent.status_code == 422
    assert "2025-12" in sent.json()["faults"][0]["found"]
    assert "2025-11" not in sent.json()["faults"][0]["found"]


def test_the_tax_inside_each_fixing_of_a_series_is_taken_out(client: Client) -> None:
    body = deepcopy(ON_SERIES)
    body["facts"]["indices"]["published"]["series"] = "fob_china"
    found = settled(client, body)
    fixings = found["periods"][0]["references"][0]["fixings"]
    assert [(f["published"], f["vat_rate"]) for f in fixings] == [(91.0, 0.13), (92.0, 0.13), (93.0, 0.13)]
    assert found["periods"][0]["references"][0]["usd_per_kg"] == round(92 / 1.13, 2)
    assert "vat_converted" in codes(found)


def test_faults_of_a_series_stand_beside_those_of_the_contract(client: Client) -> None:
    body = deepcopy(ON_SERIES)
    body["facts"] = {"as_of": "1890-01-01", "indices": {"published": {"series": "fob_chna", "colour": "red"}}}
    body["contract"]["volume"] = {"basis": "sold"}
    faults = {fault["path"]: fault for fault in client.post(SETTLEMENTS, json=body).json()["faults"]}
    assert set(faults) == {
        "facts.as_of",
        "facts.indices.published.series",
        "facts.indices.published.colour",
        "contract.volume.tonnes_per_year",
    }
    assert faults["facts.indices.published.series"]["nearest"] == "fob_china"


def test_without_a_model_a_series_is_not_there_and_given_fixings_are(bare: Any) -> None:
    assert bare.post(SETTLEMENTS, json=ON_SERIES).status_code == 503
    assert settled(bare, QUARTER)["model"] is None


def test_one_reference_under_each_admissible_index_side_by_side(door: Door) -> None:
    body = year(90)  # acceptance question 53: assessors differ by a quarter
    body["facts"]["indices"]["other"] = {**FLAT, "fixings": dict.fromkeys(MONTHS, 112.5)}
    body["facts"]["indices"]["late"] = {**FLAT, "fixings": {"2026-01": 90}}
    body["under_indices"] = {"reference": "benchmark", "indices": ["published", "other", "late"]}
    found = door("settlement", body)["under_indices"]
    totals = {one["index"]: (one["usd"], one["difference_usd"]) for one in found["settled"]}
    assert totals == {"published": (80e6, 0.0), "other": (0.0, -80e6), "late": (None, None)}
    assert found["range_usd"] == 80e6
    assert "2026-02" in found["settled"][2]["refused"][0]["found"]


def test_indices_on_other_bases_bring_their_own_rules(bare: Any) -> None:
    body = year(90)
    yuan = {"currency": "CNY", "unit": "t", "form": "oxide", "vat": "included"}
    body["facts"]["indices"]["smm"] = {**yuan, "fixings": dict.fromkeys(MONTHS, 744000)}
    body["facts"]["fx"] = {"CNY": {"per_usd": dict.fromkeys(MONTHS, 6.95)}}
    rule = {"kind": "index", "window": "month", "lag_months": 0}
    rules = {"own": rule | {"index": "published"}}
    rules["smm"] = rule | {"index": "smm", "vat_rule": "convert", "fx_rule": "mean_of_conversions"}
    body["under_indices"] = {"reference": "benchmark", "rules": rules}
    found = settled(bare, body)["under_indices"]["settled"]
    assert [one["usd"] for one in found] == [80e6, 61060673.6]  # 15.2651684 x 4,000,000, each quarter to the cent


def test_a_share_that_starts_a_year_late_is_worth_its_payments(door: Door) -> None:
    body = year(130, to="2027-12-31", clauses=[SHARE | {"starts_with": "full_production"}])
    prices = dict.fromkeys([*MONTHS, *(month.replace("2026", "2027") for month in MONTHS)], 130)
    body["facts"]["indices"]["published"]["fixings"] = prices
    body["facts"]["events"] = {"full_production": "2026-07-01"}
    body["slip"] = {"event": "full_production", "months_later": 12}
    found = door("settlement", body)["slip"]  # acceptance question 52: 0.3 x 20 x 4,000,000 kg
    assert (found["later_day"], found["to_seller_usd"], found["to_buyer_usd"]) == ("2027-07-01", 24e6, -24e6)
    assert found["by_period_usd"]["2026-Q4"] == 6e6


def test_a_right_to_choose_tonnes_has_its_bound(door: Door) -> None:
    option = {"holder": "seller", "least_tonnes_per_period": 500, "most_tonnes_per_period": 1500, "total_tonnes": 4000}
    body = year(100, volume_option=option)  # acceptance question 55
    prices = [80] * 3 + [100] * 3 + [120] * 3 + [90] * 3
    body["facts"]["indices"]["published"]["fixings"] = dict(zip(MONTHS, prices, strict=True))
    found = door("settlement", body)["volume_option"]
    assert list(found["best_tonnes_by_period"].values()) == [1500, 500, 500, 1500]  # gains 30, 10, 0, 20
    assert found["worth_at_most_usd"] == 20e6  # 45 + 5 + 0 + 30 less 60, in millions


def test_a_fallback_is_used_in_the_order_of_the_contract_and_said(door: Door) -> None:
    rule = {"kind": "index", "window": "month", "lag_months": 0}  # acceptance question 19
    steps = [{"use": "second", "after_days_late": 10}, {"use": "third", "after_days_late": 10}]
    references = {
        "benchmark": rule | {"index": "published", "fallback": steps, "fallback_for": "window"},
        "second": rule | {"index": "second"},
        "third": rule | {"index": "third"},
    }
    body = deepcopy(QUARTER)
    body["contract"]["references"] = references
    indices = body["facts"]["indices"]
    indices["published"] |= {"fixings": {"2026-01": 66}, "stopped_after": "2026-01"}
    indices |= {"second": {**FLAT, "fixings": {"2026-01": 70}}}
    indices |= {"third": {**FLAT, "fixings": dict.fromkeys(MONTHS, 80)}}
    body["facts"]["as_of"] = "2026-05-01"
    found = door("settlement", body)
    (reference,) = found["periods"][0]["references"]
    assert (reference["fallback_step"], reference["usd_per_kg"]) == (2, 80.0)
    assert "step 2 of its fallback, third" in reference["steps"][0]
    assert "fallback_used.benchmark" in codes(found)


def test_the_same_question_has_the_same_id_and_bytes_whatever_its_order(bare: Any) -> None:
    turned = {name: dict(reversed(part.items())) for name, part in reversed(QUARTER.items())}
    turned["contract"]["clauses"] = [{**turned["contract"]["clauses"][0], "floor_usd_per_kg": 110.00}]
    one, other = (bare.post(SETTLEMENTS, json=body) for body in (QUARTER, turned))
    assert one.content == other.content
    dearer = deepcopy(QUARTER)
    dearer["contract"]["clauses"][0]["floor_usd_per_kg"] = 111
    assert settled(bare, dearer)["settlement_id"] != one.json()["settlement_id"]


def test_rates_of_vat_are_the_dataset_s_unless_stated(bare: Any) -> None:
    body = deepcopy(QUARTER)
    body["facts"]["indices"]["published"]["vat"] = "included"
    body["contract"]["references"]["benchmark"]["vat_rule"] = "convert"
    found = settled(bare, body)
    assert [(rate["first_day"], rate["rate"]) for rate in found["vat_rates"]][-1] == ("2019-04-01", 0.13)
    assert found["vat_rates"][0]["source"] == VAT_BY_DEFAULT
    assert found["periods"][0]["references"][0]["usd_per_kg"] == 60.18  # 68 / 1.13
    body["facts"]["vat"] = [{"from": "2020-01-01", "rate": 0.1}]
    assert settled(bare, body)["periods"][0]["references"][0]["usd_per_kg"] == 61.82
    body["facts"]["vat"] = []
    assert bare.post(SETTLEMENTS, json=body).json()["faults"][0]["path"] == "facts.vat"


def test_a_deck_is_no_forecast_and_a_basket_no_price_of_ndpr(bare: Any) -> None:
    body = deepcopy(QUARTER)
    body["facts"]["indices"]["published"]["fixings"] = {}
    body["facts"]["decks"] = {"benchmark": {"from_month": "2026-01", "flat_usd_per_kg": 68}}
    found = settled(bare, body)
    assert found["totals"]["usd"] == 42_252_000
    assert "deck_is_not_a_forecast" in codes(found)
    assert found["periods"][0]["references"][0]["settled_on"] == "deck"
    references = {"NdPr": body["contract"]["references"]["benchmark"]}
    clause = {"kind": "carbonate", "name": "price", "oxide_kg_per_kg_treo": {"NdPr": 0.22}, "payable_share": 0.7}
    clause |= {"moisture_share": 0.05, "treo_share": 0.5}
    body["contract"] |= {"references": references, "clauses": [clause]}
    body["facts"]["decks"] = {"NdPr": body["facts"]["decks"]["benchmark"]}
    assert "basket_is_not_ndpr" in codes(settled(bare, body))


def test_a_cap_that_cuts_is_said(bare: Any) -> None:
    cap = {"usd_per_year": 10_000_000, "year_of": "delivery", "partial_year": "whole"}
    found = settled(bare, year(130, clauses=[SHARE | {"annual_cap": cap}]))
    assert found["totals"]["usd"] == -10_000_000
    assert found["totals"]["who_pays"] == "seller pays buyer"
    assert "cap_reached.upside" in codes(found)


def test_terms_never_reach_a_log(bare: Any, caplog: pytest.LogCaptureFixture) -> None:
    body = deepcopy(QUARTER)
    body["contract"]["name"] = "canary-4711"
    with caplog.at_level(logging.DEBUG):
        assert settled(bare, body)["contract"]["name"] == "canary-4711"
        body["contract"]["to"] = "canary-4711"
        assert bare.post(SETTLEMENTS, json=body).status_code == 422
    assert "canary" not in caplog.text


def test_the_schema_allows_the_examples_and_forbids_what_is_refused(bare: Any) -> None:
    from jsonschema_rs import Draft202012Validator  # noqa: PLC0415

    schema = Draft202012Validator(bare.get("/v1/contracts/schema").json())
    assert schema.is_valid(QUARTER)
    assert schema.is_valid(ON_SERIES)
    assert not schema.is_valid({"contract": QUARTER["contract"]})
    one = Draft202012Validator(bare.get("/v1/contracts/schema?of=sums.units").json())
    assert one.is_valid({"kind": "units", "strike_usd_per_lb": 25, "market_usd_per_t": 20})
    refused = bare.get("/v1/contracts/schema?of=sums.unit")
    assert refused.json()["faults"][0]["nearest"] == "sums.units"


@pytest.mark.parametrize(("level", "far"), [(110_000, True), (110, False)])
def test_a_level_a_thousand_times_off_its_index_is_flagged(door: Door, level: float, far: bool) -> None:
    floor = QUARTER["contract"]["clauses"][0] | {"floor_usd_per_kg": level}
    found = door("settlement", QUARTER | {"contract": QUARTER["contract"] | {"clauses": [floor]}})
    assert ("level_far_from_prices" in {flag["code"] for flag in found["flags"]}) is far
