"""Forecasts over HTTP and on the command line: what is said, why there is none, how it looks, how often it held."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pricing.bundle import SCHEMA, Bundle, read_bundle, write_bundle
from pricing.contracts.periods import month_after, months_between
from pricing.forecast.published import HORIZONS
from pricing.withheld import PARAMETER
from serving import cli
from serving.book import Book
from serving.forecasts.flags import privacy_flags
from serving.forecasts.terminal import forecast as on_screen
from serving.forecasts.terminal import record as record_on_screen
from serving.model_store import PublishedModel
from serving.terminal import show

MONTHS = list(months_between("2024-01", "2026-02"))
ROW = {
    "place": "fob_china", "material": "all", "horizon": 1, "regime": "headline", "first_origin": "2024-01",
    "last_origin": "2026-01", "forecasts": 25, "months": 25, "windows": 25, "block_months": 6, "models_used": 0.5,
    "rmsse": 0.9, "rmsse_low": 0.8, "rmsse_high": 0.99, "mae_ln": 0.05, "mae_ln_last_quote": 0.055,
    "coverage50": 0.52, "coverage80": 0.8, "coverage95": 0.96, "pinball": 0.2, "interval_score": 3.0,
    "interval_score_ratio": 0.95, "interval_score_ratio_low": 0.9, "interval_score_ratio_high": 1.0, "dm": -2.0,
    "dm_p": 0.05, "skill": True,
}  # fmt: skip
BAD = {
    "place": "fob_china", "material": "NdPr", "horizon": 1, "origin": "2025-01", "month": "2025-02",
    "forecast_usd_per_kg": 80.0, "low95_usd_per_kg": 70.0, "high95_usd_per_kg": 90.0, "came_usd_per_kg": 100.0,
    "miss_ln": 0.2231, "inside95": False,
}  # fmt: skip


def target(start: float, high: float) -> dict[str, list[Any]]:
    """Quotes rise by one a month; models add 5 % at one month, elsewhere the last quote stands."""
    base = [start + n for n in range(len(MONTHS))]
    half = [list(np.log(wide) * np.sqrt(np.array(HORIZONS))) for wide in (1.05, 1.1, 1.2)]
    return {
        "month": MONTHS,
        "known_on": [f"{month_after(month)}-20" for month in MONTHS],
        "base": base,
        "base_month": [*MONTHS[:-1], MONTHS[-2]],  # the last month had no quote
        "base_day": [f"{month}-27" for month in [*MONTHS[:-1], MONTHS[-2]]],
        "evidence": ["observed"] * len(MONTHS),
        "source": ["made up"] * len(MONTHS),
        "quoted": [True] * (len(MONTHS) - 1) + [False],
        "point": [[1.05 * b, *[b] * 23] for b in base],
        "half": [half] * len(MONTHS),
        "thin": [False] * len(MONTHS),
        "standing": [[[0.9, 0.8, high, high < 1.0], *[None] * 23]] * len(MONTHS),
    }


def published() -> dict[str, Any]:
    n = len(MONTHS)
    skill = {
        "month": MONTHS,
        "ratio": [[0.9, 0.999, *[None] * 22]] * n,
        "resolved": [[60, 12, *[0] * 22]] * n,
        "used": [[True, *[False] * 23]] * n,
    }
    return {
        "method": "2",
        "targets": {"fob_china": {"NdPr": target(70.0, 1.05), "Dy": target(300.0, 0.99)}},
        "skill": {"fob_china": skill},
        "refused": {"ex_china": {"Dy": "2 months with a quote delivered outside China; a forecast needs 12"}},
        "cautions": {"fob_china": {"Dy": {"from": "2025-04", "text": "A nominal price."}}},
        "record": [ROW, ROW | {"material": "NdPr", "rmsse_high": 1.05, "skill": False}, ROW | {"material": "Dy"}],
        "bad_months": [BAD],
    }


@pytest.fixture(scope="module")
def folder(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("forecasts") / "bundle"
    write_bundle(replace(bundle, forecasts=published()), place)
    return place


@pytest.fixture(scope="module")
def asked(client_of: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    return client_of(folder).get  # type: ignore[no-any-return]


def test_a_forecast_says_base_point_intervals_and_whether_there_is_skill(asked: Callable[..., Any]) -> None:
    answer = asked("/v1/forecasts/NdPr?as_of=2026-01-31").json()
    assert (answer["status"], answer["month"], answer["known_on"]) == ("forecast", "2025-12", "2026-01-20")
    assert answer["base"]["usd_per_kg"] == 93.0
    assert answer["base"]["day"] == "2025-12-27"
    assert answer["base"]["age_days"] == 35
    first, second, last = (answer["horizons"][n] for n in (0, 1, -1))
    assert (first["month"], first["served"], first["point"]) == ("2026-01", "models", pytest.approx(97.65))
    assert first["interval_80"] == pytest.approx([97.65 / 1.1, 97.65 * 1.1], abs=1e-3)
    assert "10.0 % less" in first["says"]
    assert (second["served"], second["skill"], second["point"]) == ("last quote", "no skill", 93.0)
    assert "models gained over 12 months only" in second["says"]
    assert (last["month"], last["says"]) == ("2027-12", "the last quote is served; no skill")
    assert len(answer["horizons"]) == 24


def test_models_may_be_served_where_no_skill_can_be_claimed_and_the_record_says_the_same(
    asked: Callable[..., Any],
) -> None:
    for material, skill, words in (
        ("NdPr", "no skill", "no skill to claim: its record is 0.900 (0.800 to 1.050)"),
        ("Dy", "skill", "skill: its record, 0.900 (0.800 to 0.990), lies below 1, and a test of equal errors agrees"),
    ):
        first = asked(f"/v1/forecasts/{material}?horizon=1").json()["horizons"][0]
        row = asked(f"/v1/forecasts/{material}/record").json()["rows"][0]
        assert (first["served"], first["skill"], row["skill"]) == ("models", skill, skill)
        assert words in first["says"]
        for name in ("rmsse", "rmsse_low", "rmsse_high"):
            assert first[name] == row[name]


def test_a_bundle_of_the_first_method_serves_its_points_and_claims_nothing(
    client_of: Callable[..., Any], bundle: Bundle, tmp_path: Path
) -> None:
    older = published() | {"method": "1"}
    for columns in older["targets"]["fob_china"].values():
        del columns["standing"]
    write_bundle(replace(bundle, forecasts=older), tmp_path / "bundle")
    answer = client_of(tmp_path / "bundle").get("/v1/forecasts/NdPr?as_of=2026-01-31").json()
    first, second = answer["horizons"][:2]
    assert (first["point"], first["served"], first["skill"]) == (pytest.approx(97.65), "models", None)
    assert first["says"].endswith("this bundle does not say what may be claimed")
    assert (second["served"], second["skill"], answer["method"]) == ("last quote", "no skill", "1")


@pytest.mark.parametrize("method", ["1", "2"])
def test_bundles_of_older_methods_are_read_and_their_claims_on_short_records_are_not_repeated(
    client_of: Callable[..., Any], bundle: Bundle, tmp_path: Path, method: str
) -> None:
    older = published() | {"method": method}
    for columns in older["targets"]["fob_china"].values():
        columns["standing"] = [[one[:3] if one else None for one in row] for row in columns["standing"]]
    older["record"] = [{name: cell for name, cell in row.items() if name != "skill"} for row in older["record"]]
    write_bundle(replace(bundle, forecasts=older), tmp_path / "bundle")
    ask = client_of(tmp_path / "bundle").get
    first = ask("/v1/forecasts/Dy").json()["horizons"][0]
    assert (first["served"], first["skill"], first["rmsse_high"]) == ("models", None, 0.99)
    assert {row["skill"] for row in ask("/v1/forecasts/Dy/record").json()["rows"]} == {None}


def test_a_record_too_short_has_no_verdict_and_says_so(
    client_of: Callable[..., Any], bundle: Bundle, tmp_path: Path
) -> None:
    short = published()
    short["targets"]["fob_china"]["Dy"]["standing"] = [[[0.9, 0.8, 0.95, None], *[None] * 23]] * len(MONTHS)
    short["record"][2]["skill"] = None
    write_bundle(replace(bundle, forecasts=short), tmp_path / "bundle")
    ask = client_of(tmp_path / "bundle").get
    first = ask("/v1/forecasts/Dy").json()["horizons"][0]
    assert first["skill"] is None
    assert "too short for a verdict on skill" in first["says"]
    assert ask("/v1/forecasts/Dy/record").json()["rows"][0]["skill"] is None
    show(record_on_screen(ask("/v1/forecasts/Dy/record").json()))


def test_a_base_that_is_a_months_mean_is_told_in_words_and_is_never_called_a_last_quote(
    client_of: Callable[..., Any], bundle: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    means = published()
    columns = means["targets"]["fob_china"]["Dy"]
    columns["base_day"], columns["quoted"] = [""] * len(MONTHS), [False] * len(MONTHS)
    columns["base_month"] = MONTHS
    write_bundle(replace(bundle, forecasts=means), tmp_path / "bundle")
    ask = client_of(tmp_path / "bundle").get
    answer = ask("/v1/forecasts/Dy?as_of=2026-01-31").json()
    flags = {flag["code"]: flag["text"] for flag in answer["flags"]}
    assert "the month's mean; its last quote is not known" in flags["mean_base"]
    assert "no_quote" not in flags
    assert "last quote" not in answer["basis"]
    assert (answer["base"]["day"], answer["horizons"][1]["served"]) == (None, "month's mean")
    assert "the month's mean is served" in answer["horizons"][-1]["says"]
    show(on_screen(answer))
    shown = capsys.readouterr().out
    assert "From the mean of a month" in shown
    assert "From the last quote" not in shown
    drawn = ask("/v1/forecasts/Dy?as_of=2026-01-31&format=svg").text
    assert "base: the mean of 2025-12, its last quote is not known" in drawn
    assert "base quote" not in drawn
    # a quote with a day has no such flag
    assert "mean_base" not in {flag["code"] for flag in ask("/v1/forecasts/NdPr?as_of=2026-01-31").json()["flags"]}


def test_a_month_that_is_over_is_told_everywhere(asked: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    """On the 19th of March the newest forecast is of January's quote: its first month, February, is over."""
    query = "/v1/forecasts/NdPr?as_of=2026-02-28&horizon=1"
    assert "month_over" not in {flag["code"] for flag in asked(query).json()["flags"]}
    query = "/v1/forecasts/NdPr?as_of=2026-03-19"
    answer = asked(query).json()
    told = {flag["code"]: flag["text"] for flag in answer["flags"]}["month_over"]
    assert told.startswith("2026-02 is already over, and the quote known to whoever watches the market")
    assert told.endswith("stands as said on 2026-02-20.")
    assert [one["month_over"] for one in answer["horizons"]] == [True] + [False] * 23
    rows = list(csv.DictReader(io.StringIO(asked(f"{query}&format=csv").text)))
    assert [row["month_over"] for row in rows[:2]] == ["True", "False"]
    assert "Already over, as said before: 2026-02" in asked(f"{query}&format=svg").text
    show(on_screen(answer))
    assert "! 2026-02 is already over" in capsys.readouterr().out
    assert "month_over" not in {flag["code"] for flag in asked(f"{query}&horizon=2").json()["flags"]}


