"""The same job on this machine and on a Dask cluster of two workers gives the same bytes; a cluster that is not fit is
refused in words, and a worker lost on the way costs time alone."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Self

import pytest
from distributed import LocalCluster
from joblib import Parallel, delayed

from features.dataset import load_dataset
from pricing.bundle import write_bundle
from pricing.errors import ClusterError, DataError, InputError
from pricing.market.synthetic import Economies
from serving.cli import app
from training import backend, cluster, simulate
from training.backend import shared, workers
from training.config import TrainingConfig, silent
from training.fit import fit
from training.forecast.backtest import backtest
from training.inputs import code_digest
from training.options import Backend, Machines
from training.recovery import recover_folder
from training.simulate import family_named, in_parallel, write_economies

FAMILY, COUNT, TASK = "as_examples", 12, 3
CUT = date(2019, 1, 31)  # the first origins of the forecast are known by then
START_S = 60
SMALL = TrainingConfig(draws=64, as_of=date(2011, 1, 31))


def started(count: int) -> LocalCluster:
    """Return a scheduler and worker processes on this machine."""
    return LocalCluster(
        n_workers=count, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1", silence_logs=50
    )


@pytest.fixture(scope="module")
def dask() -> Iterator[LocalCluster]:
    with started(2) as made:
        yield made


@pytest.fixture
def there(dask: LocalCluster) -> Machines:
    dask.wait_for_workers(2, timeout=START_S)  # a test before may have killed some
    return Machines(Backend.DASK, dask.scheduler_address)


@pytest.fixture
def economies(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Economies]:
    """Simulates a few economies in tasks of three."""
    monkeypatch.setattr(simulate, "CHUNK", TASK)
    return lambda progress=None: in_parallel(family_named(FAMILY), COUNT, 1, jobs=1, progress=progress)


def on(machines: Machines, job: Callable[[], object]) -> object:
    with workers(machines):
        return job()


def both(there: Machines, job: Callable[[], object]) -> list[object]:
    """Return what a job gives here and on the cluster."""
    return [on(machines, job) for machines in (Machines(), there)]


def bits(made: Economies) -> str:
    arrays = [*made.observed.values(), *made.market.values(), made.fair_long_run, made.fair_short_run]
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_simulated_economies_are_the_same_bytes_and_progress_is_told_in_order(
    there: Machines, economies: Callable[..., Economies]
) -> None:
    shares: list[float] = []
    here, far = both(there, lambda: bits(economies(shares.append)))
    assert here == far
    assert shares == [0.25, 0.5, 0.75, 1.0] * 2


def test_a_worker_killed_on_the_way_changes_no_byte(
    there: Machines, dask: LocalCluster, economies: Callable[..., Economies]
) -> None:
    killed: list[int] = []

    def kill(_share: float) -> None:
        if not killed:
            killed.append(next(iter(dask.workers.values())).process.pid)
            os.kill(killed[0], signal.SIGKILL)

    here = bits(economies())
    assert on(there, lambda: bits(economies(kill))) == here
    assert killed


@pytest.mark.slow
def test_recovered_economies_are_the_same_files_written_here(there: Machines, tmp_path: Path) -> None:
    write_economies(in_parallel(family_named(FAMILY), 2, 1, jobs=1), tmp_path / "seen")
    (tmp_path / "seen" / "torn_observed.csv").write_text("month\n2010-01\n")

    def recovered(name: str, machines: Machines) -> dict[str, bytes]:
        on(machines, lambda: recover_folder(tmp_path / "seen", tmp_path / name, None, 1, lambda _share: None))
        return files(tmp_path / name)

    here, far = recovered("here", Machines()), recovered("far", there)
    assert sorted(here) == [f"{FAMILY}-00000_fair.csv", f"{FAMILY}-00001_fair.csv", "misspecification.csv"]
    assert here == far


@pytest.mark.slow
def test_a_backtest_is_the_same_record(there: Machines) -> None:
    known = load_dataset().as_known(CUT)

    def record() -> list[bytes]:
        found = backtest(known, silent)
        arrays = [array for one in found.served.values() for array in (one.point, one.half)]
        return [*(array.tobytes() for array in arrays), repr(found.last_fits).encode()]

    here, far = both(there, record)
    assert here == far
    assert len(here) > 2


@pytest.mark.slow
def test_a_fit_is_the_same_bundle(there: Machines, tmp_path: Path) -> None:
    dataset = load_dataset().as_known(SMALL.as_of or CUT)
    digests = both(there, lambda: write_bundle(replace(fit(dataset, SMALL, silent), model_card="#"), tmp_path / "b"))
    assert digests[0] == digests[1]


def test_what_a_task_raises_is_raised_here_and_the_next_job_runs(there: Machines) -> None:
    with workers(there), pytest.raises(DataError, match="No family no_such"):
        Parallel()(delayed(family_named)(name) for name in (FAMILY, "no_such"))
    assert on(there, lambda: Parallel()(delayed(abs)(-n) for n in range(5))) == [0, 1, 2, 3, 4]


def test_a_shared_value_is_itself_here_and_is_made_again_where_the_worker_that_held_it_died(
    there: Machines, dask: LocalCluster
) -> None:
    big = [1] * 1000
    assert shared(big) is big
    with workers(there):
        given = shared(big)
        assert Parallel()(delayed(len)(given) for _ in range(4)) == [1000] * 4
        for worker in dask.workers.values():
            os.kill(worker.process.pid, signal.SIGKILL)
        assert Parallel()(delayed(len)(given) for _ in range(4)) == [1000] * 4


def test_a_task_that_kills_its_workers_is_given_up_in_words() -> None:
    said = r"workers died while they ran it.*--backend local"
    with (
        started(1) as frail,
        workers(Machines(None, frail.scheduler_address)),
        pytest.raises(ClusterError, match=said),
    ):
        Parallel()(delayed(os._exit)(code) for code in (1, 1))


@pytest.fixture
def nowhere() -> str:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{opened.getsockname()[1]}"


def test_a_scheduler_that_does_not_answer_is_told_with_its_address_and_a_way_out(nowhere: str) -> None:
    with pytest.raises(ClusterError) as told, workers(Machines(None, nowhere), connect_seconds=0.5):
        pass
    assert str(told.value).startswith(f"{nowhere}: no scheduler answers within 0.5 s (")
    assert "or run with --backend local" in str(told.value)


@pytest.mark.parametrize("peer", ["silent", "worker"])
def test_who_listens_and_is_no_scheduler_is_told_in_time(peer: str, dask: LocalCluster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        asked = address if peer == "silent" else next(iter(dask.workers.values())).worker_address
        with pytest.raises(ClusterError) as told, workers(Machines(None, asked), connect_seconds=0.5):
            pass
    assert str(told.value).startswith(f"{asked}: no scheduler answers within 0.5 s (")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scheduler", "10.0.0.5:8786"], "Did you mean tcp://10.0.0.5:8786?"),
        (["--scheduler", "http://10.0.0.5:8786"], "found http://10.0.0.5:8786"),
    ],
    ids=["bare", "http"],
)
def test_an_address_that_is_none_is_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["leaderboard", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        "train",
        "retrain",
        "backtest",
        f"simulate --family {FAMILY} --out no",
        "recover --economies no --out no",
        "leaderboard",
        "trials",
    ],
)
def test_every_job_that_fans_out_asks_for_the_clusters_address(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert app([*command.split(), "--backend", "dask"]) == 2
    asked = "--scheduler: found nothing; allowed: tcp://HOST:PORT or tls://HOST:PORT, as `dask scheduler` prints it."
    assert asked in capsys.readouterr().err
    assert list(tmp_path.rglob("*.db")) == []


def test_a_scheduler_that_is_known_is_left_alone_by_a_job_for_this_machine(nowhere: str) -> None:
    with workers(Machines(Backend.LOCAL, nowhere)):
        assert Parallel(n_jobs=1)([delayed(abs)(-1)]) == [1]


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, nowhere: str) -> None:
    monkeypatch.setattr(backend, "find_spec", lambda _name: None)
    with pytest.raises(InputError, match=r"dask without dask and distributed; allowed: .*fairprice\[cluster\]"):
        on(Machines(Backend.DASK, nowhere), lambda: None)


def test_a_scheduler_without_workers_is_told() -> None:
    with (
        started(0) as empty,
        pytest.raises(ClusterError, match=r"no worker, after 0\.5 s\. Start some with `dask worker tcp://"),
        workers(Machines(None, empty.scheduler_address), connect_seconds=0.5),
    ):
        pass


@pytest.fixture
def other_code(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Makes this process one of another code than the workers'."""

    def change() -> None:
        monkeypatch.setattr(cluster, "code_digest", lambda: "f" * 64)
        cluster.equipment.cache_clear()

    yield change
    cluster.equipment.cache_clear()


