"""The shipped dataset cut at a past day and brought back month by month: `python -m features.intake.replay`.

Every month's rows are written to files and taken in on the day on which the month before is priced, with all checks
on. A row held back is a false alarm, for the dataset has it: it is counted, then accepted, and so is in the history of
the next month. At the end the dataset as known on every month's day is the shipped one.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sys
import tempfile
import time as clock
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from itertools import pairwise
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from features.dataset import Dataset, load_dataset
from features.intake.intake import Order, Receipt, take_in
from features.intake.joined import with_vintages
from features.intake.kinds import KINDS, PANEL, Kind
from features.intake.rows import Held
from features.panel import vintage_day
from pricing.errors import FairPriceError

BECAUSE = "a replay of the shipped dataset, which has this row"
ALL = "all"
KIB_PER_MIB = 1024  # Linux gives the peak of a process in KiB
TABLES = {"prices_monthly": "prices", "price_anchors": "anchors", "policy": "policy", "events": "events"}


@dataclass(frozen=True)
class Alarm:
    """A row that was held back though the dataset has it."""

    received_on: date
    table: str
    reason: Held


@dataclass
class Replay:
    """What happened: rows taken by table and year, and the false alarms."""

    taken: Counter[tuple[str, int]] = field(default_factory=Counter)
    alarms: list[Alarm] = field(default_factory=list)

    def rates(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Return how many rows were held back of how many brought in, by table and year; year `all` is their sum."""
        held = Counter(
            (name, day.year) for name, day, _ in {(a.table, a.received_on, a.reason.row) for a in self.alarms}
        )
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for (name, year), count in sorted(self.taken.items()):
            before = found.get((name, ALL), (0, 0))
            found[name, str(year)] = held[name, year], count
            found[name, ALL] = before[0] + held[name, year], before[1] + count
        return found


def days_between(first: date, last: date) -> list[date]:
    """Return the days on which months are first priced, after `first`, and `last` itself.

    >>> days_between(date(2026, 1, 20), date(2026, 3, 31))
    [datetime.date(2026, 2, 20), datetime.date(2026, 3, 20), datetime.date(2026, 3, 31)]
    """
    months = pd.period_range(pd.Period(first, "M") - 1, pd.Period(last, "M"), freq="M")
    days = [vintage_day(str(month)) for month in months]
    return [*(day for day in days if first < day < last), last]


def cut(dataset: Dataset, day: date) -> Dataset:
    """Return a dataset as it would have been published on a day: nothing known later, and a digest of its own."""
    return replace(dataset.as_known(day), digest=dataset.snapshot(day), vintages=("cut",))


def replay(
    dataset: Dataset, days: Sequence[date], store: Path, progress: Callable[[date, Receipt], None] | None = None
) -> tuple[Replay, Dataset]:
    """Return what happened when a dataset, cut at the first of the days, was brought back on the others, and the end.

    The store must be empty. DataError when a row cannot be brought back at all.
    """
    base, found = cut(dataset, days[0]), Replay()
    with tempfile.TemporaryDirectory() as scratch:
        for since, day in pairwise(days):
            paths = write_files(dataset, since, day, Path(scratch))
            order = Order(store, datetime.combine(day, time(), UTC), day, all_or_nothing=True)
            receipt = take_in(paths, base, order)
            names = {file.name: file.kind.name for file in receipt.files if file.kind}
            found.alarms += [Alarm(day, names[one.file], one) for one in receipt.judged.held]
            if rows := frozenset(one.row for one in receipt.judged.held):
                receipt = take_in(paths, base, replace(order, accepted=rows, because=BECAUSE))
            found.taken.update({(entry.kind.name, day.year): 0 for entry in receipt.judged.taken})
            found.taken.update((entry.kind.name, day.year) for entry in receipt.judged.taken)
            if progress:
                progress(day, receipt)
    return found, with_vintages(base, store)


def write_files(dataset: Dataset, since: date, day: date, folder: Path) -> list[Path]:
    """Write the rows that became known after a day, up to another, in the dataset's formats; return the files."""
    paths = []
    for name, kind in KINDS.items():
        table = table_of(dataset, kind)
        rows = table[(table["known_at"] > pd.Timestamp(since)) & (table["known_at"] <= pd.Timestamp(day))]
        if len(rows):
            paths.append(folder / f"{name}.csv")
            rows[list(kind.columns)].to_csv(paths[-1], index=False, quoting=csv.QUOTE_MINIMAL, date_format="%Y-%m-%d")
    return paths


def table_of(dataset: Dataset, kind: Kind) -> pd.DataFrame:
    """Return a table of a dataset."""
    frame: pd.DataFrame = dataset.panel.frame if kind is PANEL else getattr(dataset, TABLES[kind.name])
    return frame


def differing(first: Dataset, second: Dataset, day: date) -> Iterator[str]:
    """Yield the tables that are not the same as known on a day; the day a row became known is not compared."""
    for kind in KINDS.values():
        columns = [name for name in kind.columns if name != "known_at"]
        mine, theirs = (table_of(one.as_known(day), kind)[columns] for one in (first, second))
        if not mine.equals(theirs):
            yield kind.name


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay, print the tables of docs/refresh.md, return the exit code: 1 when the end is not the shipped dataset."""
    parser = argparse.ArgumentParser(prog="python -m features.intake.replay", description=__doc__)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2015, 12, 20))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=None, help="by default the last day")
    options = parser.parse_args(arguments)
    console = Console(width=150)
    try:
        dataset = load_dataset()
        days = [options.first, *days_between(options.first, options.last or dataset.last_day)]
        with tempfile.TemporaryDirectory() as store:
            found, end = replay(dataset, days, Path(store), _shown)
    except FairPriceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    report(found, console)
    other = {day: list(differing(end, dataset, day)) for day in days}
    console.print(f"Days compared as known: {len(days)}; days that differ: {sum(map(bool, other.values()))}.")
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB
    console.print(f"CPU time {clock.process_time():,.0f} s, peak memory {peak_mib:,.0f} MiB.")
    return int(any(other.values()))


def _shown(day: date, _receipt: Receipt) -> None:
    sys.stderr.write(f"\r{day}")


def report(found: Replay, console: Console) -> None:
    """Print rows held back of rows brought in by year and table, by rule, and each alarm."""
    rates = found.rates()
    names = [name for name in KINDS if (name, ALL) in rates]
    held, brought = (sum(rates[name, ALL][place] for name in names) for place in (0, 1))
    title = f"Rows held back of rows brought in: {held:,} of {brought:,}"
    table = Table("year", *names, title=title, title_justify="left")
    for year in sorted({year for _, year in rates}):
        table.add_row(
            year, *("{:,} of {:,}".format(*rates[name, year]) if (name, year) in rates else "" for name in names)
        )
    table.add_row("%", *(f"{100 * rates[name, ALL][0] / rates[name, ALL][1]:.2f}" for name in names))
    console.print(table)
    rules = Table("table", "rule", "rows", title="By rule", title_justify="left")
    for (name, rule), count in sorted(Counter((a.table, a.reason.rule) for a in found.alarms).items()):
        rules.add_row(name, rule, str(count))
    console.print(rules)
    for alarm in found.alarms:
        one = alarm.reason
        console.print(f"{alarm.received_on} {one.rule:<10} {one.about}: {one.found}; expected {one.expected}")


if __name__ == "__main__":
    raise SystemExit(main())