def test_a_person_reads_the_method_of_forecasts_not_that_of_prices(
    asked: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    show(on_screen(asked("/v1/forecasts/NdPr").json()))
    assert "method 2 of forecasts" in " ".join(capsys.readouterr().out.split())
    show(record_on_screen(asked("/v1/forecasts/NdPr/record").json()))
    assert "method 2 of forecasts" in " ".join(capsys.readouterr().out.split())


def test_a_forecast_and_its_record_name_model_and_data_as_a_price_does(asked: Callable[..., Any]) -> None:
    day = "as_of=2026-01-31"
    price, answer = (asked(f"/v1/{what}/NdPr?{day}").json() for what in ("prices", "forecasts"))
    assert answer["month"] == price["month"]
    assert (answer["model"], answer["snapshot"]) == (price["model"], price["snapshot"])
    assert len(answer["snapshot"]) == 64
    row = next(csv.DictReader(io.StringIO(asked(f"/v1/forecasts/NdPr?{day}&format=csv").text)))
    assert (row["bundle"], row["snapshot"]) == (price["model"]["bundle"], price["snapshot"])
    assert f"data {price['snapshot'][:12]}" in asked(f"/v1/forecasts/NdPr?{day}&format=svg").text
    last = asked("/v1/prices/NdPr").json()["snapshot"]
    assert last != price["snapshot"]
    assert asked("/v1/forecasts/NdPr/record").json()["snapshot"] == last
    row = next(csv.DictReader(io.StringIO(asked("/v1/forecasts/NdPr/record?format=csv").text)))
    assert row["snapshot"] == last
    assert asked("/v1/forecasts/Dy?place=ex_china").json()["snapshot"] is None


def test_past_coverage_counts_what_was_resolved_by_the_day(asked: Callable[..., Any]) -> None:
    held = asked("/v1/forecasts/NdPr?as_of=2024-04-20&horizon=1").json()["horizons"][0]["past_coverage"]
    # forecasts of January and February 2024, 73.5 and 74.55, came at 71 and 72: within 5 % either way
    assert held == {"resolved": 2, "in_50": 100.0, "in_80": 100.0, "in_95": 100.0}


def test_one_horizon_can_be_asked_for(asked: Callable[..., Any]) -> None:
    assert [h["months_ahead"] for h in asked("/v1/forecasts/NdPr?horizon=12").json()["horizons"]] == [12]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("Dy?place=ex_china", "2 months with a quote delivered outside China"),
        ("NdPr?place=china_domestic", "quotes were still too few"),
        ("NdPr?as_of=2024-02-20&place=china_domestic", "quotes were still too few"),
    ],
)
def test_where_there_is_no_forecast_the_answer_says_why(asked: Callable[..., Any], query: str, reason: str) -> None:
    answer = asked(f"/v1/forecasts/{query}").json()
    assert answer["status"] == "none"
    assert reason in answer["reason"]
    assert answer["horizons"] == []


