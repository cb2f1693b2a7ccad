"""What was published at the time stands as it was said, whatever is promoted later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pricing.bundle import Bundle, write_bundle
from pricing.errors import BundleError
from serving.app import create_app
from serving.model_store import DirectoryStore, LastRead, ModelEntry, PublishedModel
from serving.promotions import Promotion

from .test_forecasts import MONTHS, published

pytestmark = pytest.mark.usefixtures("quick_reading")

TODAY = date(2026, 6, 10)
PROMOTED = {"one": "2026-03-01T08:00:00Z", "two": "2026-03-25T09:00:00Z", "three": "2026-05-01T09:00:00Z"}
LAST = {"one": "2026-01", "two": "2026-02", "three": "2026-02"}
RATIO = {"one": 1.0, "two": 1.05, "three": 1.1}
FIELDS = ("said", "published_at", "published_by")
ROWS: dict[tuple[str, ...], dict[tuple[str, ...], dict[str, Any]]] = {}


@dataclass
class Registry:
    """Bundles that were promoted one after the other; `away` is one that does not answer."""

    folder: Path
    digests: dict[str, str]
    away: bool = False
    gone: tuple[str, ...] = ()  # names of files that cannot be read now
    recorded: tuple[str, ...] | None = None  # the versions on record, where not all are

    def champion(self) -> PublishedModel:
        return self.by_digest(list(self.digests.values())[-1])

    def by_digest(self, prefix: str) -> PublishedModel:
        return DirectoryStore(self.folder).by_digest(prefix)

    def serving(self) -> ModelEntry:
        return self.entries()[-1]

    def entries(self) -> tuple[ModelEntry, ...]:
        if self.away:
            msg = "The registry does not answer."
            raise BundleError(msg)
        last = list(self.digests)[-1]
        return tuple(ModelEntry(name, digest, name == last) for name, digest in self.digests.items())

    def record(self) -> tuple[Promotion, ...]:
        return tuple(
            Promotion(name, PROMOTED[name], "ann", "", digest)
            for name, digest in self.digests.items()
            if self.recorded is None or name in self.recorded
        )

    def last_read(self) -> LastRead | None:
        return None

    def files(self, digest: str, names: Sequence[str]) -> dict[str, bytes]:
        if lost := set(names).intersection(self.gone):
            msg = f"{', '.join(sorted(lost))}: no such file."
            raise BundleError(msg)
        return DirectoryStore(self.folder).files(digest, names)


def made(bundle: Bundle, name: str) -> Bundle:
    """Return a bundle whose prices and forecasts are higher the later it was made, at the same market and freight."""
    history = bundle.history_as_known
    history = history[history["month"] <= LAST[name]].reset_index(drop=True)
    prices = [column for column in history if str(column).startswith(("long_run", "short_run"))]
    higher = (RATIO[name] - 1) * history["long_run.market_economy.mean"]
    history[prices] = history[prices] * RATIO[name]
    for region in ("china", "ex_china"):
        history[f"wedge.{region}.total"] -= higher
    said, count = published(), MONTHS.index(LAST[name]) + 1
    for columns in (*said["targets"]["fob_china"].values(), said["skill"]["fob_china"]):
        columns |= {key: values[:count] for key, values in columns.items()}
    for columns in said["targets"]["fob_china"].values():
        columns["point"] = [[RATIO[name] * price for price in row] for row in columns["point"]]
    return replace(bundle, history_as_known=history, last_month=LAST[name], scenario_base={}, forecasts=said)


@pytest.fixture(scope="module")
def folder(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    place = tmp_path_factory.mktemp("promoted")
    return place, {name: write_bundle(made(bundle, name), place / name) for name in PROMOTED}


def after(folder: tuple[Path, dict[str, str]], *names: str, away: bool = False) -> Registry:
    return Registry(folder[0], {name: folder[1][name] for name in names}, away)


def rows(client: Any, registry: Registry, kind: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return the rows of the service after the last promotion, by material, month (and months ahead); asked once."""
    key = (str(registry.folder), *registry.digests, kind)
    if key not in ROWS:
        asked = type(client)(create_app(registry, lambda: TODAY))
        found = asked.get("/v1/scoreboard", params={"kind": kind, "from": "2025-11"}).json()[f"{kind}_rows"]
        ROWS[key] = {(row["material"], row["month"], str(row.get("months_ahead", ""))): row for row in found}
    return ROWS[key]


