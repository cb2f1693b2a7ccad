"""A floor over HTTP: payments on history and deck, their totals, and a fair price that does not move."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from httpx import Client
from hypothesis import given
from hypothesis import strategies as st

from pricing.bundle import Bundle, write_bundle
from pricing.contracts.periods import months_between
from serving.desk import Desk
from serving.documentation import MP_FLOOR, OWN_DECK

from .conftest import QUARTER_AT_68


def ask(desk: Desk, body: dict[str, Any], **terms: Any) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    changed["floor"] |= terms
    answer: dict[str, Any] = orjson.loads(desk.scenario(orjson.dumps(changed)))
    return answer


def test_one_quarter_at_68_owes_42_252_000(client: Client) -> None:
    totals = client.post("/v1/scenarios", json=QUARTER_AT_68).json()["totals"]
    assert totals["total_usd"] == 42_252_000.00


def test_ten_years_flat_at_85_cost_1500_million_worth_1158(client: Client) -> None:
    totals = client.post("/v1/scenarios", json=OWN_DECK).json()["totals"]
    assert totals["total_usd"] == 1_500_000_000.00
    assert set(totals["by_year_usd"].values()) == {150_000_000.00}
    assert totals["present_value_usd"] == pytest.approx(1_158_260_239.38)


def test_history_is_settled_on_fixings_known_that_day_and_then_on_the_last_quote(client: Client) -> None:
    answer = client.post("/v1/scenarios", json=MP_FLOOR).json()
    settled = [payment["settled_on"] for payment in answer["payments"]]
    assert settled == ["history", "history and deck"] + ["deck"] * 39
    # FOB 91, 92, 93 in 2025-10 to 12 with 13 % VAT in it: 92 / 1.13; February is not known on 2026-02-28
    assert answer["payments"][0]["reference"] == pytest.approx(92 / 1.13, abs=1e-4)
    assert answer["deck"]["flat_usd_per_kg"] == pytest.approx(95 / 1.13, abs=1e-4)
    assert answer["deck"]["flat_from"] == "2026-02"
    assert "vat_converted" in [flag["code"] for flag in answer["flags"]]


@pytest.mark.parametrize("settlement", ["quarterly", "monthly"])
def test_every_payment_can_be_computed_again_from_the_answer_to_the_cent(desk: Desk, settlement: str) -> None:
    answer = ask(desk, MP_FLOOR, settlement=settlement)
    fixed = {fixing["month"]: fixing for fixing in answer["fixings"]}
    assert list(fixed) == ["2025-10", "2025-11", "2025-12", "2026-01"]
    for fixing in fixed.values():
        assert fixing["usd_per_kg"] == pytest.approx(
            fixing["published_usd_per_kg"] / (1 + fixing["vat_rate"]), abs=1e-9
        )
        assert (fixing["vat"], fixing["evidence"], fixing["source"]) == (
            "not refunded",
            "observed",
            "made up for tests",
        )
    for payment in answer["payments"]:
        prices = [
            fixed[month]["usd_per_kg"] if month in fixed else answer["deck"]["flat_usd_per_kg"]
            for month in months_between(payment["first_day"][:7], payment["last_day"][:7])
        ]
        assert payment["reference"] == pytest.approx(sum(prices) / len(prices), abs=1e-9)
        owed = max(0.0, 110 - payment["reference"]) * payment["tonnes"] * 1000
        assert payment["payment_usd"] == pytest.approx(owed, abs=0.006)


def test_the_last_quote_is_never_carried_into_a_month_that_has_passed(
    client_of: Any, bundle: Bundle, tmp_path: Path
) -> None:
    stopped = bundle.references[bundle.references["month"] <= "2025-11"]
    write_bundle(replace(bundle, references=stopped), tmp_path / "b")
    answered = client_of(tmp_path / "b").post("/v1/scenarios", json=MP_FLOOR)
    assert answered.status_code == 422
    assert answered.json()["faults"][0]["found"] == "no price for 2025-12, 2026-01"
    stated = MP_FLOOR | {"deck": {"prices": {"2025-12": 80, "2026-01": 81}, "flat": 82}}
    assert client_of(tmp_path / "b").post("/v1/scenarios", json=stated).status_code == 200


def test_totals_add_up_to_the_cent(client: Client) -> None:
    answer = client.post("/v1/scenarios", json=MP_FLOOR).json()
    totals = answer["totals"]
    cents = round(100 * totals["total_usd"])
    assert sum(round(100 * payment["payment_usd"]) for payment in answer["payments"]) == cents
    assert sum(round(100 * usd) for usd in totals["by_year_usd"].values()) == cents
    parts = ("on_history_usd", "on_history_and_deck_usd", "on_deck_usd")
    assert sum(round(100 * totals[name]) for name in parts) == cents


def test_the_vat_trap_of_12_dollars_is_a_choice_and_never_silent(desk: Desk) -> None:
    converted = ask(desk, MP_FLOOR, vat_rule="convert")
    quoted = ask(desk, MP_FLOOR, vat_rule="as_quoted")
    assert quoted["totals"]["total_usd"] < converted["totals"]["total_usd"]
    assert "vat_as_quoted" in [flag["code"] for flag in quoted["flags"]]


def test_vat_that_cannot_be_told_from_the_price_is_said(client_of: Any, bundle: Bundle, tmp_path: Path) -> None:
    references = bundle.references.assign(vat_rate=0.0, evidence="derived")
    write_bundle(replace(bundle, references=references), tmp_path / "b")
    answer = client_of(tmp_path / "b").post("/v1/scenarios", json=MP_FLOOR).json()
    flags = {flag["code"]: flag["text"] for flag in answer["flags"]}
    assert "as quoted in 2025-10 to 2026-01" in flags["vat_not_separable"]
    assert "4 of 4 fixings of fob_china are derived" in flags["derived_index"]
    assert answer["payments"][0]["reference"] == 92.0


def test_a_floor_on_metal_pays_on_ratio_and_toll(desk: Desk) -> None:
    answer = ask(desk, OWN_DECK, basis="metal ex VAT", oxide_per_metal=1.2, toll=12, amount=150)
    assert answer["payments"][0]["reference"] == pytest.approx(85 * 1.2 + 12)
    assert (answer["floor"]["oxide_per_metal"], answer["floor"]["toll_usd_per_kg"]) == (1.2, 12.0)


@given(
    amount=st.decimals(1, 400, places=2), tonnes=st.integers(1, 20_000), rule=st.sampled_from(["monthly", "quarterly"])
)
def test_no_floor_moves_the_fair_price_and_a_higher_one_never_pays_less(
    desk: Desk, amount: Any, tonnes: int, rule: str
) -> None:
    fair = orjson.loads(desk.price("NdPr", [("as_of", "2026-02-28")]))["fair"]["headline"]
    terms = {"tonnes_per_year": tonnes, "settlement": rule}
    lower, higher = (ask(desk, MP_FLOOR, amount=float(amount) + step, **terms) for step in (0, 1))
    for answer in (lower, higher):
        assert answer["fair_price"]["with_floor"] == answer["fair_price"]["without_floor"] == fair
        assert answer["fair_price"]["change"] == 0
    more = higher["totals"]["total_usd"] - lower["totals"]["total_usd"]
    eligible_kg = 1000 * sum(payment["tonnes"] for payment in lower["payments"])
    assert -0.01 <= more <= eligible_kg + len(lower["payments"])
