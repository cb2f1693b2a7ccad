"""Another champion is put in use whole: probed before, told where it is refused, and the old one freed after."""

from __future__ import annotations

import gc
import json
import logging
import shutil
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pricing.bundle import MANIFEST, Bundle, write_bundle
from pricing.errors import BundleError
from pricing.withheld import PARAMETER, WHOLE, Withheld
from serving.app import create_app
from serving.champion_watch import ChampionWatch
from serving.model_store import DirectoryStore, PublishedModel
from serving.probe import probe
from serving.rights import Access, Desks, Office, Readers
from serving.watched import Cadence, NothingKept, Watch

pytestmark = pytest.mark.usefixtures("quick_reading")

TODAY = date(2026, 4, 10)
READERS = Readers.of("b9f195c5cc7ef6afadbfbc42892ad47d3b24c6bc94bb510c4564a90a14e8b799")
EVERY_S = 10
NOTHING: dict[str, Any] = {"as_known": {}, "latest": {}}
SCENARIO = {"material": "NdPr", "floor": {
    "amount": 110, "basis": "oxide ex VAT", "reference": "own_index", "from": "2026-01-01", "to": "2026-03-31",
    "tonnes_per_year": 4024}, "deck": {"flat": 68.0}}  # fmt: skip


def scaled(bundle: Bundle, ratio: float) -> Bundle:
    """Return a bundle with other fair prices, and so another digest."""
    history = bundle.history_as_known.copy()
    prices = [column for column in history if str(column).startswith("long_run")]
    history[prices] = history[prices] * ratio
    return replace(bundle, history_as_known=history, scenario_base={})


@dataclass
class Place:
    """A folder of bundles of which a file names the champion."""

    folder: Path
    digests: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, bundle: Bundle) -> str:
        self.digests[name] = write_bundle(bundle, self.folder / name)
        return self.digests[name]

    def promote(self, name: str) -> None:
        (self.folder / "champion").write_text(name)

    @property
    def store(self) -> DirectoryStore:
        return DirectoryStore(self.folder)


