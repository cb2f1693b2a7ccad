"""What a job would do: the files checked, the stages that are done and those that would run. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from features.dataset import load_dataset
from features.intake.intake import Receipt, take_in
from features.intake.report import as_dict
from training.inputs import inputs_digest
from training.pipeline import INPUTS, load
from training.registry import champion
from training.retrain.job import DRIFT, GATE, PROMOTE, REGISTER
from training.retrain.outcome import Kind, Outcome
from training.retrain.request import Request
from training.retrain.stages import keys_of
from training.retrain.traces import check_first, is_there
from training.retrain.work import Work


def plan(request: Request) -> Outcome:
    """Return what a job would do with a request, as the outcome of a dry run; what would stop it is raised."""
    check_first(request.config.tracking_uri, request.place, wanted=request.first)
    receipt = _checked(request)
    plain = {**as_dict(receipt), "refused": receipt.refused} if receipt else None
    said = "\n".join(_told(request, receipt))
    return Outcome(Kind.PLANNED, because=said, receipt=plain)


def _checked(request: Request) -> Receipt | None:
    if request.intake is None:
        return None
    return take_in(request.files, load_dataset(request.config.dataset), replace(request.intake, dry_run=True))


def _told(request: Request, receipt: Receipt | None) -> Iterator[str]:
    if receipt and receipt.refused:
        yield "Rows are held back and it is all or nothing: nothing would be taken in or fitted."
        return
    config = request.config
    serving = champion(config.tracking_uri) if is_there(config.tracking_uri) else None
    yield f"Version {serving.version} serves." if serving else "No version serves yet."
    if receipt and receipt.judged.taken:
        yield "New rows would go in as a vintage, and a candidate be fitted on them: every stage but the leaderboard."
        return
    stored = config.vintages is None or config.vintages.is_dir()
    dataset = load(config if stored else replace(config, vintages=None))
    if serving is not None and serving.tags.get(INPUTS) == inputs_digest(config, dataset.digest):
        yield "It was made from the same data, code and settings: nothing would be fitted."
        return
    keys, work = keys_of(config, dataset), Work(request.place)
    yield from (f"{stage}: {'done before' if work.found(stage, key) else 'would run'}" for stage, key in keys.items())
    yield from (f"{stage}: would run" for stage in (DRIFT, GATE, REGISTER))
    yield f"{PROMOTE}: {'would run if the gate passes it' if config.promote else 'not asked for'}"
