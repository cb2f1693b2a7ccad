"""The record of what was published: first values stay, corrections append, a rollback says so, gaps are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.bundle import Bundle, write_bundle
from pricing.errors import BundleError
from serving.model_store import DirectoryStore, LastRead, ModelEntry
from serving.promotions import Promotion
from serving.published.archive import Archive
from serving.published.editions import EDITION_FILES, Edition, Figure, QuoteSaid, Said, edition_of, edition_of_files
from serving.published.library import REST_S, Library
from serving.published.record import (
    CORRECTION,
    GIVEN_AGAIN,
    METHOD,
    NO_LONGER,
    ROLLBACK,
    WITHDRAWN,
    MonthRecord,
    Unread,
    known_on,
    month_record,
    published_on,
)
from serving.published.turns import on_day, turns_of

MONTH, KNOWN = "2026-02", date(2026, 3, 20)
NO_QUOTE = QuoteSaid(None, "", "", "")
DAYS = ("2026-04-01T08:00:00Z", "2026-05-01T09:00:00Z", "2026-05-01T17:00:00Z", "2026-06-01T08:00:00Z")


def said(value: float | None, month: str = MONTH, known: date = KNOWN) -> Said:
    """Return a month at a fair price; None is a band."""
    figure = Figure(value, 50.0, 90.0)
    status = "band" if value is None else "estimate"
    return Said(month, known, "data", status, "", figure, Figure(40.0, 30.0, 60.0), NO_QUOTE, NO_QUOTE)


def edition(digest: str, *months: Said, method: str = "1", dataset: str = "a") -> Edition:
    return Edition(digest, method, dataset, date(2026, 3, 31), 1, 100, {"NdPr": months})


def recorded(editions: Sequence[Edition | Unread], *because: str) -> MonthRecord:
    """Return the record of the month after versions 1, 2, ... were promoted with these reasons."""
    lines = [
        Promotion(str(n), DAYS[n - 1], "ann", reason, f"{n}", str(n - 1) if n > 1 else "")
        for n, reason in enumerate(because or ("the gate passed it",) * len(editions), 1)
    ]
    return month_record("NdPr", MONTH, turns_of(lines, ()), lambda digest: editions[int(digest) - 1])


def test_the_first_value_stays_and_a_later_one_is_appended_with_time_reason_and_size() -> None:
    found = recorded([edition("1", said(80.0)), edition("2", said(84.0), dataset="b")], "first", "a tariff, by hand")
    assert found.first is not None
    assert (found.first.at, found.first.said) == (DAYS[0], said(80.0))
    (change,) = found.changes
    turn = change.publication.turn
    assert (change.kind, change.size("long_run"), change.differs) == (CORRECTION, 4.0, ("data",))
    assert (change.publication.at, turn.version, turn.by, turn.because) == (DAYS[1], "2", "ann", "a tariff, by hand")


def test_a_champion_that_says_the_same_is_no_correction() -> None:
    found = recorded([edition("1", said(80.0)), edition("2", said(80.0), dataset="b")])
    assert (found.changes, [turn.version for turn in found.unchanged]) == ((), ["2"])


def test_a_band_that_moves_is_a_correction_without_a_size() -> None:
    moved = replace(said(None), long_run=Figure(None, 55.0, 90.0))
    (change,) = recorded([edition("1", said(None)), edition("2", moved)]).changes
    assert (change.kind, change.size("long_run"), change.size("short_run")) == (CORRECTION, None, 0.0)


def test_another_method_is_named() -> None:
    (change,) = recorded([edition("1", said(80.0)), edition("2", said(81.0), method="2")]).changes
    assert (change.kind, change.differs) == (METHOD, ("method",))


def test_a_month_is_never_published_before_its_figures_were_known() -> None:
    late = said(80.0, known=date(2026, 4, 20))
    found = recorded([edition("1", late)])
    assert found.first is not None
    assert found.first.at == "2026-04-20T00:00:00Z"


def test_a_rollback_restores_the_value_before_and_says_why_the_other_was_withdrawn() -> None:
    editions = [edition("1", said(80.0)), edition("2", said(99.0)), edition("3", said(80.0))]
    found = recorded(editions, "first", "the gate passed it", "rollback: the feed was wrong")
    assert [change.kind for change in found.changes] == [CORRECTION, ROLLBACK]
    assert [change.publication.turn.withdrawn for change in found.changes] == ["the feed was wrong", ""]
    assert [change.size("long_run") for change in found.changes] == [19.0, -19.0]


def test_a_month_that_only_the_withdrawn_version_gave_has_no_value_in_force() -> None:
    found = recorded([edition("1"), edition("2", said(99.0)), edition("3")], "a", "b", "rollback: wrong feed")
    assert found.first is not None
    assert (found.first.turn.version, found.first.turn.withdrawn) == ("2", "wrong feed")
    assert [(change.kind, change.publication.said) for change in found.changes] == [(WITHDRAWN, None)]
    gone, again = recorded([edition("1", said(80.0)), edition("2"), edition("3", said(80.0))]).changes
    assert (gone.kind, again.kind, again.size("long_run")) == (NO_LONGER, GIVEN_AGAIN, None)


def test_a_bundle_that_cannot_be_read_is_named_and_the_rest_is_answered() -> None:
    found = recorded([edition("1", said(80.0)), Unread("2", "torn"), edition("3", said(82.0))])
    assert [(turn.version, unread.why) for turn, unread in found.unread] == [("2", "torn")]
    assert [change.size("long_run") for change in found.changes] == [2.0]


@given(values=st.lists(st.sampled_from([None, 80.0, 82.5, 90.0]), min_size=1, max_size=4), points=st.booleans())
def test_what_is_on_record_is_only_ever_added_to(values: list[float | None], points: bool) -> None:
    editions = [edition(str(n), said((value or 81.0) if points else value)) for n, value in enumerate(values, 1)]
    whole = recorded(editions)
    for until in range(1, len(editions) + 1):
        found = recorded(editions[:until])
        assert (
            found.publications
            == tuple(
                replace(one, turn=found.publications[n].turn)  # its end is not known yet
                for n, one in enumerate(whole.publications[: len(found.publications)])
            )
        )
    sizes = [change.size("long_run") for change in whole.changes]
    assert whole.first is not None
    assert whole.first.said is not None
    if points:
        start = whole.first.said.long_run.value or 0.0
        last = editions[-1].months["NdPr"][0].long_run.value
        assert start + sum(size or 0.0 for size in sizes) == pytest.approx(last)


def test_a_day_belongs_to_every_version_that_served_on_it_the_one_it_began_with_first() -> None:
    lines = [Promotion(str(n), at, "ann") for n, at in enumerate(DAYS, 1)]
    turns = turns_of(lines, ())
    served = {day: [turn.version for turn in on_day(turns, date.fromisoformat(day))] for day in (
        "2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01", "2026-05-02", "2030-01-01")}  # fmt: skip
    assert list(served.values()) == [[], ["1"], ["1"], ["1", "2", "3"], ["3"], ["4"]]
    assert [(a.until, b.since) for a, b in pairwise(turns)] == [(day, day) for day in DAYS[1:]]


def test_on_a_day_a_champion_gives_its_last_month_known_then() -> None:
    months = edition("1", said(80.0, "2026-01", date(2026, 2, 20)), said(81.0))
    (turn,) = turns_of([Promotion("1", DAYS[0], "ann")], ())
    for day, month in ((date(2026, 3, 19), "2026-01"), (KNOWN, MONTH), (date(2027, 1, 1), MONTH)):
        found = published_on(turn, months, "NdPr", day).said
        assert found is not None
        assert found.month == month
    assert published_on(turn, months, "NdPr", date(2026, 2, 19)).said is None


def test_a_named_month_is_told_of_only_where_it_was_known_that_day() -> None:
    months = edition("1", said(80.0, "2026-01", date(2026, 2, 20)), said(81.0))
    for month, day, known in (
        ("2026-01", date(2026, 3, 25), True),
        ("2026-01", date(2026, 2, 20), True),
        (MONTH, date(2026, 3, 19), False),
        ("2025-12", date(2026, 3, 25), False),
        ("2026-01", date(2026, 2, 19), False),
    ):
        found = known_on(months, "NdPr", day, month)
        assert (found is not None and found.month == month) is known


def test_a_promotion_that_found_another_version_serving_is_told(small: tuple[Path, str]) -> None:
    folder, _ = small
    lines = (
        Promotion("1", DAYS[0], "ann"),
        Promotion("2", DAYS[1], "ann", replaced="1"),
        Promotion("3", DAYS[2], "ann", replaced="1"),
    )
    (gap,) = Archive(Counted(DirectoryStore(folder), lines)).register().gaps
    assert gap.startswith(f"Version 3 replaced 1 at {DAYS[2]}; by the record 2 served.")


def test_the_last_line_and_the_alias_may_differ(small: tuple[Path, str]) -> None:
    folder, digest = small
    for version, agrees in ((digest[:12], True), ("another", False)):
        lines = (Promotion(version, DAYS[0], "ann"),)
        assert Archive(Counted(DirectoryStore(folder), lines)).register().agrees is agrees


def test_what_a_line_does_not_say_is_unknown_whatever_the_version_is_marked_with_today() -> None:
    entry = ModelEntry("1", "digest", champion=True, gate="refused", against=("worse",), promoted_anyway="a person")
    (turn,) = turns_of([Promotion("1", DAYS[0], "ann")], [entry])
    assert (turn.bundle, turn.gate, turn.against, turn.promoted_anyway) == ("digest", "", None, None)
    line = Promotion("1", DAYS[0], "ann", gate="refused", against=("dearer",), promoted_anyway="a tariff")
    (turn,) = turns_of([line], [entry])
    assert (turn.gate, turn.against, turn.promoted_anyway) == ("refused", ("dearer",), "a tariff")


def test_where_an_earlier_version_cannot_be_read_there_is_no_first_value() -> None:
    found = recorded([Unread("1", "torn"), edition("2", said(80.0)), Unread("3", "torn too")])
    assert (found.first, found.earliest and found.earliest.turn.version) == (None, "2")
    assert found.earliest is not None
    assert found.unread_before(found.earliest.turn) == ("1",)
    assert found.unread_after(found.earliest.turn) == ("3",)


def test_turns_keep_the_order_of_the_record_when_a_clock_went_back() -> None:
    lines = [Promotion("1", "2026-05-01T09:00:00Z", "ann"), Promotion("2", "2026-05-01T08:58:30Z", "ann")]
    first, second = turns_of(lines, ())
    assert (second.since, second.place, second.begins) == ("2026-05-01T08:58:30Z", 1, first.since)
    assert [turn.version for turn in on_day((first, second), date(2026, 5, 2))] == ["2"]


# --- reading ------------------------------------------------------------------------------------------------------


@dataclass
class Counted:
    """A folder of bundles that counts what is read from it, with a record of promotions of its own."""

    folder: DirectoryStore
    lines: tuple[Promotion, ...] = ()
    reads: list[str] = field(default_factory=list)

    def record(self) -> tuple[Promotion, ...]:
        return self.lines

    def last_read(self) -> LastRead | None:
        return None

    def entries(self) -> tuple[ModelEntry, ...]:
        return self.folder.entries()

    def files(self, digest: str, names: Sequence[str]) -> dict[str, bytes]:
        self.reads.append(digest)
        return self.folder.files(digest, names)


@pytest.fixture
def small(bundle: Bundle, tmp_path: Path) -> tuple[Path, str]:
    """A folder with one bundle, and its digest."""
    return tmp_path, write_bundle(replace(bundle, scenario_base={}), tmp_path / "one")


def test_an_edition_read_from_files_is_the_one_in_memory(bundle: Bundle, small: tuple[Path, str]) -> None:
    folder, digest = small
    read = edition_of_files(digest, DirectoryStore(folder).files(digest, EDITION_FILES))
    assert read == edition_of(replace(bundle, digest=digest))
    statuses = {material: rows[-1] for material, rows in read.months.items()}
    assert statuses["Dy"].long_run.value is None
    assert statuses["Dy"].long_run.low is not None
    assert statuses["Tb"].long_run == Figure(None, None, None)


def test_each_bundle_is_read_once_and_what_two_say_alike_is_held_once(small: tuple[Path, str], bundle: Bundle) -> None:
    folder, digest = small
    store = Counted(DirectoryStore(folder))
    library = Library(store)
    first = library.edition(digest)
    assert library.edition(digest) is first
    assert store.reads == [digest]
    assert isinstance(first, Edition)
    alike = library.of_bundle(replace(bundle, digest="another"))
    assert all(a is b for a, b in zip(first.months["NdPr"], alike.months["NdPr"], strict=True))


def test_a_library_holds_no_more_editions_than_it_may(small: tuple[Path, str], bundle: Bundle) -> None:
    folder, digest = small
    store = Counted(DirectoryStore(folder))
    library = Library(store, most=1)
    library.edition(digest)
    library.of_bundle(replace(bundle, digest="another"))
    library.edition(digest)
    assert store.reads == [digest, digest]


def test_a_damaged_bundle_is_said_left_alone_for_a_while_and_tried_again(small: tuple[Path, str]) -> None:
    folder, digest = small
    file = folder / "one" / "history_as_known.csv"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"NdPr", b"NdPt", 1))
    store, clock_s = Counted(DirectoryStore(folder)), [0.0]
    library = Library(store, clock_s=lambda: clock_s[0])
    found = library.edition(digest)
    assert isinstance(found, Unread)
    assert "history_as_known.csv was altered or torn" in found.why
    file.write_bytes(whole)
    assert library.edition(digest) is found
    clock_s[0] = REST_S
    assert isinstance(library.edition(digest), Edition)
    assert store.reads == [digest, digest]


def test_a_missing_bundle_and_one_without_a_name_are_said(small: tuple[Path, str]) -> None:
    folder, _ = small
    library = Library(Counted(DirectoryStore(folder)))
    for digest, why in (("f" * 64, "No bundle with digest ffffffffffff"), ("", "does not say which bundle")):
        found = library.edition(digest)
        assert isinstance(found, Unread)
        assert why in found.why


def test_only_the_files_asked_for_are_opened(small: tuple[Path, str]) -> None:
    folder, digest = small
    (folder / "one" / "cost_stacks.csv").write_bytes(b"torn")
    assert set(DirectoryStore(folder).files(digest, EDITION_FILES)) == {"manifest.json", *EDITION_FILES}
    with pytest.raises(BundleError, match="altered or torn"):
        DirectoryStore(folder).champion()


def test_the_archive_tells_every_month_of_every_champion_by_reading_each_once(small: tuple[Path, str]) -> None:
    folder, digest = small
    lines = tuple(Promotion(str(n), day, "ann", bundle=digest) for n, day in enumerate(DAYS, 1))
    store = Counted(DirectoryStore(folder), lines)
    archive = Archive(store)
    months = archive.months("NdPr", archive.register().turns)
    assert (months[0].month, months[-1].month, len(store.reads)) == ("2024-01", "2026-02", 1)
    assert all(len(one.unchanged) == len(DAYS) - 1 and not one.changes for one in months)
