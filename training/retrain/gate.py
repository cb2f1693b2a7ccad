"""The gate: may a candidate serve in the champion's place? Every reason against it, in sentences.

Its leaderboard against the champion's, its forecasts of the market against the champion's, its prices against what the
champion said of the same months, and whether a person took the same bundle out of service. A change of method is a
question of its own: such a version runs beside the champion first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pricing.bundle import Bundle
from pricing.errors import BundleError
from training.config import CHALLENGER, TrainingConfig
from training.promotion import Verdict, verdict_on
from training.registry import Registered, under, versions
from training.retrain.first_published import first_published
from training.retrain.forecast_change import Comparison, against_forecasts
from training.retrain.numbers import limit
from training.retrain.price_change import PriceChange, price_change
from training.retrain.published import bundle_of
from training.retrain.stages import Candidate
from training.tracking import DIGEST

ROLLED_BACK, ROLLED_BACK_BY = "rolled_back", "rolled_back_by"
WITHDRAWN = (ROLLED_BACK, ROLLED_BACK_BY)
SINCE = "challenger_since"


@dataclass(frozen=True)
class Judgement:
    """What the gate found."""

    verdict: Verdict
    beside_since: str | None = None  # day from which a version of this method runs beside the champion, if it has to
    change: PriceChange | None = None
    forecasts: Sequence[Comparison] = ()
    methods: tuple[str, str] | None = None  # the champion's and the candidate's, where they differ

    @property
    def serves(self) -> bool:
        """Return whether the candidate is to serve."""
        waits = self.beside_since is not None and self.verdict.anyway is None
        return self.verdict.serves and not waits

    @property
    def challenges(self) -> bool:
        """Return whether the candidate is to run beside the champion."""
        return self.verdict.asked and self.beside_since is not None and not self.serves

    def tags(self) -> dict[str, str]:
        """Return the judgement as tags of a version."""
        found = self.verdict.tags() | {"serves_from_here": str(self.serves).lower()}
        if self.beside_since and self.serves and self.verdict.anyway:
            found |= {"promoted_anyway": self.verdict.anyway, "promoted_anyway_by": self.verdict.by}
        return found


def judge(
    found: Candidate, champion: Registered | None, config: TrainingConfig, now: datetime, scratch: Path
) -> Judgement:
    """Return the judgement on a candidate beside the version that serves; `scratch` is an empty folder."""
    verdict = verdict_on(config, found.board, scratch / "board")
    withdrawn = _withdrawn(config.tracking_uri, found.bundle.digest)
    if champion is None:
        return Judgement(verdict.also(withdrawn))
    try:
        before = bundle_of(config.tracking_uri, champion, scratch / "champion")
    except BundleError as fault:
        return Judgement(verdict.also([*withdrawn, f"The champion's bundle cannot be read: {fault}"]))
    forecasts, worse = against_forecasts(found.bundle, before)
    first = first_published(config.tracking_uri, scratch / "first")
    change = price_change(found.bundle, before, first)
    against = [*withdrawn, *worse]
    if before.method == found.bundle.method:
        return Judgement(verdict.also([*against, *change.against()]), None, change, forecasts)
    return _of_another_method(Judgement(verdict.also(against), None, change, forecasts), found.bundle, before,
                              _since(config.tracking_uri, found.bundle.method, now), now)  # fmt: skip


def _of_another_method(
    found: Judgement, candidate: Bundle, champion: Bundle, since: datetime, now: datetime
) -> Judgement:
    """Return the judgement on a version of another method: beside the champion for the stated time, then as any."""
    methods = (champion.method, candidate.method)
    assert found.change is not None  # noqa: S101 - made where the champion can be read
    waits = (now.date() - since.date()).days < limit("challenger.days")
    if found.verdict.against:
        return Judgement(found.verdict, None, found.change, found.forecasts, methods)
    if waits:
        return Judgement(found.verdict, since.date().isoformat(), found.change, found.forecasts, methods)
    verdict = found.verdict.also(found.change.against())
    return Judgement(verdict, None, found.change, found.forecasts, methods)


def _since(tracking_uri: str, method: str, now: datetime) -> datetime:
    """Return the day from which a version of the method has run beside the champion: now, if none has."""
    beside = under(tracking_uri, CHALLENGER)
    if beside is None or beside.tags.get("method") != method or SINCE not in beside.tags:
        return now
    return datetime.fromisoformat(beside.tags[SINCE])


def _withdrawn(tracking_uri: str, digest: str) -> list[str]:
    return [
        f"The same bundle, version {one.version}, was taken out of service by {one.tags.get(ROLLED_BACK_BY)}: "
        f"{one.tags[ROLLED_BACK]}. `fairprice promote {one.version} --because REASON` lets it serve again."
        for one in versions(tracking_uri)
        if one.tags.get(DIGEST) == digest and one.tags.get(ROLLED_BACK)
    ]
