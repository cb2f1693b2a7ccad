"""Landed prices of a scenario: by importer, stage and origin, what a market price comes to once duty is paid."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import Client

US = "tariff.united_states"
VAT = 0.13
KG_IN, TOLL_CHINA, TOLL_OUTSIDE = 1.176549, 3.2, 20.0  # of NdPr metal: features/data/expert/stages.yaml
NDPR_IN_MAGNET = 0.31 / 0.725


def ask(client: Client, *overrides: dict[str, Any], **more: Any) -> dict[str, Any]:
    answered = client.post("/v1/scenarios", json={"overrides": list(overrides), **more})
    assert answered.status_code in (200, 201), answered.text
    found: dict[str, Any] = answered.json()
    return found


def row(answer: dict[str, Any], material: str, place: str) -> dict[str, Any]:
    importer, stage, origin = place.split(".")
    wanted = {"material": material, "importer": importer, "stage": stage, "origin": origin}
    found: dict[str, Any] = next(one for one in answer["landed"] if wanted.items() <= one.items())
    return found


def market(answer: dict[str, Any], region: str, end: str = "scenario") -> float:
    ndpr = next(one for one in answer["materials"] if one["material"] == "NdPr")
    found: float = ndpr["market"][region][end]["value"]
    return found


def test_oxide_from_china_lands_with_vat_that_is_kept_duty_on_fob_and_freight(client: Client) -> None:
    answer = ask(client, {"lever": f"{US}.oxide.china", "set": 1.45})
    found, freight = row(answer, "NdPr", "united_states.oxide.china"), answer["freight_usd_per_kg"]
    assert (found["tariff_baseline"], found["tariff_scenario"]) == (0.0, 1.45)
    for end, rate in (("baseline", 0.0), ("scenario", 1.45)):
        landed = market(answer, "china", end) * (1 + VAT) * (1 + rate) + freight
        assert found["price"][end]["value"] == pytest.approx(landed, abs=2e-3)
    assert found["price"]["difference"] > 100


def test_metal_and_what_ndpr_is_in_a_magnet_follow_the_ladder(client: Client) -> None:
    answer = ask(client, {"lever": f"{US}.metal.china", "set": 0.25}, {"lever": f"{US}.magnet.others", "set": 0.15})
    freight = answer["freight_usd_per_kg"]
    metal = market(answer, "china") * KG_IN + TOLL_CHINA
    landed = row(answer, "NdPr", "united_states.metal.china")["price"]["scenario"]["value"]
    assert landed == pytest.approx(metal * (1 + VAT) * 1.25 + freight, abs=2e-3)
    content = (market(answer, "ex_china") * KG_IN + TOLL_OUTSIDE) * NDPR_IN_MAGNET
    landed = row(answer, "NdPr", "united_states.magnet.others")["price"]["scenario"]["value"]
    assert landed == pytest.approx(content * 1.15, abs=2e-3)
    refunded = row(answer, "NdPr", "elsewhere.magnet.china")["price"]["scenario"]["value"]
    assert refunded == pytest.approx(metal * NDPR_IN_MAGNET + freight, abs=2e-3)  # magnets leave without VAT


def test_elsewhere_duty_falls_on_freight_too(client: Client) -> None:
    answer = ask(client, {"lever": "tariff.elsewhere.oxide.china", "set": 0.5})
    found = row(answer, "NdPr", "elsewhere.oxide.china")["price"]["scenario"]["value"]
    cif = market(answer, "china") * (1 + VAT) + answer["freight_usd_per_kg"]
    assert found == pytest.approx(cif * 1.5, abs=2e-3)


@pytest.mark.parametrize("stage", ["oxide", "metal", "magnet"])
@pytest.mark.parametrize("origin", ["china", "others"])
@pytest.mark.parametrize("importer", ["united_states", "elsewhere"])
def test_each_tariff_moves_its_own_landed_price_most(client: Client, importer: str, stage: str, origin: str) -> None:
    place = f"{importer}.{stage}.{origin}"
    answer = ask(client, {"lever": f"tariff.{place}", "add": 0.4}, material="NdPr")
    change = {
        f"{one['importer']}.{one['stage']}.{one['origin']}": one["price"]["change"]["value"] for one in answer["landed"]
    }
    assert len(change) == 12
    assert change.pop(place) > 0.25
    assert max(abs(by) for by in change.values()) < 0.1


def test_heavy_oxides_have_no_ladder_beyond_oxide(client: Client) -> None:
    stages = {(one["material"], one["stage"]) for one in ask(client)["landed"]}
    assert stages == {("NdPr", "oxide"), ("NdPr", "metal"), ("NdPr", "magnet"), ("Dy", "oxide"), ("Tb", "oxide")}


def test_without_a_market_price_nothing_lands(client: Client) -> None:
    assert row(ask(client), "Dy", "united_states.oxide.others")["price"]["baseline"]["value"] is None


def test_a_dated_tariff_counts_while_it_holds(client: Client) -> None:
    dated = {"lever": f"{US}.magnet.china", "set": 1.471, "from": "2027-01", "to": "2027-12"}
    later = {"lever": f"{US}.oxide.china", "set": 0.2, "from": "2028-01", "to": "2028-12"}
    answer = ask(client, dated, later)
    assert row(answer, "NdPr", "united_states.oxide.china")["tariff_scenario"] == pytest.approx(0.1)  # two years' mean
    magnet = row(answer, "NdPr", "united_states.magnet.china")
    assert magnet["tariff_scenario"] == pytest.approx((0.271 + 1.471) / 2)
    words = next(flag["text"] for flag in answer["flags"] if flag["code"] == f"no_effect.{US}.magnet.china")
    assert "moves landed prices alone" in words


def test_a_preset_of_tariffs_says_what_importers_pay(client: Client) -> None:
    hard, truce = (
        client.post("/v1/scenarios", json={"preset": name}).json() for name in ("tariffs_145_125", "tariff_truce")
    )
    for stage in ("oxide", "metal", "magnet"):
        place = f"united_states.{stage}.china"
        assert row(hard, "NdPr", place)["tariff_scenario"] > 1 + row(truce, "NdPr", place)["tariff_scenario"]
        prices = [row(answer, "NdPr", place)["price"]["scenario"]["value"] for answer in (truce, hard)]
        assert prices[0] < prices[1]
