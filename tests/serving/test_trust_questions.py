"""The questions of trust that a negotiator asks, over HTTP, with champions that were really promoted.

40 "Why is it 96 when you said 92 last month?"          41 "What did you publish on 11 Mar 2026, and was it corrected?"
42 "My lawyer needs that quote again."                  43 "Chinese spot +20 % alone."
47 "How often were you right?"

Numbers by hand stand in worked_cases/trust.yaml.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
import yaml
from mlflow import MlflowClient

from features.spot_leaks import SpotLeak, SpotLeaks, spot_leaks
from pricing.bundle import Bundle, write_bundle
from pricing.bundle_tables import fair_column
from pricing.explain.lines import MODEL_VERSION
from serving import cli
from serving.app import create_app
from serving.bundle_cache import BundleCache
from serving.leaks.answer import leak_answer
from serving.mlflow_store import CHAMPION, MODEL_NAME, MlflowStore
from serving.published.editions import EDITION_FILES
from serving.settings import local_tracking_uri
from serving.watched import Cadence, Watch
from training.registry import register
from training.retrain.by_hand import let_serve, roll_back
from training.retrain.lock import Turn
from training.tracking import Fit, log_fit

from .conftest import explanation_rows
from .test_forecasts import published as forecasts

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/trust.yaml").read_text())
MADE = CASES["registry"]
ROOT = Path(__file__).parents[2]
TODAY = date(2026, 4, 10)
MEAN = fair_column("long_run", "market_economy", "mean")
EXACT = 1e-9
FEED = "the feed of April was wrong"
START_S, CHANGE_S = 120.0, 60.0


@dataclass(frozen=True)
class Registry:
    """An MLflow registry with two versions of which none serves yet."""

    uri: str

    def promote(self, version: str, because: str) -> None:
        let_serve(self.uri, version, because, Turn(datetime.now(UTC)))

    def roll_back(self, because: str) -> None:
        roll_back(self.uri, None, because, Turn(datetime.now(UTC)))

    def put_on_record(self, line: dict[str, str]) -> None:
        """Let a version serve as at some time of the past: with the line that a promotion leaves, and the alias."""
        client = MlflowClient(self.uri, self.uri)
        digest = client.get_model_version(MODEL_NAME, line["version"]).tags["bundle_digest"]
        name = f"promoted.{datetime.fromisoformat(line['at']):%Y%m%dT%H%M%S.%fZ}"
        client.set_registered_model_tag(MODEL_NAME, name, json.dumps(line | {"by": "ann", "bundle": digest}))
        client.set_registered_model_alias(MODEL_NAME, CHAMPION, line["version"])


def models(bundle: Bundle) -> Iterator[Bundle]:
    """Yield the two models of the worked case: one until January, one until February that found January dearer."""
    history = scaled(bundle.history_as_known, MADE["first"], MADE["month"])
    until = history[history["month"] <= MADE["month"]].reset_index(drop=True)
    yield replace(bundle, history_as_known=until, last_month=MADE["month"], last_day=date(2026, 2, 28))
    history = scaled(bundle.history_as_known, MADE["corrected"], MADE["month"])
    newest = (history["material"] == "NdPr") & (history["month"] == MADE["next_month"])
    history.loc[newest, MEAN] = MADE["next"]
    rows = [row for vintage in ("as_known", "latest") for row in explanation_rows(history, vintage)]
    yield replace(bundle, history_as_known=history, explanations=pd.DataFrame(rows), seed=2, forecasts=forecasts())


def scaled(history: pd.DataFrame, price: float, month: str) -> pd.DataFrame:
    """Return a history whose NdPr costs so much in a month, and other months and materials in proportion."""
    found = history.copy()
    is_it = (found["material"] == "NdPr") & (found["month"] == month)
    prices = [column for column in found if str(column).startswith(("long_run", "short_run"))]
    found[prices] = found[prices] * (price / float(found.loc[is_it, MEAN].iloc[0]))
    return found


@pytest.fixture(scope="module")
def made(bundle: Bundle, empty_registry: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a registry with both models, each logged and registered as training does."""
    MlflowStore("sqlite:///nowhere.db")  # as in a service, connections are not kept
    folder = tmp_path_factory.mktemp("trust")
    shutil.copy(empty_registry, folder)
    uri = local_tracking_uri(folder)
    for number, model in enumerate(models(replace(bundle, scenario_base={})), 1):
        scratch = folder / f"fit{number}"
        (scratch / "plots").mkdir(parents=True)
        tags = {"bundle_digest": write_bundle(model, scratch / "bundle"), "gate": "passed"}
        run = log_fit(uri, Fit(scratch / "bundle", scratch / "plots", "# card", {}, {}, tags))
        register(uri, run, tags)
    return folder / "mlflow.db"