def test_flags_tell_a_missing_quote_an_old_answer_and_a_nominal_market(asked: Callable[..., Any]) -> None:
    flags = {flag["code"] for flag in asked("/v1/forecasts/Dy").json()["flags"]}
    assert flags == {"stale_quote", "caution", "month_over"}
    assert "caution" not in {f["code"] for f in asked("/v1/forecasts/Dy?as_of=2025-01-31").json()["flags"]}


def test_old_data_are_flagged_and_refused_if_asked(client_of: Callable[..., Any], folder: Path) -> None:
    late = client_of(folder, date(2026, 7, 1))
    assert "stale_data" in {flag["code"] for flag in late.get("/v1/forecasts/NdPr").json()["flags"]}
    refused = late.get("/v1/forecasts/NdPr?max_age_days=30")
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["path"] == "max_age_days"


def test_every_fault_is_told_at_once(asked: Callable[..., Any]) -> None:
    refused = asked("/v1/forecasts/Nd?place=fob&horizon=25&format=pdf&as_of=1890-01-01&horizn=1")
    assert refused.status_code == 422
    faults = {fault["path"]: fault for fault in refused.json()["faults"]}
    assert sorted(faults) == ["as_of", "format", "horizn", "horizon", "material", "place"]
    assert faults["place"]["nearest"] == "fob_china"
    assert faults["horizn"]["nearest"] == "horizon"


