"""Does a term for precaution foretell panics it never saw? `.venv/bin/python benchmarks/precautionary_demand.py`.

The question: would part of what is unexplained (market over the model with every distortion on, in logs) get a name
and a size from dated policy events and the indices of geopolitical risk and trade-policy uncertainty? The term is
causal: an event counts from its month on and fades by half in so many months; an index is smoothed over past months
alike. Effects are not negative (a panic buys) and are drawn to nothing by a half-normal prior; the fading is chosen by
fit.

Each episode is left out once. Its miss, measured from the mean of the six months before it, is set against what the
term fitted on the other episodes makes of it. Printed: root mean square of both, by episode and over all of them, with
and without 2010-11, which outweighs the rest. It reads docs/tables/histories.csv, vintage latest; nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from features.dataset import load_dataset
from features.market_history import build_market

Floats = np.ndarray

HISTORIES = Path(__file__).parents[1] / "docs" / "tables" / "histories.csv"
# Export cuts and the halt to Japan; the second quota and duty of 2011; the visit to Ganzhou; the war; gallium and
# germanium; the licence on Dy and Tb; the licence on five more and its reach abroad.
EVENTS = ("2010-09", "2011-05", "2019-05", "2022-02", "2023-08", "2025-04", "2025-10")
EPISODES = {
    "2010-11": ("2010-09", "2012-08"),
    "2019": ("2019-05", "2020-10"),
    "2022": ("2022-02", "2023-07"),
    "2023": ("2023-08", "2025-03"),
    "2025": ("2025-04", "2026-02"),
}
TERMS = {"events": (), "TPU": ("tpu",), "GPR of China": ("gpr_china",), "events and indices": ("tpu", "gpr_china")}
WITH_EVENTS = ("events", "events and indices")
HALVES = (3, 6, 12, 24)  # months in which an effect fades by half
BEFORE = 6  # months from whose mean an episode is measured
PRIOR, NOISE = 0.5, 0.3  # spread of an effect in logs, and of an episode's miss
LEAST = 4  # months of an episode with a price


@dataclass(frozen=True)
class Window:
    """One episode of one price: its miss (n,) from the months before it, and where it lies."""

    episode: str
    first: int
    seen: Floats  # (n,) positions of months with a price
    miss: Floats


def windows(misses: pd.DataFrame) -> list[Window]:
    """Return the episodes of every price that has months enough; `misses` is ln(market / model) by month and price."""
    found = []
    months = list(misses.index)
    for name, (start, end) in EPISODES.items():
        first, last = months.index(start), months.index(end)
        for price in misses.columns:
            values = misses[price].to_numpy(dtype=float)
            before = values[max(first - BEFORE, 0) : first]
            seen = first + np.flatnonzero(np.isfinite(values[first : last + 1]))
            if len(seen) >= LEAST and np.isfinite(before).sum() > 1:
                found.append(Window(name, first, seen, values[seen] - np.nanmean(before)))
    return found


def term(kind: str, half: float, months: Sequence[str], indices: dict[str, Floats]) -> Floats:
    """Return the regressors of a kind of term (T, K), nothing later than the month in any."""
    kept = 0.5 ** (1 / half)
    event = np.array([sum(kept**i for e in EVENTS if (i := months.index(m) - months.index(e)) >= 0) for m in months])
    smooth = [pd.Series(indices[name]).ewm(alpha=1 - kept, adjust=False).mean().to_numpy() for name in TERMS[kind]]
    return np.stack([*([event] if kind in WITH_EVENTS else []), *smooth], axis=1)


def moved(regressors: Floats, window: Window) -> Floats:
    """Return the regressors of a window's months (n, K) from their mean in the months before it."""
    before = regressors[max(window.first - BEFORE, 0) : window.first].mean(axis=0)
    return np.asarray(regressors[window.seen] - before)


def fitted(regressors: Floats, chosen: list[Window]) -> tuple[Floats, float]:
    """Return effects (K,), none below nil, and the misfit; a window counts as one observation however long."""
    weights = np.concatenate([np.full(len(w.seen), len(w.seen) ** -0.5 / NOISE) for w in chosen])
    rows = np.concatenate([moved(regressors, w) for w in chosen]) * weights[:, None]
    wanted = np.concatenate([w.miss for w in chosen]) * weights
    drawn = np.eye(regressors.shape[1]) / PRIOR
    effects, misfit = nnls(np.vstack([rows, drawn]), np.append(wanted, np.zeros(len(drawn))))
    return effects, float(misfit)


def left_out(
    kind: str, found: list[Window], months: list[str], indices: dict[str, Floats]
) -> Iterator[tuple[str, float, float]]:
    """Yield each episode's mean squared miss without the term, and with the term fitted on the other episodes."""
    for name in EPISODES:
        others, own = [w for w in found if w.episode != name], [w for w in found if w.episode == name]
        half = min(HALVES, key=lambda h: fitted(term(kind, h, months, indices), others)[1])
        regressors = term(kind, half, months, indices)
        effects, _ = fitted(regressors, others)
        without = np.mean([np.mean(w.miss**2) for w in own])
        yield (
            name,
            float(without),
            float(np.mean([np.mean((w.miss - moved(regressors, w) @ effects) ** 2) for w in own])),
        )


def main() -> None:
    """Print the table."""
    market = build_market(load_dataset(), "latest")
    rows = pd.read_csv(HISTORIES).query("vintage == 'latest'").set_index("month")
    misses: pd.DataFrame = pd.DataFrame(
        {
            f"{material} {region}": (own[f"market.{region}"] / own[f"model.{region}"]).reindex(market.months)
            for material, own in rows.groupby("material")
            for region in ("china", "ex_china")
        }
    ).transform("log")
    found, indices = windows(misses), {name: np.asarray(index) for name, index in market.geopolitics.items()}
    print(
        f"{'miss without -> with the term':32}" + "".join(f"{name:>15}" for name in (*EPISODES, "all", "all but 2010"))
    )
    for kind in TERMS:
        pairs = {name: (a, b) for name, a, b in left_out(kind, found, market.months, indices)}
        shown = [*pairs.values(), np.mean(list(pairs.values()), axis=0), np.mean(list(pairs.values())[1:], axis=0)]
        print(f"{kind:32}" + "".join(f"{np.sqrt(a):>8.2f} {np.sqrt(b):>6.2f}" for a, b in shown))


if __name__ == "__main__":
    main()
