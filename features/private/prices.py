"""Private monthly prices: the columns of prices_monthly.csv, one price per material, month and basis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from features.price_view import PRIVATE_FEED
from features.private.cards import PrivateCard
from features.private.cells import Row
from features.rules import quality_rules
from features.tables import BASES, CURRENCIES, MOST, QUALITIES, VAT

COLUMNS = (
    "material", "form", "month", "basis", "publisher_class", "source", "vat", "currency", "unit",
    "mean", "low", "high", "last", "last_day", "count", "quality", "known_at",
)  # fmt: skip
KEY = ("material", "form", "month", "basis")
MOST_QUOTES = 100
STRAYS = 2.0  # times the mean, or part of it: a last quote farther off is of another month, unit or basis
FIRST_DAY = date(1990, 1, 1)


def private_prices(rows: Sequence[Row], cards: Mapping[str, PrivateCard], last_day: date) -> pd.DataFrame:
    """Return checked rows as the dataset holds them; `last_day` is the dataset's: nothing may be known later."""
    believable = quality_rules()["oxide_prices"]
    seen: dict[tuple[str, ...], str] = {}
    kept = []
    for row in rows:
        before = len(row.faults.found)
        values = _price(row, cards, believable, last_day)
        key = tuple(row.cells[column] for column in KEY)
        if key in seen:
            row.note(
                "material", f"the same material, form, month and basis as {seen[key]}", "one private price of each"
            )
        seen.setdefault(key, f"{row.file}, line {row.line}")
        if len(row.faults.found) == before:
            kept.append(values)
    return _typed(pd.DataFrame(kept, columns=list(COLUMNS)))


def _price(
    row: Row, cards: Mapping[str, PrivateCard], believable: Mapping[str, Mapping[str, Sequence[float]]], last_day: date
) -> dict[str, object]:
    words = {
        "material": row.word("material", believable),
        "form": row.word("form", ("oxide",)),
        "basis": row.word("basis", BASES),
        "publisher_class": row.word("publisher_class", (PRIVATE_FEED,)),
        "source": row.word("source", cards),
        "vat": row.word("vat", VAT),
        "currency": row.word("currency", CURRENCIES),
        "unit": row.word("unit", ("kg",)),
        "quality": row.word("quality", QUALITIES),
    }
    card = cards.get(words["source"])
    if card and f"{words['currency']}/{words['unit']}" not in card.units:
        row.note("currency", "not a unit of the source's card", ", ".join(card.units))
    span = believable.get(words["material"], {}).get(words["currency"], (0.0, MOST))
    month = row.month("month")
    numbers = {
        "mean": row.number("mean", *span),
        "count": row.number("count", 1, MOST_QUOTES),
        **{name: row.number(name, *span, required=False) for name in ("low", "high", "last")},
    }
    if numbers["low"] > numbers["mean"] or numbers["high"] < numbers["mean"]:
        row.note("mean", "outside low and high", "low <= mean <= high")
    stray = max(numbers["last"] / numbers["mean"], numbers["mean"] / numbers["last"])  # NaN without a last quote
    if stray > STRAYS:
        row.note("last", "far from the mean", "half the mean to double")
    return {**words, **numbers, "month": month, **_days(row, month, last_day)}


def _days(row: Row, month: str | None, last_day: date) -> dict[str, date | None]:
    """Return the day of the last quote, within the month, and the day the mean became known, after its end."""
    if month is None:
        return {"last_day": None, "known_at": row.day("known_at", FIRST_DAY, last_day)}
    span = pd.Period(month, "M")
    return {
        "last_day": row.day("last_day", span.start_time.date(), span.end_time.date(), required=False),
        "known_at": row.day("known_at", (span + 1).start_time.date(), last_day),
    }


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    numbers = dict.fromkeys(("mean", "low", "high", "last", "count"), float)
    days = {column: pd.to_datetime(table[column]).astype("datetime64[s]") for column in ("last_day", "known_at")}
    return table.astype(numbers).assign(**days)
