"""A quote id stands for one answer: the same bytes again, after retraining and promotion, from any process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from httpx import Client

from pricing.bundle import Bundle, write_bundle
from serving.documentation import MP_FLOOR, OWN_DECK

ClientOf = Callable[..., Client]
QUESTIONS = [
    "/v1/prices/NdPr",
    "/v1/prices/NdPr?as_of=2026-02-28",
    "/v1/prices/Dy?as_of=2025-07-01&form=metal&unit=lb&currency=CNY&region=china",
    "/v1/prices/Tb?max_age_days=900",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_quoted_price_comes_back_byte_for_byte(client: Client, question: str) -> None:
    answered = client.get(question)
    assert client.get(f"/v1/quotes/{answered.json()['quote_id']}").content == answered.content


@pytest.mark.parametrize(
    "body", [MP_FLOOR, OWN_DECK, OWN_DECK | {"deck": {"flat": 85.25, "prices": {"2027-03": 91.5}}}]
)
def test_a_quoted_floor_comes_back_byte_for_byte(client: Client, body: dict[str, object]) -> None:
    answered = client.post("/v1/scenarios", json=body)
    assert answered.status_code == 200
    assert client.get(f"/v1/quotes/{answered.json()['quote_id']}").content == answered.content


def test_after_promotion_and_another_day_the_old_quote_still_gives_the_old_bytes(
    client_of: ClientOf, bundle: Bundle, tmp_path: Path
) -> None:
    write_bundle(bundle, tmp_path / "old")
    before = client_of(tmp_path)
    price, floor = before.get("/v1/prices/NdPr"), before.post("/v1/scenarios", json=OWN_DECK)
    dearer = bundle.history_as_known.assign(**{"long_run.market_economy.mean": 99.0})
    write_bundle(replace(bundle, history_as_known=dearer), tmp_path / "new")
    (tmp_path / "champion").write_text("new\n")
    after = client_of(tmp_path, date(2026, 8, 1))
    assert after.get("/v1/prices/NdPr").json()["fair"]["headline"]["value"] == 99.0
    for quoted in (price, floor):
        assert after.get(f"/v1/quotes/{quoted.json()['quote_id']}").content == quoted.content


def test_an_explicit_day_gives_the_same_quote_whenever_it_is_asked(client_of: ClientOf, bundle_folder: Path) -> None:
    answers = {
        client_of(bundle_folder, day).get("/v1/prices/NdPr?as_of=2026-02-28").content
        for day in (date(2026, 4, 1), date(2027, 1, 1))
    }
    assert len(answers) == 1


SEAL_ALTERED = "does not fit the rest: a character was altered"


@pytest.mark.parametrize(
    ("forge", "why"),
    [
        (lambda quote: quote[:-1] + ("0" if quote[-1] != "0" else "1"), SEAL_ALTERED),
        (lambda quote: quote.replace("2026-02-28", "2026-01-28"), SEAL_ALTERED),
        (
            lambda quote: quote.replace("2026-02-28", "1890-01-01"),
            "answers days from 2024-02-20 to 2026-03-31, not 1890",
        ),
        (lambda quote: quote.replace("2026-02-28", "20260228"), "20260228 is no day written YYYY-MM-DD"),
        (lambda quote: quote.replace("2026-02-28", "2026-02-30"), "2026-02-30 is no day written YYYY-MM-DD"),
        (lambda quote: quote.replace("NdPr", "Dy"), SEAL_ALTERED),
        (lambda quote: quote.replace("NdPr", "NdPR"), "its material is NdPR, not one of NdPr, Dy, Tb"),
        (lambda quote: quote.replace("USD", "GBX"), "its currency is GBX, not one of USD"),
        (lambda quote: quote.replace("price.", "floor."), "the terms in it cannot be read"),
        (
            lambda quote: quote.replace("price.", "prize."),
            "it begins with prize, where a quote id begins with price or",
        ),
        (lambda quote: "price." + quote, "its material is price, not one of NdPr, Dy, Tb"),
        (lambda quote: quote.replace(".all.", "."), "the id of a price is written price.MATERIAL.DAY"),
        (lambda quote: quote[:-3], "not 20 of the characters 0 to 9 and a to f"),
        (lambda quote: quote[:-21], "not 12 of the characters 0 to 9 and a to f"),
        (lambda quote: f"{quote[:-33]}{'0' * 12}{quote[-21:]}", "bundle 000000000000 is not kept here"),
        (lambda _: "floor.eJw.000000000000.0", "the terms in it cannot be read"),
        (lambda _: "nothing", "it begins with nothing"),
        (lambda _: "price." + "x" * 20_000, "at most 16,000 characters"),
        (lambda _: "prïce", "all of plain ASCII"),
    ],
)
def test_an_id_that_was_not_given_is_a_404_that_names_the_part_that_is_wrong(
    client: Client, forge: Callable[[str], str], why: str
) -> None:
    quote = client.get("/v1/prices/NdPr?as_of=2026-02-28").json()["quote_id"]
    answered = client.get(f"/v1/quotes/{forge(quote)}")
    assert (answered.status_code, answered.json()["error"]) == (404, "unknown_quote")
    assert why in answered.json()["message"]


def test_a_quote_of_a_deleted_model_is_a_404_and_of_a_damaged_one_a_503(
    client_of: ClientOf, bundle: Bundle, tmp_path: Path
) -> None:
    write_bundle(bundle, tmp_path / "a")
    quote = client_of(tmp_path).get("/v1/prices/NdPr?as_of=2026-02-28").json()["quote_id"]
    write_bundle(replace(bundle, seed=2), tmp_path / "b")
    (tmp_path / "champion").write_text("b")
    (tmp_path / "a" / "fx.csv").write_text("torn")
    damaged = client_of(tmp_path).get(f"/v1/quotes/{quote}")
    assert (damaged.status_code, damaged.json()["error"]) == (503, "damaged_model")
    shutil.rmtree(tmp_path / "a")
    assert client_of(tmp_path).get(f"/v1/quotes/{quote}").status_code == 404


def test_a_model_made_before_tariffs_by_stage_answers_prices_and_calls_itself_older_where_scenarios_are_asked(
    client_of: ClientOf, bundle: Bundle, tmp_path: Path
) -> None:
    base = {name: part for name, part in bundle.scenario_base.items() if name not in ("tariffs", "importer_shares")}
    write_bundle(replace(bundle, scenario_base=base), tmp_path / "older")
    asked = client_of(tmp_path / "older")
    assert asked.get("/v1/prices/NdPr").status_code == 200
    refused = asked.post("/v1/scenarios", json={"overrides": []})
    assert (refused.status_code, refused.json()["error"]) == (503, "older_model")
    assert "it answers prices and no scenarios. Train again" in refused.json()["message"]
