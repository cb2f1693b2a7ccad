"""All trials in one go: every fit, then the tables, then the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.dataset import Dataset, load_dataset
from features.market_history import build_market
from pricing.errors import DataError
from training.config import Progress, TrainingConfig, silent
from training.likeness import market_likeness
from training.metrics import materials
from training.page_markdown import filled
from training.page_trials import blocks
from training.plot_tornado import draw_tornados
from training.trials import refits
from training.trials.anchors import anchors
from training.trials.comparisons import changes, verdicts
from training.trials.episodes import episodes
from training.trials.outcome import Outcome
from training.trials.plan import Plan, shipped_plan
from training.trials.refits import Refit, all_refits
from training.trials.yardsticks import Spans, yardsticks

PAGE, FOLDER = "trials.md", "trials"


def run_trials(folder: Path, draws: int | None = None, jobs: int = -1, progress: Progress = silent) -> list[Path]:
    """Fit, write tables and plots to `folder`/trials, fill `folder`/trials.md, and return the files.

    The same data, code and draws give the same bytes; without `draws` the shipped number is taken. InputError for
    draws that are no power of two, DataError when the page's prose is not in the folder.
    """
    page = folder / PAGE
    if not page.is_file():
        msg = f"{PAGE} is missing in {folder.name}: its prose is written by hand. Take it from the repository."
        raise DataError(msg)
    dataset, plan = load_dataset(), shipped_plan()
    size = TrainingConfig(draws=draws or plan.count("fits.draws")).draws
    found = all_refits(dataset, size, jobs, progress)
    progress("tables", 0.0)
    result = outcome(dataset, plan, found, size)
    written = result.write(folder / FOLDER)
    plots = draw_tornados(result.tornado, folder / FOLDER)
    page.write_text(filled(page.read_text(encoding="utf-8"), blocks(Outcome.read(folder / FOLDER))), encoding="utf-8")
    progress("tables", 1.0)
    return [*written, *plots, page]


def outcome(dataset: Dataset, plan: Plan, found: Mapping[str, Refit], draws: int) -> Outcome:
    """Return the tables of the page from the fits."""
    base, known = found[refits.BASE], found[refits.AS_KNOWN]
    again = {refits.RUN_UP_AGAIN: found[refits.RUN_UP_AGAIN].rows}
    others = {name: one.rows for name, one in found.items() if name not in (*refits.OPENED, *again)}
    changed = pd.concat([changes(base.rows, others), changes(found[refits.SECOND_SEED].rows, again)], ignore_index=True)
    spans = Spans(*(plan.count(f"rows.{name}") for name in ("mean_months", "least_months", "ahead")))
    return Outcome(
        episodes=episodes(base.rows, plan.events),
        yardsticks=yardsticks(base.rows, known.rows, build_market(dataset, "latest"), spans),
        changes=changed,
        verdicts=verdicts(base.rows, changed, plan),
        anchors=anchors(dataset, known.rows),
        tornado=_both(known.tornado, base.tornado),
        assumption_range=_with_refits(_both(known.assumption_range, base.assumption_range), changed),
        likeness=market_likeness(base.rows),
        model=_model(dataset, plan, base.rows, draws),
    )


def _both(*tables: pd.DataFrame | None) -> pd.DataFrame:
    return pd.concat([table for table in tables if table is not None], ignore_index=True)


def _with_refits(ranges: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """Return the range with what a fit of its own makes of each set, latest; sets that change no fit have none."""
    fitted = {(row["variant"], row["material"]): row["ratio"] for _, row in changed.iterrows()}
    own = [
        fitted.get((row["assumption_set"], row["material"]), np.nan) if row["vintage"] == "latest" else np.nan
        for _, row in ranges.iterrows()
    ]
    return ranges.assign(refitted=own)


def _model(dataset: Dataset, plan: Plan, rows: pd.DataFrame, draws: int) -> dict[str, Any]:
    return {
        "dataset_digest": dataset.digest,
        "last_day": dataset.last_day.isoformat(),
        "early_day": plan.early.isoformat(),
        "draws": draws,
        "seed": plan.count("fits.seed"),
        "first_month": str(rows["month"].min()),
        "last_month": str(rows["month"].max()),
        "materials": materials(rows),
        "events": {event.month: [event.label, event.window.before, event.window.after] for event in plan.events},
    }
