"""The job: ingest, quality, fit, backtest, leaderboard, bundle, drift, gate, register, promote or refuse.

Until the alias is set, as the last step of all, the champion serves and nothing a reader sees has changed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from features.dataset import Dataset
from pricing.errors import HeldError
from training.config import Progress, silent
from training.inputs import inputs_digest
from training.pipeline import INPUTS, params_of, tags_of
from training.promotion import user
from training.registry import Registered, challenge, champion, end_challenge, mark, promote, unmark
from training.retrain.bench import Bench
from training.retrain.drift import drift
from training.retrain.gate import SINCE, WITHDRAWN, Judgement, judge
from training.retrain.journal import close_killed, journal
from training.retrain.lock import alone
from training.retrain.outcome import Kind, Outcome, as_dict, summary
from training.retrain.published import bundle_of, registered_once
from training.retrain.request import Makers, Request
from training.retrain.stages import BUNDLE, PLOTS, Candidate, candidate, ingest, quality
from training.retrain.traces import FIRST, check_first
from training.retrain.work import Work, key_of
from training.tracking import DIGEST, Fit, RunRecord

DRIFT, GATE, REGISTER, PROMOTE = "drift", "gate", "register", "promote"
STAGES = ("ingest", "quality", "fit", "backtest", "leaderboard", "bundle", DRIFT, GATE, REGISTER, PROMOTE)
TRIES = 3  # judgements, when the champion changes while one is made
VERSION = "version"
PASSED = "the gate passed it"


def retrain(request: Request, makers: Makers | None = None, progress: Progress = silent) -> Outcome:
    """Do one job and return how it ended; what a killed job finished is used.

    HeldError when another job runs, MissingModelError when a champion is gone; DataError, InputError and OSError as
    their stages raise them: the champion serves.
    """
    with alone(request.lock, request.now, request.wait_seconds) as lock:
        check_first(request.config.tracking_uri, request.place, wanted=request.first)
        work = Work(request.place)
        work.tidy()
        killed = close_killed(request.config.tracking_uri, lock)
        with journal(request.config.tracking_uri, lock, request.now) as log:
            bench = Bench(request, makers or Makers(), progress, log, work)
            outcome = replace(_ended(bench, killed), run_id=log.run_id, stages=tuple(bench.done))
            _put_on_record(bench, outcome)
        if any(one.stage == BUNDLE for one in bench.done):
            work.keep_only(bench.done)  # else nothing was fitted, and what an earlier job left is still of use
    return outcome


def _ended(bench: Bench, killed: Sequence[RunRecord]) -> Outcome:
    receipt = ingest(bench)
    if receipt and receipt["refused"]:
        return Outcome(Kind.HELD_BACK, receipt=receipt, because="Nothing was taken in, and nothing was fitted.")
    dataset = quality(bench)
    inputs = inputs_digest(bench.request.config, dataset.digest)
    about = Outcome(Kind.NOTHING_NEW, receipt=receipt, vintages=dataset.vintages, last_day=dataset.last_day.isoformat())
    serving = champion(bench.request.config.tracking_uri)
    if serving is not None and serving.tags.get(INPUTS) == inputs:
        return _current(about, serving, killed)
    return _judged(bench, dataset, inputs, about)


def _current(about: Outcome, serving: Registered, killed: Sequence[RunRecord]) -> Outcome:
    """Return that nothing is new, or that a killed job got as far as to promote."""
    said = replace(about, version=serving.version, digest=serving.tags.get(DIGEST, ""), champion=serving.version)
    if any(run.data.tags.get(VERSION) == serving.version for run in killed):
        return replace(said, kind=Kind.PROMOTED, because="By an earlier job, which was killed before it could say so.")
    return replace(said, because="The champion was made from the same data, code and settings.")


def _judged(bench: Bench, dataset: Dataset, inputs: str, about: Outcome) -> Outcome:
    uri = bench.request.config.tracking_uri
    found = candidate(bench, dataset)
    about = replace(about, flags=_drift(bench, dataset, found), digest=found.bundle.digest)
    for _ in range(TRIES):
        before = champion(uri)
        if before is not None and before.tags.get(DIGEST) == found.bundle.digest:
            mark(uri, before.version, {INPUTS: inputs})
            because = "The candidate is the champion's bundle, byte for byte."
            return replace(about, version=before.version, champion=before.version, because=because)
        judgement = _gate(bench, found, before)
        about = replace(about, judgement=judgement, champion=before.version if before else "")
        with bench.every_time(REGISTER):
            left = _left(bench, dataset, found, inputs, judgement)
            version = registered_once(uri, left, bench.journal.run_id)
            bench.journal.tag({VERSION: version.version})
        with bench.request.turn.taken(uri):  # nobody changes what serves between the look and the alias
            if _version(champion(uri)) == _version(before):
                kind = _let_serve(bench, judgement, version, PASSED if before else FIRST)
                return replace(about, kind=kind, version=version.version)
    msg = f"The champion changed {TRIES} times while a candidate was judged against it. Run this again."
    raise HeldError(msg)


def _drift(bench: Bench, dataset: Dataset, found: Candidate) -> Sequence[str]:
    uri = bench.request.config.tracking_uri
    serving = champion(uri)

    def reported(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            before = bundle_of(uri, serving, Path(scratch)) if serving else None
            drift(dataset, found.bundle, before).write(folder)

    result = bench.once(DRIFT, key_of(found.bundle.digest, _version(serving)), reported)
    bench.journal.attach(result.folder, DRIFT)
    flags: list[str] = result.read("drift.json")["flags"]
    return flags


def _gate(bench: Bench, found: Candidate, before: Registered | None) -> Judgement:
    request = bench.request
    with bench.every_time(GATE), tempfile.TemporaryDirectory() as scratch:
        judgement = judge(found, before, request.config, request.now, Path(scratch))
        if judgement.change is not None:
            bench.journal.attach_text(judgement.change.table.to_csv(index=False, lineterminator="\n"), "prices.csv")
    return judgement


def _left(bench: Bench, dataset: Dataset, found: Candidate, inputs: str, judgement: Judgement) -> Fit:
    """Return what the version's run keeps: as `fairprice train` leaves it."""
    bundle, config = found.bundle, bench.request.config
    tags = tags_of(bundle, bundle.digest, dataset, inputs) | judgement.tags()
    folders = found.folder / BUNDLE, found.folder / PLOTS
    params = params_of(config, bundle)
    return Fit(*folders, bundle.model_card, params, found.metrics, tags, leaderboard=found.board_folder)


