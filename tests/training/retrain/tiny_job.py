"""A retrain job of about a second: the shipped dataset, vintages, MLflow and registry are real, the fit is made up.

Its numbers follow from the dataset alone, so that the same data give the same bundle; `level`, `error` and `method`
make another version of it, or a worse one.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from features.dataset import Dataset, load_dataset
from features.intake.intake import Order
from features.panel import vintage_day
from features.synthetic import families
from pricing.bundle import Bundle
from pricing.errors import HeldError
from pricing.forecast.published import HORIZONS
from pricing.forecast.scores import LEVELS
from pricing.market.synthetic import Economies, simulate
from pricing.scenarios.plain import from_plain, to_plain
from training.config import Progress, TrainingConfig, silent
from training.leaderboard.board import OURS, OWN, UNCORRECTED, Board, Judged, board_of, digest
from training.leaderboard.estimates import Estimates
from training.leaderboard.panel import simple
from training.leaderboard.scores import scores
from training.leaderboard.settings import Size
from training.retrain.job import retrain
from training.retrain.outcome import LOCKED, Outcome
from training.retrain.request import Makers, Request

FIRST = "2024-01"
BASE = Path(__file__).parents[2] / "scenarios" / "base.json"
FAMILY, ECONOMIES = "as_examples", 3
DAY = datetime(2026, 4, 20, 6, tzinfo=UTC)
NEW_ROW = "series,date,known_at,value\nwb_aluminum,2026-03-01,2026-04-02,3090\n"


def request(place: Path, **settings: Any) -> Request:
    """Return a job on a store, below a folder unless another is named; a file `panel.csv` there is taken in."""
    file, now = place / "panel.csv", settings.pop("now", DAY)
    strict = settings.pop("all_or_nothing", False)
    extras = {name: settings.pop(name) for name in ("wait_seconds", "work", "first") if name in settings}
    store, uri = place / "vintages", settings.pop("tracking_uri", f"sqlite:///{place}/store/mlflow.db")
    config = TrainingConfig(
        vintages=store if file.is_file() or store.is_dir() else None,
        tracking_uri=uri,
        draws=64,
        jobs=1,
        **settings,
    )
    order = Order(store, now, all_or_nothing=strict) if file.is_file() else None
    return Request(config, now, (file,) if order else (), order, **extras)


def makers(
    level: float = 1.0,
    error: float = 1.05,
    method: str = "1",
    forecast: float = 0.0,
    base: dict[str, Any] | None = None,
) -> Makers:
    """Return makers of a version whose prices are scaled, whose estimator errs by a factor, and whose forecasts err.

    With a `base` scenarios can be asked of it.
    """

    def prices(dataset: Dataset, _config: TrainingConfig, _progress: Progress) -> Bundle:
        return replace(bundle(dataset, level), method=method, scenario_base=base or {})

    def market(dataset: Dataset, _progress: Progress, _jobs: int) -> dict[str, Any]:
        return forecasts(months_of(dataset), forecast)

    def board(_config: TrainingConfig, _progress: Progress) -> Board:
        return judged(error)

    return Makers(prices, market, board, plots)


def bundle(dataset: Dataset, level: float) -> Bundle:
    """Return a bundle whose months are the last ones of a dataset."""
    made, months = made_up(), months_of(dataset)
    small = {name: getattr(made, name)() for name in ("histories", "cost_stacks", "evidence", "incentive")}
    history = small["histories"]
    history = history[history["month"] <= months[-1]].reset_index(drop=True)
    scaled = [name for name in history.columns if name.startswith(("long_run.", "short_run."))]
    history = history.assign(**{name: history[name] * level for name in scaled})
    return Bundle(
        method="1",
        dataset_digest=dataset.digest,
        last_day=dataset.last_day,
        first_month=months[0],
        last_month=months[-1],
        seed=1,
        draws=64,
        history_as_known=history,
        history_latest=history,
        incentive=small["incentive"],
        cost_stacks=small["cost_stacks"],
        evidence=small["evidence"],
        references=made.empty("references", 0),
        fx=made.empty("fx", 0),
        snapshots=pd.DataFrame(
            {
                "month": months,
                "vintage_day": [vintage_day(month).isoformat() for month in months],
                "snapshot": [dataset.snapshot(vintage_day(month)) for month in months],
            }
        ),
        parameters={"ratio": {"NdPr": 1.1765}},
    )


def months_of(dataset: Dataset) -> list[str]:
    """Return the months from FIRST up to the last one that is priced by the dataset's last day."""
    last = pd.Period(dataset.last_day, "M") - (1 if dataset.last_day.day >= 20 else 2)
    return [str(month) for month in pd.period_range(FIRST, last, freq="M")]