def test_the_newest_month_of_each_champion_is_published_and_earlier_ones_are_replayed(client: Any, folder: Any) -> None:
    found = rows(client, after(folder, "one", "two"), "fair")
    said = {month: tuple(found["NdPr", month, ""][name] for name in FIELDS) for month in MONTHS[-3:]}
    assert said == {
        "2025-12": ("replayed", None, None),
        "2026-01": ("published", PROMOTED["one"], "one"),
        "2026-02": ("published", PROMOTED["two"], "two"),
    }


def test_a_published_row_never_changes_when_another_champion_is_promoted(client: Any, folder: Any) -> None:
    for kind in ("fair", "forecast"):
        before, now = (rows(client, after(folder, *names), kind) for names in (("one", "two"), ("one", "two", "three")))
        kept = {which: row for which, row in before.items() if row["said"] == "published"}
        assert len(kept) > 2
        later = (
            "latest_long_run_usd_per_kg",
            "latest_long_run_p10_usd_per_kg",
            "latest_long_run_p90_usd_per_kg",
            "revision_percent",
            "latest_inside_first_80",
            "latest_status",
        )
        for which, row in kept.items():
            assert {k: v for k, v in now[which].items() if k not in later} == {
                k: v for k, v in row.items() if k not in later
            }


def test_a_published_value_is_the_one_said_then_and_a_replayed_one_that_of_today(client: Any, folder: Any) -> None:
    found = rows(client, after(folder, "one", "two", "three"), "fair")
    level = {month: 60.0 * (1 + 0.01 * MONTHS.index(month)) for month in MONTHS}
    for month, ratio in (("2025-12", 1.1), ("2026-01", 1.0), ("2026-02", 1.05)):
        assert found["NdPr", month, ""]["fair_long_run_usd_per_kg"] == pytest.approx(ratio * level[month], abs=1e-3)
    said = rows(client, after(folder, "one", "two", "three"), "forecast")
    for month, ratio in (("2025-12", 1.1), ("2026-01", 1.0)):
        base = said["NdPr", month, "3"]["base_usd_per_kg"]
        assert said["NdPr", month, "3"]["forecast_usd_per_kg"] == pytest.approx(ratio * base)


def test_prices_that_were_published_are_scored_apart_bands_by_the_mean_behind_them(client: Any, folder: Any) -> None:
    """Two months: said at 1.00 and 1.05 of a level of which the latest value says 1.001; Dy is a band."""
    asked = type(client)(create_app(after(folder, "one", "two"), lambda: TODAY))
    found = {one["material"]: one for one in asked.get("/v1/scoreboard").json()["fair"]["published"]}
    assert set(found) == {"all", "NdPr", "Dy"}
    exact = round(100 * (1.001 / 1.05 - 1), 1)
    for one, told in ((found["NdPr"], exact), (found["Dy"], 0.0)):  # of a band in tenths of ln
        assert (one["months"], one["inside_80_percent"], one["rms_ln_low"]) == (2, 100.0, None)
        assert (one["largest_month"], one["largest_percent"]) == ("2026-02", told)
    shown = rows(client, after(folder, "one", "two"), "fair")["Dy", "2026-01", ""]
    assert (shown["said"], shown["fair_long_run_usd_per_kg"], shown["fair_long_run_p10_usd_per_kg"] is None) == (
        "published",
        None,
        False,
    )


def test_scores_of_one_published_band_do_not_give_away_the_mean_behind_it(client: Any, folder: Any) -> None:
    """The latest value lies a thousandth above what was said: told of a point, and of a band in tenths of ln."""
    asked = type(client)(create_app(after(folder, "one"), lambda: TODAY))
    found = {one["material"]: one for one in asked.get("/v1/scoreboard").json()["fair"]["published"]}
    told = {name: tuple(one[score] for score in ("median_percent", "rms_ln")) for name, one in found.items()}
    assert (told["NdPr"], told["Dy"]) == ((0.1, 0.001), (0.0, 0.0))


def test_the_page_says_when_its_months_were_published_and_how_long_after(client: Any, folder: Any) -> None:
    def top(*names: str) -> str:
        asked = type(client)(create_app(after(folder, *names), lambda: TODAY))
        page: str = asked.get("/v1/scoreboard", params={"format": "html"}).text
        return page.partition("</header>")[0]

    told = "2026-01, published 2026-03-01 (2 months after)"
    assert f"One month is shown as published: {told}; all others" in top("one")
    assert f"2 months are shown as published: {told} to 2026-02, published 2026-03-25 (1 month after);" in (
        top("one", "two")
    )


