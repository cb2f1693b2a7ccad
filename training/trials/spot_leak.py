"""What the fair price does when market prices alone are other: the method fitted again with the same draws, by seed.

    python -m training.trials.spot_leak [--draws 1024]

Writes `features/data/measured/spot_leak.yaml`, which the service prints; run it again when data or method change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from features.dataset import Dataset, load_dataset
from features.market_history import build_market
from features.spot_leaks import FILE
from pricing.fair import METHOD
from pricing.fair.estimator import Settings
from pricing.market.supply import Market
from training.assumptions import settings_for, shipped_prior
from training.config import TrainingConfig
from training.metrics import fair, materials, of_material
from training.trials import variants
from training.trials.headline import headline_fit
from training.trials.plan import Plan, shipped_plan

CHINA = ("china_price",)
COUNTED = "last full year of evidence"  # evidence counts by full years, so that it weighs most there
DIGITS = 5
HEAD = (
    "# Measured, not judged: written by `python -m training.trials.spot_leak`, printed by GET /v1/leaks/{material}.\n"
)

Change = Callable[[Market], Market]


def measured(dataset: Dataset, draws: int, report: Callable[[str], None]) -> dict[str, Any]:
    """Return the file's content: by shock, how far the last month's fair price moves, as a share, one for each seed."""
    plan, prior, market = shipped_plan(), shipped_prior(), build_market(dataset, "latest")
    first = plan.count("fits.seed")
    seeds = list(range(first, first + plan.count("fits.leak_seeds")))
    rows: dict[int, dict[str, Any]] = {}
    for seed in seeds:
        settings = _settings(plan, draws, seed)
        base = headline_fit(market, prior, settings).frame
        for place, (shock, change) in enumerate(_shocks(plan, market)):
            found = headline_fit(change(market), prior, settings).frame
            row = rows.setdefault(place, {**shock, "leak": {name: [] for name in materials(base)}})
            for name, leaks in row["leak"].items():
                leaks.append(_moved(base, found, name))
            report(f"seed {seed}: {row}")
    return {
        "dataset": dataset.digest,
        "last_month": str(base["month"].max()),
        "method": METHOD,
        "draws": draws,
        "seeds": seeds,
        "limit": plan.number("limits.rise_answer"),
        "rows": list(rows.values()),
    }


def _settings(plan: Plan, draws: int, seed: int) -> Settings:
    found = settings_for(TrainingConfig(draws=draws, seed=seed))
    return replace(found, kept=plan.count("fits.kept_per_draw") * draws)


def _shocks(plan: Plan, market: Market) -> Iterator[tuple[Mapping[str, Any], Change]]:
    """Yield every shock as the file names it, and how a market changes by it."""
    both, year = plan.number("shocks.rise"), plan.count("shocks.rise_months")
    every = max(len(history.frame) for history in market.histories.values())
    for alone in (plan.number("shocks.spot_rise"), plan.number("shocks.spot_fall")):
        for months, when in ((1, "last month"), (year, f"last {year} months"), (every, "all months")):
            yield _named("china", alone, months, when), partial(variants.raised, rise=alone, months=months, names=CHINA)
        yield _named("china", alone, year, COUNTED), partial(variants.raised_evidence, rise=alone, names=CHINA)
    yield _named("both", both, year, f"last {year} months"), partial(variants.raised, rise=both, months=year)
    yield _named("both", both, year, COUNTED), partial(variants.raised_evidence, rise=both)


def _named(market: str, rise: float, months: int, when: str) -> dict[str, Any]:
    return {"market": market, "rise": rise, "months": months, "when": when}


def _moved(base: Any, found: Any, material: str) -> float:
    one, other = (float(fair(of_material(frame, material)).iloc[-1]) for frame in (base, found))
    return float(f"{other / one - 1:.{DIGITS}g}")


def main(
    draws: Annotated[int | None, typer.Option(help="Draws of each fit; by default the trials' number.")] = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = FILE,
) -> None:
    """Fit again with other market prices and write how far the fair price moves."""
    found = measured(load_dataset(), draws or shipped_plan().count("fits.draws"), typer.echo)
    out.write_text(HEAD + yaml.safe_dump(found, sort_keys=False, default_flow_style=None), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
