"""Market prices: monthly figures per material, basis and publisher class, and anchors longer than a month.

Quotes enter only through a month's mean and its last value; no single quote leaves this module.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd

from features.sources.recipe import Recipe
from pricing.errors import DataError

MONTHLY_COLUMNS = [
    "material", "form", "month", "basis", "publisher_class", "source", "vat", "currency", "unit",
    "mean", "low", "high", "last", "last_day", "count", "quality", "known_at",
]  # fmt: skip
ANCHOR_COLUMNS = [
    "material", "form", "start", "end", "kind", "basis", "publisher_class", "source", "vat", "currency", "unit",
    "low", "value", "high", "quality", "known_at",
]  # fmt: skip
MONTHLY_KEY = ["material", "form", "month", "basis", "publisher_class", "vat", "currency", "unit"]
ANCHOR_KEY = ["material", "form", "start", "end", "kind", "basis", "value"]

VAT = {"inc": "included", "exc": "excluded", "unknown": "unknown", "na": "none"}
BASES = {
    "fob_china": "fob_china",
    "china_domestic": "china_domestic",
    "ex_china": "ex_china",
    "cif_rotterdam": "cif_rotterdam",
    "realised_mp": "realised_mp",
    "realised_lynas": "realised_lynas",
    "global_volume_weighted_usd": "world_consumption_weighted",
    "china_export_unit_value_usd": "china_export_unit_value",
}
# unit as received -> (currency, kg in the unit)
UNITS = {
    "CNY/t": ("CNY", 1000.0),
    "CNY/kg": ("CNY", 1.0),
    "USD/kg": ("USD", 1.0),
    "USD/kg REO": ("USD", 1.0),
    "AUD/kg REO": ("AUD", 1.0),
}
FORMS = {
    "Lynas_REO_basket": ("REO", "Lynas basket"),
    "Lynas_MtWeld_basket": ("REO", "Mt Weld basket"),
    "REO_concentrate": ("REO", "concentrate"),
    "NdFeB_magnet": ("NdFeB", "magnet"),
}


def read_monthly_prices(folder: Path, recipe: Recipe) -> pd.DataFrame:
    """Return one row per material, form, month, basis and publisher class, all known by the dataset's last day."""
    parts = [_fob_means(folder), _domestic_means(folder), _quote_means(read_quotes(folder, recipe))]
    table = pd.concat(parts, ignore_index=True)[MONTHLY_COLUMNS]
    table = table[table["known_at"] <= str(recipe.dataset["last_day"])]
    return table.sort_values([*MONTHLY_KEY, "source"], ignore_index=True)


def read_anchors(folder: Path, recipe: Recipe) -> pd.DataFrame:
    """Return averages and ranges over quarters, years and year ends: checks on a level, never months."""
    quotes = read_quotes(folder, recipe)
    longer = quotes[quotes["month"].isna()]
    table = pd.concat([_usgs(folder), longer], ignore_index=True)[ANCHOR_COLUMNS]
    table = table.sort_values(["known_at", "quality", "source"]).drop_duplicates(ANCHOR_KEY, keep="last")
    table = table[table["known_at"] <= str(recipe.dataset["last_day"])]
    return table.sort_values([*ANCHOR_KEY, "source"], ignore_index=True)


def read_quotes(folder: Path, recipe: Recipe) -> pd.DataFrame:
    """Return the quotes that may enter a figure: basis, unit and period made plain, exclusions applied."""
    with (folder / "price_quotes.csv").open(encoding="utf-8", newline="") as file:
        raw = list(csv.DictReader(file))
    kept = [row for row in raw if row["basis"] in BASES and not _excluded(row, recipe)]
    rows = [_quote(row, recipe) for row in kept]
    table = pd.DataFrame(rows)
    return table.drop_duplicates([*MONTHLY_KEY, "start", "end", "kind", "value"], ignore_index=True)


