"""Where expected prices come from: the model, scenarios, facts; what is known already, and what may not leave."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from httpx import Client

from serving.contracts.valuations.documentation import FLOOR, ON_PATHS, PARTIES, SHARE, terms

VALUATIONS = "/v1/contracts/valuations"
FROM_APRIL = {"from": "2026-04-01", "to": "2027-12-31"}
ON_SERIES = {"kind": "index", "index": "published", "window": "month", "lag_months": 0, "vat_rule": "convert"}


def answered(client: Client, body: dict[str, Any]) -> dict[str, Any]:
    sent = client.post(VALUATIONS, json=body)
    assert sent.status_code == 200, sent.text
    return dict(sent.json())


def refused(client: Client, body: dict[str, Any]) -> dict[str, str]:
    sent = client.post(VALUATIONS, json=body)
    assert sent.status_code == 422, sent.text
    return {fault["path"]: fault["found"] for fault in sent.json()["faults"]}


def on(deck: dict[str, Any], **contract: Any) -> dict[str, Any]:
    return {
        "contract": terms(**FROM_APRIL | contract),
        "outlook": {"kind": "paths", "paths": 1024, "deck": deck},
        "parties": PARTIES,
    }


def prices(found: dict[str, Any]) -> dict[str, float]:
    return dict(found["decks"][0]["usd_per_kg"])


def codes(found: dict[str, Any]) -> set[str]:
    return {flag["code"] for flag in found["flags"]}


def test_the_fair_price_is_a_deck_and_stands_where_it_was(client: Client) -> None:
    found = answered(client, on({"kind": "fair_price"}))
    fair = client.get("/v1/prices/NdPr").json()["fair"]["headline"]["value"]
    assert set(prices(found).values()) == {fair}
    assert found["as_of"] == "2026-03-31"  # the model's last day
    assert "held flat in nominal money" in found["decks"][0]["source"]
    assert found["model"]["bundle"] == client.get("/v1/models").json()["serving"]["bundle"]


def test_a_deck_may_grow(client: Client) -> None:
    found = prices(answered(client, on({"kind": "fair_price", "growth_per_year": 0.02})))
    assert found["2027-03"] / found["2026-04"] == pytest.approx(1.02 ** (11 / 12), rel=1e-5)


def test_the_last_quote_is_brought_to_the_contracts_basis_or_refused(client: Client) -> None:
    quoted = on({"kind": "last_quote"}, references={"benchmark": ON_SERIES | {"index": "fob_china"}})
    fixing = 70.0 + 25 + 1  # of 2026-02, VAT of 13 % not refunded in it
    assert set(prices(answered(client, quoted)).values()) == {round(fixing / 1.13, 4)}
    unsaid = deepcopy(quoted)
    del unsaid["contract"]["references"]["benchmark"]["vat_rule"]
    assert "contract.references.benchmark.vat_rule" in refused(client, unsaid)
    assert refused(client, on({"kind": "last_quote"})) == {"outlook.deck.kind": "last_quote of published"}


def test_the_last_quote_is_that_of_the_series_an_index_stands_for(client: Client) -> None:
    named = on({"kind": "last_quote"}, references={"benchmark": ON_SERIES})
    named |= {"facts": {"as_of": "2026-03-31", "indices": {"published": {"series": "fob_china"}}}}
    as_it_is = on({"kind": "last_quote"}, references={"benchmark": ON_SERIES | {"index": "fob_china"}})
    ahead = {month: usd for month, usd in prices(answered(client, named)).items() if month >= "2026-04"}
    assert set(ahead.values()) == set(prices(answered(client, as_it_is)).values())


@pytest.mark.parametrize(("material", "found"), [("Dy", "scenario"), ("Tb", "fair_price")])
def test_a_fair_price_without_a_point_is_no_deck(client: Client, material: str, found: str) -> None:
    deck = {"kind": "fair_price"} if found == "fair_price" else {"kind": "scenario", "price": "fair", "overrides": []}
    told = refused(client, on(deck, material=material))
    assert list(told) == ["outlook.deck.kind"]
    assert told["outlook.deck.kind"].startswith(found)


def test_a_dated_scenario_is_a_deck_quarter_by_quarter(client: Client) -> None:
    override = {"lever": "wages.china", "scale": 1.3, "from": "2026-07", "to": "2026-12"}
    deck = {"kind": "scenario", "price": "market", "region": "ex_china", "overrides": [override]}
    found = answered(client, on(deck))
    body = {"overrides": [override], "material": "NdPr", "as_of": "2026-03-31"}
    scenario = client.post("/v1/scenarios", json=body).json()
    path = {q["quarter"]: q["market"]["ex_china"]["value"] for q in scenario["materials"][0]["path"]}
    assert prices(found)["2026-08"] == path["2026-Q3"]
    assert prices(found)["2027-12"] == path.get("2027-Q4", list(path.values())[-1])
    assert scenario["scenario_id"] in found["decks"][0]["source"]


def test_faults_of_a_scenario_stand_under_its_deck(client: Client) -> None:
    deck = {"kind": "scenario", "price": "fair", "overrides": [{"lever": "labor_cst", "scale": 1.1}]}
    told = refused(client, on(deck))
    assert list(told) == ["outlook.deck.overrides.0.lever"]


def test_what_is_fixed_has_no_spread_and_is_past(client: Client) -> None:
    body = on({"kind": "given", "flat_usd_per_kg": 100}, **{"from": "2025-10-01"})
    body["contract"]["references"]["benchmark"] = ON_SERIES
    body["facts"] = {"as_of": "2026-03-31", "indices": {"published": {"series": "china_domestic"}}}
    found = answered(client, body)
    first, second, third = found["periods"][:3]
    assert first["known"]
    assert first["net_usd"]["mean"] == first["net_usd"]["p90"] == (110 - (83 + 84 + 85) / 3) * 1_500_000
    assert second["known"]  # March is over; its figure came in April
    assert "not_published_yet" in codes(found)
    assert not third["known"]
    later = deepcopy(body)
    later["contract"]["from"] = "2026-04-01"
    assert found["values"][0]["value_usd"] == answered(client, later)["values"][0]["value_usd"]


def test_goods_of_the_past_are_past_beside_their_alternative_too(client: Client) -> None:
    goods = {"kind": "fixed", "name": "goods", "price_usd_per_kg": 115}
    body = on({"kind": "given", "flat_usd_per_kg": 100}, clauses=[goods, FLOOR], references={"benchmark": ON_SERIES})
    body["facts"] = {"as_of": "2026-03-31", "indices": {"published": {"series": "china_domestic"}}}
    body["alternative"] = "benchmark"
    later = answered(client, body)
    body["contract"]["from"] = "2025-10-01"
    assert answered(client, body)["values"][1]["value_usd"] == pytest.approx(later["values"][1]["value_usd"], abs=0.02)


def test_nothing_is_paid_before_its_last_fixing(client: Client) -> None:
    body = on({"kind": "given", "flat_usd_per_kg": 100}, references={"benchmark": ON_SERIES | {"lag_months": 2}})
    body["facts"] = {"as_of": "2026-06-30", "decks": {"benchmark": {"from_month": "2026-06", "flat_usd_per_kg": 90}}}
    first = answered(client, body)["periods"][0]
    assert (first["period"], first["paid_in"], first["fixing_months"]) == ("2026-Q2", "2026-08", ["2026-06", "2026-08"])
    assert not first["known"]


def test_periods_over_without_fixings_are_left_out_and_said_so(client: Client) -> None:
    body = on({"kind": "given", "flat_usd_per_kg": 100}, **{"from": "2025-10-01"})
    body["facts"] = {"as_of": "2026-03-31"}
    found = answered(client, body)
    assert found["periods"][0]["period"] == "2026-Q2"
    assert "periods_left_out" in codes(found)


def test_a_money_cap_needs_every_payment_so_far(client: Client) -> None:
    cap = {"usd_per_year": 1e7, "year_of": "delivery", "partial_year": "scales"}
    body = on({"kind": "given", "flat_usd_per_kg": 100}, clauses=[FLOOR, SHARE | {"annual_cap": cap}])
    body["contract"]["from"] = "2025-10-01"
    body["facts"] = {"as_of": "2026-03-31"}
    told = refused(client, body)
    assert "facts.indices" in told


def test_a_deck_of_the_facts_serves_where_the_outlook_has_none(client: Client) -> None:
    body = on({}, references={"benchmark": ON_SERIES})
    del body["outlook"]["deck"]
    body["facts"] = {"decks": {"benchmark": {"from_month": "2026-04", "usd_per_kg": {"2026": 90, "2027": 95}}}}
    found = prices(answered(client, body))
    assert (found["2026-05"], found["2027-05"]) == (90, 95)


def test_two_references_of_one_material_have_decks_of_their_own_and_move_together(client: Client) -> None:
    body = on({"kind": "given", "flat_usd_per_kg": 100})
    body["contract"]["references"]["achieved"] = ON_SERIES | {"index": "sales"}
    body["contract"]["clauses"] = [FLOOR, SHARE | {"reference": "achieved"}]
    body["outlook"]["decks"] = {"achieved": {"kind": "given", "flat_usd_per_kg": 120}}
    found = answered(client, body)
    assert found["periods"][0]["reference_usd_per_kg"] == {"benchmark": 100.0, "achieved": 120.0}
    assert any("move together" in words for words in found["assumptions"])


def test_without_a_model_a_stated_deck_is_answered_and_a_models_is_not(bare: Any) -> None:
    assert answered(bare, ON_PATHS)["model"] is None
    assert answered(bare, ON_PATHS)["fair_price"] == {}
    assert bare.post(VALUATIONS, json=on({"kind": "fair_price"})).status_code == 503
