"""From files to a candidate: ingest, quality, fit, backtest, leaderboard, bundle. Each reads what those before left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from features.dataset import Dataset, load_dataset
from features.intake.intake import take_in
from features.intake.received import read_files
from features.intake.report import as_dict, summary
from features.intake.store import names_in
from pricing.bundle import Bundle, read_bundle, write_bundle
from training.config import TrainingConfig
from training.forecast.publish import headline
from training.inputs import inputs_digest
from training.leaderboard.board import Board, read_board
from training.metrics import fit_metrics
from training.pipeline import judged, load
from training.retrain.bench import Bench
from training.retrain.request import Request
from training.retrain.work import Result, Work, key_of

INGEST, QUALITY, FIT, BACKTEST, LEADERBOARD, BUNDLE = "ingest", "quality", "fit", "backtest", "leaderboard", "bundle"
RECEIPT, FINDINGS, FORECASTS, METRICS, PLOTS = "receipt", "findings.json", "forecasts.json", "metrics.json", "plots"


@dataclass(frozen=True)
class Candidate:
    """A bundle sealed in the work folder, and what it is judged by."""

    bundle: Bundle
    board: Board
    metrics: Mapping[str, float]
    folder: Path  # holds `bundle` and `plots`
    board_folder: Path


def ingest(bench: Bench) -> Mapping[str, Any] | None:
    """Take the files in and return the receipt as plain values, None without files."""
    request = bench.request
    if request.intake is None:
        return None
    result = bench.once(INGEST, _key_of_intake(bench.work, request), lambda folder: _taken(request, folder))
    found: dict[str, Any] = result.read(f"{RECEIPT}.json")
    return found


def quality(bench: Bench) -> Dataset:
    """Load the dataset with its vintages, list what its checks found, and return it."""
    dataset = load(bench.request.config)
    findings = [asdict(finding) for finding in dataset.findings]
    bench.once(
        QUALITY,
        inputs_digest(bench.request.config, dataset.digest),
        lambda folder: _written(folder / FINDINGS, findings),
    )
    return dataset


def candidate(bench: Bench, dataset: Dataset) -> Candidate:
    """Return the candidate fitted on a dataset, as the work folder holds it: the same bytes whoever resumed it."""
    config, makers = bench.request.config, bench.makers
    keys = keys_of(config, dataset)

    def fitted(folder: Path) -> None:
        write_bundle(makers.prices(dataset, config, bench.progress), folder / BUNDLE)

    def tested(folder: Path) -> None:
        _written(folder / FORECASTS, makers.market(dataset, bench.progress, config.jobs))

    def ranked(folder: Path) -> None:
        makers.board(config, bench.progress).write(folder)

    fit = bench.once(FIT, keys[FIT], fitted)
    backtest = bench.once(BACKTEST, keys[BACKTEST], tested)
    board = bench.once(LEADERBOARD, keys[LEADERBOARD], ranked)

    def sealed(folder: Path) -> None:
        whole = replace(read_bundle(fit.folder / BUNDLE), forecasts=backtest.read(FORECASTS), digest="")
        found = read_board(board.folder)
        bundle = judged(whole, found)
        _seal(bundle, found, folder)
        makers.plots(bundle, folder / PLOTS)

    final = bench.once(BUNDLE, keys[BUNDLE], sealed)
    return Candidate(
        read_bundle(final.folder / BUNDLE), read_board(board.folder), final.read(METRICS), final.folder, board.folder
    )


def keys_of(config: TrainingConfig, dataset: Dataset) -> dict[str, str]:
    """Return by stage the digest of all its result is made from; the leaderboard sees no data but its own."""
    inputs = inputs_digest(config, dataset.digest)
    of_code = inputs_digest(TrainingConfig(economies=config.economies, tracking_uri=config.tracking_uri), "no data")
    return {QUALITY: inputs, FIT: inputs, BACKTEST: inputs, LEADERBOARD: of_code, BUNDLE: inputs}


def _key_of_intake(work: Work, request: Request) -> str:
    """Return the digest of what an intake is made from: what was asked, and the vintages that were there before it.

    Those are all there are, but for the one it made itself; a receipt whose vintage is gone from the store is
    forgotten. InputError for files that cannot be read as tables.
    """
    intake, read = request.intake, read_files(request.files)
    assert intake is not None  # noqa: S101 - files come with how they are taken in
    asked = (intake.store.resolve(), intake.day, sorted(intake.accepted), intake.because, intake.all_or_nothing)
    files = [(file.name, file.sha256) for file in read]
    dataset, stored = load_dataset(request.config.dataset).digest, names_in(intake.store)
    key, key_before = (key_of(dataset, *asked, *files, *vintages) for vintages in (stored, stored[:-1]))
    if stored and _vintage_of(work.found(INGEST, key_before)) == stored[-1]:
        return key_before
    if _vintage_of(work.found(INGEST, key)):
        work.forget(INGEST, key)
    return key


def _vintage_of(ingested: Result | None) -> str | None:
    """Return the vintage that an earlier intake made, None where it made none or there was none."""
    return ingested.read(f"{RECEIPT}.json")["vintage"] if ingested else None


def _taken(request: Request, folder: Path) -> None:
    assert request.intake is not None  # noqa: S101 - as above
    receipt = take_in(request.files, load_dataset(request.config.dataset), request.intake)
    _written(folder / f"{RECEIPT}.json", {**as_dict(receipt), "refused": receipt.refused})
    (folder / f"{RECEIPT}.txt").write_text(summary(receipt) + "\n", encoding="utf-8")


def _seal(bundle: Bundle, board: Board, folder: Path) -> None:
    write_bundle(bundle, folder / BUNDLE)
    metrics = {**fit_metrics(bundle), **board.metrics(), **headline(bundle.forecasts.get("record", ()))}
    _written(folder / METRICS, metrics)


def _written(path: Path, plain: object) -> None:
    path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
