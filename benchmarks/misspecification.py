"""Does a misspecification score know where fair prices are wrong? And the cloud of economies that it rests on.

    python benchmarks/misspecification.py measure [--count 10] [--alien 3] [--seed 43]
    python benchmarks/misspecification.py cloud [--count 30] [--realistic 60] [--seed 41]

`measure` draws economies that the cloud does not hold, and alien ones: the same families with prices doubled in half of
the months at random, doubled from the middle on, China's price replaced by noise about its mean, or China's capacity
held where it stood first. The truth stays that of the economy before. Printed by family: economies, the share outside
the cloud, the median score, RMS of ln(long-run estimate / truth) over months 61 to 190, and the share of these truths
in the 80 % interval without and with the wider interval outside the cloud. Then, over economies: the rank correlation
(Spearman) of the score, and of the learned scale of errors alone, with the RMS error and with that error over half the
interval's width. `cloud` writes features/data/expert/simulated_cloud.yaml, for each search anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from joblib import Parallel, delayed
from scipy.stats import spearmanr

from features.simulated_cloud import CALIBRATED, REALISTIC, write_cloud
from features.synthetic import families
from pricing.fair.misspecification import Likeness, ratios
from pricing.fair.recovery import Found, find
from pricing.market.history import MarketHistory
from pricing.market.synthetic import simulate
from training.recovery import shipped_calibration, shipped_prior, shipped_search

Floats = np.ndarray
Change = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]

FIRST_MONTH = 60
PRICES = ["china_price", "ex_china_price"]
AT_ONCE = 30  # economies searched side by side
KINDS = (*CALIBRATED, *REALISTIC)
WHERE = (("inside", False), ("outside", True))

app = typer.Typer(add_completion=False)


def doubled_at_random(frame: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Return an economy whose prices are doubled in half of its months."""
    return _times(frame, np.where(random.permutation(len(frame)) < len(frame) // 2, 2.0, 1.0))


def doubled_later(frame: pd.DataFrame, _: np.random.Generator) -> pd.DataFrame:
    """Return an economy whose prices are doubled from the middle on."""
    return _times(frame, np.where(np.arange(len(frame)) < len(frame) // 2, 1.0, 2.0))


def noise(frame: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Return an economy whose Chinese price is noise with the mean and the spread that its log has."""
    price = np.log(frame["china_price"])
    return frame.assign(china_price=np.exp(random.normal(price.mean(), price.std(), len(frame))))


def no_plants(frame: pd.DataFrame, _: np.random.Generator) -> pd.DataFrame:
    """Return an economy whose Chinese capacity stands where it was first seen."""
    first = frame["capacity_china_est"].dropna().iloc[:12].mean()
    return frame.assign(capacity_china_est=frame["capacity_china_est"].where(frame["capacity_china_est"].isna(), first))


def _times(frame: pd.DataFrame, factor: Floats) -> pd.DataFrame:
    return frame.assign(**{name: frame[name] * factor for name in PRICES})


ALIENS: Mapping[str, Change] = {
    "doubled in half the months": doubled_at_random,
    "doubled from the middle on": doubled_later,
    "China's price is noise": noise,
    "China's capacity held": no_plants,
}


@dataclass(frozen=True)
class Judged:
    """What was found of economies: RMS errors (M,), shares covered (M,), and how they stand to the cloud."""

    likeness: Likeness
    scale: Floats
    error: Floats
    over_width: Floats  # RMS of the error over half the width of the 80 % interval, without widening
    covered: Floats
    covered_wider: Floats


def histories(family: str, count: int, seed: int) -> tuple[list[MarketHistory], Floats]:
    """Return what is seen of economies of a family, and their log truth (N, T)."""
    made = simulate(families()[family], count, seed)
    return [made.history(i) for i in range(count)], np.log(made.fair_long_run)


def found_of(economies: Sequence[MarketHistory]) -> Found:
    """Return what the shipped search finds."""
    return find(economies, shipped_prior(), shipped_search())


def ratios_of(economies: Sequence[MarketHistory], found: Found) -> Floats:
    """Return how the model misses economies (M, R)."""
    return ratios(economies, found.built, found.grown, found.scale, found.unseen)


def tried(economies: Sequence[MarketHistory], truth: Floats) -> Judged:
    """Return what becomes of economies whose log truth (N, T) is known."""
    return judged(economies, truth, found_of(economies))


def judged(economies: Sequence[MarketHistory], truth: Floats, found: Found) -> Judged:
    """Return what was found of economies beside their log truth (N, T)."""
    calibration = shipped_calibration()
    likeness = calibration.cloud.likeness(ratios_of(economies, found))
    plain, wider = (calibration.edges(found, out) for out in (np.zeros(len(truth), bool), likeness.outside))
    late = slice(FIRST_MONTH, None)
    error = (found.long_run - truth)[:, late]
    half = (np.log(plain["high80"] / plain["low80"]) / 2)[:, late]
    inside = [
        ((truth >= np.log(e["low80"])) & (truth <= np.log(e["high80"])))[:, late].mean(axis=1) for e in (plain, wider)
    ]
    return Judged(likeness, found.scale, _rms(error), _rms(error / half), *inside)


def _rms(values: Floats) -> Floats:
    return np.sqrt((values**2).mean(axis=1))


def altered(economies: Sequence[MarketHistory], change: Change, seed: int) -> list[MarketHistory]:
    """Return alien economies."""
    random = np.random.default_rng(seed)
    return [replace(economy, frame=change(economy.frame, random)) for economy in economies]


def row_of(name: str, one: Judged) -> dict[str, object]:
    """Return a family's line of the table."""
    return {
        "family": name,
        "economies": len(one.error),
        "outside": one.likeness.outside.mean(),
        "score": np.median(one.likeness.score),
        "RMSE": np.sqrt((one.error**2).mean()),
        "covered": one.covered.mean(),
        "covered, wider": one.covered_wider.mean(),
    }


def together(parts: Sequence[Judged]) -> Judged:
    """Return several families as one."""
    likeness = Likeness(
        *(np.concatenate([getattr(p.likeness, n) for p in parts]) for n in ("score", "farther", "outside"))
    )
    names = ("scale", "error", "over_width", "covered", "covered_wider")
    return Judged(likeness, *(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def taken(one: Judged, rows: Floats) -> Judged:
    """Return some economies."""
    likeness = Likeness(one.likeness.score[rows], one.likeness.farther[rows], one.likeness.outside[rows])
    names = ("scale", "error", "over_width", "covered", "covered_wider")
    return Judged(likeness, *(getattr(one, name)[rows] for name in names))


def correlations(name: str, one: Judged) -> dict[str, object]:
    """Return a line of rank correlations."""
    what = {"error": one.error, "error over width": one.over_width}
    by = {"score": one.likeness.score, "scale of errors": one.scale}
    pairs = {f"{a}, {b}": spearmanr(x, y).statistic for a, x in by.items() for b, y in what.items()}
    return {"economies": name, "number": len(one.error), **pairs}


@app.command()
def measure(
    count: Annotated[int, typer.Option(min=2, help="Economies of each family.")] = 10,
    alien: Annotated[int, typer.Option(min=1, help="Economies of each family that are made alien.")] = 3,
    seed: Annotated[int, typer.Option(min=0)] = 43,
    jobs: Annotated[int, typer.Option()] = 1,
) -> None:
    """Print whether the score knows where fair prices are wrong."""
    sets = drawn(count, alien, seed)
    found = dict(zip(sets, Parallel(n_jobs=jobs)(delayed(tried)(*one) for one in sets.values()), strict=True))
    typer.echo(report(found))


def drawn(count: int, alien: int, seed: int) -> dict[str, tuple[list[MarketHistory], Floats]]:
    """Return economies and their log truth by family, the alien ones among them."""
    sets = {family: histories(family, count, seed) for family in KINDS}
    first = [economy for name in CALIBRATED for economy in sets[name][0][:alien]]
    truth = np.concatenate([sets[name][1][:alien] for name in CALIBRATED])
    return sets | {name: (altered(first, change, seed), truth) for name, change in ALIENS.items()}


def report(found: Mapping[str, Judged]) -> str:
    """Return both tables."""
    known = together([found[name] for name in CALIBRATED])
    every = together(list(found.values()))
    rows = [row_of(name, one) for name, one in found.items()]
    rows += [row_of(f"all, {word} the cloud", taken(every, every.likeness.outside == out)) for word, out in WHERE]
    lines = [correlations(name, found[name]) for name in KINDS]
    lines += [correlations("the five calibrated families", known), correlations("all, aliens too", every)]
    tables = (pd.DataFrame(rows).set_index("family").round(3), pd.DataFrame(lines).set_index("economies").round(2))
    return "\n\n".join(one.to_string() for one in tables)


@app.command()
def cloud(
    count: Annotated[int, typer.Option(min=6, help="Economies of each family of the calibration.")] = 30,
    realistic: Annotated[int, typer.Option(min=20, help="Economies that the real market is compared with.")] = 60,
    seed: Annotated[int, typer.Option(min=0)] = 41,
    jobs: Annotated[int, typer.Option()] = 1,
) -> None:
    """Write the cloud."""
    sizes = {**dict.fromkeys(CALIBRATED, count), **dict.fromkeys(REALISTIC, realistic)}
    found = Parallel(n_jobs=jobs)(delayed(_ratios)(family, size, seed) for family, size in sizes.items())
    today = datetime.now(UTC).date().isoformat()
    command = f"cloud --count {count} --realistic {realistic} --seed {seed}"
    write_cloud({"as_of": today, "command": command}, dict(zip(sizes, found, strict=True)))


def _ratios(family: str, count: int, seed: int) -> Floats:
    economies = histories(family, count, seed)[0]
    parts = [economies[start : start + AT_ONCE] for start in range(0, count, AT_ONCE)]
    return np.concatenate([ratios_of(part, found_of(part)) for part in parts])


if __name__ == "__main__":
    app()
