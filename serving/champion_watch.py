"""The watch on the champion: another one is fetched, checked, probed and put in use; else what serves goes on serving.

A look is one cheap question to the store, on a thread of its own. Whatever fails, no request waits for it.
"""

from __future__ import annotations

import gc
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import NoReturn
from weakref import ref

from anyio import to_thread

from pricing.errors import BundleError, MissingModelError
from serving.in_use import InUse, Serving
from serving.model_store import ModelEntry, PublishedModel
from serving.probe import BROKEN, lost_prices, probe
from serving.rights import Office
from serving.watched import Cadence, Trouble, Watch, Watched, same

LOG = logging.getLogger("fairprice.champion")
LAST_LOOK_S = 10.0  # how long a service that stops waits for a look that runs


def utc_now() -> datetime:
    """Return the time of day, in UTC."""
    return datetime.now(UTC)


class ChampionWatch:
    """Looks for another champion and puts it in use; without a cadence it opens the first one and looks no more.

    Raises BundleError when the first champion is damaged and `last_good` keeps none; with nothing published it begins
    all the same.
    """

    def __init__(
        self,
        office: Office,
        watch: Watch,
        now: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._office = office
        self._cadence = watch.cadence
        self._last_good = watch.last_good
        self._now = now
        self._chance = chance
        self._flawed: Serving | None = None  # what serves though its probe failed: there was nothing else
        self._before: ref[PublishedModel] | None = None
        self._looking, self._stopped, self._woken = Lock(), Event(), Event()
        self._thread: Thread | None = None
        self.known = Watched(watch.cadence.every_s if watch.cadence else None)
        self.in_use = InUse(self._first())

    def start(self) -> None:
        """Begin to look, on a thread of its own."""
        if self._cadence is not None:
            self._thread = Thread(target=self._run, args=(self._cadence,), name="champion-watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Look no more, and wait for a look that runs; one that hangs longer is left to end with the process."""
        self._stopped.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(LAST_LOOK_S)

    @asynccontextmanager
    async def while_serving(self, _app: object) -> AsyncIterator[None]:
        """Look for as long as an app serves."""
        self.start()
        try:
            yield
        finally:
            await to_thread.run_sync(self.stop)

    def wake(self) -> None:
        """Look at once, and try again at once what failed."""
        self.known = self.known.at_once(self._now())
        self._woken.set()

    def look(self) -> None:
        """Look once: put another champion in use, or note why not."""
        with self._looking:
            self._free()
            try:
                wanted = self._office.store.serving()
            except BundleError as fault:
                self._note_away(fault)
                return
            self._note_answer()
            if self._serves(wanted):
                self.known = replace(self.known, refused=None)
            elif self._is_due(wanted):
                self._change_to(wanted)

    def _run(self, cadence: Cadence) -> None:
        try:
            while not self._stopped.is_set():
                away = self.known.away
                pause = cadence.look(self._chance()) if away is None else away.next_try - self._now()
                self._woken.wait(max(0.0, pause.total_seconds()))
                self._woken.clear()
                if not self._stopped.is_set():
                    self._look_on()
        finally:
            if not self._stopped.is_set():  # what nobody expected is on the log, with its stack; the watch goes on
                self.start()

    def _look_on(self) -> None:
        """Look, and go on looking whatever a store raises."""
        try:
            self.look()
        except BROKEN as fault:
            self._note_away(BundleError(f"The store of models breaks where it is asked ({type(fault).__name__})."))

    # --- what serves --------------------------------------------------------------------------------------------

    def _first(self) -> Serving:
        first = self._opened(self._office.store.champion)
        try:
            _ = first.desks.public.book
        except BundleError as fault:
            return self._without(first, fault)
        return first if self._cadence is None else self._probed(first)

    def _without(self, first: Serving, fault: BundleError) -> Serving:
        """Return what serves while no champion can be had."""
        kept = self._kept()
        if kept is not None:
            self._note_away(fault)
            LOG.warning("%s serves: the last good one, kept on this machine.", _named(kept))
            return kept
        if not isinstance(fault, MissingModelError):
            raise fault
        return first if self._cadence is None else self._opened(_nothing_yet)

    def _probed(self, first: Serving) -> Serving:
        try:
            probe(first.desks)
        except BundleError as fault:
            self._note_refused(_entry(first), fault)
            return self._kept() or self._flawed_all_the_same(first)
        self._note_good(first)
        return first

    def _kept(self) -> Serving | None:
        """Return the last good model, probed; None where none is kept."""
        model = self._last_good.last()
        if model is None:
            return None
        kept = self._opened(lambda: model)
        try:
            probe(kept.desks)
        except BundleError:
            return None
        return kept

    def _flawed_all_the_same(self, first: Serving) -> Serving:
        LOG.warning("It serves all the same: no other was kept.")
        self._flawed = first
        return first

    def _change_to(self, wanted: ModelEntry) -> None:
        new = self._opened(self._office.store.champion)
        try:
            probe(new.desks)
        except BundleError as fault:
            self._note_refused(wanted, fault)
            return
        new = self._compared(new)
        old, self.in_use.now = self.in_use.now, new
        self._before = None if old.model is None else ref(old.model)
        self._flawed = None
        self.known = replace(self.known, refused=None)
        self._note_good(new)
        LOG.info("%s serves from now on. %s served before.", _named(new), _named(old))

    def _compared(self, new: Serving) -> Serving:
        """Return what is to serve, flagged with the prices that are lost by it; it serves all the same."""
        if self.in_use.now.model is None:
            return new
        flags = lost_prices(new.desks, self.in_use.now.desks)
        for flag in flags:
            LOG.warning("%s %s", _named(new), flag)
        return replace(new, flags=flags)

    def _opened(self, champion: Callable[[], PublishedModel]) -> Serving:
        return Serving(self._office.desks(champion), self._now())

    def _serves(self, wanted: ModelEntry) -> bool:
        now = self.in_use.now
        return now is not self._flawed and now.model is not None and same(_entry(now), wanted)

    def _is_due(self, wanted: ModelEntry) -> bool:
        refused = self.known.refused
        return refused is None or not refused.is_of(wanted) or self._now() >= refused.next_try

    def _free(self) -> None:
        """Give back the memory of the model before, a look after the change: its desks refer to each other."""
        if self._before is not None and self._before() is not None:
            gc.collect()
        self._before = None

    # --- what is known ------------------------------------------------------------------------------------------

    def _note_answer(self) -> None:
        if self.known.away is not None:
            LOG.info("The registry of models answers again.")
        self.known = replace(self.known, answered=self._now(), away=None)

    def _note_away(self, fault: BundleError) -> None:
        before, now, cadence = self.known.away, self._now(), self._cadence or Cadence()
        tries = 1 if before is None else before.tries + 1
        trouble = Trouble(str(fault), before.since if before else now, tries, now + cadence.away(tries, self._chance()))
        if before is None:
            LOG.warning("No champion can be had: %s", fault)
        self.known = replace(self.known, away=trouble)

    def _note_refused(self, wanted: ModelEntry, fault: BundleError) -> None:
        before, now, cadence = self.known.refused, self._now(), self._cadence or Cadence()
        again = before if before is not None and before.is_of(wanted) else None
        tries = 1 if again is None else again.tries + 1
        trouble = Trouble(
            str(fault), again.since if again else now, tries, now + cadence.refused(tries, self._chance()), wanted
        )
        if again is None or again.why != trouble.why:
            LOG.warning("Version %s, bundle %s, is refused: %s", wanted.version, wanted.digest[:12], fault)
        self.known = replace(self.known, refused=trouble)

    def _note_good(self, serving: Serving) -> None:
        self._last_good.remember(serving.desks.public.book.model)
        with suppress(BundleError):
            self._office.store.entries()  # the store lists them again while its registry is away


def _entry(serving: Serving) -> ModelEntry:
    model = serving.desks.public.book.model
    return ModelEntry(model.version, model.digest, champion=True)


def _named(serving: Serving) -> str:
    model = serving.model
    return "Nothing" if model is None else f"Version {model.version}, bundle {model.digest[:12]},"


def _nothing_yet() -> NoReturn:
    msg = "No model is published yet. Run `fairprice train`; the service takes it up by itself."
    raise MissingModelError(msg)
