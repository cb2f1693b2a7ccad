"""A dataset with all vintages of a store in it, each row counting from the day it was received."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from features.dataset import Dataset
from features.intake.kinds import KINDS, STATED, Kind
from features.intake.store import StoredVintage, names, read_vintages
from features.panel import check_panel
from features.quality import findings, refuse_errors


@dataclass(frozen=True)
class Arrival:
    """Rows by table as files gave them, and the day from which they count."""

    received_on: date
    tables: Mapping[str, pd.DataFrame]


def with_vintages(dataset: Dataset, folder: Path) -> Dataset:
    """Return a dataset with the vintages of a store joined in order; DataError when one is torn or does not fit.

    The dataset's last day is the last day of receipt: all that had arrived by then is in it.
    """
    vintages = read_vintages(folder, dataset)
    if not vintages:
        return dataset
    joined = joined_with(dataset, arrivals(vintages))
    digest = hashlib.sha256(" ".join((dataset.digest, *names(vintages))).encode()).hexdigest()
    joined = replace(joined, digest=digest, vintages=names(vintages))
    found = findings(joined)
    refuse_errors(found)
    return replace(joined, findings=found)


def joined_with(dataset: Dataset, received: Sequence[Arrival]) -> Dataset:
    """Return a dataset with rows joined, unchecked and with its old digest."""
    return counting(dataset, received, stated_tables(dataset, received))


def counting(dataset: Dataset, received: Sequence[Arrival], stated: Mapping[str, pd.DataFrame]) -> Dataset:
    """Return a dataset with the rows of its `stated_tables` in place of its own."""
    tables = {name: table.drop(columns=STATED) for name, table in stated.items()}
    return replace(
        dataset,
        panel=check_panel(tables["panel"]),
        prices=tables["prices_monthly"],
        anchors=tables["price_anchors"],
        policy=tables["policy"],
        events=tables["events"],
        last_day=max([dataset.last_day, *(one.received_on for one in received)]),
        vintages=(*dataset.vintages, *("unsealed" for _ in received)),
    )


def stated_tables(dataset: Dataset, received: Sequence[Arrival]) -> dict[str, pd.DataFrame]:
    """Return all rows by table, with the day each was said to be public (`stated_at`) beside the day it counts from."""
    return {name: _joined(kind, dataset, received) for name, kind in KINDS.items()}


def arrivals(vintages: Sequence[StoredVintage]) -> list[Arrival]:
    """Return the rows of vintages, in order."""
    return [Arrival(one.received_on, one.tables) for one in vintages]


def counted(table: pd.DataFrame, received_on: date) -> pd.DataFrame:
    """Return rows as they count: a figure counts from the later of the day it was public and the day it arrived.

    So nothing that arrives today changes what was known yesterday, whatever a file says of its own past.
    """
    stated = table["known_at"]
    known = stated.where(stated >= pd.Timestamp(received_on), pd.Timestamp(received_on)).astype("datetime64[s]")
    return table.assign(known_at=known, **{STATED: stated})


def _joined(kind: Kind, dataset: Dataset, received: Sequence[Arrival]) -> pd.DataFrame:
    base = _table(dataset, kind)
    parts = [base.assign(**{STATED: base["known_at"]})]
    parts += [counted(one.tables[kind.name], one.received_on) for one in received if kind.name in one.tables]
    if len(parts) == 1:
        return parts[0]
    return pd.concat(parts, ignore_index=True).sort_values(list(kind.order), kind="stable", ignore_index=True)


def _table(dataset: Dataset, kind: Kind) -> pd.DataFrame:
    tables = {
        "panel": dataset.panel.frame,
        "prices_monthly": dataset.prices,
        "price_anchors": dataset.anchors,
        "policy": dataset.policy,
        "events": dataset.events,
    }
    return tables[kind.name]