@pytest.fixture
def registry(made: Path, tmp_path: Path) -> Registry:
    """A registry of a test's own; its files stay where they are."""
    shutil.copy(made, tmp_path / "mlflow.db")
    return Registry(local_tracking_uri(tmp_path))


@dataclass
class Service:
    """A service over a registry, in this process, that looks for another champion when it is told to."""

    asked: Any

    def get(self, path: str, **query: str) -> Any:
        answered = self.asked.get(path, params=query)
        assert answered.status_code == 200, answered.text
        return answered

    def look(self) -> None:
        self.asked.app.state.watch.look()


@pytest.fixture
def service_over(client: Any, tmp_path: Path) -> Any:
    def started(registry: Registry) -> Service:
        cache = BundleCache(tmp_path / "cache", registry.uri)
        watch = Watch(Cadence(every_s=10.0), cache)
        return Service(type(client)(create_app(MlflowStore(registry.uri, cache), lambda: TODAY, watch=watch)))

    return started


@pytest.mark.usefixtures("quick_reading")
class TestWithTwoChampions:
    """Questions 40 and 41."""

    def test_40_why_is_it_96_when_you_said_92_last_month(self, registry: Registry, service_over: Any) -> None:
        registry.promote("1", "the first")
        service = service_over(registry)
        said = service.get("/v1/prices/NdPr").json()
        assert said["fair"]["headline"]["value"] == MADE["first"]
        registry.promote("2", "a customs figure of January came late")
        service.look()
        case = CASES["bridge"]
        found = service.get("/v1/explanations/NdPr", said_in=said["quote_id"]).json()
        assert (found["first"]["fair"]["value"], found["last"]["fair"]["value"]) == (MADE["first"], MADE["next"])
        lines = {line["item"]: line["value"] for line in found["parts_of_change"]}
        assert found["change"]["value"] == pytest.approx(case["change"], abs=EXACT)
        assert sum(lines.values()) == pytest.approx(case["change"], abs=EXACT)
        assert lines.pop(MODEL_VERSION) == pytest.approx(case["model_version"], abs=EXACT)
        assert sum(lines.values()) == pytest.approx(case["step"], abs=EXACT)
        assert {"data_revision", "labour", "energy", "demand"} <= set(lines)
        assert (found["said_by"]["version"], found["model"]["version"]) == ("1", "2")

    def test_40_a_person_with_the_old_id_alone_asks_it_on_the_command_line(
        self,
        registry: Registry,
        service_over: Any,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        registry.promote("1", "the first")
        quote_id = service_over(registry).get("/v1/prices/NdPr").json()["quote_id"]
        registry.promote("2", "the second")
        monkeypatch.delenv("FAIRPRICE_BUNDLE", raising=False)
        monkeypatch.setenv("FAIRPRICE_TRACKING_URI", registry.uri)
        assert cli.app(["explain", "--quote", quote_id]) == 0
        told = " ".join(capfd.readouterr().out.split())
        assert "from 92.00 in 2026-01 to 96.00 in 2026-02, +4.00 (+4.3%)" in told
        assert cli.app(["explain", "--quote", quote_id[:-1]]) == 2
        assert "a quote id of a price" in " ".join(capfd.readouterr().err.split())

    def test_41_what_did_you_publish_on_11_march_2026_and_was_it_corrected(
        self, registry: Registry, service_over: Any
    ) -> None:
        case = CASES["published"]
        for line in case["record"]:
            registry.put_on_record(line)
        service = service_over(registry)
        found = service.get("/v1/publications/NdPr", on=case["on"]).json()
        day = found["on_the_day"]
        assert (day["what"], day["fair_long_run_usd_per_kg"], day["month"]) == (
            "published",
            MADE["first"],
            MADE["month"],
        )
        assert (day["version"], day["at"], day["by"], day["because"]) == (
            *("1", "2026-03-02T08:00:00Z", "ann", "the gate passed it"),
        )
        assert found["corrected"] is True
        for row, wanted in zip(found["changes"], case["changes"], strict=True):
            assert (row["kind"], row["at"]) == (wanted["kind"], wanted["at"])
            assert row["fair_long_run_usd_per_kg"] == wanted["value"]
            assert row["change_long_run_usd_per_kg"] == pytest.approx(wanted["change"], abs=EXACT)
            assert row["change_long_run_percent"] == pytest.approx(wanted["percent"], abs=1e-4)
        correction, rollback = found["changes"]
        assert (correction["because"], correction["withdrawn"]) == (
            *("a customs figure of January came late", "the customs figure was a typing error"),
        )
        assert (correction["differs"], rollback["version"]) == ("seed", "1")
        assert service.get(f"/v1/quotes/{day['quote_id']}").json()["fair"]["headline"]["value"] == MADE["first"]

    def test_41_the_month_that_was_withdrawn_and_the_day_before_any_record_say_so(
        self, registry: Registry, service_over: Any
    ) -> None:
        case = CASES["published"]
        for line in case["record"]:
            registry.put_on_record(line)
        service = service_over(registry)
        found = service.get("/v1/publications/NdPr", on="2026-03-24").json()
        assert (found["month"], found["on_the_day"]["fair_long_run_usd_per_kg"]) == (MADE["next_month"], MADE["next"])
        assert [row["kind"] for row in found["changes"]] == ["withdrawn by rollback"]
        assert found["now"]["fair_long_run_usd_per_kg"] is None
        before = service.get("/v1/publications/NdPr", on="2026-03-01").json()
        assert (before["on_the_day"]["what"], before["corrected"]) == ("replayed", None)
        assert "begins at 2026-03-02T08:00:00Z" in before["flags"][0]["text"]

    def test_41_a_later_promotion_adds_a_line_and_changes_none(self, registry: Registry, service_over: Any) -> None:
        case, before = CASES["published"], []
        for number, line in enumerate(case["record"]):
            registry.put_on_record(line)
            rows = list(csv.DictReader(io.StringIO(service_over(registry).get(
                "/v1/publications/NdPr", on=case["on"], format="csv").text)))  # fmt: skip
            kept = [row | {"withdrawn": ""} for row in rows]  # a rollback tells on the line before why it is gone
            assert kept[: len(before)] == before
            before = kept[:-1]  # the last is what is in force now
            assert len(before) == 2 + number

    def test_41_what_a_person_said_of_a_refused_version_stays_as_he_said_it_after_a_rollback_to_it(
        self, registry: Registry, service_over: Any
    ) -> None:
        client = MlflowClient(registry.uri, registry.uri)
        for name, value in {"gate": "refused", "gate_reasons": "worse in Tb"}.items():
            client.set_model_version_tag(MODEL_NAME, "1", name, value)
        told: list[list[dict[str, str]]] = []
        service = None
        for change in (
            lambda: registry.promote("1", "checked by ann: the tariff"),
            lambda: registry.promote("2", "more data"),
            lambda: registry.roll_back(FEED),
        ):
            change()
            client.set_model_version_tag(MODEL_NAME, "1", "gate_reasons", "what a later judgement found")
            service = service or service_over(registry)
            service.look()
            text = service.get("/v1/publications/NdPr", month=MADE["month"], format="csv").text
            rows = csv.DictReader(io.StringIO(text))
            told.append([row | {"withdrawn": ""} for row in rows if row["what"] in ("first", "change")])
        first, correction, _ = told[-1]
        assert (told[0], told[1]) == ([first], [first, correction])
        assert [(row["because"], row["against"], row["promoted_anyway"]) for row in told[-1]] == [
            ("checked by ann: the tariff", "worse in Tb", "checked by ann: the tariff"),
            ("more data", "", ""),
            (f"rollback: {FEED}", "what a later judgement found", f"rollback: {FEED}"),
        ]

    def test_41_promotions_of_one_second_are_told_in_their_order_and_an_edited_reason_is_flagged(
        self, registry: Registry, service_over: Any
    ) -> None:
        registry.promote("1", "the first")
        registry.promote("2", "the second")
        client = MlflowClient(registry.uri, registry.uri)
        tags = client.get_registered_model(MODEL_NAME).tags
        one, two = sorted((name for name in tags if name.startswith("promoted.")), key=lambda name: name[-1])
        assert [json.loads(tags[name])["number"] for name in (one, two)] == [1, 2]
        service = service_over(registry)
        assert service.get("/v1/publications/NdPr", month=MADE["month"]).json()["flags"][1:] == []
        client.set_registered_model_tag(MODEL_NAME, one, tags[one].replace("the first", "another"))
        found = service.get("/v1/publications/NdPr", month=MADE["month"]).json()
        told = [flag["text"] for flag in found["flags"] if flag["code"] == "record_altered"]
        altered = "line 1 is not as it was when line 2 was written"
        assert told == [f"The record of promotions is not as it was written: {altered}."]

    def test_41_files_gone_from_the_artifact_store_are_named_by_version_and_only_few_are_fetched(
        self, registry: Registry, made: Path, service_over: Any
    ) -> None:
        for line in CASES["published"]["record"][:2]:
            registry.put_on_record(line)
        service = service_over(registry)
        artifacts, gone = made.parent / "artifacts", made.parent / "gone"
        artifacts.rename(gone)
        try:
            found = service.get("/v1/publications/NdPr", on="2026-03-24").json()
        finally:
            gone.rename(artifacts)
        (unread,) = found["unread"]
        assert (unread["version"], unread["until"]) == ("1", "2026-03-23T05:15:00Z")
        assert "its files cannot be fetched" in unread["why"]
        assert (found["on_the_day"]["version"], found["on_the_day"]["what"]) == ("2", "published")
        digest = service.get("/v1/models").json()["versions"][0]["bundle"]
        assert set(MlflowStore(registry.uri).files(digest, EDITION_FILES)) == {"manifest.json", *EDITION_FILES}

    def test_41_models_say_what_served_when_why_and_what_took_it_out_of_service(
        self, registry: Registry, service_over: Any
    ) -> None:
        registry.promote("1", "the first")
        registry.promote("2", "more data")
        registry.roll_back("a typing error")
        listed = service_over(registry).get("/v1/models").json()["versions"]
        first, second = listed
        assert [(span["because"], span["withdrawn"]) for span in second["served"]] == [("more data", "a typing error")]
        assert [(span["because"], span["until"] is None) for span in first["served"]] == [
            ("the first", False),
            ("rollback: a typing error", True),
        ]


# --- 42 -----------------------------------------------------------------------------------------------------------


@contextmanager
def running(uri: str, cache: Path) -> Iterator[httpx.Client]:
    """Run the service as `uvicorn` runs it and yield a client of it."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("FAIRPRICE_", "MLFLOW_"))}
    more = {"TRACKING_URI": uri, "WATCH_SECONDS": "0.1", "BUNDLE_CACHE": str(cache), "SCENARIOS": str(cache / "asked")}
    environment = own | {f"FAIRPRICE_{name}": value for name, value in more.items()}
    options = ["--factory", "serving.server:application", "--port", str(port), "--no-access-log"]
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", *options, "--log-level", "error"], env=environment, cwd=ROOT
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            until(client, None, START_S)
            yield client
    finally:
        process.terminate()
        process.wait()


def until(client: httpx.Client, version: str | None, most_s: float = CHANGE_S) -> None:
    """Wait until a service is ready, with a version."""
    deadline = time.monotonic() + most_s
    while time.monotonic() < deadline:
        try:
            ready = client.get("/ready")
            if ready.status_code == 200 and version in (None, ready.json()["version"]):
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail(f"version {version} is not ready")


@pytest.mark.slow
def test_42_the_same_id_gives_the_same_bytes_after_retraining_promotion_rollback_and_a_restart(
    registry: Registry, tmp_path: Path
) -> None:
    registry.promote("1", "the first")
    with running(registry.uri, tmp_path / "kept") as client:
        kept = {}

        def ask_both() -> None:
            """Ask for a price and a floor, and keep the bytes by quote id."""
            for answered in (
                client.get("/v1/prices/NdPr", params={"currency": "CNY", "unit": "t"}),
                client.post("/v1/scenarios", json=FLOOR),
            ):
                assert answered.status_code == 200, answered.text
                kept[answered.json()["quote_id"]] = answered.content

        def same() -> bool:
            return all(client.get(f"/v1/quotes/{quote}").content == body for quote, body in kept.items())

        ask_both()
        registry.promote("2", "retrained")
        until(client, "2")
        ask_both()
        assert len(kept) == 4
        assert same()
        registry.roll_back("a typing error")
        until(client, "1")
        assert same()
    for cache in (tmp_path / "kept", tmp_path / "empty"):  # a restart with what was kept here, and without
        with running(registry.uri, cache) as client:
            assert {quote: client.get(f"/v1/quotes/{quote}").content for quote in kept} == kept


FLOOR = {
    "material": "NdPr",
    "floor": {
        "amount": 110,
        "basis": "oxide ex VAT",
        "reference": "own_index",
        "from": "2026-01-01",
        "to": "2026-03-31",
        "tonnes_per_year": 4024,
    },
    "deck": {"flat": 68.0},
}


# --- 43 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("material", ["NdPr", "Dy", "Tb"])
@pytest.mark.parametrize("rise", [20.0, -20.0])
def test_43_chinese_spot_alone_over_a_month_or_a_year_moves_the_fair_price_by_no_more_than_the_limit_with_every_seed(
    client: Any, material: str, rise: float
) -> None:
    found = client.get(f"/v1/leaks/{material}").json()
    alone = [row for row in found["rows"] if row["market"] == "china" and row["rise_percent"] == rise]
    kept = {row["when"]: row["verdict"] for row in alone}
    assert kept.pop("all months") != "within" or material == "NdPr"  # all of history at once is not kept by all seeds
    assert kept == dict.fromkeys(["last month", "last 12 months", "last full year of evidence"], "within")
    assert all(f"{row['leak_percent']:+.1f} %" in " ".join(found["words"]) for row in found["rows"])


def test_43_the_verdict_is_that_of_every_seed_and_what_is_not_within_is_flagged(client: Any) -> None:
    seen = set()
    for material in ("NdPr", "Dy", "Tb"):
        found = client.get(f"/v1/leaks/{material}").json()
        told = {flag["code"]: flag["text"] for flag in found["flags"]}
        for row, measured in zip(found["rows"], spot_leaks().rows, strict=True):
            kept = [abs(leak) <= spot_leaks().limit for leak in measured.leak[material]]
            verdict = "within" if all(kept) else ("cannot be told" if any(kept) else "missed")
            assert row["verdict"] == verdict
            assert row["leak_low_percent"] <= row["leak_percent"] <= row["leak_high_percent"]
            seen.add(verdict)
            for code, flagged in (("leak_beyond_limit", "missed"), ("leak_cannot_be_told", "cannot be told")):
                named = f"{row['market']} {row['rise_percent']:+g} % ({row['when']})"
                assert (named in told.get(code, "")) is (verdict == flagged)
    assert seen == {"within", "missed", "cannot be told"}


@pytest.mark.parametrize("move", CASES["leak"]["moves"])
def test_43_within_and_beyond_the_limit_by_hand(desk: Any, move: dict[str, Any]) -> None:
    row = SpotLeak("china", 0.20, 12, "last 12 months", {"NdPr": move["leaks"]})
    measured = SpotLeaks("d" * 64, "2026-02", "1", 1024, [1, 2], CASES["leak"]["limit"], (row,))
    (found,) = leak_answer(desk.book, measured, desk.book.materials[0]).rows
    assert (found.leak_percent, found.leak_low_percent, found.leak_high_percent) == tuple(move["percent"])
    assert found.verdict == move["verdict"]


def test_43_what_was_measured_on_other_data_says_so(client: Any) -> None:
    found = client.get("/v1/leaks/NdPr").json()
    assert found["measured_on"]["same_data"] is False  # the model of the tests is made up
    told = {flag["code"]: flag["text"] for flag in found["flags"]}
    assert "with 1,024 draws and seeds 1, 2, 3, which is not" in told["measured_on_another_model"]
    assert found["measured_on"]["draws"] == spot_leaks().draws


@pytest.mark.parametrize("name", ["market.china", "spot.china", "china_spot", "price"])
def test_43_a_scenario_that_takes_a_market_price_for_a_lever_is_told_where_the_leak_stands(
    client: Any, name: str
) -> None:
    body = {"overrides": [{"lever": name, "scale": 1.2}, {"lever": "wages.chna", "scale": 1.1}]}
    first, second = client.post("/v1/scenarios", json=body).json()["faults"]
    assert (first["path"], "GET /v1/leaks/" in first["allowed"]) == ("overrides.0.lever", True)
    assert second["nearest"] == "wages.china"  # other names are refused as before


def test_43_both_doors_say_the_same(
    client: Any, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(bundle_folder))
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.app(["leak", "Tb", "--json"]) == 0
    assert capfd.readouterr().out == client.get("/v1/leaks/Tb").text + "\n"
    assert cli.app(["leak", "Tb"]) == 0
    out = capfd.readouterr().out
    assert "MISSED" in out
    assert max(map(len, out.splitlines())) <= 80


# --- 47 -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("quick_reading")
def test_47_how_often_were_you_right_with_the_months_that_went_badly(registry: Registry, service_over: Any) -> None:
    for line in CASES["published"]["record"][:2]:
        registry.put_on_record(line)
    service = service_over(registry)
    record = service.get("/v1/forecasts/NdPr/record").json()
    assert {"in_50", "in_80", "in_95", "rmsse", "rmsse_low", "windows", "skill"} <= set(record["rows"][0])
    assert record["bad_months"]
    assert {row["months_ahead"] for row in record["rows"]} == {row["months_ahead"] for row in record["bad_months"]}
    board = service.get("/v1/scoreboard", material="NdPr").json()
    assert board["fair"]["revisions"]
    assert board["fair"]["largest_revisions"]
    headline = [row for row in record["rows"] if (row["material"], row["origins"]) == ("NdPr", "headline")]
    assert board["forecasts"][0]["rows"] == headline
    assert (
        service.get("/v1/scoreboard", material="NdPr", kind="forecast").json()["forecasts"][0]["rows"] == record["rows"]
    )
    rows = service.get("/v1/scoreboard", material="NdPr", kind="fair").json()["fair_rows"]
    said = {row["month"]: (row["said"], row["published_by"], row["fair_long_run_usd_per_kg"]) for row in rows}
    assert said[MADE["month"]] == ("published", "1", MADE["first"])  # as it was said, not as corrected
    assert said[MADE["next_month"]] == ("published", "2", MADE["next"])
    assert said["2025-12"][0] == "replayed"
