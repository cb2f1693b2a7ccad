"""The dataset's tables as files: column types on reading, and a schema for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from features.findings import Finding, Severity
from pricing.errors import DataError

DAYS = {
    "panel": ("date", "known_at"),
    "prices_monthly": ("last_day", "known_at"),
    "price_anchors": ("start", "end", "known_at"),
    "policy": ("start", "end", "known_at"),
    "events": ("date", "known_at"),
    "facts": ("known_at",),
}
NUMBERS = {
    "panel": ("value",),
    "series": ("publication_lag_days",),
    "prices_monthly": ("mean", "low", "high", "last", "count"),
    "price_anchors": ("low", "value", "high"),
    "policy": ("value",),
    "facts": ("low", "central", "high"),
}
PRICE_KEY = ("material", "form", "month", "basis", "publisher_class", "source", "vat", "currency")  # one figure
REGIME_KEY = ("instrument", "material", "start")
MOST = 100_000.0  # of any currency for a kilogram; closer bounds per material are in quality_rules.yaml
VAT = ("included", "excluded", "not refunded", "none", "unknown")
CURRENCIES = ("USD", "CNY", "AUD")
CLASSES = ("public agency", "price agency", "exchange", "association", "producer", "research", "press")
QUALITIES = ("real", "plausible")
FREQUENCIES = ("month", "half-year", "year", "step", "span", "month with gaps")
STATUSES = ("in force", "suspended", "repealed")
BASES = (
    "fob_china", "china_domestic", "ex_china", "cif_rotterdam", "realised_mp", "realised_lynas",
    "world_consumption_weighted", "china_export_unit_value",
)  # fmt: skip


def read_table(path: Path, kind: str | None = None) -> pd.DataFrame:
    """Return a table of the dataset with days as datetime64[s], numbers as floats, the rest as text ("" if empty)."""
    name = kind or path.stem
    numbers, days = NUMBERS.get(name, ()), DAYS.get(name, ())
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
        for column in numbers:
            table[column] = table[column].astype(float)
        for column in days:
            table[column] = pd.to_datetime(table[column], format="%Y-%m-%d").astype("datetime64[s]")
    except (KeyError, ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        msg = f"{path.name}: {type(error).__name__}: {reason}. Restore the table, or import the dataset again."
        raise DataError(msg) from error
    text = [column for column in table if column not in (*numbers, *days)]
    return table.fillna(dict.fromkeys(text, ""))


def schema_findings(name: str, table: pd.DataFrame) -> list[Finding]:
    """Return what a table's schema refuses: columns, types, allowed words, order of bounds, repeated rows."""
    try:
        _schemas()[name].validate(table, lazy=True)
    except SchemaErrors as refused:
        found = [_finding(name, table, case) for case in refused.failure_cases.to_dict("records")]
        return list(dict.fromkeys(found))
    return []


def _finding(name: str, table: pd.DataFrame, case: dict[Any, Any]) -> Finding:
    way_out = "Mend the row at its source and import again."
    place, check, value = case["index"], str(case["check"]), case["failure_case"]
    if not isinstance(place, int):
        found = f"no column {value}" if "column_in" in check else str(value)
        return Finding(Severity.ERROR, name, "whole table", found, "it" if "column_in" in check else check, way_out)
    whole_row = case["schema_context"] == "DataFrameSchema"
    expected = "no two rows with the same key" if "uniqueness" in check else check
    found = "otherwise" if whole_row else f"{case['column']} {value!r}"
    return Finding(Severity.ERROR, name, f"row {place + 1} ({_name(table, place)})", found, expected, way_out)


def _name(table: pd.DataFrame, row: int) -> str:
    told = [
        column for column in ("material", "month", "series", "instrument", "id", "start", "basis") if column in table
    ]
    return " ".join(str(table.at[row, column]) for column in told)


@cache
def _schemas() -> dict[str, pa.DataFrameSchema]:
    return {
        "series": _schema(
            {"group": _text(), "unit": _text(), "source": _text(), "drives": _text(), "citation": _text()},
            words={"frequency": FREQUENCIES, "quality": QUALITIES},
            numbers={"publication_lag_days": (0, 1000)},
        ),
        "prices_monthly": _schema(
            {"material": _text(), "form": _text(), "month": _month(), "source": _text(), "known_at": _day()},
            words={"basis": BASES, "publisher_class": CLASSES, "vat": VAT, "currency": CURRENCIES, "unit": ("kg",)},
            numbers={"mean": (0, MOST), "count": (1, 100)},
            rules={
                "low <= mean <= high": lambda t: ~((t["low"] > t["mean"] * 1.0001) | (t["high"] < t["mean"] * 0.9999)),
                "known after the month's end": lambda t: t["known_at"].dt.strftime("%Y-%m") > t["month"],
            },
            unique=[*PRICE_KEY, "known_at"],
        ),
        "price_anchors": _schema(
            {"material": _text(), "form": _text(), "start": _day(), "end": _day(), "known_at": _day()},
            words={"basis": BASES, "publisher_class": CLASSES, "vat": VAT, "currency": CURRENCIES, "unit": ("kg",)},
            numbers={"value": (0, MOST)},
            rules={"start <= end": lambda t: t["start"] <= t["end"]},
        ),
        "policy": _schema(
            {"instrument": _text(), "material": _text(), "start": _day(), "source": _text(), "known_at": _day()},
            words={"status": STATUSES},
            rules={"start <= end": lambda t: t["end"].isna() | (t["start"] <= t["end"])},
            unique=[*REGIME_KEY, "known_at"],
        ),
        "events": _schema(
            {"date": _day(), "label": _text(), "material": _text(), "source": _text(), "known_at": _day()},
            words={},
            unique=["date", "label"],
        ),
        "facts": _schema(
            {"id": _text(), "topic": _text(), "item": _text(), "source": _text(), "known_at": _day()},
            words={"confidence": ("high", "med", "low"), "read_or_recall": ("read", "recall", "derived")},
            rules={"low <= central <= high": lambda t: ~((t["low"] > t["central"]) | (t["central"] > t["high"]))},
            unique=["id"],
        ),
    }


def _schema(
    columns: dict[str, pa.Column],
    *,
    words: dict[str, tuple[str, ...]],
    numbers: dict[str, tuple[float, float]] | None = None,
    rules: dict[str, Callable[[pd.DataFrame], pd.Series[bool]]] | None = None,
    unique: list[str] | None = None,
) -> pa.DataFrameSchema:
    named = {
        column: pa.Column(str, pa.Check.isin(allowed, error=f"one of {', '.join(allowed)}"))
        for column, allowed in words.items()
    }
    bounded = {
        column: pa.Column(float, pa.Check.in_range(low, high, error=f"a number from {low:g} to {high:g}"))
        for column, (low, high) in (numbers or {}).items()
    }
    checks = [pa.Check(rule, error=name) for name, rule in (rules or {}).items()]
    return pa.DataFrameSchema({**columns, **named, **bounded}, checks=checks, unique=unique)


def _text() -> pa.Column:
    return pa.Column(str, pa.Check.str_length(min_value=1, error="a text"))


def _month() -> pa.Column:
    return pa.Column(str, pa.Check.str_matches(r"^\d{4}-(0[1-9]|1[0-2])$", error="a month YYYY-MM"))


def _day() -> pa.Column:
    return pa.Column("datetime64[s]")
