"""Checks of the panel against its catalogue: missing series, units, ranges, slips, gaps and staleness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from features.catalogue import CONTEXT, COST, FEATURE, GEOPOLITICS, rows_digest
from features.findings import Finding, Severity
from pricing.market.history import CONSUMPTION, DEMAND, OPTIONAL, PREFIXES, REQUIRED

if TYPE_CHECKING:
    from features.dataset import Dataset

Rules = dict[str, Any]
COLUMNS_DRIVEN = {*REQUIRED, *OPTIONAL, *DEMAND, *CONSUMPTION, GEOPOLITICS, FEATURE, CONTEXT}


def missing_series(dataset: Dataset) -> Iterator[Finding]:
    """Yield series of the catalogue without rows, and rows without a series in the catalogue.

    Vintages only add rows: a dataset that was loaded without a series may get its first row from one.
    """
    listed, found = set(dataset.catalogue.series.index), set(dataset.panel.names)
    for name in sorted(listed - found) if not dataset.vintages else ():
        yield _error("panel", str(name), "no row", "at least one", "Import the series, or take it out of series.csv.")
    for name in sorted(found - listed):
        yield _error("series", name, "no entry", "unit, source and what it drives", "Add the series to series.csv.")


def wrong_units(dataset: Dataset, rules: Rules) -> Iterator[Finding]:
    """Yield series whose unit nobody knows, or is not a unit of their source's card, and sources without a card."""
    cards = dataset.catalogue.cards
    for name, row in dataset.catalogue.series.iterrows():
        card = cards.get(row["source"])
        if card is None:
            yield _error("series", str(name), f"source {row['source']}", "a card in cards/", "Write the card.")
        elif row["unit"] not in rules["units"] or row["unit"] not in card.units:
            expected = f"a unit of its card: {', '.join(card.units)}"
            yield _error("series", str(name), f"unit {row['unit']!r}", expected, "Mend series.csv and import again.")
        yield from _wrong_drives(str(name), str(row["drives"]))


def out_of_range(dataset: Dataset, rules: Rules) -> Iterator[Finding]:
    """Yield panel values outside the range believable in their unit, or off their neighbours by a slip of t for kg."""
    frame = dataset.panel.frame
    units = frame["series"].map(dataset.catalogue.series["unit"])
    low, high = (units.map({unit: span[end] for unit, span in rules["units"].items()}) for end in (0, 1))
    bounded = frame.assign(unit=units, low=low, high=high)
    for row in bounded[(frame["value"] < low) | (frame["value"] > high)].to_dict("records"):
        yield _error(
            "panel", f"{row['series']} of {row['date']:%Y-%m-%d}", f"{row['value']:g} {row['unit']}",
            f"{row['low']:g} to {row['high']:g}", "Check the unit at the source and import again.",
        )  # fmt: skip
    for series, rows in frame.groupby("series", sort=False):
        for place, ratio in slips(rows["value"].to_numpy(dtype=float), rules["unit_slip"]):
            yield _slip("panel", f"{series} of {rows['date'].iloc[place]:%Y-%m-%d}", ratio)


def slipped_prices(dataset: Dataset, rules: Rules) -> Iterator[Finding]:
    """Yield oxide prices no kilogram has ever had, and prices off their neighbours by a slip of t for kg."""
    oxides = dataset.prices[dataset.prices["form"] == "oxide"]
    for row in oxides.to_dict("records"):
        span = rules["oxide_prices"].get(row["material"], {}).get(row["currency"])
        if span and not span[0] <= row["mean"] <= span[1]:
            yield _error(
                "prices_monthly", f"{row['material']} {row['month']} {row['basis']} ({row['source']})",
                f"{row['mean']:g} {row['currency']}/kg", f"{span[0]:g} to {span[1]:g}: a slip of t for kg?",
                "Check the unit at the source and import again.",
            )  # fmt: skip
    key = ["material", "basis", "currency", "source"]
    for names, rows in oxides.groupby(key):
        for place, ratio in slips(rows["mean"].to_numpy(dtype=float), rules["unit_slip"]):
            yield _slip("prices_monthly", f"{' '.join(map(str, names))} {rows['month'].iloc[place]}", ratio)


