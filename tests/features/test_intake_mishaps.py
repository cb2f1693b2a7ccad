"""Two processes, a writer killed, a disk full, a figure revised: the store is whole, and the past stands."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.dataset import Dataset, load_dataset
from features.intake import store as stored
from features.intake.kinds import KINDS
from features.intake.report import as_dict
from features.intake.store import names_in, read_vintages
from features.market_prices import market_price
from features.tables import read_table
from pricing.errors import DataError

Desk = Any
PANEL = "series,date,known_at,value"
ALUMINIUM = "wb_aluminum,2026-03-01,2026-04-02,3090"
ZINC = "wb_zinc,2026-03-01,2026-04-02,3300"
LONGEST_SECONDS = 60


def folder_of(desk: Desk) -> Path:
    """A folder of two tables, as it arrives."""
    folder: Path = desk.folder / "april"
    folder.mkdir()
    for name, row in (("metals.csv", ALUMINIUM), ("more.csv", ZINC)):
        (folder / name).write_text(f"{PANEL}\n{row}\n", "utf-8")
    return folder


def forked(*acts: Callable[[], object]) -> list[int | None]:
    """Run acts at once, each as a process of its own; return their exit codes."""
    ways = multiprocessing.get_context("fork")
    started = [ways.Process(target=act) for act in acts]
    for process in started:
        process.start()
    for process in started:
        process.join(LONGEST_SECONDS)
    return [process.exitcode for process in started]


def test_two_processes_that_take_the_same_folder_in_at_once_store_it_once(desk: Desk) -> None:
    folder = folder_of(desk)
    ready = multiprocessing.get_context("fork").Barrier(2)

    def take() -> None:
        ready.wait(LONGEST_SECONDS)
        receipt = desk.take(folder)
        assert receipt.complete
        assert len(receipt.judged.taken) + receipt.judged.known == 2

    assert forked(take, take) == [0, 0]
    (vintage,) = read_vintages(desk.store, desk.dataset)
    assert vintage.tables["panel"]["series"].tolist() == ["wb_aluminum", "wb_zinc"]


def test_kill_9_in_the_middle_of_a_file_leaves_nothing_that_is_read_and_a_rerun_completes(desk: Desk) -> None:
    folder = folder_of(desk)

    def dies(path: Path, content: bytes) -> None:
        path.write_bytes(content[: len(content) // 2])
        os.kill(os.getpid(), signal.SIGKILL)

    def take() -> None:
        stored._write = dies  # in the process of its own alone
        desk.take(folder)

    assert forked(take) == [-signal.SIGKILL]
    (torn,) = desk.store.glob(".new-*/*")
    assert torn.stat().st_size > 0
    assert load_dataset(vintages=desk.store) is desk.dataset  # a reader sees no trace of it
    receipt = desk.take(folder)
    assert names_in(desk.store) == (receipt.vintage,)
    assert not list(desk.store.glob(".new-*"))


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Let the system refuse what goes beyond a size, as `ulimit -f` and a full disk do."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [40, 120], ids=["in the table", "in the record"])
def test_a_disk_that_is_full_is_told_in_one_line_and_nothing_half_is_left(desk: Desk, size: int) -> None:
    folder = folder_of(desk)
    with no_file_above(size), pytest.raises(DataError) as caught:
        desk.take(folder)
    assert str(caught.value) == (
        f"{desk.store}: File too large. Nothing of these files is stored. Make room there and run this again."
    )
    assert [entry.name for entry in desk.store.iterdir()] == [".lock"]
    assert desk.take(folder).complete


def test_a_store_that_is_a_file_is_told_in_words(desk: Desk) -> None:
    desk.store.write_text("no store")
    with pytest.raises(DataError, match="found a file, expected a folder") as caught:
        desk.panel(ALUMINIUM)
    assert "\n" not in str(caught.value)


def test_a_day_before_a_revision_is_answered_as_it_was_and_a_day_after_it_with_the_revised_figure(desk: Desk) -> None:
    """NdPr in China stood at 782.9 CNY/kg with VAT in February 2026; a mean of 790 arrives on 20 April."""
    rows = desk.dataset.prices
    mine = (rows["source"] == "smm;sunsirs") & (rows["month"] == "2026-02") & (rows["material"] == "NdPr")
    assert rows.loc[mine, "mean"].tolist() == [782.9]
    revised = rows[mine].assign(mean=790.0, known_at="2026-04-15")[list(KINDS["prices_monthly"].columns)]
    path = desk.folder / "prices.csv"
    revised.to_csv(path, index=False)
    assert desk.take(path).complete
    joined = load_dataset(vintages=desk.store)

    def answered(dataset: Dataset, as_of: date) -> float:
        known = dataset.as_known(as_of)
        return float(market_price(known, "NdPr", "china", "latest", ["2026-02"])["price"].iloc[0])

    before, after = date(2026, 4, 19), date(2026, 4, 20)
    assert answered(joined, before) == answered(desk.dataset, before) == pytest.approx(100.317, abs=0.001)
    assert answered(joined, after) == pytest.approx(100.317 * 790 / 782.9, abs=0.001)


def test_a_sealed_vintage_is_read_once_in_a_process_and_again_when_a_file_of_it_is_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = (desk.store / desk.panel(ALUMINIUM).vintage).glob("panel.csv")
    read: list[Path] = []

    def noted(place: Path) -> pd.DataFrame:
        read.append(place)
        return read_table(place)

    monkeypatch.setattr(stored, "read_table", noted)
    first = read_vintages(desk.store, desk.dataset)
    assert read_vintages(desk.store, desk.dataset) == first
    assert read == [path]
    path.write_bytes(path.read_bytes())  # the same bytes, written again
    read_vintages(desk.store, desk.dataset)
    assert read == [path, path]


def test_receipts_are_the_same_whether_vintages_are_read_once_or_at_every_intake(desk: Desk, tmp_path: Path) -> None:
    """The name of a vintage seals its rows, its record and all before it."""
    arrivals = {
        "2026-04-20": (ALUMINIUM, "wb_silver,2026-03-01,2026-04-02,47"),
        "2026-05-20": (ZINC, "wb_aluminum,2026-03-01,2026-05-02,3100"),
        "2026-06-20": ("wb_zinc,2026-03-01,2026-06-02,3310", ALUMINIUM),
    }
    told: dict[str, list[dict[str, Any]]] = {"once": [], "again": []}
    for name, receipts in told.items():
        one = replace(desk, folder=tmp_path / name)
        one.folder.mkdir()
        for day, rows in arrivals.items():
            if name == "again":
                stored._read.cache_clear()
            receipts.append(as_dict(one.panel(*rows, day=day)))
    assert told["once"] == told["again"]
    assert [(len(one["held_back"]), one["taken"]) for one in told["once"]] == [(1, 1), (0, 2), (0, 1)]