def _let_serve(bench: Bench, judgement: Judgement, found: Registered, because: str) -> Kind:
    uri, version = bench.request.config.tracking_uri, found.version
    if judgement.serves:
        with bench.every_time(PROMOTE):
            end_challenge(uri)
            unmark(uri, version, [name for name in WITHDRAWN if name in found.tags])
            promote(uri, version, user(), judgement.verdict.anyway or because)
        return Kind.PROMOTED
    if judgement.challenges:
        with bench.every_time(PROMOTE):
            challenge(uri, version, {SINCE: str(judgement.beside_since)})
        return Kind.BESIDE
    return Kind.REFUSED if judgement.verdict.against else Kind.REGISTERED


def _put_on_record(bench: Bench, outcome: Outcome) -> None:
    plain: Mapping[str, Any] = as_dict(outcome)
    tags = {"outcome": outcome.kind.value, VERSION: outcome.version, "exit_code": str(outcome.code)}
    bench.journal.tag({name: value for name, value in tags.items() if value})
    bench.journal.attach_text(json.dumps(plain, indent=1) + "\n", "summary.json")
    bench.journal.attach_text(summary(outcome) + "\n", "summary.txt")
    bench.progress("record", 1.0)


def _version(found: Registered | None) -> str:
    return found.version if found else ""