def test_csv_has_a_row_a_month_and_the_numbers_of_the_json(asked: Callable[..., Any]) -> None:
    answered = asked("/v1/forecasts/NdPr?format=csv")
    assert answered.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answered.text)))
    horizons = asked("/v1/forecasts/NdPr").json()["horizons"]
    assert [float(row["point_usd_per_kg"]) for row in rows] == [one["point"] for one in horizons]
    assert [float(row["high_95_usd_per_kg"]) for row in rows] == [one["interval_95"][1] for one in horizons]
    none = list(csv.DictReader(io.StringIO(asked("/v1/forecasts/Dy?format=csv&place=ex_china").text)))
    assert len(none) == 1
    assert none[0]["status"] == "none"
    assert none[0]["point_usd_per_kg"] == ""


def test_the_fan_is_drawn_the_same_twice_and_says_what_it_shows(asked: Callable[..., Any]) -> None:
    drawn = asked("/v1/forecasts/NdPr?format=svg")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    for words in ("FOB China", "last quote of the month", "models served at 1 months, no skill to claim", "95 %"):
        assert words in drawn.text
    assert asked("/v1/forecasts/NdPr?format=svg").content == drawn.content
    assert asked("/v1/forecasts/NdPr?format=png").content.startswith(b"\x89PNG")
    assert "No forecast: 2 months" in asked("/v1/forecasts/Dy?format=svg&place=ex_china").text


