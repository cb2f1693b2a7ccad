"""A bundle kept on this machine is the one that was fetched, or it is not kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pricing.bundle import Bundle, read_bundle, write_bundle
from pricing.errors import InputError
from pricing.withheld import PARAMETER, WHOLE, Withheld
from serving.bundle_cache import BundleCache
from serving.model_store import PublishedModel
from serving.promotions import Promotion, promotions, spans
from serving.settings import Settings, read_settings
from serving.watched import Cadence, Watch

pytestmark = pytest.mark.usefixtures("quick_reading")

REGISTRY = "postgresql://ann:hunter2@registry/fairprice"


@pytest.fixture(scope="module")
def fetched(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fetched") / "bundle"
    write_bundle(replace(bundle, scenario_base={}), folder)
    return folder


def kept(cache: BundleCache, folder: Path, version: str = "3") -> PublishedModel:
    model = PublishedModel(read_bundle(folder), version, "MLflow registry")
    cache.keep(folder, model)
    return model


def test_the_last_model_that_served_is_found_again_by_the_registry_it_came_from(fetched: Path, tmp_path: Path) -> None:
    cache = BundleCache(tmp_path, REGISTRY)
    model = kept(cache, fetched)
    assert cache.last() is None
    cache.remember(model)
    last = BundleCache(tmp_path, REGISTRY).last()
    assert last is not None
    assert (last.version, last.source, last.digest) == ("3", "MLflow registry", model.digest)
    assert BundleCache(tmp_path, "sqlite:///another.db").last() is None


def test_an_older_model_is_found_by_the_start_of_its_digest(fetched: Path, tmp_path: Path) -> None:
    cache = BundleCache(tmp_path, REGISTRY)
    model = kept(cache, fetched)
    found = cache.by_digest(model.digest[:12])
    assert found is not None
    assert (found.version, found.digest) == ("3", model.digest)
    assert cache.by_digest("0" * 12) is None


def test_a_kept_bundle_that_was_altered_is_not_served_and_is_replaced_by_the_next_fetch(
    fetched: Path, tmp_path: Path
) -> None:
    cache = BundleCache(tmp_path, REGISTRY)
    digest = kept(cache, fetched).digest
    table = tmp_path / "bundles" / digest / "fx.csv"
    table.write_text(table.read_text().replace("7.0", "8.0"))
    assert (cache.read(digest), cache.by_digest(digest)) == (None, None)
    kept(cache, fetched)
    assert cache.read(digest) is not None


@pytest.mark.parametrize("note", ["", "{}", "[1]", '{"version": "3"}', "\x00"])
def test_a_note_that_was_torn_counts_as_none(fetched: Path, tmp_path: Path, note: str) -> None:
    cache = BundleCache(tmp_path, REGISTRY)
    cache.remember(kept(cache, fetched))
    for path in (tmp_path / "notes").glob("*/[0-9a-f]*"):
        path.write_text(note)
    assert cache.last() is None


def test_the_bundles_used_longest_ago_leave_and_the_one_that_served_last_stays(bundle: Bundle, tmp_path: Path) -> None:
    cache = BundleCache(tmp_path / "cache", REGISTRY, most=1)
    digests = []
    for seed in range(3):
        folder = tmp_path / str(seed)
        write_bundle(replace(bundle, seed=seed, scenario_base={}), folder)
        model = kept(cache, folder, str(seed))
        digests.append(model.digest)
        if seed == 0:
            cache.remember(model)
    assert {path.name for path in (tmp_path / "cache" / "bundles").iterdir()} == {digests[0], digests[2]}


def test_what_holds_private_values_is_never_kept(bundle: Bundle, tmp_path: Path) -> None:
    entry = Withheld({"as_known": {}, "latest": {}}, {"as_known": {}, "latest": {}}, {}, costs=False).entry(WHOLE)
    write_bundle(replace(bundle, scenario_base={}, parameters={PARAMETER: entry}), tmp_path / "whole")
    kept(BundleCache(tmp_path / "cache", REGISTRY), tmp_path / "whole")
    assert not (tmp_path / "cache").exists()


def test_no_address_of_a_registry_is_written_down(fetched: Path, tmp_path: Path) -> None:
    cache = BundleCache(tmp_path, REGISTRY)
    cache.remember(kept(cache, fetched))
    assert not [path for path in tmp_path.rglob("*") if "hunter2" in path.name]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


def test_a_folder_that_cannot_be_written_to_costs_the_cache_and_no_more(fetched: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = BundleCache(tmp_path / "file", REGISTRY)
    cache.remember(kept(cache, fetched))
    assert cache.last() is None


def test_the_record_says_from_when_to_when_a_version_was_the_champion() -> None:
    record = [Promotion("1", "08:00", "ann"), Promotion("2", "09:00", "bob"), Promotion("1", "10:00", "cy")]
    found = spans(record)
    assert [(span.since, span.until, span.by) for span in found["1"]] == [
        ("08:00", "09:00", "ann"),
        ("10:00", None, "cy"),
    ]
    assert [(span.since, span.until) for span in found["2"]] == [("09:00", "10:00")]


def test_a_line_that_cannot_be_read_is_told_by_the_last_one_that_can() -> None:
    said = json.dumps({"version": "2", "at": "2026-11-26T04:30:00Z", "by": "ann"})
    tags = {"promoted.2": said, "promoted.1": "ann", "promoted.0": "{}", "promoted.3": "[]", "note": said}
    told = "line 0 cannot be read; line 1 cannot be read; line 3 cannot be read"
    assert promotions(tags) == [Promotion("2", "2026-11-26T04:30:00Z", "ann", altered=told)]


def test_settings_say_how_often_to_look_and_where_bundles_are_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FAIRPRICE_BUNDLE", raising=False)
    monkeypatch.setenv("FAIRPRICE_BUNDLE_CACHE", str(tmp_path))
    monkeypatch.setenv("FAIRPRICE_TRACKING_URI", REGISTRY)
    monkeypatch.setenv("FAIRPRICE_WATCH_SECONDS", "30")
    watched = Settings().watch
    assert watched == Watch(Cadence(every_s=30.0), BundleCache(tmp_path, REGISTRY))
    monkeypatch.setenv("FAIRPRICE_WATCH_SECONDS", "0")
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(tmp_path))
    assert (Settings().watch.cadence, Settings().cache) == (None, None)


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf", "soon"])
def test_a_time_between_looks_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, seconds: str) -> None:
    monkeypatch.setenv("FAIRPRICE_WATCH_SECONDS", seconds)
    with pytest.raises(InputError, match="FAIRPRICE_WATCH_SECONDS: found"):
        read_settings()
