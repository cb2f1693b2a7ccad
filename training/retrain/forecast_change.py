"""Are a candidate's forecasts of the market worse than the champion's?

Both as they would have been served, on the same origins, against the same outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pricing.bundle import Bundle
from pricing.forecast.published import PLACE_WORDS, SCORED_HORIZONS, Forecasts, Said, Target, read_forecasts
from pricing.forecast.scores import LEVELS, interval_score, ratio_band
from training.forecast.judge import how_banded
from training.retrain.numbers import limit, whole


@dataclass(frozen=True)
class Comparison:
    """One place and horizon: error and interval score over the champion's, with bands, on months in common."""

    place: str
    horizon: int
    months: int
    error: float  # ratio of root mean squared errors, each material scaled by what the last quote missed
    error_low: float
    intervals: float  # ratio of mean interval scores, scaled alike
    intervals_low: float

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values."""
        numbers = {name: getattr(self, name) for name in ("error", "error_low", "intervals", "intervals_low")}
        return {"place": self.place, "horizon": self.horizon, "months": self.months, **numbers}


def against_forecasts(candidate: Bundle, champion: Bundle) -> tuple[list[Comparison], list[str]]:
    """Return every comparison that can be made, and what speaks against the candidate, one sentence each."""
    now, before = read_forecasts(candidate.forecasts), read_forecasts(champion.forecasts)
    if before is None:
        return [], []
    if now is None:
        return [], ["It holds no forecast of the market; the champion does."]
    gone = [key for key in before.targets if key not in now.targets]
    lost = [f"{material} {PLACE_WORDS[place]}" for place, material in gone]
    found = list(_compared(now, before))
    said = [f"It no longer forecasts {', '.join(lost)}; the champion does."] if lost else []
    return found, [*said, *(reason for one in found for reason in _worse(one))]


def _worse(one: Comparison) -> Iterator[str]:
    slack = limit("gate.forecast.slack")
    for what, ratio, low in (("error", one.error, one.error_low), ("interval score", one.intervals, one.intervals_low)):
        if not low <= 1 + slack:
            yield (
                f"Its forecasts {PLACE_WORDS[one.place]}, {one.horizon} months ahead, are worse than the champion's: "
                f"{what} {ratio:.3f} times as large on {one.months} months, at least {low:.3f} after the bootstrap."
            )


def later(month: str, months: int) -> str:
    """Return the month that comes so many months after another.

    >>> later("2025-11", 3)
    '2026-02'
    """
    number = int(month[:4]) * 12 + int(month[5:7]) - 1 + months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _compared(now: Forecasts, before: Forecasts) -> Iterator[Comparison]:
    for place in dict.fromkeys(place for place, _ in before.targets):
        common = [key for key in before.targets if key[0] == place and key in now.targets]
        for horizon in SCORED_HORIZONS:
            if common and (one := _at(place, horizon, [(now.targets[key], before.targets[key]) for key in common])):
                yield one


def _at(place: str, horizon: int, pairs: list[tuple[Target, Target]]) -> Comparison | None:
    lines = [line for new, old in pairs for line in _resolved(new, old, horizon)]
    months = sorted({line[0] for line in lines})
    if len(months) < whole("gate.forecast.least_months"):
        return None
    sums = np.zeros((len(months), 4))
    for month, *losses in lines:
        sums[months.index(month)] += losses
    if not (sums[:, 1].sum() > 0 and sums[:, 3].sum() > 0):
        return None
    how = how_banded()
    error_low, _ = ratio_band(sums[:, 0], sums[:, 1], horizon, how, root=True)
    intervals_low, _ = ratio_band(sums[:, 2], sums[:, 3], horizon, how, root=False)
    error = float(np.sqrt(sums[:, 0].sum() / sums[:, 1].sum()))
    intervals = float(sums[:, 2].sum() / sums[:, 3].sum())
    if not np.isfinite(error_low + intervals_low):
        return None
    return Comparison(place, horizon, len(months), error, error_low, intervals, intervals_low)


def _resolved(new: Target, old: Target, horizon: int) -> list[tuple[str, float, float, float, float]]:
    """Return by origin month in common: squared errors and interval scores, the candidate's beside the champion's."""
    quotes = {one.month: np.log(one.base) for one in new.said if one.quoted}
    before = {one.month: one for one in old.said if one.quoted}
    kept = [
        (one, before[one.month], quotes[later(one.month, horizon)])
        for one in new.said
        if one.quoted and one.month in before and later(one.month, horizon) in quotes
    ]
    if not kept:
        return []
    missed = np.sqrt(np.mean([(came - np.log(said.base)) ** 2 for said, _, came in kept])) or 1.0
    return [_line(said, then, came, (horizon, missed)) for said, then, came in kept]


def _line(said: Said, then: Said, came: float, how: tuple[int, float]) -> tuple[str, float, float, float, float]:
    (error, score), (error_before, score_before) = (_losses(one, came, *how) for one in (said, then))
    return said.month, error, error_before, score, score_before


def _losses(said: Said, came: float, horizon: int, scale: float) -> tuple[float, float]:
    """Return the squared error and the mean interval score of what was said, both scaled."""
    error = np.array([(came - np.log(said.point[horizon - 1])) / scale])
    half = [np.array([widths[horizon - 1] / scale]) for widths in said.half]
    scores = [interval_score(error, wide, level / 100)[0] for wide, level in zip(half, LEVELS, strict=True)]
    return float(error[0] ** 2), float(np.mean(scores))
