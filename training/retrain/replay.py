"""Life month by month: `python -m training.retrain.replay --from 2025-12-20 --months 2 --draws 64 --to FOLDER`.

The shipped dataset is cut at a past day and a first version published from it; then each month's rows arrive as files
and go through a retrain job. After each job the months that were priced before are compared with what was said of them.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path

import pandas as pd
import yaml

from features.catalogue import rows_digest
from features.dataset import SHIPPED, load_dataset, seal
from features.intake.intake import Order
from features.intake.replay import days_between, write_files
from features.panel import check_panel
from features.tables import read_table
from pricing.bundle import Bundle
from pricing.bundle_tables import TABLES
from pricing.errors import FairPriceError
from training.config import TrainingConfig
from training.registry import champion
from training.retrain.job import retrain
from training.retrain.outcome import Outcome, summary
from training.retrain.published import bundle_of
from training.retrain.request import Makers, Request

DATED = ("panel/*.csv", "prices_monthly.csv", "price_anchors.csv", "policy.csv", "events.csv")
NEVER_REVISED = ("history_as_known", "snapshots")  # what answers `as_of` a day are made of
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Month:
    """One job of a replay: its day, how it ended, and how many earlier rows as known it says otherwise."""

    day: date
    outcome: Outcome
    earlier: int
    revised: int


def replay(days: Sequence[date], place: Path, config: TrainingConfig, makers: Makers) -> Iterator[Month]:
    """Yield the job of each day; `place` is an empty folder that will hold the cut dataset, the vintages and the files.

    The first day's job fits on the dataset as it was then; each later one is given the rows that became known since.
    """
    base, store = place / "dataset", place / "vintages"
    cut_folder(days[0], base)
    config = replace(config, dataset=base)
    before: Bundle | None = None
    for number, day in enumerate(days):
        since = days[number - 1] if number else None
        now, files = datetime.combine(day, time(6), UTC), place / f"files-{day}"
        if since:
            files.mkdir()
            write_files(load_dataset(), since, day, files)
        order = Order(store, now) if since else None
        asked = replace(config, vintages=store if since else None)
        outcome = retrain(Request(asked, now, (files,) if since else (), order, place / "work"), makers)
        found = champion(config.tracking_uri)
        after = bundle_of(config.tracking_uri, found, place / f"bundle-{day}") if found else None
        earlier, revised = _compared(before, after) if before and after else (0, 0)
        yield Month(day, outcome, earlier, revised)
        before = after


def cut_folder(day: date, to: Path) -> None:
    """Write the shipped dataset to a folder as it would have been published on a day, sealed."""
    shutil.copytree(SHIPPED, to)
    for path in (path for pattern in DATED for path in to.glob(pattern)):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        known = table["known_at"].to_numpy(dtype=str) <= day.isoformat()
        table[known].to_csv(path, index=False, lineterminator="\n")
    _write_cards(to)
    seal(to, day.isoformat())


def _write_cards(folder: Path) -> None:
    """Put on each card how many rows its source has left, and their checksum."""
    panel = check_panel(pd.concat([read_table(path, "panel") for path in folder.glob("panel/*.csv")])).frame
    sources = read_table(folder / "series.csv").set_index("series")["source"]
    for source, rows in panel.groupby(panel["series"].map(sources)):
        path = folder / "cards" / f"{source}.yaml"
        card = yaml.safe_load(path.read_text(encoding="utf-8"))
        card |= {"rows": len(rows), "sha256": rows_digest(rows.reset_index(drop=True))}
        path.write_text(yaml.safe_dump(card, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _compared(before: Bundle, after: Bundle) -> tuple[int, int]:
    """Return how many rows as known the earlier bundle has, and how many of them the later one says otherwise."""
    pairs = [(before.table(name), after.table(name), list(TABLES[name].key)) for name in NEVER_REVISED]
    return sum(len(mine) for mine, _, _ in pairs), sum(_differing(*pair) for pair in pairs)


def _differing(mine: pd.DataFrame, theirs: pd.DataFrame, key: list[str]) -> int:
    """Return how many rows of a table another one does not have as they are, numbers to rounding."""
    both = mine.set_index(key), theirs.set_index(key).reindex(mine.set_index(key).index)
    same = pd.DataFrame({name: _alike(both[0][name], both[1][name]) for name in both[0].columns})
    return int((~same.all(axis=1)).sum())


def _alike(mine: pd.Series, theirs: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(mine):
        near = (mine - theirs).abs() <= TOLERANCE * (1 + mine.abs())
        return near | (mine.isna() & theirs.isna())
    return mine == theirs


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay, print each job's summary and what became of earlier answers; 1 when one was revised."""
    parser = argparse.ArgumentParser(prog="python -m training.retrain.replay", description=__doc__)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2025, 12, 20))
    parser.add_argument("--months", type=int, default=1)
    parser.add_argument("--draws", type=int, default=64)
    parser.add_argument("--economies", type=int, default=None)
    parser.add_argument("--to", type=Path, required=True, help="an empty folder")
    options = parser.parse_args(arguments)
    place = options.to.resolve()
    store = f"sqlite:///{place}/store/mlflow.db"
    config = TrainingConfig(draws=options.draws, economies=options.economies, tracking_uri=store)
    days = [options.first, *islice(days_between(options.first, load_dataset().last_day), options.months)]
    revised = 0
    try:
        for month in replay(days, place, config, Makers()):
            revised += month.revised
            told = f"{month.earlier} rows as known from before, {month.revised} of them said otherwise"
            sys.stdout.write(f"== {month.day}\n{summary(month.outcome)}\n{told}\n")
            sys.stdout.flush()
    except FairPriceError as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return int(revised > 0)


if __name__ == "__main__":
    raise SystemExit(main())