def test_workers_of_another_code_are_refused_by_name(there: Machines, other_code: Callable[[], None]) -> None:
    other_code()
    with pytest.raises(ClusterError) as told, workers(there):
        pass
    assert str(told.value).count("worker tcp://127.0.0.1:") == 2
    assert f"has fairprice {code_digest()[:12]} instead of ffffffffffff. Install on every worker" in str(told.value)


def test_a_worker_of_another_code_that_joins_later_is_refused_too(
    there: Machines, other_code: Callable[[], None]
) -> None:
    with workers(there):
        other_code()
        with pytest.raises(ClusterError, match=r"worker tcp://127\.0\.0\.1:\d+ has fairprice"):
            Parallel()(delayed(abs)(-n) for n in range(5))


def test_all_that_differs_is_said_at_once() -> None:
    own = cluster.equipment()
    packages = tuple((name, "0.1" if name == "numpy" else version) for name, version in own.packages)
    assert own.differs(own) == []
    assert own.differs(replace(own, python="3.99.0", packages=packages)) == [
        f"python 3.99.0 instead of {own.python}",
        f"numpy 0.1 instead of {dict(own.packages)['numpy']}",
    ]


def test_a_run_ends_in_words_when_no_worker_is_left_or_the_scheduler_goes() -> None:
    for end, said in (("workers", r"no worker is left, for 1 s"), ("scheduler", "the scheduler went away")):
        with Commands() as started, workers(Machines(None, started.address), patience_seconds=1.0):
            Thread(target=started.kill, args=(end,)).start()
            with pytest.raises(ClusterError, match=said):
                Parallel()(delayed(time.sleep)(30) for _ in range(2))


class Commands:
    """A scheduler and a worker as the commands of the documentation start them."""

    def __init__(self) -> None:
        with socket.socket() as opened:
            opened.bind(("127.0.0.1", 0))
            port = opened.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        here = ["--host", "127.0.0.1", "--no-dashboard"]
        self.started = {
            "scheduler": self._start("scheduler", "--port", str(port), *here),
            "workers": self._start("worker", self.address, "--nthreads", "1", "--no-nanny", *here),
        }

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *words]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, name: str) -> None:
        time.sleep(1.0)
        self.started[name].kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        for process in self.started.values():
            process.kill()
            process.wait()