def test_the_record_has_the_materials_own_rows_the_pooled_ones_and_bad_months(asked: Callable[..., Any]) -> None:
    answer = asked("/v1/forecasts/NdPr/record").json()
    own, pooled = answer["rows"]
    assert (own["material"], own["skill"]) == ("NdPr", "no skill")  # its band reaches 1
    assert (pooled["material"], pooled["skill"]) == ("all", "skill")
    assert (own["in_80"], own["mae_percent"], own["rmsse_high"]) == (80.0, 5.0, 1.05)
    assert answer["bad_months"][0]["off_by_percent"] == 25.0
    assert not answer["bad_months"][0]["inside_95"]
    assert answer["notes"]


def test_the_record_as_csv_and_where_there_is_none(asked: Callable[..., Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(asked("/v1/forecasts/NdPr/record?format=csv").text)))
    assert [row["rmsse"] for row in rows] == ["0.9", "0.9"]
    none = asked("/v1/forecasts/Dy/record?place=ex_china").json()
    assert (none["status"], none["rows"]) == ("none", [])
    assert "delivered outside China" in none["reason"]


def test_a_bundle_without_forecasts_says_so(client: Any) -> None:
    for path in ("/v1/forecasts/NdPr", "/v1/forecasts/NdPr/record"):
        answer = client.get(path).json()
        assert answer["status"] == "none"
        assert "train again" in answer["reason"]


def test_a_bundle_of_the_schema_before_is_read_and_holds_no_forecast(folder: Path, tmp_path: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["schema"] == SCHEMA
    for name in manifest["files"]:
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    del manifest["files"]["forecasts.json"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"schema": "3"}))
    assert read_bundle(tmp_path).forecasts == {}
    assert read_bundle(folder).forecasts == published()


@pytest.mark.parametrize(("view", "code"), [("whole", "private.forecast"), ("withheld", "withheld.forecast")])
def test_whoever_asks_is_told_about_private_data(bundle: Bundle, view: str, code: str) -> None:
    entry = {"view": view, "markets": {}, "wedge_parts": {}, "references": {}, "costs": False}
    book = Book(PublishedModel(replace(bundle, parameters={PARAMETER: entry}), "1", "folder"))
    assert [flag.code for flag in privacy_flags(book)] == [code]


def test_the_command_line_prints_the_services_bytes(
    folder: Path,
    asked: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(folder))
    question = ["forecast", "NdPr", "--as-of", "2026-01-31"]

    def said(*words: str) -> bytes:
        assert cli.app([*question, *words]) == 0
        return capfdbinary.readouterr().out

    over_http = "/v1/forecasts/NdPr?as_of=2026-01-31"
    assert said("--json").rstrip(b"\n") == asked(over_http).content
    assert said("--csv") == asked(f"{over_http}&format=csv").content
    said("--plot", str(tmp_path / "fan.svg"))
    assert (tmp_path / "fan.svg").read_bytes() == asked(f"{over_http}&format=svg").content
    assert cli.app([*question, "--plot", "fan.pdf"]) == 2
    assert cli.app(["forecast", "NdPr", "--record", "--json"]) == 0
    assert capfdbinary.readouterr().out.rstrip(b"\n") == asked("/v1/forecasts/NdPr/record").content


def test_a_person_reads_what_is_served_what_may_be_claimed_and_worst_months(
    asked: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    show(on_screen(asked("/v1/forecasts/NdPr").json()))
    shown = capsys.readouterr().out
    assert "3 to 24 months ahead: the last quote is served; no skill" in shown
    assert "! No quote of 2026-02" in shown
    show(on_screen(asked("/v1/forecasts/Dy?place=ex_china").json()))
    assert "No forecast: 2 months" in capsys.readouterr().out
    show(record_on_screen(asked("/v1/forecasts/NdPr/record").json()))
    shown = capsys.readouterr().out
    assert "0.900" in shown
    assert "+25 %" in shown
    show(record_on_screen(asked("/v1/forecasts/Dy/record?place=ex_china").json()))
    assert "No record: 2 months" in capsys.readouterr().out


def test_a_warm_forecast_is_kept_and_a_plot_is_not_kept_there(client_of: Callable[..., Any], folder: Path) -> None:
    client = client_of(folder)
    first = client.get("/v1/forecasts/NdPr?horizon=1")
    again = client.get("/v1/forecasts/NdPr?horizon=1")
    assert (again.content, dict(again.headers)) == (first.content, dict(first.headers))
