"""A price answer: parts add up, conversions are one named factor, a band has no point and a refusal has nothing."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from httpx import Client
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from pricing.bundle import Bundle, sealed_digest, write_bundle
from pricing.bundle_tables import WEDGE_ITEMS
from pricing.materials import Material, oxide_per_metal_kg
from serving.desk import Desk
from serving.documentation import MP_FLOOR
from serving.floor_schemas import FloorAnswer
from serving.history_schemas import HistoryAnswer
from serving.model_schemas import ModelsAnswer
from serving.schemas import EvidenceAnswer, MaterialsAnswer, PriceAnswer

LAST_DAY, TODAY = date(2026, 3, 31), date(2026, 4, 10)  # of the model in conftest.py
POUND = 0.45359237
ClientOf = Callable[..., Client]


def ask(client: Client, material: str = "NdPr", **query: str) -> dict[str, Any]:
    answered = client.get(f"/v1/prices/{material}", params=query)
    assert answered.status_code == 200, answered.text
    answer: dict[str, Any] = answered.json()
    return answer


@given(
    days=st.integers(0, (LAST_DAY - date(2024, 2, 20)).days),
    material=st.sampled_from(Material),
    form=st.sampled_from(["oxide", "metal"]),
    unit=st.sampled_from(["kg", "t", "lb"]),
    currency=st.sampled_from(["USD", "CNY"]),
)
def test_the_parts_of_every_wedge_add_up_and_lead_from_market_to_fair(
    desk: Desk, days: int, material: str, form: str, unit: str, currency: str
) -> None:
    as_of = date.fromordinal(LAST_DAY.toordinal() - days).isoformat()
    query = {"as_of": as_of, "form": form, "unit": unit, "currency": currency}
    answer = orjson.loads(desk.price(material, query.items()))
    for at in answer["markets"].values():
        total = at["wedge"]["total"]
        if answer["status"] == "estimate":
            assert sum(part["value"] for part in at["wedge"]["parts"]) == pytest.approx(total, abs=1e-9)
            assert at["market"]["value"] - at["fair_on_this_basis"] == pytest.approx(total, abs=1e-9)
        else:
            assert total is None
    for stack in answer["cost_stacks"]:
        spent = sum(amount for stage in stack["parts"].values() for amount in stage.values())
        assert spent == pytest.approx(stack["total"], abs=1e-9)


def test_intervals_nest(client: Client) -> None:
    fair = ask(client)["fair"]
    for point in itertools.chain(fair["long_run"].values(), fair["short_run"].values()):
        edges = [point[f"interval_{share}"] for share in (95, 80, 50)]
        low, high = zip(*edges, strict=True)
        assert list(low) == sorted(low)
        assert list(high) == sorted(high, reverse=True)


def test_no_day_means_the_last_day_of_the_data_with_their_age(client: Client) -> None:
    answer = ask(client)
    assert (answer["as_of"], answer["month"]) == ("2026-03-31", "2026-02")
    assert answer["data_age_days"] == (TODAY - date(2026, 3, 20)).days


@pytest.mark.parametrize(("as_of", "month"), [("2026-02-19", "2025-12"), ("2026-02-20", "2026-01")])
def test_the_price_of_a_day_is_the_last_month_complete_by_then(client: Client, as_of: str, month: str) -> None:
    assert ask(client, as_of=as_of)["month"] == month


def test_a_metal_price_is_oxide_times_the_stated_ratio(client: Client) -> None:
    oxide, metal = ask(client), ask(client, form="metal")
    ratio = oxide_per_metal_kg(Material.NDPR)
    for path in ("headline", "long_run"):
        was, now = oxide["fair"][path], metal["fair"][path]
        was, now = (was, now) if path == "headline" else (was["explicit"], now["explicit"])
        assert now["value"] == pytest.approx(was["value"] * ratio, abs=1e-4)
    assert "1.176549" in metal["conversions"][0]
    assert "metal_by_stoichiometry" in [flag["code"] for flag in metal["flags"]]


@pytest.mark.parametrize(
    ("query", "factor"), [({"unit": "t"}, 1000.0), ({"unit": "lb"}, POUND), ({"currency": "CNY"}, 7.0)]
)
def test_unit_and_currency_scale_every_amount(client: Client, query: dict[str, str], factor: float) -> None:
    plain, converted = ask(client), ask(client, **query)
    for one, two in ((plain["fair"]["headline"], converted["fair"]["headline"]), (market(plain), market(converted))):
        assert two["value"] == pytest.approx(one["value"] * factor, abs=1e-4)
    assert converted["basis"].startswith(f"{query.get('currency', 'USD')}/{query.get('unit', 'kg')} ")


def market(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = answer["markets"]["china"]["market"]
    return found


def test_a_currency_without_a_rate_of_the_month_is_refused(client: Client) -> None:
    answered = client.get("/v1/prices/NdPr", params={"as_of": "2024-07-01", "currency": "EUR"})
    assert answered.status_code == 422
    assert answered.json()["faults"][0]["allowed"].startswith("USD: no EUR rate of 2024-05")


def flags_of(client_of: ClientOf, bundle: Bundle, folder: Path, **parts: float) -> set[str]:
    """Return the flags of NdPr with a wedge in China of these parts, the rest of them zero."""
    items = dict.fromkeys(WEDGE_ITEMS, 0.0) | parts
    changed = {f"wedge.china.{item}": value for item, value in items.items()} | {
        "wedge.china.total": sum(items.values())
    }
    write_bundle(replace(bundle, history_as_known=bundle.history_as_known.assign(**changed)), folder)
    return {flag["code"] for flag in ask(client_of(folder))["flags"]}


def test_a_gap_more_unexplained_than_explained_is_flagged(client_of: ClientOf, bundle: Bundle, tmp_path: Path) -> None:
    assert "unexplained.china" in flags_of(client_of, bundle, tmp_path / "a", environment=-4.0, unexplained=5.0)
    assert "unexplained.china" not in flags_of(client_of, bundle, tmp_path / "b", environment=-5.0, unexplained=4.0)


def test_parts_that_offset_each_other_are_flagged(client_of: ClientOf, bundle: Bundle, tmp_path: Path) -> None:
    offset = {"production_quota": 9.0, "capacity_and_start": -7.0}
    assert "offsetting_parts.china" in flags_of(client_of, bundle, tmp_path / "a", **offset)
    assert "offsetting_parts.china" not in flags_of(client_of, bundle, tmp_path / "b", production_quota=9.0)


def test_a_part_that_rests_on_priors_is_a_band_and_the_parts_still_add_up(
    client_of: ClientOf, bundle: Bundle, tmp_path: Path
) -> None:
    said = {
        f"wedge.{r}.{item}.rests_on": "prior" for r in ("china", "ex_china") for item in ("environment", "stockpiling")
    }
    write_bundle(replace(bundle, history_as_known=bundle.history_as_known.assign(**said)), tmp_path)
    wedge = ask(client_of(tmp_path))["markets"]["china"]["wedge"]
    parts = {part["item"]: part for part in wedge["parts"]}
    assert [parts[item]["value"] for item in ("environment", "stockpiling")] == [None, None]
    assert parts["environment"]["low"] < parts["environment"]["high"]
    assert sum(part["value"] for part in parts.values() if part["value"] is not None) == pytest.approx(wedge["total"])
    assert list(parts)[-1] == "resting_on_priors"


def test_flags_are_about_the_regions_asked_for(client: Client) -> None:
    codes = [flag["code"] for flag in ask(client, region="china")["flags"]]
    assert not any(code.endswith(".ex_china") for code in codes)


def test_a_region_shows_its_market_alone(client: Client) -> None:
    assert list(ask(client, region="china")["markets"]) == ["china"]
    assert list(ask(client)["markets"]) == ["china", "ex_china"]


def test_a_band_has_intervals_and_no_point(client: Client) -> None:
    answer = ask(client, "Dy")
    assert answer["status"] == "band"
    assert answer["fair"]["headline"]["value"] is None
    assert answer["fair"]["headline"]["low"] < answer["fair"]["headline"]["high"]
    assert "band" in [flag["code"] for flag in answer["flags"]]


def test_a_refusal_gives_the_reason_and_the_market_but_no_fair_price(client: Client) -> None:
    answer = ask(client, "Tb")
    assert answer["reason"] == "too few draws"
    assert answer["fair"]["long_run"]["market_economy"] == dict.fromkeys(
        ("value", "median", "interval_50", "interval_80", "interval_95")
    )
    assert answer["markets"]["china"]["market"]["value"] > 0
    assert answer["markets"]["china"]["p_market_below_fair"] is None


def test_a_market_known_as_a_band_gives_the_wedge_as_a_band(
    client_of: ClientOf, bundle: Bundle, tmp_path: Path
) -> None:
    history = bundle.history_as_known.assign(**{"market.ex_china": np.nan, "wedge.ex_china.total": np.nan})
    write_bundle(replace(bundle, history_as_known=history), tmp_path / "b")
    at = ask(client_of(tmp_path / "b"))["markets"]["ex_china"]
    assert at["market"]["value"] is None
    assert at["wedge"]["total"] is None
    # market 90 x 0.97 to 1.03, fair 75 with p10 at 52.5 and p90 at 97.5
    assert (at["wedge"]["low"], at["wedge"]["high"]) == (pytest.approx(87.3 - 97.5), pytest.approx(92.7 - 52.5))


def test_old_data_are_flagged_and_an_error_only_when_asked(
    client_of: Callable[..., Client], bundle_folder: Path
) -> None:
    later = client_of(bundle_folder, date(2026, 9, 1))
    assert "stale_data" in [flag["code"] for flag in ask(later)["flags"]]
    refused = later.get("/v1/prices/NdPr", params={"max_age_days": "45"})
    assert refused.status_code == 422
    assert "165 days old" in refused.json()["faults"][0]["allowed"]
    assert later.get("/v1/prices/NdPr", params={"max_age_days": "45", "as_of": "2026-03-31"}).status_code == 200


def test_history_in_csv_and_json_holds_the_same_numbers(client: Client) -> None:
    rows = client.get("/v1/history/NdPr").json()["rows"]
    table = client.get("/v1/history/NdPr", params={"format": "csv"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    read = list(csv.DictReader(io.StringIO(table.text)))
    names = list(rows[0])
    assert list(read[0]) == ["material", "vintage", *names, "basis", "method", "bundle"]
    assert [[row[name] for name in names] for row in read] == [
        ["" if value is None else str(value) for value in row.values()] for row in rows
    ]
    assert [row["fair_long_run_usd_per_kg"] for row in read] == [str(row["fair_long_run_usd_per_kg"]) for row in rows]


def test_every_row_of_a_csv_says_what_it_is_and_whose_it_is(client: Client, bundle_folder: Path) -> None:
    table = client.get("/v1/history/Dy", params={"format": "csv", "vintage": "latest"})
    for row in csv.DictReader(io.StringIO(table.text)):
        assert (row["material"], row["vintage"], row["method"]) == ("Dy", "latest", "1")
        assert "oxide ex VAT" in row["basis"]
        assert row["bundle"] == sealed_digest(bundle_folder)
        assert (row["market_china_source"], row["market_china_quote_day"][:7]) == ("made up for tests", row["month"])


def test_history_and_price_of_a_month_agree_to_the_last_digit(
    client_of: ClientOf, bundle: Bundle, tmp_path: Path
) -> None:
    # 100.00004 and 50.000052 round to 100.0 and 50.0001; their difference, 49.999988, to 50.0 and not to 49.9999
    changed = {
        "market.china": 100.00004,
        "market.ex_china": 100.00004,
        "long_run.market_economy.mean": 50.000052,
        "wedge.china.total": 49.999988,
        "wedge.ex_china.total": 49.999988,
    }
    write_bundle(replace(bundle, history_as_known=bundle.history_as_known.assign(**changed)), tmp_path / "b")
    client = client_of(tmp_path / "b")
    row = client.get("/v1/history/NdPr").json()["rows"][-1]
    for region, at in ask(client)["markets"].items():
        assert at["wedge"]["total"] == row[f"wedge_{region}_usd_per_kg"] == 49.9999


def test_the_two_vintages_are_two_histories(client: Client) -> None:
    known, latest = (client.get("/v1/history/NdPr", params={"vintage": v}).json() for v in ("as_known", "latest"))
    assert known["vintage"] != latest["vintage"]
    assert known["rows"][0]["fair_long_run_usd_per_kg"] != latest["rows"][0]["fair_long_run_usd_per_kg"]


def test_history_is_cut_to_the_months_asked_for(client: Client) -> None:
    rows = client.get("/v1/history/Dy", params={"from": "2025-11", "to": "2026-01"}).json()["rows"]
    assert [row["month"] for row in rows] == ["2025-11", "2025-12", "2026-01"]


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/v1/prices/NdPr", PriceAnswer),
        ("/v1/prices/Dy", PriceAnswer),
        ("/v1/prices/Tb", PriceAnswer),
        ("/v1/history/NdPr", HistoryAnswer),
        ("/v1/materials", MaterialsAnswer),
        ("/v1/models", ModelsAnswer),
        ("/v1/evidence/Dy", EvidenceAnswer),
    ],
)
def test_every_answer_has_its_documented_shape(client: Client, path: str, shape: type) -> None:
    body = client.get(path).content
    assert orjson.dumps(TypeAdapter(shape).validate_json(body)) == body


def test_a_floor_answer_has_its_documented_shape(client: Client) -> None:
    body = client.post("/v1/scenarios", json=MP_FLOOR).content
    assert orjson.dumps(TypeAdapter(FloorAnswer).validate_json(body)) == body
