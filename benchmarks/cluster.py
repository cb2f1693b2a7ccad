"""The same jobs on this machine and on a local Dask cluster: seconds, CPU, and whether they give the same bytes.

    python benchmarks/cluster.py [--workers 2] [--draws 1024] [--economies 4000]

The machine is the same in both columns, so that they show what a cluster costs: more machines are faster, this one is
not. On a busy machine seconds tell little; CPU is that of all processes of the job. The first line is what it takes
until the workers are checked and have imported everything.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psutil
import typer
from distributed import LocalCluster
from joblib import Parallel, delayed

from features.dataset import load_dataset
from pricing.bundle import write_bundle
from training.backend import workers
from training.config import TrainingConfig, silent
from training.fit import fit_prices
from training.forecast.backtest import backtest
from training.options import Machines
from training.simulate import family_named, in_parallel

FAMILY = "as_examples"


def main(
    workers_count: Annotated[int, typer.Option("--workers", min=1, help="Processes, here and of the cluster.")] = 2,
    draws: Annotated[int, typer.Option(help="Draws of the fit.")] = 1024,
    economies: Annotated[int, typer.Option(min=1)] = 4000,
) -> None:
    """Print seconds of each job here and on the cluster."""
    dataset, family = load_dataset(), family_named(FAMILY)

    def simulated() -> bytes:
        made = in_parallel(family, economies, 1, jobs=workers_count)
        return b"".join(array.tobytes() for array in (*made.observed.values(), made.fair_long_run))

    def tested() -> bytes:
        found = backtest(dataset, silent, workers_count)
        return b"".join(one.point.tobytes() + one.half.tobytes() for one in found.served.values())

    def fitted() -> bytes:
        with tempfile.TemporaryDirectory() as scratch:
            return write_bundle(fit_prices(dataset, TrainingConfig(draws=draws), silent), Path(scratch) / "b").encode()

    jobs = {f"simulate {economies}": simulated, "backtest": tested, f"fit, {draws} draws": fitted}
    here = {name: timed(job) for name, job in jobs.items()}
    with LocalCluster(n_workers=workers_count, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1") as made:
        began = time.monotonic()
        with workers(Machines(None, made.scheduler_address)):
            Parallel()(delayed(family_named)(FAMILY) for _ in range(2 * workers_count))
            typer.echo(f"connect, check and warm {workers_count} workers: {time.monotonic() - began:.1f} s")
            there = {name: timed(job) for name, job in jobs.items()}
    typer.echo(f"{'job':<20}{'here':>8}{'dask':>8}{'CPU here':>10}{'CPU dask':>10}  bytes")
    for name, one in here.items():
        other = there[name]
        same = "the same" if one.digest == other.digest else "DIFFER"
        spent = f"{one.seconds:>7.1f}s{other.seconds:>7.1f}s{one.cpu_s:>9.1f}s{other.cpu_s:>9.1f}s"
        typer.echo(f"{name:<20}{spent}  {same}")
    sys.exit(any(one.digest != there[name].digest for name, one in here.items()))


@dataclass(frozen=True)
class Timed:
    """What a job took, and the digest of what it gave."""

    seconds: float
    cpu_s: float
    digest: str


def timed(job: Callable[[], bytes]) -> Timed:
    """Return what a job takes, and the digest of what it gives."""
    began, spent = time.monotonic(), cpu_s()
    made = job()
    return Timed(time.monotonic() - began, cpu_s() - spent, hashlib.sha256(made).hexdigest())


def cpu_s() -> float:
    """Return the processor's time of this process and of all that it started and that still run."""
    own = psutil.Process()
    times = [one.cpu_times() for one in (own, *own.children(recursive=True))]
    return sum(one.user + one.system for one in times)


if __name__ == "__main__":
    typer.run(main)