def test_forecasts_of_a_champion_that_published_none_are_replayed(client: Any, bundle: Bundle, tmp_path: Path) -> None:
    made_of = {"one": replace(made(bundle, "one"), forecasts={}), "two": made(bundle, "two")}
    registry = Registry(tmp_path, {name: write_bundle(one, tmp_path / name) for name, one in made_of.items()})
    assert rows(client, registry, "fair")["NdPr", "2026-01", ""]["said"] == "published"
    assert rows(client, registry, "forecast")["NdPr", "2026-01", "3"]["said"] == "replayed"
    assert rows(client, registry, "forecast")["NdPr", "2026-02", "3"]["said"] == "published"


def test_a_published_price_moves_to_the_basis_of_china_by_the_same_freight(client: Any, folder: Any) -> None:
    row = rows(client, after(folder, "one", "two"), "fair")["NdPr", "2026-01", ""]
    replayed = rows(client, after(folder, "two"), "fair")["NdPr", "2026-01", ""]
    freight = replayed["fair_long_run_usd_per_kg"] - replayed["markets"][0]["fair_long_run_usd_per_kg"]
    assert row["fair_long_run_usd_per_kg"] - row["markets"][0]["fair_long_run_usd_per_kg"] == pytest.approx(
        freight, abs=1e-3
    )


def test_with_the_registry_away_all_is_replayed_and_the_answer_says_so_until_it_is_back(
    client: Any, folder: Any
) -> None:
    registry = after(folder, "one", "two")
    asked = type(client)(create_app(registry, lambda: TODAY))
    registry.away = True
    gone = asked.get("/v1/scoreboard", params={"kind": "fair"}).json()
    assert {row["said"] for row in gone["fair_rows"]} == {"replayed"}
    assert "registry_away" in {flag["code"] for flag in gone["flags"]}
    registry.away = False
    back = asked.get("/v1/scoreboard", params={"kind": "fair"}).json()
    assert {row["said"] for row in back["fair_rows"]} == {"replayed", "published"}
    assert "registry_away" not in {flag["code"] for flag in back["flags"]}


def test_a_bundle_that_cannot_be_read_is_named_and_what_it_published_is_not_guessed(
    client: Any, bundle: Bundle, tmp_path: Path
) -> None:
    digests = {name: write_bundle(made(bundle, name), tmp_path / name) for name in ("one", "two")}
    (tmp_path / "one" / "history_as_known.csv").write_text("torn", encoding="utf-8")
    registry = Registry(tmp_path, digests)
    found = rows(client, registry, "fair")
    assert found["NdPr", "2026-01", ""]["said"] == "replayed"
    flags = type(client)(create_app(registry, lambda: TODAY)).get("/v1/scoreboard").json()["flags"]
    assert any(flag["code"] == "unread_models" and "one" in flag["text"] for flag in flags)


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle that could not be read is tried again at once."""
    monkeypatch.setattr("serving.published.library.REST_S", 0.0)


def told(asked: Any, kind: str, month: str) -> tuple[str, bool]:
    """Return what NdPr of a month is said to be, and whether a model is flagged as unread."""
    found = asked.get("/v1/scoreboard", params={"kind": kind, "material": "NdPr", "from": month, "to": month}).json()
    return found[f"{kind}_rows"][0]["said"], "unread_models" in {flag["code"] for flag in found["flags"]}


def test_what_the_serving_model_published_is_read_from_memory_and_from_no_file(client: Any, folder: Any) -> None:
    registry = after(folder, "one")
    registry.gone = ("history_as_known.csv", "snapshots.csv", "forecasts.json")
    asked = type(client)(create_app(registry, lambda: TODAY))
    assert told(asked, "fair", "2026-01") == told(asked, "forecast", "2026-01") == ("published", False)


def test_a_single_version_on_record_that_cannot_be_read_is_flagged_until_it_is_back(
    client: Any, folder: Any, no_rest: None
) -> None:
    registry = after(folder, "one", "two")
    registry.gone, registry.recorded = ("history_as_known.csv",), ("one",)
    asked = type(client)(create_app(registry, lambda: TODAY))
    assert told(asked, "fair", "2026-01") == ("replayed", True)
    registry.gone = ()
    assert told(asked, "fair", "2026-01") == ("published", False)


def test_forecasts_that_cannot_be_read_are_flagged_until_they_are_back(client: Any, folder: Any) -> None:
    registry = after(folder, "one", "two")
    registry.gone = ("forecasts.json",)
    asked = type(client)(create_app(registry, lambda: TODAY))
    assert (told(asked, "forecast", "2026-01"), told(asked, "fair", "2026-01")) == (
        ("replayed", True),
        ("published", True),
    )
    registry.gone = ()
    assert told(asked, "forecast", "2026-01") == ("published", False)
