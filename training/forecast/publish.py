"""From the backtest to the plain columns of `forecasts.json`: every origin as it was served, and why others are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from features.dataset import Dataset, vintage_day
from features.forecast_features import own_columns
from features.forecast_quotes import OUTSIDE, delivered_quotes
from features.forecast_settings import whole
from features.rules import price_rules
from pricing.forecast.published import COLUMNS, HORIZONS, STANDING
from pricing.forecast.scores import LEVELS
from pricing.materials import Material
from training.config import Progress
from training.forecast.backtest import PLACES, Backtest, backtest
from training.forecast.examples import FOB
from training.forecast.judge import bad_months, pooled_headline, record
from training.forecast.standing import standings

METHOD = "3"
PRICE_DECIMALS, WIDTH_DECIMALS, RATIO_DECIMALS = 4, 6, 4


def forecasts(dataset: Dataset, progress: Progress, jobs: int = 1) -> dict[str, Any]:
    """Return what a bundle publishes of a dataset's market to come, with its record; plain values."""
    return published(dataset, backtest(dataset, progress, jobs))


def published(dataset: Dataset, found: Backtest) -> dict[str, Any]:
    """Return a backtest as plain values."""
    targets = {place: _targets(found, place) for place in PLACES}
    return {
        "method": METHOD,
        "horizons": list(HORIZONS),
        "levels": list(LEVELS),
        "targets": targets,
        "skill": {place: _skill(found, place) for place in PLACES},
        "refused": _refused(dataset, found, targets),
        "cautions": {FOB: {m.value: _nominal() for m in (Material.DY, Material.TB)}},
        "record": record(found),
        "bad_months": bad_months(found),
        "models": _models(found),
    }


def _targets(found: Backtest, place: str) -> dict[str, dict[str, list[Any]]]:
    rows = found.examples.places(place)
    made = {found.examples.quotes[row].name: _target(found, place, n, row) for n, row in enumerate(rows)}
    return {name: columns for name, columns in made.items() if columns["month"]}


def _target(found: Backtest, place: str, number: int, row: int) -> dict[str, list[Any]]:
    kept = _answered(found, place, number, row)
    lines = [_line(found, place, number, row, at) for at in kept]
    columns = {name: [line[name] for line in lines] for name in COLUMNS}
    return columns | {STANDING: standings(found, place, number, kept, HORIZONS)}


def _answered(found: Backtest, place: str, number: int, row: int) -> list[int]:
    """Return the origins with a base, a volatility, intervals, and enough quotes of the market by then."""
    known = found.examples
    enough = np.cumsum(known.quoted[row]) >= whole("intervals.least_quotes")
    wide = np.all([np.isfinite(found.widths(place, h)[:, number]).all(axis=0) for h in HORIZONS], axis=0)
    ready = np.isfinite(known.level[row]) & np.isfinite(known.volatility[row]) & enough & wide
    return [at for at in np.flatnonzero(ready).tolist() if at >= found.first]


def _line(found: Backtest, place: str, number: int, row: int, at: int) -> dict[str, Any]:
    known, quotes = found.examples, found.examples.quotes[row]
    then = at - round(known.age[row, at])
    scale = [known.scale(h)[row, at] for h in HORIZONS]
    point = [found.served[place, h].point[number, at] for h in HORIZONS]
    half = [[found.widths(place, h)[level, number, at] for h in HORIZONS] for level in range(len(LEVELS))]
    base = known.level[row, at]
    return {
        "month": known.months[at],
        "known_on": vintage_day(known.months[at]).isoformat(),
        "base": round(float(np.exp(base)), PRICE_DECIMALS),
        "base_month": known.months[then],
        "base_day": quotes.day[then],
        "evidence": quotes.evidence[then],
        "source": quotes.source[then],
        "quoted": bool(known.quoted[row, at]),
        "point": [round(float(np.exp(base + p * s)), PRICE_DECIMALS) for p, s in zip(point, scale, strict=True)],
        "half": [[round(float(w * s), WIDTH_DECIMALS) for w, s in zip(row, scale, strict=True)] for row in half],
        "thin": bool(found.served[place, HORIZONS[0]].thin[number, at]),
    }


def _skill(found: Backtest, place: str) -> dict[str, list[Any]]:
    judged = [found.served[place, h].verdicts for h in HORIZONS]
    places = range(found.first, len(found.examples.months))
    return {
        "month": [found.examples.months[at] for at in places],
        "ratio": [[_ratio(one.ratio[at]) for one in judged] for at in places],
        "resolved": [[int(one.resolved[at]) for one in judged] for at in places],
        "used": [[bool(one.used[at]) for one in judged] for at in places],
    }


def _ratio(value: float) -> float | None:
    return round(float(value), RATIO_DECIMALS) if np.isfinite(value) else None


def _refused(
    dataset: Dataset, found: Backtest, targets: Mapping[str, Mapping[str, object]]
) -> dict[str, dict[str, str]]:
    least, months = whole("intervals.least_quotes"), found.examples.months
    why: dict[str, dict[str, str]] = {OUTSIDE: {m.value: _outside(dataset, m.value, least) for m in Material}}
    for place in PLACES:
        for row in found.examples.places(place):
            name = found.examples.quotes[row].name
            if name not in targets[place]:
                count = int(found.examples.quoted[row].sum())
                why.setdefault(place, {})[name] = (
                    f"{count} months to {months[-1]} have a dated quote of this market; a forecast needs {least}, "
                    f"and one of the last {whole('features.carried_months')} months"
                )
    return why


def _outside(dataset: Dataset, material: str, least: int) -> str:
    count = delivered_quotes(dataset, material)
    said = f"{count} month{'s' * (count != 1)} with a quote delivered outside China; a forecast needs {least}."
    if material == Material.NDPR:
        return f"{said} Until the quotes parted it was FOB China plus freight: ask for fob_china"
    return f"{said} Since the export licence of April 2025 FOB China is a nominal price and no stand-in"


def _nominal() -> dict[str, str]:
    first = str(price_rules()["europe_spot"]["first"])
    text = f"Since the export licence of {first} FOB China is a nominal price: little can leave at it."
    return {"from": first[:7], "text": text}


def _models(found: Backtest) -> dict[str, Any]:
    """Return the models as last fitted: slopes of scaled features by horizon, trees as LightGBM's text."""
    return {
        "columns": list(found.examples.columns),
        "own_columns": own_columns(),
        "by_horizon": {str(horizon): dict(fits) for horizon, fits in found.last_fits.items()},
    }


def headline(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the pooled numbers of a record as flat metrics, `forecast.PLACE.hHORIZON.SCORE`."""
    scores = ("rmsse", "coverage50", "coverage80", "coverage95", "interval_score_ratio")
    return {
        f"forecast.{row['place']}.h{row['horizon']}.{score}": row[score]
        for row in pooled_headline(rows)
        for score in scores
        if row[score] is not None
    }
