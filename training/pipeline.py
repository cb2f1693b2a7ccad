"""The main job as plain calls: load, fit, judge, write, log, register, let serve if the gate says so."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from features.costs import cost_model
from features.dataset import Dataset, load_dataset
from features.market_history import SERIES
from features.private.joined import with_private_data
from pricing.bundle import Bundle, write_bundle
from pricing.withheld import MARK
from training.config import Progress, TrainingConfig, silent
from training.fit import fit
from training.forecast.publish import headline
from training.inputs import inputs_digest
from training.leaderboard.board import Board
from training.leaderboard.settings import IN_TRAINING, size_of
from training.leaderboard.structural import estimator
from training.leaderboard.trial import leaderboard
from training.likeness import market_likeness, stated
from training.metrics import fit_metrics
from training.model_card import write_card
from training.plot_tornado import draw_tornados
from training.plots import draw_plots
from training.promotion import Verdict, lost_prices, verdict_on
from training.registry import champion, promote, register
from training.retrain.lock import Turn
from training.tracking import DIGEST, LEADERBOARD, Fit, LoggedRun, log_fit, open_store
from training.withholding import keep, views_of

INPUTS = "inputs"  # tag: the digest of data, code and settings


@dataclass(frozen=True)
class TrainingResult:
    """What a run made, and where it is."""

    bundle: Bundle
    bundle_digest: str
    metrics: Mapping[str, float]
    run_id: str
    version: str
    promoted: bool
    board: Board
    verdict: Verdict


def run(config: TrainingConfig, progress: Progress = silent) -> TrainingResult:
    """Fit on the dataset and publish the result. DataError says in one line what is wrong with the data."""
    dataset = load(config)
    open_store(config.tracking_uri)  # one that does not answer is told before the fit, not after it
    fitted = fit(dataset, config, progress)
    board = scored(config, progress)
    views = views_of(fitted, dataset)
    bundle = judged(views.published, board)  # from here on nothing that leaves holds a private value
    metrics = {**fit_metrics(bundle), **board.metrics(), **headline(bundle.forecasts["record"])}
    progress("publish", 0.0)
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as before:
        digest = write_bundle(bundle, Path(scratch) / "bundle")
        draw_plots(bundle, Path(scratch) / "plots")
        draw_tornados(bundle.tornado, Path(scratch) / "plots")
        board.write(Path(scratch) / LEADERBOARD)
        lost = lost_prices(config.tracking_uri, bundle, Path(before) / "champion")
        verdict = verdict_on(config, board, Path(before) / "board").also(lost)
        inputs = MARK if dataset.public else inputs_digest(config, dataset.digest)
        tags = tags_of(bundle, digest, dataset, inputs) | verdict.tags()
        logged = _log(config, bundle, metrics, tags, Path(scratch))
        if views.whole and config.private_bundles:
            keep(judged(views.whole, board), digest, config.private_bundles)
        if config.out:
            shutil.copytree(scratch, config.out, dirs_exist_ok=True)
    version = register(config.tracking_uri, logged, tags).version
    if verdict.serves:
        with Turn(datetime.now(UTC)).taken(config.tracking_uri):
            promote(config.tracking_uri, version, verdict.by)
    progress("publish", 1.0)
    sealed = replace(bundle, digest=digest)
    return TrainingResult(sealed, digest, metrics, logged.run_id, version, verdict.serves, board, verdict)


def load(config: TrainingConfig) -> Dataset:
    """Return the dataset as known on the day asked for. DataError when a series that drives numbers is missing."""
    dataset = load_dataset(config.dataset, config.vintages)
    if config.private_data:
        dataset = with_private_data(dataset, config.private_data)
    check_series(dataset)
    return dataset.as_known(config.as_of) if config.as_of else dataset


def check_series(dataset: Dataset) -> None:
    """Raise DataError naming the first series that market or costs read and the panel lacks."""
    for name in sorted({*SERIES, *cost_model().series} - set(dataset.panel.names)):
        dataset.panel.series(name)


def scored(config: TrainingConfig, progress: Progress) -> Board:
    """Return the leaderboard of the estimator as it stands, on simulated economies."""
    size = size_of(IN_TRAINING, config.economies)
    return leaderboard(size, config.jobs, lambda share: progress("leaderboard", share), estimator)


def judged(bundle: Bundle, board: Board) -> Bundle:
    """Return the bundle with its model card, and how unlike simulated economies its markets are."""
    parameters = {**bundle.parameters, "likeness": stated(market_likeness(bundle.history_latest))}
    return replace(bundle, parameters=parameters, model_card=write_card(bundle, fit_metrics(bundle), board))


def current(config: TrainingConfig) -> str | None:
    """Return the champion's version when it was made from the same data, code and settings, else None.

    With private data it never counts as current: a digest of them, kept with a run, would let values be guessed.
    """
    if config.private_data:
        return None
    serving = champion(config.tracking_uri)
    if serving is None or serving.tags.get(INPUTS) != inputs_digest(config, load(config).digest):
        return None
    return serving.version


def _log(
    config: TrainingConfig, bundle: Bundle, metrics: Mapping[str, float], tags: Mapping[str, str], place: Path
) -> LoggedRun:
    folders = place / "bundle", place / "plots"
    left = Fit(*folders, bundle.model_card, params_of(config, bundle), metrics, tags, place / LEADERBOARD)
    return log_fit(config.tracking_uri, left)


def params_of(config: TrainingConfig, bundle: Bundle) -> dict[str, str]:
    """Return the settings that a version's run keeps."""
    return {
        "draws": str(config.draws),
        "seed": str(config.seed),
        "as_of": str(config.as_of or bundle.last_day),
        "method": bundle.method,
        "first_month": bundle.first_month,
        "last_month": bundle.last_month,
    }


def tags_of(bundle: Bundle, digest: str, dataset: Dataset, inputs: str) -> dict[str, str]:
    """Return what a version and its run are found by, with the digest of its `inputs`."""
    public = dataset.public or dataset  # a digest over private rows would let their values be guessed
    return {
        DIGEST: digest,
        "dataset_digest": bundle.dataset_digest,
        "snapshot": public.snapshot(public.last_day),
        INPUTS: inputs,
        "method": bundle.method,
        "last_day": bundle.last_day.isoformat(),
        "vintages": str(len(dataset.vintages)),
        "last_vintage": dataset.vintages[-1] if dataset.vintages else "none",  # its name seals all before it
    }