@cache
def made_up() -> ModuleType:
    """Return the module above this folder that makes small bundles up, with months to spare: none moves with time."""
    place = Path(__file__).parents[1] / "conftest.py"
    spec = importlib.util.spec_from_file_location("small_bundle", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.MONTHS = [str(month) for month in pd.period_range(FIRST, periods=48, freq="M")]
    return module


def forecasts(months: list[str], wrong: float) -> dict[str, Any]:
    """Return forecasts of one market over 60 months, each off by a draw and, every other month, by `wrong`."""
    longer = [str(month) for month in pd.period_range(end=months[-1], periods=60, freq="M")]
    lines = [_said(month, wrong) for month in longer]
    return {
        "method": "1",
        "horizons": list(HORIZONS),
        "levels": list(LEVELS),
        "targets": {"fob_china": {"NdPr": {name: [line[name] for line in lines] for name in lines[0]}}},
        "skill": {"fob_china": {"month": [], "ratio": [], "resolved": [], "used": []}},
        "refused": {},
        "cautions": {},
        "record": [],
        "bad_months": [],
    }


def _said(month: str, wrong: float) -> dict[str, Any]:
    random = np.random.default_rng(int(month.replace("-", "")))
    base = 60.0 * float(np.exp(0.1 * random.standard_normal()))
    point = 60.0 * np.exp(wrong * np.array([-1.0, 1.0] * 12))
    return {
        "month": month,
        "known_on": vintage_day(month).isoformat(),
        "base": base,
        "base_month": month,
        "base_day": "",
        "evidence": "observed",
        "source": "made up",
        "quoted": True,
        "point": [float(price) for price in point],
        "half": [[wide] * len(HORIZONS) for wide in (0.1, 0.2, 0.3)],
        "thin": False,
    }


@cache
def economies() -> Economies:
    """Return a few simulated economies whose truth is known."""
    return simulate(families()[FAMILY], ECONOMIES, 5)


@cache
def judged(factor: float) -> Board:
    """Return the board of an estimator that is wrong by a factor, up in one economy and down in the next."""
    known = economies()
    wrong = np.array([factor if number % 2 else 1 / factor for number in range(len(known))])[:, None]
    price = known.fair_long_run * wrong
    edges = {f"low{level}": price * 0.8 for level in LEVELS} | {f"high{level}": price * 1.25 for level in LEVELS}
    ours = Estimates(price, price, edges)
    answers = {OURS: ours, UNCORRECTED: ours, **{name: peer(known) for name, peer in simple().items()}}
    found = [Judged(FAMILY, OWN, name, scores(estimates, known)) for name, estimates in answers.items()]
    return board_of(found, {FAMILY: digest(known)}, Size(ECONOMIES, 0, 10, 5))


def plots(_bundle: Bundle, folder: Path) -> None:
    """Draw nothing worth looking at."""
    folder.mkdir()
    (folder / "fair.png").write_bytes(b"drawn")


def run(place: Path, progress: Progress = silent, **settings: Any) -> Outcome:
    """Run a job with the makers of a good version."""
    return retrain(request(place, **settings), makers(), progress)


def candidate(place: Path, number: int, progress: Progress = silent, wait: float = 0.0) -> Outcome:
    """Run a job whose candidate is another for each number: its prices stand so many tenths of a percent higher."""
    level = 1 + (number - 1) / 1000
    return retrain(request(place, seed=number, wait_seconds=wait), makers(level, base=base(level)), progress)


def base(level: float) -> dict[str, Any]:
    """Return what scenarios start from, of three draws; the published long-run prices are those of a level."""
    plain = json.loads(BASE.read_text(encoding="utf-8"))
    for material, price in made_up().MATERIALS.items():
        plain["published"][material]["fair_long_run"] = [price * level * share for share in (1.0, 0.75, 1.3)]
    return to_plain(from_plain(plain).take(np.arange(3)))


def as_process(place: Path, stop_at: int, wait: float, number: int = 1) -> int:
    """Run a job and return its exit code; a job told to stops itself at a step, as a power cut would."""
    import os  # noqa: PLC0415 - for this alone
    import signal  # noqa: PLC0415

    steps = iter(range(1_000_000))

    def progress(_stage: str, _share: float) -> None:
        if next(steps) == stop_at:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        made = run(place, progress, wait_seconds=wait) if number == 1 else candidate(place, number, progress, wait)
    except HeldError as held:
        sys.stderr.write(f"{held}\n")
        return LOCKED
    return made.code


def new_row(number: int) -> str:
    """Return a file with the next value of one monthly series, another for each number."""
    panel = load_dataset().panel
    dated = {name: panel.series(name)["date"].max() for name in panel.names if name.startswith("wb_")}
    name = [name for name, last in dated.items() if last == pd.Timestamp("2026-02-01")][number]
    value = 1.001 * float(panel.series(name)["value"].iloc[-1])
    return f"series,date,known_at,value\n{name},2026-03-01,2026-04-02,{value:.6g}\n"