def read_citations(folder: Path, recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """Return source -> the addresses its quotes were read at."""
    quotes = read_quotes(folder, recipe)
    return {str(name): tuple(sorted(set(rows["reference"]) - {""})) for name, rows in quotes.groupby("source")}


def _excluded(row: dict[str, str], recipe: Recipe) -> bool:
    fields = (("match", row["note"]), ("publisher", row["publisher"]))
    rules = recipe.dataset["quote_exclusions"]
    return any(re.search(rule[name], text) for rule in rules for name, text in fields if name in rule)


def _quote(row: dict[str, str], recipe: Recipe) -> dict[str, object]:
    currency, kg = _unit(row["unit"], row["material"])
    material, form = _form(row["material"])
    source = recipe.quote_source(row["publisher"])
    listed = row["kind"] == "producer list price" or "listed price" in row["note"]
    start, end, kind = _period(row["date"], row["kind"], row["note"])
    numbers = {name: _number(row[field], kg) for name, field in (("low", "low"), ("value", "mid"), ("high", "high"))}
    return {
        "material": material, "form": form, "start": start, "end": end, "kind": kind,
        "month": start[:7] if start[:7] == end[:7] and kind != "year-end range" else None,
        "basis": BASES[row["basis"]], "publisher_class": "producer" if listed else source["class"],
        "source": source["id"], "vat": _vat(row), "currency": currency, "unit": "kg", **numbers,
        "quality": "real" if row["note"].startswith("real") else "plausible", "known_at": row["known_at"],
        "reference": row["reference"],
    }  # fmt: skip


def _unit(unit: str, material: str) -> tuple[str, float]:
    if unit not in UNITS:
        msg = f"price_quotes: {material} is quoted in {unit!r}; known units are {', '.join(UNITS)}. Mend the row."
        raise DataError(msg)
    return UNITS[unit]


def _form(material: str) -> tuple[str, str]:
    if material in FORMS:
        return FORMS[material]
    if material.startswith("NdFeB_blank_"):
        return "NdFeB", f"blank {material.rsplit('_', 1)[-1]}"
    return material.removesuffix("_oxide"), "oxide"


def _vat(row: dict[str, str]) -> str:
    if row["vat"].startswith("effectively"):
        return "not refunded"
    if row["basis"] == "china_domestic" and row["vat"] == "na":
        return "excluded" if "ex VAT" in row["note"] else "unknown"
    return VAT[row["vat"]]


def _number(text: str, kg: float) -> float:
    return round(float(text) / kg, 6) if text else float("nan")


def _period(day: str, kind: str, note: str) -> tuple[str, str, str]:
    """Return first day, last day and kind of what a row speaks of."""
    fiscal = re.search(r"fiscal year to June (\d{4})", note)
    if fiscal:
        year = int(fiscal[1])
        return f"{year - 1}-07-01", f"{year}-06-30", kind
    span = "Y" if len(day) == len("2007") or kind == "annual average" else None
    span = "Q" if "Q" in day or kind == "quarterly average" else span
    span = "M" if (len(day) == len("2007-01") and span is None) or kind == "monthly average" else span
    period = pd.Period(day, freq=span or "D")
    plain = "average" if kind.endswith("average") and not kind.startswith("realised") else kind
    return str(period.start_time.date()), str(period.end_time.date()), plain


def _quote_means(quotes: pd.DataFrame) -> pd.DataFrame:
    monthly = quotes[quotes["month"].notna()]
    rows = [
        {**dict(zip(MONTHLY_KEY, key, strict=True)), **_figure(group, str(key[2]))}
        for key, group in monthly.groupby(MONTHLY_KEY, sort=True)
    ]
    return pd.DataFrame(rows)


def _figure(group: pd.DataFrame, month: str) -> dict[str, object]:
    """Return the month's figure: mean over days of the day's mean, and the last day's."""
    daily = group[group["start"] == group["end"]].groupby("start")["value"].mean()
    values = daily if len(daily) else group["value"]
    month_over = str((pd.Period(month, "M") + 1).start_time.date())
    return {
        "mean": round(float(values.mean()), 4),
        "low": float(np.nanmin(group[["low", "value"]].to_numpy(dtype=float))),
        "high": float(np.nanmax(group[["high", "value"]].to_numpy(dtype=float))),
        "last": round(float(daily.iloc[-1]), 4) if len(daily) else None,
        "last_day": daily.index[-1] if len(daily) else None,
        "count": len(values),
        "source": ";".join(sorted(set(group["source"]))),
        "quality": "real" if (group["quality"] == "real").any() else "plausible",
        "known_at": max(month_over, *group["known_at"]),
    }


def _fob_means(folder: Path) -> pd.DataFrame:
    raw = _read(folder / "oxide_prices_fob_china_monthly.csv", unit="USD/kg", basis="fob_china")
    same = {"publisher_class": "public agency", "source": "komis", "vat": "not refunded", "currency": "USD"}
    return _monthly(raw, same).assign(
        mean=raw["mean"], low=raw["low"], high=raw["high"], last=raw["last"], last_day=raw["last_date"],
        count=raw["quotes"], quality="real",
    )  # fmt: skip


def _domestic_means(folder: Path) -> pd.DataFrame:
    raw = _read(folder / "oxide_prices_china_domestic_monthly.csv", unit="CNY/kg", basis="china_domestic_inc_vat")
    same = {"publisher_class": "price agency", "source": "china_price_service", "vat": "included", "currency": "CNY"}
    table = _monthly(raw, same).assign(basis="china_domestic", low=None, high=None, last=None, last_day=None)
    return table.assign(mean=raw["value"], count=raw["days"], quality=raw["quality"])


def _read(path: Path, *, unit: str, basis: str) -> pd.DataFrame:
    raw = pd.read_csv(path)
    for column, expected in (("unit", unit), ("basis", basis)):
        if not (raw[column] == expected).all():
            row = int((raw[column] != expected).to_numpy().argmax())
            msg = f"{path.name}, row {row + 1}: {column} is {raw[column][row]!r}, expected {expected!r}. Mend the row."
            raise DataError(msg)
    return raw


def _monthly(raw: pd.DataFrame, same: dict[str, str]) -> pd.DataFrame:
    table = raw[["month", "basis", "known_at"]].assign(**same, unit="kg", form="oxide")
    return table.assign(material=raw["material"].str.removesuffix("_oxide"))


def _usgs(folder: Path) -> pd.DataFrame:
    raw = pd.read_csv(folder / "oxide_prices_usgs.csv", dtype={"date": str})
    year_end = raw["basis"] == "usgs_yearend"
    return pd.DataFrame(
        {
            "material": raw["material"].str.removesuffix("_oxide"), "form": "oxide",
            "start": raw["date"].str[:4] + year_end.map({True: "-12-31", False: "-01-01"}),
            "end": raw["date"].str[:4] + "-12-31",
            "kind": year_end.map({True: "year-end range", False: "average"}),
            "basis": "fob_china", "publisher_class": "public agency", "source": "usgs_prices", "vat": "not refunded",
            "currency": "USD", "unit": "kg", "low": raw["low"], "value": raw["value"], "high": raw["high"],
            "quality": raw["quality"], "known_at": raw["known_at"],
        }
    )  # fmt: skip
