"""All files against all that is held: which rows are new, which add nothing, which are held back and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from features.dataset import Dataset
from features.intake.cells import Known
from features.intake.earlier import Sorted, sort_out
from features.intake.joined import Arrival, joined_with
from features.intake.kinds import KINDS, PRICES
from features.intake.price_moves import vat_between_lines
from features.intake.price_rounds import unusual_prices
from features.intake.received import Received
from features.intake.rows import Entry, Held, all_held
from features.intake.series_moves import Histories, unusual
from features.intake.typed import entries_of
from features.panel import vintage_day
from pricing.errors import Fault, InputError


@dataclass(frozen=True)
class Judged:
    """What becomes of the rows of an arrival; `overruled` are reasons that a person set aside."""

    taken: tuple[Entry, ...]
    known: int
    held: tuple[Held, ...]
    overruled: tuple[Held, ...]
    late: tuple[Entry, ...]  # taken, but after the day on which their month was first priced

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the taken rows by table, sorted as the dataset sorts them, as files gave them."""
        found = {}
        for name, kind in KINDS.items():
            rows = [dict(entry.values) for entry in self.taken if entry.kind.name == name]
            if rows:
                found[name] = kind.table(rows).sort_values(list(kind.order), kind="stable", ignore_index=True)
        return found


def judge(
    files: Sequence[Received],
    dataset: Dataset,
    tables: Mapping[str, pd.DataFrame],
    received_on: date,
    accepted: frozenset[str] = frozenset(),
) -> Judged:
    """Return the rows of files judged against a dataset and all its rows (`tables`, with `stated_at`).

    InputError when a row is accepted that is not held back, or that nobody may accept.
    """
    known = Known(dataset, received_on)
    read = [entries_of(file, known) for file in files]
    entries = [entry for found, _ in read for entry in found]
    refused = [one for _, held in read for one in held]
    sorted_out = sort_out(entries, tables, received_on)
    doubts = list(_doubts(sorted_out, dataset, tables, received_on, accepted))
    held = list(all_held([refused, sorted_out.held, doubts]))
    _check_accepted(accepted, held)
    out = {one.row for one in held} - accepted
    taken = tuple(entry for entry in sorted_out.new if entry.row not in out)
    return Judged(
        taken=taken,
        known=sorted_out.known,
        held=tuple(one for one in held if one.row not in accepted),
        overruled=tuple(one for one in held if one.row in accepted),
        late=tuple(entry for entry in taken if _is_late(entry, received_on)),
    )


def _doubts(
    sorted_out: Sorted,
    dataset: Dataset,
    tables: Mapping[str, pd.DataFrame],
    received_on: date,
    accepted: frozenset[str],
) -> Iterator[Held]:
    """Yield why new rows should be looked at, each kind against its own history."""
    by_kind = {name: [entry for entry in sorted_out.new if entry.kind.name == name] for name in KINDS}
    histories = Histories(dataset, tables["panel"])
    yield from unusual(by_kind["panel"], sorted_out.replaces, histories, accepted)
    yield from _changed_records(by_kind, sorted_out.replaces)
    prices = by_kind[PRICES.name]
    if prices:
        found = list(unusual_prices(prices, sorted_out.replaces, dataset))
        yield from found
        out = {one.row for one in found} - accepted
        in_order = Judged(tuple(entry for entry in prices if entry.row not in out), 0, (), (), ())
        joined = joined_with(dataset, [Arrival(received_on, in_order.tables)])
        yield from vat_between_lines(in_order.taken, dataset, joined)


def _changed_records(
    by_kind: Mapping[str, Sequence[Entry]], replaces: Mapping[str, Mapping[str, Any]]
) -> Iterator[Held]:
    """Yield rows that change a regime or an anchor held; an event is a record, and never changes."""
    for name in ("policy", "price_anchors", "events"):
        for entry in (entry for entry in by_kind[name] if entry.row in replaces):
            old = replaces[entry.row]
            changed = [column for column in entry.kind.figures if _differs(old[column], entry.values[column])]
            found = ", ".join(f"{column} {entry.values[column]} in place of {old[column]}" for column in changed)
            event = name == "events"
            expected = "another label for another event" if event else "the record as it stands"
            yield entry.held("revision", found, expected, acceptable=not event)


def _differs(old: Any, new: Any) -> bool:
    if pd.isna(old) or pd.isna(new):
        return bool(pd.isna(old) != pd.isna(new))
    return bool((old.date() if isinstance(old, pd.Timestamp) else old) != new)


def _check_accepted(accepted: Iterable[str], held: Sequence[Held]) -> None:
    """Raise InputError for every accepted row that is not held back, or that nobody may accept."""
    reasons: dict[str, list[Held]] = {}
    for one in held:
        reasons.setdefault(one.row, []).append(one)
    open_rows = [row for row, found in reasons.items() if all(one.acceptable for one in found)]
    faults = []
    for row in sorted(accepted):
        if row not in reasons:
            faults.append(Fault("--accept", row, f"a row that is held back: {', '.join(open_rows[:10]) or 'none is'}"))
        elif row not in open_rows:
            worst = next(one for one in reasons[row] if not one.acceptable)
            faults.append(Fault("--accept", str(worst), "a row whose reasons a person may set aside"))
    if faults:
        raise InputError(*faults)


def _is_late(entry: Entry, received_on: date) -> bool:
    """Return whether a monthly price arrives after its month was first priced: as known, that month is without it."""
    return entry.kind is PRICES and received_on > vintage_day(entry.values["month"])
