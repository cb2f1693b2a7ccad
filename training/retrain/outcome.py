"""How a job ended, its exit code, and the summary a scheduler can mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pricing.forecast.published import PLACE_WORDS
from training.retrain.gate import Judgement
from training.retrain.price_change import WORDS, percent
from training.retrain.traces import FIRST
from training.retrain.work import Result


class Kind(StrEnum):
    """What became of a job."""

    PROMOTED = "promoted"
    NOTHING_NEW = "nothing new"
    REGISTERED = "registered, not asked to serve"
    BESIDE = "runs beside the champion"
    REFUSED = "refused by the gate"
    HELD_BACK = "stopped: data held back"
    PLANNED = "dry run"


FAILED, USAGE, REFUSED, HELD_BACK, LOCKED, BESIDE = 1, 2, 3, 4, 5, 6
CODES = {Kind.REFUSED: REFUSED, Kind.HELD_BACK: HELD_BACK, Kind.BESIDE: BESIDE}
MOST_FLAGS = 20


@dataclass(frozen=True)
class Outcome:
    """The end of a job. `version` is the candidate's, or the champion's where nothing is new."""

    kind: Kind
    run_id: str = ""
    version: str = ""
    digest: str = ""
    champion: str = ""  # the version that served before
    because: str = ""  # what there is to say of the kind
    receipt: Mapping[str, Any] | None = None  # of the files taken in
    vintages: Sequence[str] = ()
    last_day: str = ""
    judgement: Judgement | None = None
    flags: Sequence[str] = ()
    stages: Sequence[Result] = field(default_factory=tuple)

    @property
    def held_back(self) -> int:
        """Return how many rows of the files were held back."""
        rows = self.receipt["held_back"] if self.receipt else []
        return len({row["row"] for row in rows})

    @property
    def code(self) -> int:
        """Return the exit code: what the gate said goes before data held back."""
        return CODES.get(self.kind, HELD_BACK if self.held_back else 0)


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain values."""
    found = outcome.judgement
    return {
        "outcome": outcome.kind.value,
        "exit_code": outcome.code,
        "run": outcome.run_id or None,
        "version": outcome.version or None,
        "bundle": outcome.digest or None,
        "champion_before": outcome.champion or None,
        "because": outcome.because or None,
        "receipt": outcome.receipt,
        "vintages": list(outcome.vintages),
        "last_day": outcome.last_day or None,
        "gate": _plain(found) if found else None,
        "drift_flags": list(outcome.flags),
        "stages": [{"stage": one.stage, "seconds": one.seconds, "reused": one.reused} for one in outcome.stages],
    }


def _plain(found: Judgement) -> dict[str, Any]:
    return {
        "against": list(found.verdict.against),
        "anyway": found.verdict.anyway,
        "beside_since": found.beside_since,
        "methods": found.methods,
        "price_change": found.change.sizes() if found.change else [],
        "status_change": found.change.statuses.plain() if found.change else [],
        "forecasts": [one.as_dict() for one in found.forecasts],
    }


def summary(outcome: Outcome) -> str:
    """Return how a job ended in plain text, the verdict in its first line."""
    return "\n".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    yield f"fairprice retrain: {outcome.kind}{_about(outcome)}"
    if outcome.because:
        yield outcome.because
    yield from _data(outcome)
    if outcome.judgement:
        yield from _gate(outcome.judgement, outcome.champion)
        yield from _prices(outcome.judgement)
        yield from _forecasts(outcome.judgement)
    if outcome.flags:
        yield f"drift        {len(outcome.flags)} flags"
        yield from (f"- {flag}" for flag in outcome.flags[:MOST_FLAGS])
        if len(outcome.flags) > MOST_FLAGS:
            yield f"- and {len(outcome.flags) - MOST_FLAGS} more in drift.md of the run"
    if outcome.stages:
        yield "stages       " + ", ".join(_stage(one) for one in outcome.stages)
    if outcome.run_id:
        yield f"run          {outcome.run_id}"


def _about(outcome: Outcome) -> str:
    if not outcome.version:
        return ""
    bundle = f", bundle {outcome.digest[:12]}" if outcome.digest else ""
    told = f": version {outcome.version}{bundle}"
    if not outcome.champion or outcome.champion == outcome.version:
        return told
    served = "served until now" if outcome.kind is Kind.PROMOTED else "goes on serving"
    return f"{told}; version {outcome.champion} {served}"


def _data(outcome: Outcome) -> Iterator[str]:
    receipt = outcome.receipt
    if receipt is not None:
        kept = f" as vintage {receipt['vintage']}" if receipt["vintage"] else ""
        yield (
            f"data         {receipt['taken']} rows taken{kept}, {receipt['known_already']} known already, "
            f"{outcome.held_back} held back"
        )
        yield from (f"- {row['row']} {row['rule']}: {row['found']}" for row in _told(receipt))
    if outcome.last_day:
        yield f"dataset      to {outcome.last_day}, {len(outcome.vintages)} vintages"


def _told(receipt: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    rows: Sequence[Mapping[str, Any]] = receipt["held_back"][:MOST_FLAGS]
    return rows


def _gate(found: Judgement, champion: str) -> Iterator[str]:
    against = found.verdict.against
    passed = "passed" if champion else FIRST
    yield f"gate         {f'{len(against)} reasons against' if against else passed}"
    yield from (f"- {reason}" for reason in against)
    if found.methods:
        yield f"method       {found.methods[1]}; the champion's is {found.methods[0]}"
    if found.challenges:
        yield f"beside       since {found.beside_since}; `fairprice promote VERSION --because REASON` ends it"
    if against and not found.serves and found.verdict.asked:
        yield "`--promote-anyway REASON` sets this aside, on the record."
    if found.serves and found.verdict.anyway and (against or found.beside_since):
        yield f"{found.verdict.by} lets it serve all the same: {found.verdict.anyway}"


def _prices(found: Judgement) -> Iterator[str]:
    if found.change is None:
        return
    reasons = found.verdict.against
    lost = [said for said in found.change.statuses.told() if not any(one.startswith(said[:-1]) for one in reasons)]
    if lost:
        yield "statuses     what the champion said and this version would not"
        yield from (f"- {sentence}" for sentence in lost)
    yield "prices       changes on what the champion said of the same months"
    for size in found.change.sizes():
        if size["months"]:
            about = f"{size['material']} {WORDS[size['horizon']]}, {WORDS[size['vintage']]}"
            yield (
                f"- {about}: median {percent(size['median_change_ln'])}, largest "
                f"{percent(size['largest_change_ln'])} in {size['largest_in']}"
            )


def _forecasts(found: Judgement) -> Iterator[str]:
    if found.forecasts:
        worst = max(found.forecasts, key=lambda one: one.error)
        yield (
            f"forecasts    {len(found.forecasts)} comparisons with the champion's; worst error {worst.error:.3f} times "
            f"as large, {PLACE_WORDS[worst.place]}, {worst.horizon} months ahead"
        )


def _stage(one: Result) -> str:
    return f"{one.stage} {'done before' if one.reused else f'{one.seconds:.0f} s'}"