def slips(values: np.ndarray, rule: Rules) -> list[tuple[int, float]]:
    """Return place and ratio of values that stand off the median of their neighbours by a thousand or so."""
    if len(values) < rule["neighbours"] or not (values > 0).all():
        return []
    window = pd.Series(values).rolling(rule["neighbours"], center=True, min_periods=rule["neighbours"] // 2 + 1)
    ratio = values / window.median().to_numpy()
    off = np.maximum(ratio, 1 / ratio)
    found = np.flatnonzero((off >= rule["lowest_ratio"]) & (off <= rule["highest_ratio"]))
    return [(int(place), float(ratio[place])) for place in found]


def gaps(dataset: Dataset) -> Iterator[Finding]:
    """Yield monthly series with months missing between their first and last."""
    monthly = dataset.catalogue.series.index[dataset.catalogue.series["frequency"] == "month"]
    months = dataset.panel.frame["date"].dt.year * 12 + dataset.panel.frame["date"].dt.month - 1
    for name, found in months.groupby(dataset.panel.frame["series"]):
        missing = sorted(set(range(found.min(), found.max() + 1)) - set(found)) if name in monthly else []
        if missing:
            named = ", ".join(f"{number // 12}-{number % 12 + 1:02d}" for number in missing[:3])
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            found_text = f"{len(missing)} of {found.max() - found.min() + 1} months missing ({named}{more})"
            yield _warning(
                "panel",
                str(name),
                found_text,
                "every month",
                "Take the months from the source; until then what it drives carries or stays NaN.",
            )


def stale(dataset: Dataset, rules: Rules) -> Iterator[Finding]:
    """Yield regular series whose last observation is older than their lag and two and a half periods."""
    last: dict[Any, pd.Timestamp] = dataset.panel.frame.groupby("series")["date"].max().to_dict()
    for name, row in dataset.catalogue.series.iterrows():
        period = rules["period_days"].get(row["frequency"])
        if period is None or name not in last:
            continue
        age = (pd.Timestamp(dataset.last_day) - last[name]).days
        limit = row["publication_lag_days"] + rules["stale_after_periods"] * period
        if age > limit:
            found = f"last value of {last[name]:%Y-%m-%d}, {age} days before the dataset's last day"
            yield _warning(
                "panel",
                str(name),
                found,
                f"at most {limit:.0f} days",
                "Take a newer vintage; until then later months rest on the last value.",
            )


def torn_cards(dataset: Dataset) -> Iterator[Finding]:
    """Yield cards whose checksum is not that of their source's rows in the panel; vintages have seals of their own."""
    if dataset.vintages:
        return
    sources = dataset.panel.frame["series"].map(dataset.catalogue.series["source"])
    for source, rows in dataset.panel.frame.groupby(sources):
        card, found = dataset.catalogue.cards.get(str(source)), rows_digest(rows.reset_index(drop=True))
        if card is not None and card.sha256 != found:
            yield _error("cards", str(source), f"rows {found[:12]}", card.sha256[:12], "Import the dataset again.")


def _wrong_drives(series: str, drives: str) -> Iterator[Finding]:
    for part in (part.strip() for part in drives.split(";")):
        if part not in COLUMNS_DRIVEN and not part.startswith((COST, *PREFIXES)):
            expected = "a column of MarketHistory, geopolitics, cost:..., feature or context"
            yield _error("series", series, f"drives {part!r}", expected, "Mend recipe/drives.yaml and import again.")


def _slip(table: str, row: str, ratio: float) -> Finding:
    found = f"{ratio:,.4g} times the median of its neighbours"
    return _error(table, row, found, "a move of the market, not a slip of t for kg", "Check the unit at the source.")


def _error(table: str, row: str, found: str, expected: str, way_out: str) -> Finding:
    return Finding(Severity.ERROR, table, row, found, expected, way_out)


def _warning(table: str, row: str, found: str, expected: str, way_out: str) -> Finding:
    return Finding(Severity.WARNING, table, row, found, expected, way_out)