@pytest.fixture(scope="module")
def written(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Two bundles, `low` serving and `high` with prices a tenth higher."""
    found = Place(tmp_path_factory.mktemp("written"))
    found.add("low", scaled(bundle, 1.0))
    found.add("high", scaled(bundle, 1.1))
    found.promote("low")
    return found


@pytest.fixture
def place(written: Place, tmp_path: Path) -> Place:
    """The two bundles in a folder that a test may damage."""
    return Place(Path(shutil.copytree(written.folder, tmp_path / "models")), dict(written.digests))


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 4, 10, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Kept:
    """A last good model in memory."""

    model: PublishedModel | None = None

    def remember(self, model: PublishedModel) -> None:
        self.model = model

    def last(self) -> PublishedModel | None:
        return self.model


def watching(place: Place, clock: Clock | None = None, kept: Any = None, access: Access | None = None) -> ChampionWatch:
    office = Office.over(place.store, lambda: TODAY, access or Access())
    watch = Watch(Cadence(every_s=EVERY_S, jitter=0.0), kept or NothingKept())
    return ChampionWatch(office, watch, clock or Clock(), lambda: 0.5)


def bundle_of(watch: ChampionWatch) -> str:
    return watch.in_use.now.desks.public.book.model.digest


@pytest.fixture
def served(client: Any, place: Place) -> tuple[Any, ChampionWatch]:
    """A client of a service that watches, and its watch, which the test moves by hand."""
    app = create_app(place.store, lambda: TODAY, watch=Watch(Cadence(every_s=EVERY_S)))
    return type(client)(app), app.state.watch


def test_another_champion_answers_from_the_look_after_its_promotion(served: Any, place: Place) -> None:
    client, watch = served
    first = client.get("/v1/prices/NdPr").json()
    place.promote("high")
    assert client.get("/v1/prices/NdPr").json() == first
    watch.look()
    second = client.get("/v1/prices/NdPr").json()
    assert [first["model"]["bundle"], second["model"]["bundle"]] == [place.digests["low"], place.digests["high"]]
    assert second["fair"]["headline"]["value"] == pytest.approx(1.1 * first["fair"]["headline"]["value"], rel=1e-3)


def test_a_kept_answer_leaves_with_its_model_and_returns_with_it(served: Any, place: Place) -> None:
    client, watch = served
    found = []
    for name in ("low", "high", "low"):
        place.promote(name)
        watch.look()
        found.append([client.get("/v1/prices/NdPr").content for _ in range(2)])
    assert [first == second for first, second in found] == [True] * 3
    assert found[0] == found[2] != found[1]


def test_a_request_in_flight_ends_on_the_model_it_began_with(place: Place) -> None:
    watch = watching(place)
    taken = watch.in_use.now
    place.promote("high")
    watch.look()
    assert watch.in_use.now is not taken
    assert taken.desks.public.book.model.digest == place.digests["low"]
    assert place.digests["low"].encode() in taken.desks.public.price("Dy", ())


def test_the_model_before_is_freed_once_nothing_answers_from_it(place: Place) -> None:
    watch = watching(place)
    before = [weakref.ref(watch.in_use.now), weakref.ref(watch.in_use.now.desks.public.book)]
    gc.disable()  # what is freed is freed by the watch
    try:
        for name in ("high", "low"):
            place.promote(name)
            watch.look()
        watch.look()
        assert [one() for one in before] == [None, None]
    finally:
        gc.enable()
    assert bundle_of(watch) == place.digests["low"]


def test_ids_of_older_models_are_answered_after_any_changes(served: Any, place: Place) -> None:
    client, watch = served
    price = client.get("/v1/prices/NdPr").json()
    floor = client.post("/v1/scenarios", json=SCENARIO).json()
    given = {one["quote_id"]: client.get(f"/v1/quotes/{one['quote_id']}").content for one in (price, floor)}
    for name in ("high", "low", "high"):
        place.promote(name)
        watch.look()
        for quote_id, content in given.items():
            assert client.get(f"/v1/quotes/{quote_id}").content == content


# --- refused ------------------------------------------------------------------------------------------------------


def torn(place: Place) -> None:
    (place.folder / "high" / "fx.csv").write_text("torn")


def unlike_its_seal(place: Place) -> None:
    seal = place.folder / "high" / MANIFEST
    seal.write_text(json.dumps(json.loads(seal.read_text()) | {"schema": "2"}))


@pytest.mark.parametrize(("damage", "why"), [(torn, "fx.csv was altered or torn"), (unlike_its_seal, "schema '2'")])
def test_a_damaged_champion_does_not_serve_and_readiness_says_why(
    served: Any, place: Place, damage: Callable[[Place], None], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    client, watch = served
    damage(place)
    place.promote("high")
    with caplog.at_level(logging.WARNING, "fairprice.champion"):
        for _ in range(3):
            watch.look()
    ready = client.get("/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["bundle"] == place.digests["low"]
    assert why in ready.json()["watch"]["refused"]["why"]
    assert len(caplog.records) == 1
    models = client.get("/v1/models").json()
    assert (models["refused"]["tries"], models["serving"]["bundle"]) == (1, place.digests["low"])
    assert [(one["champion"], one["serving"]) for one in models["versions"]] == [(True, False), (False, True)]


def test_a_refused_champion_is_tried_again_later_and_later_and_serves_once_it_is_mended(place: Place) -> None:
    clock = Clock()
    watch = watching(place, clock)
    whole = (place.folder / "high" / "fx.csv").read_text()
    torn(place)
    place.promote("high")
    tried = []
    for _ in range(8):
        watch.look()
        refused = watch.known.refused
        assert refused is not None
        tried.append(refused.tries)
        clock.pass_s(EVERY_S)
    assert tried == [1, 2, 2, 3, 3, 3, 3, 4]  # after 10, 20, 40 s
    (place.folder / "high" / "fx.csv").write_text(whole)
    watch.look()
    assert bundle_of(watch) == place.digests["low"]
    clock.pass_s(8 * EVERY_S)
    watch.look()
    assert (bundle_of(watch), watch.known.troubled) == (place.digests["high"], False)


def test_another_champion_is_tried_at_once_whatever_was_refused_before(place: Place, bundle: Bundle) -> None:
    watch = watching(place)
    torn(place)
    place.promote("high")
    watch.look()
    digest = place.add("higher", scaled(bundle, 1.2))
    place.promote("higher")
    watch.look()
    assert (bundle_of(watch), watch.known.refused) == (digest, None)


def test_taking_the_promotion_back_ends_the_refusal(place: Place) -> None:
    watch = watching(place)
    torn(place)
    place.promote("high")
    watch.look()
    assert watch.known.troubled
    place.promote("low")
    watch.look()
    assert not watch.known.troubled


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        ({"scenario_base": {"month": "2026-02", "tariffs": {}}}, "scenario base"),
        ({"history_as_known": None}, "holds no row of NdPr, Dy or Tb"),
    ],
)
def test_a_champion_that_cannot_answer_does_not_serve(
    place: Place, bundle: Bundle, spoiled: dict[str, Any], why: str
) -> None:
    if "history_as_known" in spoiled:
        spoiled = {"history_as_known": bundle.history_as_known.iloc[:0]}
    place.add("mute", replace(scaled(bundle, 1.0), **spoiled))
    watch = watching(place)
    place.promote("mute")
    watch.look()
    assert watch.known.refused is not None
    assert why in watch.known.refused.why
    assert bundle_of(watch) == place.digests["low"]


def test_a_champion_that_gives_up_a_price_serves_and_readiness_tells_it(
    served: Any, place: Place, bundle: Bundle
) -> None:
    """NdPr and Dy are priced in March; the next model refuses NdPr then, and the one after it prices it again."""
    client, watch = served
    assert client.get("/ready").json()["flags"] == []
    history = bundle.history_as_known
    newest = (history["material"] == "NdPr") & (history["month"] == history["month"].max())
    assert newest.sum() == 1
    refused = history["status"].mask(newest, "refused")
    place.add("blind", replace(scaled(bundle, 1.0), history_as_known=history.assign(status=refused)))
    place.promote("blind")
    watch.look()
    ready = client.get("/ready")
    assert (ready.status_code, ready.json()["status"], ready.json()["bundle"]) == (200, "ready", place.digests["blind"])
    month = history["month"].max()
    (flag,) = ready.json()["flags"]
    assert flag.startswith(f"NdPr has no price in its newest month, {month}; the model before, version ")
    assert client.get("/v1/prices/NdPr").status_code == 200
    place.promote("high")
    watch.look()
    assert client.get("/ready").json()["flags"] == []


def test_a_model_that_breaks_where_it_is_asked_is_told_by_the_kind_of_fault_alone(place: Place) -> None:
    desks = Office.over(place.store, lambda: TODAY, Access()).desks(place.store.champion)
    desks.public._today = lambda: {}["/secret/path"]  # type: ignore[assignment]
    with pytest.raises(BundleError, match="KeyError") as told:
        probe(desks)
    assert "secret" not in str(told.value)


# --- away ---------------------------------------------------------------------------------------------------------


def test_with_the_store_away_the_last_model_serves_and_readiness_says_since_when(place: Place) -> None:
    clock = Clock()
    watch = watching(place, clock)
    watch.look()
    answered = clock()
    place.folder.rename(place.folder.with_name("away"))
    for _ in range(3):
        clock.pass_s(EVERY_S)
        watch.look()
    away = watch.known.away
    assert away is not None
    assert (away.tries, away.since, watch.known.answered) == (3, answered + timedelta(seconds=EVERY_S), answered)
    assert away.next_try == clock() + timedelta(seconds=4 * EVERY_S)
    assert watch.in_use.now.desks.public.price("NdPr", ())
    place.folder.with_name("away").rename(place.folder)
    watch.look()
    assert not watch.known.troubled


def test_a_start_with_the_store_away_takes_the_last_good_model_and_says_so(place: Place, bundle: Bundle) -> None:
    kept = Kept()
    watching(place, kept=kept)
    place.folder.rename(place.folder.with_name("away"))
    watch = watching(place, kept=kept)
    assert bundle_of(watch) == place.digests["low"]
    assert watch.known.away is not None
    place.folder.with_name("away").rename(place.folder)
    place.promote("high")
    watch.look()
    assert (bundle_of(watch), watch.known.troubled) == (place.digests["high"], False)


def test_a_start_on_a_damaged_champion_takes_the_last_good_model_or_stops(place: Place) -> None:
    kept = Kept()
    watching(place, kept=kept)
    torn(place)
    place.promote("high")
    assert bundle_of(watching(place, kept=kept)) == place.digests["low"]
    with pytest.raises(BundleError, match="torn"):
        watching(place)


def test_a_start_on_a_champion_that_answers_in_part_serves_it_and_says_so(place: Place, bundle: Bundle) -> None:
    digest = place.add("part", replace(scaled(bundle, 1.0), scenario_base={"month": "2026-02", "tariffs": {}}))
    place.promote("part")
    watch = watching(place)
    watch.look()
    assert (bundle_of(watch), watch.known.troubled) == (digest, True)
    place.promote("high")
    watch.look()
    assert (bundle_of(watch), watch.known.troubled) == (place.digests["high"], False)


def test_a_service_that_waits_for_its_first_model_takes_it_up(client: Any, place: Place, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    app = create_app(DirectoryStore(empty), lambda: TODAY, watch=Watch(Cadence(every_s=EVERY_S)))
    asked = type(client)(app)
    assert (asked.get("/ready").status_code, asked.get("/v1/prices/NdPr").status_code) == (503, 503)
    place.folder.rename(empty)
    app.state.watch.look()
    assert (asked.get("/ready").status_code, asked.get("/v1/prices/NdPr").status_code) == (200, 200)


def test_a_watch_looks_by_itself_and_at_once_when_it_is_woken(place: Place) -> None:
    office = Office.over(place.store, lambda: TODAY, Access())
    watch = ChampionWatch(office, Watch(Cadence(every_s=3600.0)))
    watch.start()
    try:
        place.promote("high")
        watch.wake()
        deadline = datetime.now(UTC) + timedelta(seconds=60)
        while bundle_of(watch) != place.digests["high"]:
            assert datetime.now(UTC) < deadline
    finally:
        watch.stop()


def test_a_kept_model_that_cannot_answer_is_no_last_good_one(place: Place, bundle: Bundle) -> None:
    place.add("part", replace(scaled(bundle, 1.0), scenario_base={"month": "2026-02", "tariffs": {}}))
    place.promote("part")
    kept = Kept(place.store.champion())
    torn(place)
    place.promote("high")
    with pytest.raises(BundleError, match="torn"):
        watching(place, kept=kept)


def test_a_store_that_breaks_as_nobody_expected_is_looked_at_again(place: Place) -> None:
    watch = watching(place)
    watch._office = replace(watch._office, store=None)
    watch._look_on()
    assert watch.known.away is not None
    assert "AttributeError" in watch.known.away.why


def test_a_rollback_to_a_model_older_than_scenarios_ask_for_is_taken_up_for_its_prices(
    served: Any, place: Place, bundle: Bundle
) -> None:
    client, watch = served
    base = {name: part for name, part in bundle.scenario_base.items() if name != "tariffs"}
    digest = place.add("older", replace(scaled(bundle, 1.0), scenario_base=base))
    place.promote("older")
    watch.look()
    assert (bundle_of(watch), watch.known.troubled) == (digest, False)
    assert client.get("/v1/prices/NdPr").json()["model"]["bundle"] == digest
    assert client.post("/v1/scenarios", json={"overrides": []}).json()["error"] == "older_model"


# --- readers ------------------------------------------------------------------------------------------------------


def with_whole_views(place: Place, folder: Path, bundle: Bundle) -> Access:
    """Keep a whole view of each model of a place, with an index that the published one lacks."""
    entry = Withheld(NOTHING, NOTHING, {}, costs=False).entry(WHOLE)
    for name, digest in place.digests.items():
        seen = bundle.references.assign(price_usd_per_kg=77.0 if name == "low" else 88.0)
        whole = replace(
            bundle, references=seen, scenario_base={}, parameters={PARAMETER: entry | {"published": digest}}
        )
        write_bundle(whole, folder / digest)
    return Access(READERS, folder)


def models_of(desks: Desks) -> tuple[str, float]:
    """Return the published model's digest and the index that readers see."""
    return desks.public.book.model.digest, desks.whole.book.model.bundle.references["price_usd_per_kg"].iloc[0]


def test_readers_and_everyone_change_models_together(place: Place, bundle: Bundle, tmp_path: Path) -> None:
    watch = watching(place, access=with_whole_views(place, tmp_path / "whole", bundle))
    assert models_of(watch.in_use.now.desks) == (place.digests["low"], 77.0)
    before = watch.in_use.now
    place.promote("high")
    watch.look()
    assert models_of(watch.in_use.now.desks) == (place.digests["high"], 88.0)
    assert models_of(before.desks) == (place.digests["low"], 77.0)


def test_a_champion_whose_whole_view_is_damaged_serves_neither(place: Place, bundle: Bundle, tmp_path: Path) -> None:
    watch = watching(place, access=with_whole_views(place, tmp_path / "whole", bundle))
    (tmp_path / "whole" / place.digests["high"] / "references.csv").write_text("private 88.0")
    place.promote("high")
    watch.look()
    assert models_of(watch.in_use.now.desks) == (place.digests["low"], 77.0)
    assert watch.known.refused is not None
    assert "whole view with private data" in watch.known.refused.why
    assert "88" not in watch.known.refused.why


def test_desks_that_are_opened_late_are_opened_on_one_champion(place: Place, bundle: Bundle, tmp_path: Path) -> None:
    access = with_whole_views(place, tmp_path / "whole", bundle)
    desks = Desks.over(place.store, lambda: TODAY, access)
    assert desks.public.price("NdPr", ())
    place.promote("high")
    assert models_of(desks) == (place.digests["low"], 77.0)
