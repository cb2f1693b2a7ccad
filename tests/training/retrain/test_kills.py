"""A job killed anywhere: the champion serves on, no half version is left, and the next job ends where it would have."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mlflow import MlflowClient

from pricing.bundle import read_bundle
from serving.mlflow_store import MlflowStore
from training.registry import versions
from training.retrain.published import bundle_of

STEPS = range(1, 21, 2)  # a job says twice of each of ten stages that it is there: these are the ends
TELLING = (1, 11, 17, 19)  # ingest, bundle, register, promote: what they leave is seen outside the work folder
KILLS = int(os.environ.get("RETRAIN_KILLS", "0"))  # docs/retraining.md says how thirty were tried


def uri(place: Path) -> str:
    return f"sqlite:///{place}/store/mlflow.db"


def serves(place: Path) -> str:
    """Return the digest of what a service reads as the champion."""
    return MlflowStore(uri(place)).champion().digest


def assert_whole(place: Path, scratch: Path) -> None:
    """Every registered version can be read, and carries what a version carries."""
    for one in versions(uri(place)):
        assert {"bundle_digest", "inputs", "gate", "method"} <= set(one.tags)
        assert bundle_of(uri(place), one, scratch / one.version).digest == one.tags["bundle_digest"]
        assert MlflowClient(uri(place)).get_run(one.run_id).info.status == "FINISHED"


def undisturbed(tiny: ModuleType, place: Path) -> str:
    """Return the digest that a month of new data ends at."""
    (place / "panel.csv").write_text(tiny.NEW_ROW)
    digest: str = tiny.run(place).digest
    return digest


@pytest.fixture
def begun(tiny: ModuleType, served: Path) -> tuple[Path, str]:
    """A place where a version serves and new data wait, and the digest of what serves."""
    (served / "panel.csv").write_text(tiny.NEW_ROW)
    return served, serves(served)


@pytest.mark.parametrize("steps", [TELLING, pytest.param(STEPS, marks=pytest.mark.slow)], ids=["telling", "all"])
def test_a_job_killed_at_the_ends_of_its_stages_ends_as_an_undisturbed_one(
    tiny: ModuleType, nursery: Any, begun: tuple[Path, str], served_too: Path, tmp_path: Path, steps: Sequence[int]
) -> None:
    place, before = begun
    for step in steps:  # after a stage, while its result is the last thing that happened
        assert nursery.wait(nursery.run(place, step)) in {-signal.SIGKILL, 0}
        assert serves(place) in {before, *(one.tags["bundle_digest"] for one in versions(uri(place)))}
    outcome = tiny.run(place)
    assert outcome.digest == serves(place) == undisturbed(tiny, served_too) != before
    assert [one.version for one in versions(uri(place))] == ["1", "2"]
    assert_whole(place, tmp_path)
    runs = MlflowClient(uri(place)).search_runs(["1"])
    assert {run.info.status for run in runs} == {"FINISHED", "KILLED"}


@pytest.mark.skipif(not KILLS, reason="takes minutes; RETRAIN_KILLS=30 runs it")
def test_kills_at_random_moments_never_disturb_the_champion(
    tiny: ModuleType, nursery: Any, begun: tuple[Path, str], served_too: Path, tmp_path: Path
) -> None:
    place, before = begun
    undisturbed_takes, after = timed(lambda: undisturbed(tiny, served_too))
    chance, killed, months = random.Random(1), 0, 1
    while killed < KILLS:
        process = nursery.run(place)
        time.sleep(chance.uniform(0.0, undisturbed_takes))
        os.kill(process, signal.SIGKILL)  # one that ended by itself is not waited for yet, so its number is its own
        killed += nursery.wait(process) == -signal.SIGKILL
        assert serves(place) in {before, after}
        assert_whole(place, tmp_path / f"{killed}-{months}")
        if serves(place) == after:  # another month
            assert tiny.run(place).digest == after
            before, months = after, months + 1
            for folder in (place, served_too):
                (folder / "panel.csv").write_text(tiny.new_row(months))
            after = tiny.run(served_too).digest
    assert tiny.run(place).digest == serves(place) == after
    assert len(versions(uri(place))) == months + 1
    assert_whole(place, tmp_path / "end")
    runs = MlflowClient(uri(place)).search_runs(["1"])
    assert {run.info.status for run in runs} == {"FINISHED", "KILLED"}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.monotonic()
    found = work()
    return time.monotonic() - began, found


def test_a_result_that_was_touched_is_made_again(tiny: ModuleType, begun: tuple[Path, str], tmp_path: Path) -> None:
    place, _ = begun
    first = tiny.run(place)
    (fit,) = (place / "store" / "retrain").glob("fit-*")
    history = fit / "bundle" / "history_latest.csv"
    history.write_text(history.read_text().replace("60.0", "66.0", 1))
    MlflowClient(uri(place)).delete_registered_model_alias("fairprice", "champion")
    again = tiny.run(place, first=True)
    assert again.digest == first.digest
    assert {one.stage: one.reused for one in again.stages}["fit"] is False
    assert read_bundle(fit / "bundle").draws == 64
