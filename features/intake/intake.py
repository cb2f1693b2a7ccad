"""Take new observations in: read, check, keep as a vintage. The clock and the store come in as arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from features.dataset import Dataset
from features.intake.joined import Arrival, arrivals, counting, joined_with, stated_tables
from features.intake.judged import Judged, judge
from features.intake.received import Received, read_files
from features.intake.store import StoredVintage, locked, names, read_vintages, write_vintage
from features.price_view import priced_months
from features.quality import load_errors
from pricing.errors import DataError, Fault, InputError

MOST_RECORDED = 200  # reasons; a file of nothing but faults would make a record nobody reads


@dataclass(frozen=True)
class Order:
    """What an intake is asked to do. `accepted` are rows as FILE:LINE, let in for the reason in `because`."""

    store: Path
    now: datetime
    received_on: date | None = None  # None is the day of `now`
    accepted: frozenset[str] = field(default_factory=frozenset)
    because: str = ""
    all_or_nothing: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        if self.accepted and not self.because.strip():
            raise InputError(Fault("--because", "nothing", "a reason in words; it is kept on the record"))

    @property
    def day(self) -> date:
        """Return the day of receipt."""
        return self.received_on or self.now.date()


@dataclass(frozen=True)
class Receipt:
    """What became of an arrival. `vintage` is the name of what was stored, empty where nothing was."""

    order: Order
    files: tuple[Received, ...]
    judged: Judged
    vintage: str
    last_day: date
    unpriced: tuple[str, ...]  # last months whose day of pricing has come and which have no price of any oxide yet

    @property
    def complete(self) -> bool:
        """Return whether no row was held back."""
        return not self.judged.held

    @property
    def refused(self) -> bool:
        """Return whether rows in order stay outside because others are held back."""
        return self.order.all_or_nothing and not self.complete


def take_in(paths: Sequence[Path], dataset: Dataset, order: Order) -> Receipt:
    """Return the receipt of files taken into a store beside a dataset. A dry run writes nothing.

    InputError for paths and options that cannot be used; DataError when the store is torn or the dataset could not be
    loaded with the new rows.
    """
    if order.dry_run:
        return _taken(paths, dataset, order)
    with locked(order.store):
        return _taken(paths, dataset, order)


def _taken(paths: Sequence[Path], dataset: Dataset, order: Order) -> Receipt:
    files = read_files(paths)
    vintages = read_vintages(order.store, dataset) if order.store.is_dir() else []
    received = arrivals(vintages)
    stated = stated_tables(dataset, received)
    held = counting(dataset, received, stated)
    _check_day(order, held.last_day)
    judged = judge(files, held, stated, order.day, order.accepted)
    receipt = Receipt(order, tuple(files), judged, "", held.last_day, ())
    if receipt.refused or not judged.taken:
        return receipt
    joined = joined_with(held, [Arrival(order.day, judged.tables)])
    _check_loads(joined)
    name = "" if order.dry_run else write_vintage(order.store, _record(receipt, dataset, vintages), judged.tables)
    return replace(receipt, vintage=name, last_day=order.day, unpriced=_unpriced(joined))


def _check_day(order: Order, last_day: date) -> None:
    if order.day < last_day:
        raise InputError(Fault("--received-on", str(order.day), f"a day from {last_day}, up to which all is known"))
    if order.day > order.now.date():
        raise InputError(Fault("--received-on", str(order.day), f"a day up to today, {order.now.date()}"))


def _check_loads(joined: Dataset) -> None:
    """Raise DataError when the dataset could not be loaded with new rows in it: then nothing of them is kept."""
    bad = load_errors(joined)
    if bad:
        told = "\n".join(str(one) for one in bad)
        msg = f"Nothing was taken: the dataset could not be loaded with these rows.\n{told}"
        raise DataError(msg)


def _unpriced(joined: Dataset) -> tuple[str, ...]:
    last = joined.prices.loc[joined.prices["form"] == "oxide", "month"].max()
    return tuple(month for month in priced_months(joined) if month > last)


def _record(receipt: Receipt, dataset: Dataset, vintages: Sequence[StoredVintage]) -> dict[str, Any]:
    order, judged = receipt.order, receipt.judged
    return {
        "number": len(vintages) + 1,
        "previous": names(vintages)[-1] if vintages else "",
        "dataset": dataset.digest,
        "received_on": order.day.isoformat(),
        "received_on_stated": order.received_on is not None,
        "stored_at": order.now.isoformat(timespec="seconds"),
        "inputs": [{"name": file.name, "sha256": file.sha256} for file in receipt.files],
        "rows": {name: len(table) for name, table in judged.tables.items()},
        "accepted": [{**one.as_dict(), "because": order.because} for one in judged.overruled],
        "held_back": [one.as_dict() for one in judged.held[:MOST_RECORDED]],
        "reasons_in_all": len(judged.held),
    }
