"""A service that stops waits for the look that runs, and what the watch says finds standard error where it is."""

from __future__ import annotations

import contextlib
import io
import logging
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Event, Timer

import pytest
from anyio import run, to_thread

from serving.champion_watch import ChampionWatch
from serving.model_store import DirectoryStore, ModelEntry
from serving.rights import Access, Office
from serving.server import _StandardError
from serving.watched import Cadence, Watch

pytestmark = pytest.mark.usefixtures("quick_reading")


@dataclass(frozen=True)
class SlowStore(DirectoryStore):
    """A store that answers when it is let."""

    asked: Event = field(default_factory=Event)
    free: Event = field(default_factory=Event)

    def serving(self) -> ModelEntry:
        self.asked.set()
        self.free.wait(60)
        return super().serving()


def test_a_service_that_stops_waits_for_the_look_that_runs(bundle_folder: Path) -> None:
    store = SlowStore(bundle_folder)
    watch = ChampionWatch(
        Office.over(store, lambda: date(2026, 4, 10), Access()), Watch(Cadence(every_s=0.01, jitter=0.0))
    )

    async def serve_and_stop() -> None:
        async with watch.while_serving(None):
            assert await to_thread.run_sync(store.asked.wait, 60)
            Timer(0.3, store.free.set).start()

    run(serve_and_stop)
    assert watch._thread is not None
    assert not watch._thread.is_alive()


def test_what_the_watch_says_goes_to_what_is_standard_error_by_then(capsys: pytest.CaptureFixture[str]) -> None:
    handler = _StandardError()
    with contextlib.redirect_stderr(io.StringIO()) as before:
        handler.emit(logging.makeLogRecord({"msg": "Version 1 serves."}))
    handler.emit(logging.makeLogRecord({"msg": "Version 2 serves."}))
    assert (before.getvalue(), capsys.readouterr().err) == ("Version 1 serves.\n", "Version 2 serves.\n")
