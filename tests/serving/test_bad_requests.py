"""A user's mistake is told completely, at once, with the way out; it is never a 500 and shows no insides."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from httpx import Client, Response
from hypothesis import given
from hypothesis import strategies as st

from pricing.errors import FairPriceError
from serving.desk import Desk
from serving.documentation import MP_FLOOR
from serving.middleware import MAX_BODY_BYTES

INSIDES = ("Traceback", "/serving/", "site-packages", 'File "', "0x7")


def faults(answered: Response, status: int = 422) -> dict[str, dict[str, Any]]:
    assert answered.status_code == status, answered.text
    assert not any(word in answered.text for word in INSIDES)
    return {fault["path"]: fault for fault in answered.json()["faults"]}


def floor(**changes: Any) -> dict[str, Any]:
    body = copy.deepcopy(MP_FLOOR)
    body["floor"] |= changes
    return body


def test_one_answer_lists_all_faults_of_a_price_query(client: Client) -> None:
    query = {
        "as_of": "1890-01-01",
        "form": "oxid",
        "unit": "kgs",
        "currency": "US",
        "region": "chin",
        "max_age_days": "NaN",
    }
    found = faults(client.get("/v1/prices/Ndpr", params=query | {"unti": "kg"}))
    assert set(found) == {"material", "unti", *query}
    assert found["material"]["nearest"] == "NdPr"
    assert found["form"]["nearest"] == "oxide"
    assert found["unit"]["nearest"] == "kg"
    assert found["region"]["nearest"] == "china"
    assert found["unti"]["nearest"] == "unit"
    assert "2024-02-20 to 2026-03-31" in found["as_of"]["allowed"]


def test_one_answer_lists_all_faults_of_a_floor(client: Client) -> None:
    body = {
        "material": "Nd",
        "as_of": "2030-01-01",
        "floor": {
            "amount": float("nan"),
            "reference": "fob_chnia",
            "from": "2026-01-01",
            "to": "2025-01-01",
            "tonnes_per_year": -6000,
            "setlement": "monthly",
            "unit": "pound",
        },
        "deck": {"prices": {"2026-13": 90, "2027": float("inf")}},
        "discount_rate": -0.05,
        "labor_cst": 2,
    }
    found = faults(client.post("/v1/scenarios", content=json.dumps(body)))
    assert set(found) == {
        "material",
        "as_of",
        "discount_rate",
        "floor.amount",
        "floor.basis",
        "floor.reference",
        "floor.tonnes_per_year",
        "floor.to",
        "floor.unit",
        "floor.setlement",
        "deck.prices.2026-13",
        "deck.prices.2027",
        "labor_cst",
    }
    assert found["floor.amount"]["found"] == "NaN"
    assert found["deck.prices.2027"]["found"] == "Infinity"
    assert found["floor.basis"]["found"] == "nothing"
    assert found["floor.reference"]["nearest"] == "fob_china"
    assert found["floor.setlement"]["nearest"] == "settlement"


@pytest.mark.parametrize("as_of", ["2024-02-19", "2026-04-01", "2026-02-30", "20260228", "yesterday", "", "2026-W09-6"])
def test_a_day_outside_the_data_or_no_day_at_all_is_refused_with_the_range(client: Client, as_of: str) -> None:
    assert "2026-03-31" in faults(client.get("/v1/prices/NdPr", params={"as_of": as_of}))["as_of"]["allowed"]


def test_a_parameter_sent_twice_is_refused(client: Client) -> None:
    assert "unit" in faults(client.get("/v1/prices/NdPr?unit=kg&unit=t"))


@pytest.mark.parametrize("path", ["/v1/materials", "/v1/models", "/v1/evidence/NdPr", "/v1/quotes/price.x"])
def test_a_parameter_where_none_is_known_is_refused(client: Client, path: str) -> None:
    assert "colour" in faults(client.get(path, params={"colour": "red"}))


def test_where_no_parameter_is_known_the_way_out_is_none(client: Client) -> None:
    assert faults(client.get("/v1/materials?colour=red"))["colour"]["allowed"] == "no parameter here"


@pytest.mark.parametrize("number", ["1_000", " 5", "\N{ARABIC-INDIC DIGIT FIVE}", "5 ", "0x5"])
def test_a_number_is_written_in_plain_digits(client: Client, number: str) -> None:
    assert "max_age_days" in faults(client.get("/v1/prices/NdPr", params={"max_age_days": number}))


@pytest.mark.parametrize(
    ("said", "meant"), [("neodymium", "NdPr"), ("Dysprosium", "Dy"), ("terbium", "Tb"), ("Tb4O7", "Tb")]
)
def test_a_material_by_another_name_is_recognised(client: Client, said: str, meant: str) -> None:
    assert faults(client.get(f"/v1/prices/{said}"))["material"]["nearest"] == meant


@pytest.mark.parametrize(
    ("name", "said", "meant"), [("unit", "tonne", "t"), ("unit", "pound", "lb"), ("currency", "RMB", "CNY")]
)
def test_a_word_by_another_name_is_recognised(client: Client, name: str, said: str, meant: str) -> None:
    assert faults(client.get("/v1/prices/NdPr", params={name: said}))[name]["nearest"] == meant


def test_an_empty_text_and_a_null_are_named(client: Client) -> None:
    assert faults(client.get("/v1/prices/NdPr?currency="))["currency"]["found"] == "an empty text"
    assert faults(client.post("/v1/scenarios", content=b"null"))["body"]["found"] == "null"


def test_more_faults_than_are_listed_are_said_to_be_more(client: Client) -> None:
    answered = client.post("/v1/scenarios", json={f"k{number}": number for number in range(80)})
    assert answered.json()["message"].startswith("At least 50 things are wrong")


def test_a_body_saved_with_a_byte_order_mark_is_read(client: Client) -> None:
    assert client.post("/v1/scenarios", content=b"\xef\xbb\xbf" + json.dumps(MP_FLOOR).encode()).status_code == 200


def test_history_months_are_within_the_data_and_in_order(client: Client) -> None:
    found = faults(client.get("/v1/history/NdPr", params={"from": "1890-01", "to": "2026-3", "vintage": "newest"}))
    assert set(found) == {"from", "to", "vintage"}
    assert "to" in faults(client.get("/v1/history/NdPr", params={"from": "2025-03", "to": "2025-01"}))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"reference": "fob_china", "vat_rule": "refuse"}, "floor.vat_rule"),
        ({"basis": "oxide inc VAT", "reference": "china_domestic"}, "floor.vat_rule"),
        ({"from": "2020-01-01", "to": "2024-12-31"}, "deck"),
        ({"basis": "metal ex VAT"}, "floor.oxide_per_metal"),
        ({"toll": 12}, "floor.toll"),
        ({"amount": "110"}, "floor.amount"),
        ({"amount": True}, "floor.amount"),
        ({"amount": 0}, "floor.amount"),
        ({"amount": None}, "floor.amount"),
        ({"basis": ["oxide ex VAT"]}, "floor.basis"),
        ({"currency": "CNY"}, "floor.currency"),
        ({"from": 20251001}, "floor.from"),
        ({"to": "2199-12-31"}, "floor.to"),
    ],
)
def test_terms_that_leave_something_open_are_refused(client: Client, changes: dict[str, Any], path: str) -> None:
    assert path in faults(client.post("/v1/scenarios", json=floor(**changes)))


@pytest.mark.parametrize("deck", [{}, {"flat": -1}, {"prices": {}}, {"prices": [90]}, {"slope": 1}, 85])
def test_a_deck_that_says_nothing_is_refused(client: Client, deck: object) -> None:
    answered = client.post("/v1/scenarios", json=MP_FLOOR | {"deck": deck})
    assert any(path.startswith("deck") for path in faults(answered))


def test_an_endless_deck_is_refused(client: Client) -> None:
    prices = {f"{year}-{month:02d}": 90 for year in range(2000, 2099) for month in range(1, 13)}
    assert "deck.prices" in faults(client.post("/v1/scenarios", json=MP_FLOOR | {"deck": {"prices": prices}}))


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"null", b'"floor"', b"NaN"])
def test_a_body_that_is_no_object_is_refused(client: Client, content: bytes) -> None:
    answered = client.post("/v1/scenarios", content=content)
    assert answered.status_code in (400, 422)
    assert answered.json()["faults"][0]["path"] == "body"


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe{}", b'{"material": "\xc3\x28"}', b"{", b"{'a': 1}", b"[" * 100_000, b'{"a": 1, "a": 2}', b"9" * 5_000],
    ids=["utf16", "utf8", "open", "quotes", "deep", "repeated", "digits"],
)
def test_a_body_that_cannot_be_read_is_a_400(client: Client, content: bytes) -> None:
    assert "body" in faults(client.post("/v1/scenarios", content=content), status=400)


@pytest.mark.parametrize(("path", "where"), [("/v1/prices/NdPr?as_of=%ff", "query"), ("/v1/prices/%fe", "path")])
def test_an_address_that_is_not_utf8_is_a_400(client: Client, path: str, where: str) -> None:
    assert where in faults(client.get(path), status=400)


def test_text_that_cannot_be_encoded_again_is_still_told(client: Client) -> None:
    answered = client.post("/v1/scenarios", content=b'{"material": "\\ud800", "\\ud800": 1}')
    assert "material" in faults(answered)


def test_a_huge_body_is_a_413_announced_or_streamed(client: Client) -> None:
    assert client.post("/v1/scenarios", content=b" " * (MAX_BODY_BYTES + 1)).status_code == 413

    async def endless() -> Any:
        for _ in range(MAX_BODY_BYTES // 1024 + 2):
            yield b" " * 1024

    answered = client.post("/v1/scenarios", content=endless())
    assert answered.status_code == 413
    assert answered.json()["error"] == "too_large"


def test_a_body_at_the_limit_is_read(client: Client) -> None:
    assert client.post("/v1/scenarios", content=b" " * MAX_BODY_BYTES).status_code == 400


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/price/NdPr", "/v1/prices", "/v1/prices/NdPr/", "/static/../app.py"])
def test_an_unknown_address_is_a_clean_404(client: Client, path: str) -> None:
    answered = client.get(path)
    assert (answered.status_code, answered.json()["error"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/v1/scorebord", "/v1/scoreboard"),
        ("/v1/leak/Tb", "/v1/leaks/Tb"),
        ("/v1/publications", "/v1/publications/{material}"),
        ("/v1/prices/NdPr/", "/v1/prices/NdPr"),
        ("/forecasts/Dy", "/v1/forecasts/Dy"),
    ],
)
def test_the_nearest_address_is_named_and_what_was_sent_for_a_material_stays(
    client: Client, path: str, near: str
) -> None:
    answered = client.get(path)
    found = faults(answered, 404)["address"]
    assert (found["found"], found["nearest"]) == (path, near)
    assert answered.json()["message"].endswith(f"Did you mean {near}?")


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/weather", "/wp-login.php", "/v1/" + "x" * 500, "/static/none"])
def test_an_address_like_none_of_ours_names_no_other(client: Client, path: str) -> None:
    assert client.get(path).json()["faults"] == []


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/prices/NdPr"), ("GET", "/v1/scenarios"), ("DELETE", "/health")]
)
def test_a_wrong_method_is_a_clean_405_that_names_the_right_one(client: Client, method: str, path: str) -> None:
    answered = client.request(method, path)
    assert (answered.status_code, answered.json()["error"]) == (405, "method_not_allowed")
    assert answered.headers["allow"] in ("GET", "POST")


def test_without_a_model_the_service_says_so(client_of: Callable[..., Client], tmp_path: Path) -> None:
    empty = client_of(tmp_path)
    assert empty.get("/health").status_code == 200
    assert (empty.get("/ready").status_code, empty.get("/ready").json()["bundle"]) == (503, None)
    answered = empty.get("/v1/prices/NdPr")
    assert (answered.status_code, answered.json()["error"]) == (503, "no_model")
    assert str(tmp_path.parent) not in answered.text


def test_a_fault_of_ours_is_a_500_without_insides(client_of: Callable[..., Client], bundle_folder: Path) -> None:
    def no_clock() -> date:
        msg = "/secret/path"
        raise RuntimeError(msg)

    broken = client_of(bundle_folder)
    broken.app.state.watch.in_use.now.desks.public._today = no_clock
    answered = broken.get("/v1/prices/NdPr")
    assert (answered.status_code, answered.json()["error"]) == (500, "internal")
    assert "secret" not in answered.text


TEXT = st.text(alphabet="aé\ud8002-. ", max_size=8)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(TEXT, PLAIN, max_size=2)
FIELDS = st.sampled_from(["material", "as_of", "floor", "deck", "discount_rate", "max_age_days"])
FLOOR_FIELDS = st.sampled_from([*MP_FLOOR["floor"], "unit", "toll", "oxide_per_metal", "settlement"])  # type: ignore[misc]


@given(changed=st.dictionaries(FIELDS, JSON, max_size=2), terms=st.dictionaries(FLOOR_FIELDS, JSON, max_size=3))
def test_whatever_json_is_sent_only_our_own_errors_come_back(
    desk: Desk, changed: dict[str, Any], terms: dict[str, Any]
) -> None:
    body = copy.deepcopy(MP_FLOOR) | changed
    if isinstance(body["floor"], dict):
        body["floor"] |= terms
    try:
        desk.scenario(json.dumps(body).encode())
    except FairPriceError:
        return


@given(query=st.lists(st.tuples(st.sampled_from(["as_of", "form", "unit", "x"]), TEXT), max_size=3))
def test_whatever_query_is_sent_only_our_own_errors_come_back(desk: Desk, query: list[tuple[str, str]]) -> None:
    try:
        desk.price("NdPr", query)
    except FairPriceError:
        return


@pytest.mark.parametrize(("sent", "near"), [("99", "24"), ("0", "1"), ("12.6", "13"), ("-3", "1"), ("soon", None)])
def test_months_ahead_out_of_reach_are_told_by_their_ends_and_the_nearest_by_value(
    client: Client, sent: str, near: str | None
) -> None:
    found = faults(client.get("/v1/forecasts/NdPr", params={"horizon": sent}))["horizon"]
    assert (found["allowed"], found.get("nearest")) == ("1 to 24", near)
