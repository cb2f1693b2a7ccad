"""What the dataset already has of a row: nothing, the same, an older figure, or one that the row would replace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from features.intake.kinds import KINDS, STATED, Kind
from features.intake.rows import Entry, Held

_FAR = "a figure is replaced by one that became public later"


@dataclass(frozen=True)
class Sorted:
    """Rows that are new, with the figure each would replace; how many add nothing; and those that contradict."""

    new: list[Entry] = field(default_factory=list)
    replaces: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # row as FILE:LINE to the standing figure
    known: int = 0
    held: list[Held] = field(default_factory=list)


def sort_out(entries: Iterable[Entry], tables: Mapping[str, pd.DataFrame], received_on: date) -> Sorted:
    """Return what of the entries is new beside all rows held, which carry `stated_at` beside `known_at`."""
    wanted: dict[str, set[tuple[Any, ...]]] = {name: set() for name in KINDS}
    entries = list(entries)
    for entry in entries:
        wanted[entry.kind.name].add(_key(entry.kind, entry.values))
    held_rows = {name: _by_key(kind, tables[name], wanted[name]) for name, kind in KINDS.items()}
    new: list[Entry] = []
    replaces: dict[str, Mapping[str, Any]] = {}
    known, refused = 0, _contradictions(entries)
    barred = {one.row for one in refused}
    seen: set[tuple[Any, ...]] = set()
    for entry in entries:
        key = _key(entry.kind, entry.values)
        rows = held_rows[entry.kind.name].get(key, [])
        same = (entry.kind.name, *key, *_figures(entry.kind, entry.values))
        if entry.row in barred:
            continue
        if same in seen or any(_stands(entry, row) for row in rows[-1:]) or any(_is(entry, row) for row in rows):
            known += 1
        elif rows and (reason := _conflict(entry, rows[-1], received_on)):
            refused.append(reason)
        else:
            new.append(entry)
            if rows:
                replaces[entry.row] = rows[-1]
        seen.add(same)
    return Sorted(new, replaces, known, refused)


def _contradictions(entries: Iterable[Entry]) -> list[Held]:
    """Return entries that give two figures for one key: of an arrival only one can count."""
    first: dict[tuple[Any, ...], Entry] = {}
    doubled: list[Held] = []
    for entry in entries:
        before = first.setdefault((entry.kind.name, *_key(entry.kind, entry.values)), entry)
        if _figures(entry.kind, entry.values) != _figures(entry.kind, before.values):
            for one, other in ((before, entry), (entry, before)):
                found = f"{_told(one)}, and {_told(other)} in {other.row}"
                doubled.append(one.held("duplicate", found, "one figure of each in an arrival", acceptable=False))
    return list(dict.fromkeys(doubled))


def _conflict(entry: Entry, row: Mapping[str, Any], received_on: date) -> Held | None:
    """Return why an entry cannot replace the figure that stands: it is older, or both would count from one day."""
    stated, counted = row[STATED].date(), row["known_at"].date()
    if entry.stated < stated:
        found = f"a figure of {entry.stated}, older than the one held, of {stated}"
        return entry.held("outdated", found, _FAR, acceptable=False)
    if counted >= received_on:
        found = f"another figure than the one held, which counts from {counted} too"
        return entry.held("same_day", found, f"a day of receipt after {counted}: one figure counts from a day",
                          acceptable=False)  # fmt: skip
    return None


def _by_key(
    kind: Kind, table: pd.DataFrame, wanted: set[tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[dict[Any, Any]]]:
    """Return the wanted rows by key, each list in the order in which they became known."""
    found: dict[tuple[Any, ...], list[dict[Any, Any]]] = {}
    if not wanted:
        return found
    for place, name in enumerate(kind.key):
        cells = [key[place] for key in wanted]
        table = table[table[name].isin(pd.to_datetime(cells) if name in kind.days else cells)]
    for row in table.sort_values("known_at", kind="stable").to_dict("records"):
        key = _key(kind, row)
        if key in wanted:
            found.setdefault(key, []).append(row)
    return found


def _stands(entry: Entry, row: Mapping[str, Any]) -> bool:
    return _figures(entry.kind, entry.values) == _figures(entry.kind, row)


def _is(entry: Entry, row: Mapping[str, Any]) -> bool:
    return _stands(entry, row) and bool(entry.stated == row[STATED].date())


def _key(kind: Kind, values: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(_plain(values[name]) for name in kind.key)


def _figures(kind: Kind, values: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(_plain(values[name]) for name in kind.figures)


def _plain(value: Any) -> Any:
    """Return a cell so that equal cells are equal: nothing for NaN and NaT, a day for a time stamp."""
    if isinstance(value, pd.Timestamp):
        return value.date()
    return None if pd.isna(value) else value


def _told(entry: Entry) -> str:
    figure = entry.values.get("mean", entry.values.get("value", ""))
    return f"{figure:g}" if isinstance(figure, float) else "other words"
