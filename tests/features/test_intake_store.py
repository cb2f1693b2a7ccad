"""A vintage is written in one step, never changes, tells when it was touched, and changes nothing known before it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.dataset import Dataset, load_dataset
from features.intake import store as stored
from features.intake.joined import Arrival, joined_with
from features.intake.kinds import KINDS, PANEL, PRICES
from features.intake.replay import cut, days_between, differing, replay, table_of, write_files
from features.intake.store import locked, names, read_vintages, write_vintage
from features.panel import Panel, vintage_day
from features.policy import regime_on
from features.price_view import PriceView
from pricing.errors import DataError

Desk = Any
ALUMINIUM = "wb_aluminum,2026-03-01,2026-04-02,3090"
SERIES = ("usd_cny", "eia_brent", "wb_tin")


@pytest.fixture(scope="module")
def small(shipped: Dataset) -> Dataset:
    """Three series, Dy and Tb, and all regimes."""
    panel, prices = shipped.panel.frame, shipped.prices
    return replace(
        shipped,
        panel=Panel(panel[panel["series"].isin(SERIES)].reset_index(drop=True)),
        prices=prices[prices["material"].isin(["Dy", "Tb"])].reset_index(drop=True),
    )


def refusal(folder: Path, dataset: Dataset) -> str:
    with pytest.raises(DataError) as caught:
        read_vintages(folder, dataset)
    assert "\n" not in str(caught.value)
    return str(caught.value)


days = st.dates(date(2009, 1, 1), date(2026, 5, 31))


@settings(max_examples=15)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(SERIES), st.integers(0, 200), days, st.floats(0.1, 1e4)),
        min_size=1, max_size=8, unique_by=lambda row: row[:2],
    ),
    received_on=st.dates(date(2026, 4, 1), date(2026, 5, 31)),
    back=st.integers(1, 5000),
)  # fmt: skip
def test_what_arrives_changes_nothing_known_before_the_day_it_arrives(
    small: Dataset, rows: list[tuple[str, int, date, float]], received_on: date, back: int
) -> None:
    """The law: whatever a file says of its own past, every earlier day is as it was, to the byte."""
    first = pd.Period("2009-08", "M")
    told = [
        {"series": name, "date": (first + n).start_time.date(), "known_at": known, "value": value}
        for name, n, known, value in rows
    ]
    price = small.prices.iloc[[-1]].assign(mean=7.0, known_at=pd.Timestamp("2019-03-01").as_unit("s"))
    after = joined_with(small, [Arrival(received_on, {"panel": PANEL.table(told), "prices_monthly": price})])
    for day in (received_on - timedelta(days=1), received_on - timedelta(days=back)):
        mine, theirs = small.as_known(day), after.as_known(day)
        for kind in KINDS.values():
            assert table_of(mine, kind).equals(table_of(theirs, kind))
        assert small.snapshot(day) == after.snapshot(day)
    assert after.snapshot(received_on) != small.snapshot(received_on)
    assert after.last_day == received_on


def test_rows_taken_in_on_the_days_they_became_public_make_the_dataset_to_the_byte(shipped: Dataset) -> None:
    public = sorted({day for kind in KINDS.values() for day in table_of(shipped, kind)["known_at"].dt.date})
    start = date(2026, 2, 10)
    base = cut(shipped, start)
    arrivals = []
    for since, day in zip([start, *public], public, strict=False):
        if day > start:
            tables = {name: _new(shipped, kind, max(since, start), day) for name, kind in KINDS.items()}
            arrivals.append(Arrival(day, tables))
    whole = joined_with(base, arrivals)
    assert len(arrivals) > 3
    for kind in KINDS.values():
        assert table_of(whole, kind).equals(table_of(shipped, kind))
    assert whole.snapshot(shipped.last_day) == shipped.snapshot(shipped.last_day)


def test_months_brought_back_one_by_one_make_the_dataset_on_every_months_day(shipped: Dataset, tmp_path: Path) -> None:
    first = date(2026, 1, 20)
    found, end = replay(shipped, [first, *days_between(first, date(2026, 3, 20))], tmp_path / "store")
    assert sum(found.taken.values()) > 250
    assert len(found.alarms) < 10
    for day in (first, date(2026, 2, 20), date(2026, 3, 20)):
        assert not list(differing(end, shipped, day))
    assert len(end.vintages) == 2
    assert end.last_day == date(2026, 3, 20)


def test_a_revised_price_stands_from_the_day_it_arrives_and_not_before(small: Dataset) -> None:
    row = small.prices[(small.prices["source"] == "komis") & (small.prices["month"] == "2026-02")].iloc[[0]]
    revised = row.assign(mean=240.0)
    after = joined_with(small, [Arrival(date(2026, 4, 20), {"prices_monthly": revised[list(PRICES.columns)]})])
    months = ("2026-01", "2026-02")
    as_known, latest = (
        PriceView(after, months, vintage).figures("Dy", "fob_china")["mean"].tolist()
        for vintage in ("as_known", "latest")
    )
    assert as_known == [244.66, 248.04]  # of February as first priced, on 20 March
    assert latest == [244.66, 240.0]


def held(dataset: Dataset, day: date) -> float | None:
    """The price floor on a day, USD/kg."""
    row = regime_on(dataset.policy, "us_price_floor", "NdPr", day)
    return None if row is None else float(row["value"])


def test_a_revised_regime_takes_the_place_of_the_one_before(small: Dataset) -> None:
    floor = small.policy[small.policy["instrument"] == "us_price_floor"]
    shorter = floor.assign(value=115.0, end=pd.Timestamp("2030-12-31").as_unit("s"))
    after = joined_with(small, [Arrival(date(2026, 4, 20), {"policy": shorter})])
    assert held(after, date(2026, 5, 1)) == 115.0
    assert held(after, date(2032, 1, 1)) is None  # the old one does not come back
    assert held(after.as_known(date(2026, 4, 19)), date(2026, 5, 1)) == 110.0


def test_a_dataset_with_vintages_has_another_digest_their_names_and_their_last_day(desk: Desk) -> None:
    receipt = desk.panel(ALUMINIUM)
    joined = load_dataset(vintages=desk.store)
    assert joined.vintages == (receipt.vintage,)
    assert joined.digest != desk.dataset.digest
    assert joined.last_day == date(2026, 4, 20)
    assert joined.panel.series("wb_aluminum")["known_at"].iloc[-1] == pd.Timestamp("2026-04-20")
    stated = pd.read_csv(desk.store / receipt.vintage / "panel.csv")["known_at"].tolist()
    assert stated == ["2026-04-02"]  # the file keeps what was said
    assert vintage_day("2026-03") == joined.last_day


def test_a_folder_that_is_not_there_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="fairprice ingest"):
        load_dataset(vintages=tmp_path / "none")


@pytest.fixture
def three(small: Dataset, tmp_path: Path) -> Path:
    """A store of three small vintages."""
    store = tmp_path / "store"
    with locked(store):
        for number, day in enumerate(("2026-04-20", "2026-05-20", "2026-06-20"), 1):
            put(store, small, number, day)
    return store


def put(store: Path, dataset: Dataset, number: int, day: str) -> str:
    before = names(read_vintages(store, dataset))
    record = {
        "number": number, "previous": before[-1] if before else "", "dataset": dataset.digest, "received_on": day,
    }  # fmt: skip
    told = {"series": "wb_tin", "date": date(2026, 2 + number, 1), "known_at": date.fromisoformat(day), "value": 5e4}
    return write_vintage(store, record, {"panel": PANEL.table([told])})


def edit_table(store: Path) -> None:
    path = sorted(store.iterdir())[2] / "panel.csv"
    path.write_text(path.read_text("utf-8").replace("50000", "51000"), "utf-8")


def edit_record(store: Path) -> None:
    path = sorted(store.iterdir())[2] / "vintage.yaml"
    path.write_text(path.read_text("utf-8").replace("2026-05-20", "2026-05-19"), "utf-8")


def drop_one(store: Path) -> None:
    shutil.rmtree(sorted(store.iterdir())[2])


def drop_file(store: Path) -> None:
    (sorted(store.iterdir())[2] / "panel.csv").unlink()


def add_file(store: Path) -> None:
    (sorted(store.iterdir())[2] / "prices_monthly.csv").write_text("material\n", "utf-8")


def add_stranger(store: Path) -> None:
    (store / "notes.txt").write_text("hello", "utf-8")


@pytest.mark.parametrize(
    ("touch", "words"),
    [
        (edit_table, "panel.csv: checksum"),
        (edit_record, "not the record that the folder's name seals"),
        (drop_one, "a vintage is missing or doubled"),
        (drop_file, "panel.csv is missing or not of the vintage"),
        (add_file, "prices_monthly.csv is missing or not of the vintage"),
        (add_stranger, "'notes.txt' is no vintage"),
    ],
)
def test_a_store_that_was_touched_is_refused_in_one_line(
    three: Path, small: Dataset, touch: Callable[[Path], None], words: str
) -> None:
    assert len(read_vintages(three, small)) == 3
    touch(three)
    message = refusal(three, small)
    assert words in message
    assert "Restore" in message or "Take it away" in message


def test_a_store_belongs_to_the_dataset_its_rows_were_checked_against(three: Path, small: Dataset) -> None:
    message = refusal(three, replace(small, digest="another"))
    assert "this is another" in message
    assert "ingest the tables" in message


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", range(6))
def test_a_writer_killed_at_any_step_leaves_the_store_as_it_was_and_the_next_one_completes(
    three: Path, small: Dataset, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Steps: two files, the folder's sync, its rights, the rename, the store's sync."""
    left = [step]

    def mortal(done: Callable[..., Any]) -> Callable[..., Any]:
        def act(*given: Any) -> Any:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return done(*given)

        return act

    with monkeypatch.context() as patch:
        for owner, name in ((stored, "_write"), (stored, "_sync"), (Path, "rename"), (Path, "chmod")):
            patch.setattr(owner, name, mortal(getattr(owner, name)))
        with pytest.raises(Killed):
            put(three, small, 4, "2026-07-20")
    there = len(read_vintages(three, small))
    assert there == (3 if step < 5 else 4)  # all of it or nothing of it
    with locked(three):
        put(three, small, there + 1, "2026-08-20")
    assert len(read_vintages(three, small)) == there + 1
    assert not list(three.glob(".new-*"))


