"""A Dask cluster as a place where joblib's tasks run: no number depends on which worker ran what, nor on how many.

joblib has a backend for Dask of its own. It waits for ever where Dask gives a task up, where the scheduler goes away,
and where no worker is left; and it keeps large arguments on one worker, with which they are lost. This one ends with
ClusterError in those cases, and what tasks share is made again where it was lost.
"""

from __future__ import annotations

import functools
import importlib.metadata
import logging
import platform
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import asdict, dataclass
from threading import Event, Lock, Thread
from typing import Any

from distributed import KilledWorker, get_worker
from joblib import parallel_config
from joblib.parallel import ParallelBackendBase

from pricing.errors import ClusterError
from training.inputs import code_digest

NUMERIC = ("numpy", "scipy", "pandas", "scikit-learn", "lightgbm")  # whose versions may move the last bits of a number
CARRIERS = ("dask", "distributed", "joblib", "cloudpickle")  # whose versions must agree to understand each other
FEWEST_SIDE_BY_SIDE = 2  # with one joblib would run the tasks here, and not on the one worker
POLL_SECONDS = 0.5
LOCAL = "Run it with --backend local meanwhile."

Future = Any  # distributed's, which is typed in part only
Item = tuple[Callable[..., Any], Sequence[Any], dict[str, Any]]


@dataclass(frozen=True)
class Equipment:
    """What a machine computes with: two that are equal give the same numbers, on processors of one kind."""

    fairprice: str  # digest of code and shipped data
    python: str
    machine: str
    packages: tuple[tuple[str, str], ...]

    def differs(self, other: Equipment) -> list[str]:
        """Return in words what another machine has that this one has not."""
        own, its = ({**asdict(one), **dict(one.packages)} for one in (self, other))
        names = ("fairprice", "python", "machine", *(name for name, _ in self.packages))
        return [
            f"{name} {_short(its.get(name))} instead of {_short(own[name])}"
            for name in names
            if its.get(name) != own[name]
        ]


@functools.cache
def equipment() -> Equipment:
    """Return what this process computes with."""
    versions = tuple((name, importlib.metadata.version(name)) for name in (*NUMERIC, *CARRIERS))
    return Equipment(code_digest(), platform.python_version(), platform.machine(), versions)


@dataclass(frozen=True)
class Cluster:
    """A cluster that was found fit for work: how to reach it, and how long to wait for a worker when all are lost."""

    client: Any  # distributed.Client
    address: str
    patience_seconds: float

    def backend(self) -> ClusterBackend:
        """Return a new backend of joblib, for one thread."""
        return ClusterBackend(self)

    def share(self, value: object) -> Future:
        """Return a promise of a value, which each worker that needs it fetches once."""
        return self.client.submit(_same, value, pure=False)


class ClusterBackend(ParallelBackendBase):  # type: ignore[misc]  # joblib has no types
    """Runs the tasks of one call of joblib after another on a cluster. `n_jobs` is not asked: all workers help."""

    supports_retrieve_callback = True
    default_n_jobs = -1

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(nesting_level=0)
        self.cluster = cluster
        self._waiting: dict[Future, Callable[[Any], None]] = {}
        self._lock = Lock()
        self._ended = Event()

    def effective_n_jobs(self, n_jobs: int) -> int:  # noqa: ARG002 - as joblib asks
        """Return how many tasks run side by side."""
        return max(FEWEST_SIDE_BY_SIDE, sum(self.cluster.client.ncores().values()))

    def start_call(self) -> None:
        """Begin to look whether any worker is left."""
        self._ended = Event()
        Thread(target=self._watch, args=(self._ended,), daemon=True).start()

    def stop_call(self) -> None:
        """Look no more."""
        self._ended.set()

    def submit(self, func: Any, callback: Callable[[Any], None]) -> Future:
        """Send a few tasks to a worker; `callback` takes what becomes of them."""
        items = [[function, list(args), dict(named)] for function, args, named in func.items]
        future = self.cluster.client.submit(_called, equipment(), items, pure=False)
        with self._lock:
            self._waiting[future] = callback
        future.add_done_callback(self._done)
        return future

    def retrieve_result_callback(self, out: list[Any] | BaseException) -> list[Any]:
        """Return the results of a few tasks, or raise what one of them raised."""
        if isinstance(out, BaseException):
            raise out
        return out

    def abort_everything(self, ensure_ready: bool = True) -> None:  # noqa: ARG002 - as joblib asks
        """Take back every task that waits or runs."""
        with self._lock:
            futures, self._waiting = list(self._waiting), {}
        if self.cluster.client.status == "running":
            self.cluster.client.cancel(futures, force=True)

    def _done(self, future: Future) -> None:
        self._tell(future, self._outcome(future))

    def _outcome(self, future: Future) -> list[Any] | BaseException:
        if future.status == "error":
            fault = future.exception()
            return _given_up(fault) if isinstance(fault, KilledWorker) else fault
        if future.status != "finished":
            return ClusterError(f"{self.cluster.address}: the scheduler went away. {LOCAL}")
        found = self.cluster.client.gather([future], errors="skip")
        return found[0] if found else ClusterError(f"{self.cluster.address}: a result was lost. {LOCAL}")

    def _tell(self, future: Future, outcome: list[Any] | BaseException) -> None:
        with self._lock:
            callback = self._waiting.pop(future, None)
        if callback is not None:
            callback(outcome)

    def _watch(self, ended: Event) -> None:
        """Give every task up once no worker was there for as long as patience lasts."""
        without = 0.0
        while not ended.wait(POLL_SECONDS):
            without = without + POLL_SECONDS if self._is_without_workers() else 0.0
            if without >= self.cluster.patience_seconds:
                msg = f"{self.cluster.address}: no worker is left, for {without:g} s. Start some, or: {LOCAL}"
                for future in list(self._waiting):
                    self._tell(future, ClusterError(msg))
                return

    def _is_without_workers(self) -> bool:
        try:
            return not self.cluster.client.ncores()
        except (OSError, CancelledError, RuntimeError):  # the scheduler is away: what waits is told so by Dask itself
            return False


def _called(asked: Equipment, items: Sequence[Item]) -> list[Any]:
    """Return the results of a few tasks, on a worker that is checked to compute as the one who asks."""
    wrong = asked.differs(equipment())
    if wrong:
        raise ClusterError(unlike({get_worker().address: wrong}))
    with parallel_config(backend="sequential"):
        return [function(*args, **named) for function, args, named in items]


def _same(value: Any) -> Any:
    return value


def unlike(workers: dict[str, list[str]]) -> str:
    """Return in words which workers compute with something else, and with what."""
    told = "; ".join(f"worker {address} has {', '.join(wrong)}" for address, wrong in sorted(workers.items()))
    return f"{told}. Install on every worker what is installed here, and start it again. {LOCAL}"


def quiet() -> None:
    """Keep Dask's chatter about connections off the screen; what matters of it is raised."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)


def _given_up(fault: KilledWorker) -> ClusterError:
    return ClusterError(
        f"A task was given up: {fault.allowed_failures + 1} workers died while they ran it, the last one "
        f"{fault.last_worker.address}. Most likely memory ran out: give each worker more. {LOCAL}"
    )


def _short(value: object) -> str:
    return str(value)[:12]
