"""Several retrainings on one store, one of them killed, while many readers ask a service: every answer is whole and of
one bundle, none fails, no run is lost and every version is there."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mlflow import MlflowClient

from serving.mlflow_store import MlflowStore
from training.registry import promoted, versions

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[3]
JOBS, READERS = 3, 3
KILLED_AT = 12  # steps into a job: after the fit, before the registry
START_S, WAIT_S = 120, 600


def uri(place: Path) -> str:
    return f"sqlite:///{place}/store/mlflow.db"


def started(*words: str, log: Path, **settings: str) -> subprocess.Popen[bytes]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("FAIRPRICE_", "MLFLOW_"))}
    with log.open("wb") as told:
        return subprocess.Popen([sys.executable, *words], env=own | settings, stdout=told, stderr=told, cwd=ROOT)


@contextmanager
def service(place: Path) -> Iterator[str]:
    """Run the service on a store and yield its address; it looks for another champion ten times a second."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = str(door.getsockname()[1])
    settings = {
        "FAIRPRICE_TRACKING_URI": uri(place),
        "FAIRPRICE_WATCH_SECONDS": "0.1",
        "FAIRPRICE_BUNDLE_CACHE": str(place / "bundles"),
        "FAIRPRICE_SCENARIOS": str(place / "scenarios"),
    }
    words = ("-m", "uvicorn", "--factory", "serving.server:application", "--port", port, "--no-access-log")
    running = started(*words, log=place / "service.log", **settings)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", running)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(START_S)


def wait_for(url: str, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and running.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"nothing answers {url}; ended with {running.poll()}")


@pytest.mark.slow
def test_no_run_is_lost_and_no_reader_sees_a_torn_model_while_jobs_follow_each_other(
    tiny: ModuleType, nursery: Any, place: Path
) -> None:
    tiny.candidate(place, 2)
    stop = place / "stop"
    with service(place) as address:
        outs = [place / f"reader{number}.json" for number in range(READERS)]
        script = str(HERE / "reader.py")
        readers = [started(script, address, str(stop), str(out), log=out.with_suffix(".log")) for out in outs]
        numbers = range(3, 3 + JOBS)
        jobs = [nursery.run(place, wait=WAIT_S, candidate=number) for number in numbers]
        torn = nursery.run(place, stop_at=KILLED_AT, wait=WAIT_S, candidate=3 + JOBS)
        codes = [nursery.wait(job) for job in jobs]
        assert (codes, nursery.wait(torn)) == ([0] * JOBS, -9)
        last = tiny.candidate(place, 4 + JOBS)  # the next job closes what the killed one left
        until_served(address, last.digest)
        stop.touch()
        assert [reader.wait(START_S) for reader in readers] == [0] * READERS
    read = [json.loads(out.read_text()) for out in outs]
    assert [one["faults"] for one in read] == [[]] * READERS
    check_versions(place, [one["seen"] for one in read])
    assert all(last.digest in one["seen"] for one in read)


def until_served(address: str, digest: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{address}/v1/prices/NdPr", timeout=60) as answer:
            if json.load(answer)["model"]["bundle"] == digest:
                time.sleep(1.0)  # in which every reader asks once more
                return
    pytest.fail("the last version is not served")


def check_versions(place: Path, read: list[dict[str, Any]]) -> None:
    """Every job that ended left a version and runs that ended; every price that was read is its bundle's own."""
    kept = versions(uri(place))
    assert [one.version for one in kept] == [str(n + 1) for n in range(JOBS + 2)]
    assert sorted(promoted(uri(place)), key=int) == [one.version for one in kept]
    runs = MlflowClient(uri(place)).search_runs(["1"], max_results=1000)
    statuses = [run.info.status for run in runs if "retrain_stage" not in run.data.tags]
    assert statuses.count("KILLED") == 1
    assert {run.info.status for run in runs} == {"FINISHED", "KILLED"}
    store, own = MlflowStore(uri(place)), {}
    for one in kept:
        model = store.by_digest(one.tags["bundle_digest"])
        history = model.bundle.history_as_known
        price = history.loc[history["material"] == "NdPr", "long_run.market_economy.mean"].iloc[-1]
        own[model.digest] = {"price": price, "baseline": price, "version": float(one.version)}
    assert len(own) == JOBS + 2
    for seen in read:
        for digest, values in seen.items():
            for kind, found in values.items():
                assert found == pytest.approx([own[digest][kind]], abs=5e-5), (digest, kind)
