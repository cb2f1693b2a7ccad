"""Several jobs and many readers on one store: one job works, the others say so or wait; no reader sees a torn model."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from types import ModuleType
from typing import Any

import pytest

from pricing.errors import HeldError
from serving.mlflow_store import MlflowStore
from training.registry import versions
from training.retrain.lock import alone
from training.retrain.outcome import LOCKED

NOW = datetime(2026, 4, 20, tzinfo=UTC)


def uri(place: Path) -> str:
    return f"sqlite:///{place}/store/mlflow.db"


class Readers:
    """Threads that ask a store for its champion until they are told to stop."""

    def __init__(self, place: Path, count: int) -> None:
        self.seen: set[str] = set()
        self.faults: list[str] = []
        self._stop = Event()
        self._threads = [Thread(target=self._read, args=(MlflowStore(uri(place)),)) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _read(self, store: MlflowStore) -> None:
        while not self._stop.is_set():
            try:
                self.seen.add(store.champion().digest)
            except Exception as fault:  # noqa: BLE001 - any at all is what must not happen
                self.faults.append(repr(fault))
            time.sleep(0.05)


def test_of_three_jobs_at_once_one_works_the_others_tell_or_wait_and_readers_see_whole_models(
    tiny: ModuleType, nursery: Any, served: Path
) -> None:
    before = MlflowStore(uri(served)).champion().digest
    (served / "panel.csv").write_text(tiny.NEW_ROW)
    readers = Readers(served, 2)
    jobs = [nursery.run(served, wait=wait) for wait in (300, 300, 0)]
    codes = [nursery.wait(job) for job in jobs]
    readers.stop()
    assert codes[:2] == [0, 0]  # one of them promoted, the other found nothing new
    assert codes[2] in {LOCKED, 0}  # 0: it was first
    after = MlflowStore(uri(served)).champion().digest
    assert (readers.faults, readers.seen | {after}) == ([], {before, after})
    assert [one.version for one in versions(uri(served))] == ["1", "2"]


def test_a_second_holder_is_told_who_holds_the_lock_since_when_and_what_to_do(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with alone(lock, NOW), pytest.raises(HeldError) as told, alone(lock, NOW):
        pass
    assert "held by process " in str(told.value)
    assert "since 2026-04-20T00:00:00+00:00" in str(told.value)
    assert "--wait SECONDS" in str(told.value)


def test_a_lock_keeps_its_id_from_holder_to_holder_and_survives_a_torn_name(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with alone(lock, NOW) as first:
        pass
    with alone(lock, NOW) as second:
        assert second == first == json.loads(lock.read_text())["lock"]
    lock.write_text('{"lock": "to')
    with alone(lock, NOW) as third:
        assert third != first


def test_who_waits_gets_the_lock_when_it_is_let_go(tmp_path: Path) -> None:
    lock, held, done = tmp_path / "lock", Event(), Event()

    def hold() -> None:
        with alone(lock, NOW):
            held.set()
            done.wait()

    thread = Thread(target=hold)
    thread.start()
    held.wait()
    Thread(target=lambda: (time.sleep(0.3), done.set())).start()
    with alone(lock, NOW, wait_seconds=30):
        assert done.is_set()
    thread.join()
