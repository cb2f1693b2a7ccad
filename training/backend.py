"""Where the fan-outs of training run: in processes of this machine, or on the workers of a Dask cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from joblib import Parallel, delayed, parallel_config
from joblib.parallel import get_active_backend

from pricing.errors import ClusterError, Fault, InputError
from training.options import Machines

if TYPE_CHECKING:
    from distributed import Client

    from training.cluster import Cluster

CONNECT_SECONDS = 10.0
PATIENCE_SECONDS = 120.0  # without any worker; a container takes its time to come back
SCHEMES = ("tcp", "tls")
EXTRA = "dask and distributed, the extra `cluster` of this project: pip install 'fairprice[cluster]'"

Task = TypeVar("Task")
Result = TypeVar("Result")
Value = TypeVar("Value")


@contextmanager
def workers(
    machines: Machines,
    connect_seconds: float = CONNECT_SECONDS,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Iterator[None]:
    """Let every fan-out inside run on this machine, or on the workers of the cluster whose scheduler is named.

    InputError for an address that is none; ClusterError when the cluster cannot be reached, has no worker, has one that
    computes with something else, or goes away.
    """
    address = checked_address(machines)
    if address is None:
        yield
        return
    from training.cluster import Cluster, quiet  # noqa: PLC0415 - Dask is an extra

    quiet()
    with _connected(address, connect_seconds) as client:
        _check_workers(client, address, connect_seconds)
        with parallel_config(backend=Cluster(client, address, patience_seconds).backend()):
            yield


def shared(value: Value) -> Value:
    """Return a large value as tasks carry it: itself, or on a cluster a promise of it that travels once to a worker."""
    cluster = _cluster()
    return value if cluster is None else cluster.share(value)


def on_cluster() -> bool:
    """Return whether fan-outs run on a cluster, where this process only waits."""
    return _cluster() is not None


def spread(function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterable[Result]:
    """Return what a function makes of tasks, in their order, side by side."""
    found: Iterable[Result] = Parallel(return_as="generator")(delayed(function)(task) for task in tasks)
    return found


def carried_over(work: Callable[[], Result]) -> Callable[[], Result]:
    """Return work for another thread, whose fan-outs run where those of this thread do."""
    cluster = _cluster()

    def run() -> Result:
        if cluster is None:
            return work()
        with parallel_config(backend=cluster.backend()):
            return work()

    return run


def _cluster() -> Cluster | None:
    backend, _ = get_active_backend()
    found: Cluster | None = getattr(backend, "cluster", None)
    return found


def checked_address(machines: Machines) -> str | None:
    """Return the address of the scheduler that is asked for, None for this machine; nobody is asked whether it answers.

    InputError for an address that is none, or without the packages of a cluster.
    """
    if not machines.is_cluster:
        return None
    scheduler = machines.scheduler
    allowed = "tcp://HOST:PORT or tls://HOST:PORT, as `dask scheduler` prints it"
    if not scheduler:
        raise InputError(Fault("--scheduler", "nothing", allowed))
    if not _is_address(scheduler):
        near = f"{SCHEMES[0]}://{scheduler.rpartition('://')[2]}"
        raise InputError(Fault("--scheduler", scheduler, allowed, near if _is_address(near) else None))
    missing = [name for name in ("dask", "distributed") if find_spec(name) is None]
    if missing:
        raise InputError(Fault("--backend", f"dask without {' and '.join(missing)}", f"dask, with {EXTRA}"))
    return scheduler


def _is_address(scheduler: str) -> bool:
    try:
        parts = urlsplit(scheduler)
        return parts.scheme in SCHEMES and bool(parts.hostname) and parts.port is not None
    except ValueError:  # a port that is no number
        return False


@contextmanager
def _connected(address: str, connect_seconds: float) -> Iterator[Client]:
    from distributed import Client  # noqa: PLC0415 - as above

    try:
        asyncio.run(asyncio.wait_for(_greeted(address, connect_seconds), connect_seconds))
        client = Client(address, timeout=connect_seconds, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError, RuntimeError) as fault:
        msg = (
            f"{address}: no scheduler answers within {connect_seconds:g} s ({_first_line(fault)}). Start one with "
            "`dask scheduler`, mend --scheduler or FAIRPRICE_SCHEDULER, or run with --backend local."
        )
        raise ClusterError(msg) from fault
    with client:
        yield client


async def _greeted(address: str, connect_seconds: float) -> None:
    """Ask who listens at an address, before a client does: it would wait for ever for what is no scheduler."""
    from distributed import Security  # noqa: PLC0415 - as above
    from distributed.core import rpc  # noqa: PLC0415

    security = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    async with rpc(address, timeout=connect_seconds, connection_args=security) as peer:  # type: ignore[no-untyped-call]
        found = (await peer.identity())["type"]
    if found != "Scheduler":
        msg = f"a {found} listens there"
        raise ValueError(msg)


def _check_workers(client: Client, address: str, wait_seconds: float) -> None:
    """Raise ClusterError unless there is a worker, and each one computes with what this process does."""
    from distributed.exceptions import WorkerStartTimeoutError  # noqa: PLC0415 - as above

    from training.cluster import Equipment, equipment, unlike  # noqa: PLC0415

    try:
        client.wait_for_workers(1, timeout=wait_seconds)
    except WorkerStartTimeoutError as fault:
        msg = (
            f"{address}: the scheduler has no worker, after {wait_seconds:g} s. "
            f"Start some with `dask worker {address}`, or run with --backend local."
        )
        raise ClusterError(msg) from fault
    own, found = equipment(), client.run(equipment, on_error="return")
    wrong = {}
    for worker, its in found.items():
        none = f"no fairprice of this version ({_first_line(its)})"
        differences = own.differs(its) if isinstance(its, Equipment) else [none]
        if differences:
            wrong[worker] = differences
    if wrong:
        raise ClusterError(unlike(wrong))


def _first_line(fault: object) -> str:
    name, (said, *_) = type(fault).__name__, str(fault).splitlines() or [""]
    return f"{name}: {said}" if said else name
