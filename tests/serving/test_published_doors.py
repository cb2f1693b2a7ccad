"""What was published on a day, over both doors: its value and quote, what became of it, and what is not known."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pricing.bundle import Bundle, write_bundle
from pricing.errors import BundleError
from pricing.withheld import PARAMETER, WHOLE
from serving import cli
from serving.app import create_app
from serving.mlflow_store import MlflowStore
from serving.model_store import DirectoryStore, LastRead, ModelEntry, PublishedModel
from serving.promotions import ROLLBACK, Promotion
from serving.published.archive import Archive
from serving.published.record import Unread
from serving.published.schemas import PublicationRow
from serving.published.words import change_words as words_of
from serving.rights import PublicStore

pytestmark = pytest.mark.usefixtures("quick_reading")

TODAY = date(2026, 4, 10)
EARLY, LATE = "2026-01", "2026-02"  # the last months of the first champion and of the second
FIRST, SECOND, BACK = "2026-03-01T08:00:00Z", "2026-03-25T09:00:00Z", "2026-04-05T10:00:00Z"
WHY = "the feed of March was wrong"


@dataclass
class Recorded:
    """A folder of bundles with a record of promotions beside it; `away` is a registry that does not answer."""

    folder: Path
    digests: dict[str, str]
    away: bool = False
    read: LastRead | None = None

    @property
    def bundles(self) -> DirectoryStore:
        return DirectoryStore(self.folder)

    def champion(self) -> PublishedModel:
        return self.bundles.champion()

    def by_digest(self, prefix: str) -> PublishedModel:
        return self.bundles.by_digest(prefix)

    def serving(self) -> ModelEntry:
        return self.bundles.serving()

    def entries(self) -> tuple[ModelEntry, ...]:
        return self.bundles.entries()

    def record(self) -> tuple[Promotion, ...]:
        if self.away:
            msg = "The registry does not answer."
            raise BundleError(msg)
        said = (
            ("one", FIRST, "the gate passed it"),
            ("two", SECOND, "a tariff, checked by hand"),
            ("one", BACK, f"{ROLLBACK}{WHY}"),
        )
        return tuple(
            replace(
                Promotion(self.digests[name][:12], at, "ann", because, self.digests[name], "passed"),
                **(
                    {"gate": "refused", "against": ("worse in Tb",), "promoted_anyway": because}
                    if name == "two"
                    else {}
                ),
            )
            for name, at, because in said
        )

    def last_read(self) -> LastRead | None:
        return self.read

    def files(self, digest: str, names: Sequence[str]) -> dict[str, bytes]:
        return self.bundles.files(digest, names)


def scaled(bundle: Bundle, ratio: float, last: str) -> Bundle:
    """Return a bundle with other fair prices, that ends with a month."""
    history = bundle.history_as_known
    history = history[history["month"] <= last].reset_index(drop=True)
    prices = [column for column in history if str(column).startswith(("long_run", "short_run"))]
    history[prices] = history[prices] * ratio
    day = date(2026, 2, 28) if last == EARLY else bundle.last_day
    return replace(bundle, history_as_known=history, last_month=last, last_day=day, scenario_base={})


@pytest.fixture(scope="module")
def written(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("published")
    made = {"one": scaled(bundle, 1.0, EARLY), "two": scaled(bundle, 1.05, LATE)}
    digests = {name: write_bundle(one, folder / name) for name, one in made.items()}
    (folder / "champion").write_text("one")
    return Recorded(folder, digests)


@pytest.fixture
def ask(client: Any, written: Recorded) -> Callable[..., dict[str, Any]]:
    """Return how to ask the service of the first champion, back in service, what was published on a day."""
    asked = type(client)(create_app(written, lambda: TODAY))

    def publication(on: str, material: str = "NdPr") -> dict[str, Any]:
        answered = asked.get(f"/v1/publications/{material}", params={"on": on})
        assert answered.status_code == 200, answered.text
        found: dict[str, Any] = answered.json()
        return found

    return publication


@pytest.fixture
def door(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(bundle_folder))


def test_the_value_of_a_day_what_served_it_and_each_later_value_with_time_reason_and_size(ask: Any) -> None:
    found = ask("2026-03-11")
    day, (up, back) = found["on_the_day"], found["changes"]
    assert (found["month"], found["corrected"], day["what"], day["at"]) == (EARLY, True, "published", FIRST)
    assert (up["kind"], up["at"], up["because"], up["promoted_anyway"], up["withdrawn"]) == (
        *("correction", SECOND, "a tariff, checked by hand", "a tariff, checked by hand", WHY),
    )
    assert (up["against"], day["against"], day["gate"]) == (["worse in Tb"], None, "passed")  # as their lines say
    assert up["change_long_run_usd_per_kg"] == pytest.approx(0.05 * day["fair_long_run_usd_per_kg"], abs=1e-4)
    assert up["change_long_run_percent"] == pytest.approx(5.0, abs=1e-3)
    assert (back["kind"], back["at"], back["differs"]) == ("rollback", BACK, "")
    assert (
        back["fair_long_run_usd_per_kg"] == day["fair_long_run_usd_per_kg"] == found["now"]["fair_long_run_usd_per_kg"]
    )
    assert "On 2026-03-11 the fair price of NdPr was" in found["words"][0]
    assert WHY in " ".join(found["words"])


def test_a_quote_id_of_the_record_gives_the_answer_of_then(client: Any, written: Recorded, ask: Any) -> None:
    asked = type(client)(create_app(written, lambda: TODAY))
    found = ask("2026-03-11")
    for row in (found["on_the_day"], *found["changes"]):
        price = asked.get(f"/v1/quotes/{row['quote_id']}").json()
        headline = price["fair"]["headline"]
        assert (price["month"], headline["value"], headline["low"], headline["high"], price["model"]["bundle"]) == (
            *(row["month"], row["fair_long_run_usd_per_kg"], row["fair_long_run_p10_usd_per_kg"]),
            *(row["fair_long_run_p90_usd_per_kg"], row["bundle"]),
        )


def test_a_month_that_a_rollback_took_away_has_no_value_now(ask: Any) -> None:
    found = ask("2026-03-26")
    assert (found["month"], found["on_the_day"]["version"], found["corrected"]) == (
        LATE,
        found["first"]["version"],
        True,
    )
    (gone,) = found["changes"]
    assert (gone["kind"], gone["at"], gone["status"], gone["fair_long_run_usd_per_kg"]) == (
        *("withdrawn by rollback", BACK, "", None),
    )
    assert found["now"]["fair_long_run_usd_per_kg"] is None
    assert "withdrawn until a version gives the month again" in " ".join(found["words"])


def test_before_the_record_the_value_is_replayed_and_says_so(ask: Any) -> None:
    found = ask("2026-02-25")
    assert (found["on_the_day"]["what"], found["on_the_day"]["at"], found["corrected"]) == ("replayed", None, None)
    assert found["flags"][0] == {
        "code": "replayed",
        "text": f"Nothing published on 2026-02-25 is on record: the record of promotions begins at {FIRST}.",
    }
    assert (found["first"]["at"], len(found["changes"])) == (FIRST, 2)


def test_a_day_with_two_champions_begins_with_the_older_and_names_the_other(ask: Any, written: Recorded) -> None:
    found = ask("2026-03-25")
    assert found["on_the_day"]["version"] == written.digests["one"][:12]
    told = {flag["code"]: flag["text"] for flag in found["flags"]}
    assert f"{written.digests['two'][:12]} from {SECOND}" in told["several_that_day"]


def test_another_month_can_be_named_and_one_not_known_then_has_no_value_of_that_day(
    client: Any, written: Recorded
) -> None:
    asked = type(client)(create_app(written, lambda: TODAY))
    query = {"on": "2026-03-11", "month": "2025-06"}
    found = asked.get("/v1/publications/NdPr", params=query).json()
    row = asked.get("/v1/history/NdPr", params={"from": "2025-06", "to": "2025-06"}).json()["rows"][0]
    assert found["month"] == found["on_the_day"]["month"] == "2025-06"
    assert found["on_the_day"]["fair_long_run_usd_per_kg"] == row["fair_long_run_usd_per_kg"]
    quote = asked.get(f"/v1/quotes/{found['on_the_day']['quote_id']}").json()
    assert (quote["month"], quote["fair"]["headline"]["value"]) == ("2025-06", row["fair_long_run_usd_per_kg"])
    later = asked.get("/v1/publications/NdPr", params=query | {"month": LATE}).json()
    assert (later["month"], later["on_the_day"], later["corrected"]) == (LATE, None, None)
    assert later["first"]["at"] == SECOND
    assert "No fair price of NdPr for 2026-02 could be known on 2026-03-11." in later["words"][0]


def test_a_band_moves_at_its_ends_and_a_refusal_gives_no_number(ask: Any) -> None:
    band, refused = ask("2026-03-11", "Dy"), ask("2026-03-11", "Tb")
    up = band["changes"][0]
    assert up["change_long_run_usd_per_kg"] is None
    for end in ("p10", "p90"):
        was = band["on_the_day"][f"fair_long_run_{end}_usd_per_kg"]
        assert up[f"change_long_run_{end}_usd_per_kg"] == pytest.approx(0.05 * was, abs=1e-3)
    assert (refused["changes"], refused["on_the_day"]["fair_long_run_p10_usd_per_kg"]) == ([], None)
    assert refused["flags"][0]["code"] == "refused"


def test_an_old_bundle_that_is_damaged_is_named_by_version_and_the_rest_is_answered(
    client: Any, written: Recorded, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(written.folder, tmp_path / "damaged"))
    (folder / "two" / "snapshots.csv").write_text("torn")
    asked = type(client)(create_app(replace(written, folder=folder), lambda: TODAY))
    found = asked.get("/v1/publications/NdPr", params={"on": "2026-03-11"}).json()
    (unread,) = found["unread"]
    assert (unread["version"], unread["since"], unread["until"]) == (written.digests["two"][:12], SECOND, BACK)
    assert "snapshots.csv was altered or torn" in unread["why"]
    assert (found["on_the_day"]["what"], found["changes"]) == ("published", [])
    then = asked.get("/v1/publications/NdPr", params={"on": "2026-03-26"}).json()
    assert then["on_the_day"]["what"] == "replayed"
    assert "its bundle cannot be read" in then["flags"][0]["text"]


def test_where_the_first_version_is_damaged_nothing_is_called_the_first_value(
    client: Any, written: Recorded, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(written.folder, tmp_path / "damaged"))
    (folder / "one" / "snapshots.csv").write_text("torn")
    (folder / "champion").write_text("two")
    asked = type(client)(create_app(replace(written, folder=folder), lambda: TODAY))
    found = asked.get("/v1/publications/NdPr", params={"on": "2026-03-26"}).json()
    one, two = written.digests["one"][:12], written.digests["two"][:12]
    assert (found["first"], found["first_read"]["version"], found["first_read"]["at"]) == (None, two, SECOND)
    assert found["corrected"] is None  # what the version after it published cannot be read
    told = {flag["code"]: flag["text"] for flag in found["flags"]}
    assert f"what version {one} published before cannot be read" in told["first_unread"]
    words = " ".join(found["words"])
    assert "was first published" not in words
    assert "The first of 2026-02 that can be read was published at" in words
    assert f"No later version that can be read changed it; what version {one} published later" in words


def test_with_the_registry_away_the_value_is_replayed_and_the_answer_says_why(client: Any, written: Recorded) -> None:
    asked = type(client)(create_app(replace(written, away=True), lambda: TODAY))
    found = asked.get("/v1/publications/NdPr", params={"on": "2026-03-11"}).json()
    assert [flag["code"] for flag in found["flags"]] == ["replayed", "registry_away"]
    assert found["on_the_day"]["fair_long_run_usd_per_kg"] is not None
    assert (found["first"], found["changes"]) == (None, [])


def test_a_record_read_before_the_registry_went_away_is_told_with_its_time_and_nothing_is_concluded_from_the_alias(
    client: Any, written: Recorded, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(written.folder, tmp_path / "stale"))
    (folder / "champion").write_text("two")  # an alias that was read before the record, which ends with `one`
    read, away = datetime(2026, 4, 9, 7, 0, tzinfo=UTC), datetime(2026, 4, 9, 7, 30, tzinfo=UTC)
    answers = [
        type(client)(create_app(replace(written, folder=folder, read=one), lambda: TODAY))
        for one in (None, LastRead(read, away))
    ]
    query = {"on": "2026-04-06"}
    answering, stale = (one.get("/v1/publications/NdPr", params=query).json() for one in answers)
    assert "record_and_alias_differ" in {flag["code"] for flag in answering["flags"]}
    told = {flag["code"]: flag["text"] for flag in stale["flags"]}
    assert "record_and_alias_differ" not in told
    assert told["registry_away"] == (
        "The record as read at 2026-04-09T07:00:00Z; the registry is away since 2026-04-09T07:30:00Z, "
        "and what was promoted since is not known."
    )
    assert (answering["corrected"], stale["corrected"]) == (False, None)


class Going(MlflowStore):
    """A registry that answers until it goes away."""

    is_away = False

    def _promotions(self) -> tuple[Promotion, ...]:
        if self.is_away:
            msg = "The registry does not answer."
            raise BundleError(msg)
        return (Promotion("1", FIRST, "ann"),)


def test_a_store_says_when_it_read_its_record_last_only_while_the_registry_is_away() -> None:
    hours = iter(range(24))
    store = Going("sqlite:///nowhere.db", now=lambda: datetime(2026, 4, 9, next(hours), tzinfo=UTC))
    assert (len(store.record()), store.last_read()) == (1, None)
    store.is_away = True
    for _ in range(2):
        assert len(store.record()) == 1
        assert store.last_read() == LastRead(datetime(2026, 4, 9, 0, tzinfo=UTC), datetime(2026, 4, 9, 1, tzinfo=UTC))
    store.is_away = False
    assert (len(store.record()), store.last_read()) == (1, None)


def test_csv_holds_the_same_rows(client: Any, written: Recorded, ask: Any) -> None:
    asked = type(client)(create_app(written, lambda: TODAY))
    answered = asked.get("/v1/publications/NdPr", params={"on": "2026-03-11", "format": "csv"})
    assert answered.headers["content-type"] == "text/csv; charset=utf-8"
    rows, found = list(csv.DictReader(io.StringIO(answered.text))), ask("2026-03-11")
    told = [found["on_the_day"], found["first"], *found["changes"], found["now"]]
    assert [(row["what"], row["at"], row["quote_id"]) for row in rows] == [
        (row["what"], row["at"], row["quote_id"]) for row in told
    ]
    assert [float(row["fair_long_run_usd_per_kg"]) for row in rows] == [r["fair_long_run_usd_per_kg"] for r in told]


def test_all_faults_of_a_question_come_at_once(client: Any) -> None:
    query = {"on": "1890-01-01", "month": "2030-01", "format": "xml", "as_of": "2026-03-11"}
    answered = client.get("/v1/publications/Ndpr", params=query)
    assert answered.status_code == 422
    found = {fault["path"]: fault for fault in answered.json()["faults"]}
    assert set(found) == {"material", "on", "month", "format", "as_of"}
    assert found["material"]["nearest"] == "NdPr"
    assert "from 2024-02-20 to 2026-04-10" in found["on"]["allowed"]


def test_both_doors_say_the_same(capfd: pytest.CaptureFixture[str], client: Any, door: None) -> None:
    for more, query in (["--json"], {}), (["--csv"], {"format": "csv"}):
        assert cli.app(["published", "NdPr", "--on", "2026-03-11", *more]) == 0
        answered = client.get("/v1/publications/NdPr", params={"on": "2026-03-11", **query}).text
        assert capfd.readouterr().out.rstrip("\n") == answered.rstrip("\n")


@pytest.mark.parametrize("material", ["NdPr", "Dy", "Tb"])
def test_a_person_reads_the_flags_first_in_eighty_columns(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, material: str, door: None
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.app(["published", material, "--on", "2026-03-11"]) == 0
    out = capfd.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert out.index("! Nothing published") < out.index("- ") < out.index("replayed, version")


def test_market_prices_stand_in_a_table_of_their_own_in_eighty_columns(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, door: None
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.app(["published", "NdPr", "--on", "2026-03-11"]) == 0
    out = capfd.readouterr().out
    fair, _, market = out[out.index("Fair price of 2026-01") :].partition("Market beside it, 2026-01")
    assert "short run" in fair
    assert "today's plants" not in out
    assert not any(head in fair for head in ("China", "outside"))
    assert all(head in market for head in ("China", "outside"))


def test_a_point_with_a_reason_is_a_caution_as_in_the_answer_of_a_price(
    client: Any, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    history = bundle.history_as_known.copy()
    history.loc[history["material"] == "NdPr", "reason"] = "not identified"
    write_bundle(replace(bundle, history_as_known=history, scenario_base={}), tmp_path / "one")
    asked = type(client)(create_app(DirectoryStore(tmp_path / "one"), lambda: TODAY))
    found = asked.get("/v1/publications/NdPr", params={"on": "2026-03-11"}).json()
    price = asked.get("/v1/prices/NdPr", params={"as_of": "2026-03-11"}).json()
    assert (found["on_the_day"]["status"], price["status"]) == ("estimate", "estimate")
    told = [[flag["text"] for flag in one["flags"] if flag["code"] == "caution"] for one in (found, price)]
    assert told == [[f"{found['month']}: not identified."], ["not identified."]]
    assert "; not identified)" in found["words"][0]
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(tmp_path / "one"))
    assert cli.app(["published", "NdPr", "--on", "2026-03-11"]) == 0
    out = capfd.readouterr().out
    assert "* not identified" in out
    assert f"{found['on_the_day']['fair_long_run_usd_per_kg']:.2f} *" in out


def test_many_reasons_of_the_gate_are_counted_in_words_and_listed_in_the_answer(ask: Any) -> None:
    row = ask("2026-03-11")["changes"][0]
    told = [words_of(replace(PublicationRow(**row), against=against)) for against in (("worse",), ("worse", "dearer"))]
    assert "(the gate against it: worse)" in told[0]
    assert "(gate refused it, 2 reasons; `fairprice models` lists them)" in told[1]


def test_a_whole_bundle_is_never_read_for_everyone(bundle: Bundle, tmp_path: Path) -> None:
    digest = write_bundle(
        replace(bundle, scenario_base={}, parameters={PARAMETER: {"view": WHOLE}}), tmp_path / "whole"
    )
    found = Archive(PublicStore(DirectoryStore(tmp_path))).edition(digest)
    assert isinstance(found, Unread)
    assert "holds private values and is not to be published" in found.why
