"""Tariffs over HTTP: the acceptance questions, VAT, freight, and every stage."""

from __future__ import annotations

from typing import Any

import pytest

from serving.stages.documentation import (
    CHINESE_OXIDE,
    CHINESE_PRICE,
    CUSTOMS_VALUE,
    EVERY_STAGE,
)

from .conftest import Client, answer, codes, faults

TARIFF = "/v1/stages/tariff"
START = {"stage": "oxide", "usd_per_kg": 100}


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
    price = client.get("/v1/prices/NdPr").json()
    fair = price["fair"]["headline"]["value"]
    body = {"material": "NdPr", "imports": {"oxide": {"basis": "FOB", "amount": 50}}, "reference": {"from": "fair"}}
    found = answer(client, TARIFF, body)
    assert found["lines"][0]["rate"] == pytest.approx(fair / 50 - 1, abs=1e-6)
    assert found["lines"][0]["reference_from"] == "fair"
    assert (found["model"], found["snapshot"]) == (price["model"], price["snapshot"])
    assert (found["reference"]["usd_per_kg"], found["reference"]["as_of"]) == (fair, price["as_of"])
    assert "delivered outside China, ex VAT, nominal; fair of 2026-02" in found["reference"]["basis"]
