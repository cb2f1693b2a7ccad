"""Rows of text as rows the dataset could hold; every fault of a row at once.

What is refused here nobody may accept: the dataset could not be loaded with it, or it would not be known what it is.
Only names of a material, a form, an instrument and the like may be new, if a person says so.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd

from features.intake.cells import MONTH, Cells, Known
from features.intake.range_slips import tell_as_slip
from features.intake.received import Received
from features.intake.rows import Entry, Held
from features.private.observations import ANY
from features.private.prices import MOST_QUOTES
from features.rules import quality_rules
from features.tables import BASES, CLASSES, CURRENCIES, MOST, QUALITIES, STATUSES, VAT

_DATED = {"month": ("-01",), "month with gaps": ("-01",), "half-year": ("-01-01", "-07-01"), "year": ("-12-31",)}


def entries_of(file: Received, known: Known) -> tuple[list[Entry], list[Held]]:
    """Return the rows of a file that the dataset could hold, and why the others could not."""
    entries: list[Entry] = []
    held = list(file.held)
    for row in file.rows if file.kind else ():
        assert file.kind is not None  # noqa: S101 - rows come with their kind
        cells = Cells(row, file.kind, known)
        values = _READERS[file.kind.name](cells)
        held += cells.held
        if all(one.acceptable for one in cells.held):
            entries.append(Entry.of(row, file.kind, values))
    return entries, held


def _observation(cells: Cells) -> dict[str, Any]:
    known = cells.known
    name = cells.word("series", known.series, "series")
    card = known.series.get(name, {})
    unit = str(card.get("unit", ""))
    for column in ("unit", "source"):
        if column in cells.row.cells and card:
            cells.word(column, [str(card[column])], column)
    low, high = quality_rules()["units"].get(unit, ANY)
    day = cells.day("date")
    if day and not _dated_right(day, str(card.get("frequency", ""))):
        expected = f"a day ending in {' or '.join(_DATED[card['frequency']])}: a value of each {card['frequency']}"
        cells.fault("date", "date", expected)
    ahead = name in known.ahead
    return {
        "series": name,
        "date": day,
        "known_at": cells.known_at(None if ahead else day, "the date it speaks of"),
        "value": cells.number("value", low, high, unit),
    }


def _dated_right(day: date, frequency: str) -> bool:
    return day.isoformat().endswith(_DATED.get(frequency, ("",)))


def _priced(cells: Cells) -> dict[str, Any]:
    prices = pd.concat([cells.known.dataset.prices, cells.known.dataset.anchors])[["material", "form"]]
    cards, believable = cells.known.dataset.catalogue.cards, quality_rules()["oxide_prices"]
    words = {
        "material": cells.word_so_far("material", cells.known.words(prices, "material"), "series"),
        "form": cells.word_so_far("form", cells.known.words(prices, "form")),
        "basis": cells.word("basis", BASES, "basis"),
        "publisher_class": cells.word("publisher_class", CLASSES),
        "source": cells.text("source"),
        "vat": cells.word("vat", VAT, "basis"),
        "currency": cells.word("currency", CURRENCIES, "unit"),
        "unit": cells.word("unit", ("kg",), "unit"),
        "quality": cells.word("quality", QUALITIES),
    }
    unit = f"{words['currency']}/{words['unit']}"
    for source in words["source"].split(";"):
        if source not in cards:
            near = difflib.get_close_matches(source, cards, n=1)
            hint = f"; nearest name: {near[0]}" if near else ""
            cells.fault("source", "source", f"publishers with a card, joined by semicolons{hint}")
        elif unit not in cards[source].units:
            cells.fault("unit", "currency", f"a unit of its card: {', '.join(cards[source].units)}", f"unit {unit}")
    span = believable.get(words["material"], {}).get(words["currency"], (0.0, MOST))
    oxide = words["form"] == "oxide"
    return {**words, "_low": span[0] if oxide else 0.0, "_high": span[1] if oxide else MOST, "_unit": unit}


def _monthly_price(cells: Cells) -> dict[str, Any]:
    words = _priced(cells)
    low, high, unit = words.pop("_low"), words.pop("_high"), words.pop("_unit")
    month = cells.month("month")
    numbers = {
        "mean": cells.number("mean", low, high, unit),
        **{name: cells.number(name, 0, MOST, unit, required=False) for name in ("low", "high", "last")},
    }
    tell_as_slip(cells, words, unit)
    numbers["count"] = cells.number("count", 1, MOST_QUOTES)
    _above_nil(cells, "mean", numbers["mean"], unit)
    if numbers["low"] > numbers["mean"] * 1.0001 or numbers["high"] < numbers["mean"] * 0.9999:
        cells.fault("order", "mean", "low <= mean <= high")
    if not MONTH.fullmatch(month):
        return {**words, **numbers, "month": month, "known_at": cells.day("known_at")}
    span = pd.Period(month, "M")
    quoted = cells.day("last_day", required=False)
    if quoted and not span.start_time.date() <= quoted <= span.end_time.date():
        cells.fault("day", "last_day", f"a day of {month}")
    end = (span + 1).start_time.date()
    return {**words, **numbers, "month": month, "last_day": quoted, "known_at": cells.known_at(end, "its month over")}


def _anchor(cells: Cells) -> dict[str, Any]:
    words = _priced(cells)
    unit = words.pop("_unit")
    words = {name: word for name, word in words.items() if not name.startswith("_")}
    start, end = cells.day("start"), cells.day("end")
    _ordered(cells, start, end)
    kinds = cells.known.words(cells.known.dataset.anchors, "kind")
    numbers = {name: cells.number(name, 0, MOST, unit, required=name == "value") for name in ("low", "value", "high")}
    _above_nil(cells, "value", numbers["value"], unit)
    last = end + timedelta(days=1) if end else None
    times = {"start": start, "end": end, "known_at": cells.known_at(last, "its span over")}
    return {**words, "kind": cells.word_so_far("kind", kinds), **numbers, **times}


def _regime(cells: Cells) -> dict[str, Any]:
    policy, known = cells.known.dataset.policy, cells.known
    name = cells.word_so_far("instrument", known.words(policy, "instrument"), "series")
    start, end = cells.day("start"), cells.day("end", required=False)
    _ordered(cells, start, end)
    unit = cells.word_so_far("unit", known.words(policy, "unit", instrument=name), "unit")
    low, high = (0.0, 1.0) if unit == "0/1" else quality_rules()["units"].get(unit, ANY)
    return {
        "instrument": name,
        "material": cells.word_so_far("material", known.words(policy, "material", instrument=name)),
        "start": start,
        "end": end,
        "value": cells.number("value", low, high, unit),
        "unit": unit,
        "status": cells.word("status", STATUSES),
        "source": cells.text("source"),
        "known_at": cells.known_at(None, ""),
    }


def _event(cells: Cells) -> dict[str, Any]:
    events, known = cells.known.dataset.events, cells.known
    words = {name: cells.word_so_far(name, known.words(events, name)) for name in ("instrument", "direction")}
    texts = {name: cells.text(name) for name in ("label", "material", "source")}
    return {**words, **texts, "date": cells.day("date"), "known_at": cells.known_at(None, "")}


def _above_nil(cells: Cells, column: str, price: float, unit: str) -> None:
    if price == 0:
        cells.fault("range", column, f"a price above 0 {unit}")


def _ordered(cells: Cells, start: date | None, end: date | None) -> None:
    if start and end and start > end:
        cells.fault("order", "end", f"a day from {start}, its start")


_READERS: dict[str, Callable[[Cells], dict[str, Any]]] = {
    "panel": _observation,
    "prices_monthly": _monthly_price,
    "price_anchors": _anchor,
    "policy": _regime,
    "events": _event,
}
