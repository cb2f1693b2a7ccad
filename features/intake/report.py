"""A receipt in words that a scheduler can mail, and as plain values for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from features.intake.intake import Receipt
from features.intake.rows import Entry, Held
from features.panel import vintage_day

MOST_TOLD = 50


def summary(receipt: Receipt) -> str:
    """Return what became of an arrival, one line for each count and each row held back."""
    return "\n".join(_lines(receipt))


def as_dict(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as plain values, every row held back with it."""
    judged = receipt.judged
    return {
        "received_on": receipt.order.day.isoformat(),
        "vintage": receipt.vintage or None,
        "dry_run": receipt.order.dry_run,
        "taken": 0 if receipt.refused else len(judged.taken),
        "taken_by_table": {} if receipt.refused else _by_table(judged.taken),
        "known_already": judged.known,
        "late": [entry.row for entry in judged.late],
        "files": [{"name": file.name, "sha256": file.sha256} for file in receipt.files],
        "accepted": [{**one.as_dict(), "because": receipt.order.because} for one in judged.overruled],
        "held_back": [one.as_dict() for one in judged.held],
        "unpriced_months": list(receipt.unpriced),
        "last_day": receipt.last_day.isoformat(),
    }


def _lines(receipt: Receipt) -> Iterator[str]:
    judged, order = receipt.judged, receipt.order
    yield f"{len(receipt.files)} files, received on {order.day}"
    yield f"taken          {_taken(receipt)}"
    yield f"known already  {judged.known}"
    yield f"held back      {len({one.row for one in judged.held})}"
    yield from _reasons(judged.held)
    for row, found in _by_row(judged.overruled).items():
        rules = ", ".join(one.rule for one in found)
        yield f"accepted       {row}: {found[0].about} ({rules}), because {order.because}"
    if judged.late:
        yield from _late(judged.late)
    if receipt.unpriced:
        yield f"no price yet   of {', '.join(receipt.unpriced)}: a fit now would price them without a market"


def _taken(receipt: Receipt) -> str:
    rows = len(receipt.judged.taken)
    if receipt.refused:
        return f"0, for rows are held back and it is all or nothing; {rows} were in order"
    if not rows:
        return "0; nothing was stored"
    parts = ", ".join(f"{name} {count}" for name, count in _by_table(receipt.judged.taken).items())
    return f"{rows} ({parts}) " + (
        f"as vintage {receipt.vintage}" if receipt.vintage else "in a dry run: nothing was stored"
    )


def _reasons(held: Iterable[Held]) -> Iterator[str]:
    rows = _by_row(held)
    for row, found in list(rows.items())[:MOST_TOLD]:
        yield f"  {row}: {found[0].about}"
        yield from (f"    {one.rule}: found {one.found}; expected {one.expected}" for one in found)
        yield f"    {min(found, key=lambda one: one.acceptable).way_out}"
    if len(rows) > MOST_TOLD:
        yield f"  and {len(rows) - MOST_TOLD} more; --json lists all."


def _late(late: Iterable[Entry]) -> Iterator[str]:
    months = sorted({entry.values["month"] for entry in late})
    yield (
        f"late           prices of {', '.join(months)}: first priced on {vintage_day(months[0])}, without them. "
        "If the file was there before, take it in with --received-on that day, before any later one."
    )


def _by_table(entries: Iterable[Entry]) -> Mapping[str, int]:
    return dict(sorted(Counter(entry.kind.name for entry in entries).items()))


def _by_row(held: Iterable[Held]) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = {}
    for one in held:
        found.setdefault(one.row, []).append(one)
    return found
