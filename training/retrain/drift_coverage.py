"""What past intervals held: the champion's, beside what the candidate's data and history say of the same months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pricing.bundle import Bundle
from pricing.forecast.published import PLACE_WORDS, SCORED_HORIZONS, Target, read_forecasts
from pricing.forecast.scores import LEVELS
from training.metrics import fair, materials, of_material
from training.retrain.drift_row import Row
from training.retrain.forecast_change import later
from training.retrain.numbers import limit, whole

FAIR_LEVEL = 80  # per cent: p10 to p90


def coverage(candidate: Bundle, champion: Bundle) -> list[Row]:
    """Return the share of recent outcomes inside the champion's intervals.

    Of a fair price no outcome is ever seen: what counts is where its month is put by the candidate, who has seen the
    months since. Of a forecast it is the quote that came.
    """
    return [*_fair(candidate, champion), *_forecast(candidate, champion)]


def _fair(candidate: Bundle, champion: Bundle) -> Iterator[Row]:
    for material in materials(champion.history_as_known):
        said = of_material(champion.history_as_known, material)
        seen = fair(of_material(candidate.history_latest, material)).reindex(said.index)
        inside = (seen >= fair(said, "p10")) & (seen <= fair(said, "p90"))
        known = seen.notna() & fair(said).notna()
        held = inside[known].to_numpy()[-whole("drift.coverage.recent_months") :]
        for row in _row(f"{material} fair price as known", FAIR_LEVEL, held):
            yield replace(row, high=1.0)  # where a month is put later is no outcome: it may well stay inside


def _forecast(candidate: Bundle, champion: Bundle) -> Iterator[Row]:
    now, before = read_forecasts(candidate.forecasts), read_forecasts(champion.forecasts)
    if now is None or before is None:
        return
    for place in dict.fromkeys(place for place, _ in before.targets):
        common = [key for key in before.targets if key[0] == place and key in now.targets]
        for horizon in SCORED_HORIZONS:
            lines = sorted(line for key in common for line in _held(now.targets[key], before.targets[key], horizon))
            months = sorted({month for month, _ in lines})[-whole("drift.coverage.recent_months") :]
            for number, level in enumerate(LEVELS):
                held = np.array([inside[number] for month, inside in lines if month in months])
                yield from _row(f"forecast {PLACE_WORDS[place]}, {horizon} months ahead", level, held)


def _held(now: Target, before: Target, horizon: int) -> Iterator[tuple[str, tuple[bool, ...]]]:
    """Yield by origin month whether each interval held the quote that came."""
    quotes = {one.month: one.base for one in now.said if one.quoted}
    for said in before.said:
        came = quotes.get(later(said.month, horizon))
        if came is not None:
            ends = [said.interval(level, horizon) for level in LEVELS]
            yield said.month, tuple(low <= came <= high for low, high in ends)


def _row(about: str, level: int, held: np.ndarray) -> Iterator[Row]:
    if len(held) >= whole("drift.coverage.least_outcomes"):
        wanted, apart = level / 100, limit("drift.coverage.shortfall")
        low, high = max(0.0, wanted - apart), min(1.0, wanted + apart)
        yield Row(about, f"share in the {level} % interval", float(np.mean(held)), low, high)
