"""The champion of an MLflow registry is watched: what served when, an outage, a start without it, and no torn read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from pricing.bundle import Bundle, write_bundle
from pricing.errors import BundleError, MissingModelError
from serving import cli
from serving.app import create_app
from serving.bundle_cache import BundleCache
from serving.mlflow_store import REST_S, MlflowStore
from serving.settings import local_tracking_uri
from serving.watched import Cadence, Watch
from training.registry import promote, register
from training.tracking import Fit, LoggedRun, log_fit

pytestmark = pytest.mark.usefixtures("quick_reading")

TODAY = date(2026, 4, 10)
NOBODY = "http://127.0.0.1:9"  # no server listens there
READERS, READS, PROMOTIONS = 3, 4, 8


@dataclass(frozen=True)
class Registry:
    """A registry with two versions, and a run whose bundle may be registered again."""

    uri: str
    database: Path
    digests: dict[str, str]
    runs: dict[str, LoggedRun]

    def register(self, version: str) -> str:
        """Register the bundle of a version once more and return its new version."""
        return register(self.uri, self.runs[version], {"bundle_digest": self.digests[version]}).version


@pytest.fixture(scope="module")
def made(bundle: Bundle, empty_registry: Path, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    MlflowStore("sqlite:///nowhere.db")  # as in a service, connections are not kept: the file may be another next time
    folder = tmp_path_factory.mktemp("watched")
    shutil.copy(empty_registry, folder)
    found = Registry(local_tracking_uri(folder), folder / "mlflow.db", {}, {})
    for seed in (1, 2):
        scratch = folder / f"fit{seed}"
        (scratch / "plots").mkdir(parents=True)
        digest = write_bundle(replace(bundle, seed=seed, scenario_base={}), scratch / "bundle")
        tags = {"bundle_digest": digest, "gate": "passed"}
        run = log_fit(found.uri, Fit(scratch / "bundle", scratch / "plots", "# card", {}, {}, tags))
        version = register(found.uri, run, tags).version
        found.digests[version], found.runs[version] = digest, run
    return found


@pytest.fixture
def registry(made: Registry) -> Iterator[Registry]:
    """The registry with its first version serving; its file is where it belongs after the test."""
    promote(made.uri, "1", by="ann")
    yield made
    away = made.database.with_suffix(".away")
    if away.exists():
        away.rename(made.database)


def take_away(registry: Registry) -> None:
    registry.database.rename(registry.database.with_suffix(".away"))


def bring_back(registry: Registry) -> None:
    registry.database.with_suffix(".away").rename(registry.database)


def service(client: Any, registry: Registry, folder: Path) -> Any:
    """Return a client of a service over the registry that keeps bundles in a folder."""
    cache = BundleCache(folder, registry.uri)
    watch = Watch(Cadence(every_s=10.0), cache)
    return type(client)(create_app(MlflowStore(registry.uri, cache), lambda: TODAY, watch=watch))


def test_a_promotion_and_a_rollback_are_taken_up_and_listed(client: Any, registry: Registry, tmp_path: Path) -> None:
    asked = service(client, registry, tmp_path)
    seen = [asked.get("/ready").json()["version"]]
    for version in ("2", "1"):
        promote(registry.uri, version, by="bob")
        asked.app.state.watch.look()
        seen.append(asked.get("/ready").json()["version"])
    assert seen == ["1", "2", "1"]
    first, second = asked.get("/v1/models").json()["versions"][:2]
    assert (first["champion"], first["serving"], second["serving"]) == (True, True, False)
    assert [span["until"] is None for span in first["served"]][-1:] == [True]
    last = second["served"][-1]
    assert (last["by"], last["until"], second["gate"]) == ("bob", first["served"][-1]["since"], "passed")


def test_the_command_line_lists_the_same(
    client: Any, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FAIRPRICE_BUNDLE", raising=False)
    monkeypatch.setenv("FAIRPRICE_TRACKING_URI", registry.uri)
    assert cli.app(["models"]) == 0
    assert json.loads(capfd.readouterr().out) == service(client, registry, tmp_path).get("/v1/models").json()


def test_an_outage_of_the_registry_costs_nothing_that_is_asked(client: Any, registry: Registry, tmp_path: Path) -> None:
    asked = service(client, registry, tmp_path)
    older = asked.get("/v1/prices/NdPr")
    promote(registry.uri, "2")
    asked.app.state.watch.look()
    take_away(registry)
    asked.app.state.watch.look()
    ready = asked.get("/ready")
    assert (ready.status_code, ready.json()["status"], ready.json()["version"]) == (200, "degraded", "2")
    assert "missing or empty" in ready.json()["watch"]["away"]["why"]
    assert asked.get("/v1/prices/Dy").json()["model"]["bundle"] == registry.digests["2"]
    assert asked.get(f"/v1/quotes/{older.json()['quote_id']}").content == older.content
    listed = asked.get("/v1/models").json()
    assert [one["version"] for one in listed["versions"]][:2] == ["1", "2"]
    assert listed["away"]["tries"] == 1
    assert not registry.database.exists(), "asking must not make a file"
    bring_back(registry)
    asked.app.state.watch.look()
    assert asked.get("/ready").json()["status"] == "ready"


def test_a_start_while_the_registry_is_away_serves_what_was_kept(
    client: Any, registry: Registry, tmp_path: Path
) -> None:
    before = service(client, registry, tmp_path).get("/v1/prices/NdPr").content
    take_away(registry)
    asked = service(client, registry, tmp_path)
    assert asked.get("/v1/prices/NdPr").content == before
    assert asked.get("/ready").json()["status"] == "degraded"
    assert [one["version"] for one in asked.get("/v1/models").json()["versions"]] == ["1"]
    without = service(client, registry, tmp_path / "empty")
    assert without.get("/ready").status_code == 503
    with pytest.raises(MissingModelError):
        MlflowStore(registry.uri).champion()


def test_files_gone_from_the_artifact_store_are_told_and_the_old_model_serves(
    client: Any, registry: Registry, tmp_path: Path
) -> None:
    asked = service(client, registry, tmp_path)
    artifacts = registry.database.parent / "artifacts"
    artifacts.rename(registry.database.parent / "gone")
    try:
        promote(registry.uri, "2")
        asked.app.state.watch.look()
        ready = asked.get("/ready").json()
        assert (ready["status"], ready["version"], ready["watch"]["refused"]["version"]) == ("degraded", "1", "2")
        assert asked.get("/v1/prices/NdPr").status_code == 200
    finally:
        (registry.database.parent / "gone").rename(artifacts)


def test_reading_while_versions_are_registered_and_promoted_never_finds_a_torn_one(registry: Registry) -> None:
    ended = Event()

    def write() -> None:
        try:
            for number in range(PROMOTIONS):
                version = str(number % 2 + 1)
                promote(registry.uri, registry.register(version) if number % 4 == 0 else version)
        finally:
            ended.set()

    def read(_number: int) -> list[tuple[str, str]]:
        store, found = MlflowStore(registry.uri), []
        while len(found) < READS or not ended.is_set():
            model = store.champion()
            found.append((model.digest, store.serving().digest))
        return found

    with ThreadPoolExecutor(READERS + 1) as pool:
        writing = pool.submit(write)
        seen = [digests for reading in pool.map(read, range(READERS)) for digests in reading]
    writing.result()
    assert {digest for digests in seen for digest in digests} == set(registry.digests.values())


def test_a_database_that_breaks_where_it_is_asked_is_a_registry_that_is_away(
    client: Any, registry: Registry, tmp_path: Path
) -> None:
    asked = service(client, registry, tmp_path)
    take_away(registry)
    registry.database.write_bytes(b"no database" * 500)
    try:
        asked.app.state.watch.look()
        assert asked.get("/ready").json()["status"] == "degraded"
        with pytest.raises(BundleError):
            MlflowStore(registry.uri).serving()
    finally:
        registry.database.unlink()


def test_a_registry_that_was_silent_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    clock_s = [0.0]
    store = MlflowStore(NOBODY, clock_s=lambda: clock_s[0])
    with pytest.raises(BundleError, match="does not answer"):
        store.serving()
    monkeypatch.setattr(store, "_opened", lambda: None)  # whoever asks now breaks
    with pytest.raises(BundleError, match="does not answer"):
        store.serving()
    clock_s[0] = REST_S
    with pytest.raises(AttributeError):
        store.serving()
