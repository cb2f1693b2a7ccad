"""An edition: what one published model says of every month as first known, in the few figures that the record needs.

A bundle is about twenty megabytes. Of it only the history and the snapshots are read, once per process.
"""

from __future__ import annotations

import io
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from pricing.bundle import MANIFEST, Bundle
from pricing.bundle_tables import fair_column
from pricing.errors import BundleError
from pricing.market.supply import Region, SupportSet
from serving.rounding import rounded

HISTORY, SNAPSHOTS = "history_as_known.csv", "snapshots.csv"
EDITION_FILES = (HISTORY, SNAPSHOTS)
FACTS = ("method", "dataset_digest", "last_day", "seed", "draws")
_STATISTICS = ("mean", "p10", "p90")
_MARKS = ("evidence", "basis", "quote_day")
_TEXTS = ("material", "month", "vintage_day", "status", "reason")
_MARKET_TEXTS = tuple(f"market.{region}.{mark}" for region in Region for mark in _MARKS)


@dataclass(frozen=True, slots=True)
class Figure:
    """A fair price with its 80 % interval, USD/kg oxide, rounded as answers are; a band has no value.

    `middle` is the posterior mean, behind a band too: it is scored and never shown.
    """

    value: float | None
    low: float | None
    high: float | None
    middle: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class QuoteSaid:
    """A market price as it stood beside the fair one, USD/kg oxide ex VAT, and what it rests on."""

    value: float | None
    evidence: str
    basis: str
    quote_day: str


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one month of one material; `known_on` is the day its figures were complete."""

    month: str
    known_on: date
    snapshot: str  # digest of the month's data
    status: str
    reason: str
    long_run: Figure
    short_run: Figure
    china: QuoteSaid
    ex_china: QuoteSaid

    @property
    def shown(self) -> tuple[str, Figure, Figure]:
        """Return what a reader saw as the fair price: another of these is a correction."""
        return self.status, self.long_run, self.short_run


@dataclass(frozen=True, slots=True)
class Edition:
    """The months of one published model, oldest first, by material."""

    digest: str
    method: str
    dataset: str
    last_day: date
    seed: int
    draws: int
    months: Mapping[str, tuple[Said, ...]] = field(repr=False)

    def said(self, material: str, month: str) -> Said | None:
        """Return what it says of a month; None where it does not hold it."""
        months = self.months.get(material, ())
        position = bisect_left(months, month, key=lambda one: one.month)
        return months[position] if position < len(months) and months[position].month == month else None

    def on(self, material: str, day: date) -> Said | None:
        """Return the last month whose figures were known on a day; None before the first."""
        months = self.months.get(material, ())
        position = bisect_right(months, day, key=lambda one: one.known_on)
        return months[position - 1] if position else None


def edition_of_files(digest: str, files: Mapping[str, bytes]) -> Edition:
    """Return the edition in some files of a bundle, which were checked. BundleError when they cannot be read."""
    try:
        history = pd.read_csv(
            io.BytesIO(files[HISTORY]), usecols=list(_columns()), dtype=str, keep_default_na=False, engine="c"
        )
        snapshots = pd.read_csv(io.BytesIO(files[SNAPSHOTS]), dtype=str, keep_default_na=False)
        for column in _numbers():
            history[column] = pd.to_numeric(history[column].mask(history[column] == "")).astype(float)
        return _edition(digest, json.loads(files[MANIFEST]), history, snapshots)
    except (ValueError, LookupError) as fault:
        msg = f"Bundle {digest[:12]}: its history cannot be read: {fault}."
        raise BundleError(msg) from fault


def edition_of(bundle: Bundle) -> Edition:
    """Return the edition of a bundle that is in memory."""
    facts = {name: getattr(bundle, name) for name in FACTS} | {"last_day": bundle.last_day.isoformat()}
    return _edition(bundle.digest, facts, bundle.history_as_known, bundle.snapshots)


def _edition(digest: str, facts: Mapping[str, Any], history: pd.DataFrame, snapshots: pd.DataFrame) -> Edition:
    seals = dict(zip(snapshots["month"], snapshots["snapshot"], strict=True))
    months: dict[str, list[Said]] = {}
    for row in history[list(_columns())].to_dict(orient="records"):
        months.setdefault(str(row["material"]), []).append(_said(row, seals))
    ordered = {material: tuple(sorted(rows, key=lambda one: one.month)) for material, rows in months.items()}
    method, dataset, last_day, seed, draws = (facts[name] for name in FACTS)
    return Edition(digest, method, dataset, date.fromisoformat(last_day), seed, draws, ordered)


def _said(row: Mapping[Any, Any], seals: Mapping[str, str]) -> Said:
    month = str(row["month"])
    return Said(
        month=month,
        known_on=date.fromisoformat(str(row["vintage_day"])),
        snapshot=seals.get(month, ""),
        status=str(row["status"]),
        reason=str(row["reason"]),
        long_run=_figure(row, "long_run"),
        short_run=_figure(row, "short_run"),
        china=_quote(row, Region.CHINA),
        ex_china=_quote(row, Region.EX_CHINA),
    )


def _figure(row: Mapping[Any, Any], horizon: str) -> Figure:
    mean, low, high = (_number(row[fair_column(horizon, SupportSet.MARKET_ECONOMY, s)]) for s in _STATISTICS)
    if row["status"] == "refused":
        return Figure(None, None, None)
    return Figure(None if row["status"] == "band" else mean, low, high, mean)


def _quote(row: Mapping[Any, Any], region: Region) -> QuoteSaid:
    marks = (str(row[f"market.{region}.{mark}"]) for mark in _MARKS)
    return QuoteSaid(_number(row[f"market.{region}"]), *marks)


def _number(value: float) -> float | None:
    return rounded(float(value)) if value == value else None  # noqa: PLR0124  NaN alone differs from itself


def _numbers() -> Iterator[str]:
    for horizon in ("long_run", "short_run"):
        yield from (fair_column(horizon, SupportSet.MARKET_ECONOMY, statistic) for statistic in _STATISTICS)
    yield from (f"market.{region}" for region in Region)


def _columns() -> Iterator[str]:
    yield from (*_TEXTS, *_MARKET_TEXTS, *_numbers())