def test_a_store_in_use_is_not_written_by_a_second_copy(three: Path) -> None:
    with locked(three), pytest.raises(DataError, match="another intake has held the store"), locked(three, 0.0):
        pass


def test_two_copies_at_once_store_a_file_once(desk: Desk) -> None:
    path = desk.file("panel.csv", "series,date,known_at,value", ALUMINIUM)
    with ThreadPoolExecutor(2) as pool:
        receipts = list(pool.map(lambda _: desk.take(path), range(2)))
    assert sorted(bool(receipt.vintage) for receipt in receipts) == [False, True]
    assert len(read_vintages(desk.store, desk.dataset)) == 1


def test_a_vintage_can_be_taken_in_again_by_another_store(desk: Desk, tmp_path: Path) -> None:
    receipt = desk.panel(ALUMINIUM)
    other = replace(desk, folder=tmp_path / "other")
    assert other.take(desk.store / receipt.vintage, day="2026-05-20").complete


def _new(dataset: Dataset, kind: Any, since: date, day: date) -> pd.DataFrame:
    table = table_of(dataset, kind)
    return table[(table["known_at"] > pd.Timestamp(since)) & (table["known_at"] <= pd.Timestamp(day))]


def test_files_of_a_month_hold_what_became_known_in_it(shipped: Dataset, tmp_path: Path) -> None:
    paths = write_files(shipped, date(2026, 2, 20), date(2026, 3, 20), tmp_path)
    known = pd.concat([pd.read_csv(path)["known_at"] for path in paths])
    assert (known > "2026-02-20").all()
    assert (known <= "2026-03-20").all()
