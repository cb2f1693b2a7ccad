"""Expert facts: what was read or recalled about contracts, projects, costs, demand, markets and countries."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

FACT_COLUMNS = [
    "id", "table", "topic", "item", "value", "low", "central", "high", "unit", "as_of", "source", "confidence",
    "read_or_recall", "known_at",
]  # fmt: skip
PROJECT_FIELDS = {
    "cap_t_REO": "t REO a year",
    "cap_t_NdPr": "t NdPr a year",
    "cap_t_Dy": "t Dy a year",
    "cap_t_Tb": "t Tb a year",
    "start_or_ramp": "",
    "capex": "",
    "opex_or_cost": "",
    "price_assumption_or_breakeven": "",
    "basket": "",
}
NUMBER = re.compile(r"^[~+]?-?\d+(\.\d+)?$")
RANGE = re.compile(r"^(-?\d+(?:\.\d+)?)(?:-| to )(-?\d+(?:\.\d+)?)$")


def read_facts(folder: Path, last_day: str) -> pd.DataFrame:
    """Return every fact in one shape; a range gives low and high, a value that is neither stays text alone."""
    parts = [_simple(folder, name) for name in ("costs", "demand", "market", "elasticities")]
    parts += [_contracts(folder), _projects(folder), _priors(folder), _countries(folder), _process_inputs(folder)]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True).reindex(columns=FACT_COLUMNS)
    numbers = table["value"].map(_number)
    table["central"] = table["central"].fillna(numbers)
    edges = table["value"].map(_edges)
    for place, name in enumerate(("low", "high")):
        table[name] = table[name].fillna(edges.map(lambda pair, end=place: pair[end]))
    table["known_at"] = table["known_at"].map(lambda text: _day(text, last_day))
    order = table.groupby("table").cumcount() + 1
    table["id"] = table["table"] + "-" + order.astype(str).str.zfill(3)
    return table.sort_values("id", ignore_index=True)


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str).fillna("") if path.exists() else pd.DataFrame()


def _shared(raw: pd.DataFrame, table: str) -> dict[str, Any]:
    return {
        "table": table,
        "source": _join(raw["source"], raw["url"]) if "url" in raw else raw["source"],
        "confidence": raw["confidence"],
        "read_or_recall": raw["read_or_recall"].replace("", "read"),
        "known_at": raw.get("known_at", pd.Series("", index=raw.index)),
    }


def _simple(folder: Path, name: str) -> pd.DataFrame:
    raw = _read(folder / f"facts_{name}.csv")
    if not len(raw):
        return raw
    when = next(column for column in ("as_of", "year_or_asof", "date", "sample") if column in raw)
    topic = raw.get("topic", name)
    return pd.DataFrame(
        {"topic": topic, "item": raw["item"], "value": raw["value"], "unit": raw["unit"], "as_of": raw[when]}
    ).assign(**_shared(raw, name))


def _contracts(folder: Path) -> pd.DataFrame:
    raw = _read(folder / "facts_contracts.csv")
    if not len(raw):
        return raw
    return pd.DataFrame(
        {
            "topic": raw["parties"],
            "item": _join(raw["contract_type"], raw["term_name"], raw["tenor"], raw["status"]),
            "value": raw["value"],
            "unit": raw["unit"],
            "as_of": raw["date"],
        }
    ).assign(**_shared(raw, "contracts"))


def _projects(folder: Path) -> pd.DataFrame:
    raw = _read(folder / "facts_projects.csv")
    if not len(raw):
        return raw
    fields = [
        pd.DataFrame(
            {"topic": raw["project"], "item": field, "value": raw[field], "unit": unit, "as_of": raw["status_asof"]}
        ).assign(**_shared(raw, "projects"))
        for field, unit in PROJECT_FIELDS.items()
    ]
    table = pd.concat(fields, ignore_index=True)
    return table[table["value"] != ""].sort_values(["topic", "item"], kind="stable", ignore_index=True)


def _priors(folder: Path) -> pd.DataFrame:
    raw = _read(folder / "priors.csv").rename(columns={"source title": "source", "URL": "url"})
    return _ranges(raw, "priors", topic="group", when="year/period")


def _process_inputs(folder: Path) -> pd.DataFrame:
    raw = _read(folder / "process_inputs.csv")
    if not len(raw):
        return raw
    raw["topic"] = _join(raw["process"], raw["country"])
    raw["item"] = raw["input"]
    raw["unit"] = raw["unit"] + " per " + raw["per unit of output"]
    raw["when"] = ""
    return _ranges(raw, "process_inputs", topic="topic", when="when")


def _ranges(raw: pd.DataFrame, table: str, *, topic: str, when: str) -> pd.DataFrame:
    if not len(raw):
        return raw
    numbers = {name: raw[name].map(_number) for name in ("low", "central", "high")}
    return pd.DataFrame(
        {"topic": raw[topic], "item": raw["item"], "value": raw["central"], "unit": raw["unit"], "as_of": raw[when]}
    ).assign(**numbers, **_shared(raw, table))


def _countries(folder: Path) -> pd.DataFrame:
    raw = _read(folder / "countries.csv")
    if not len(raw):
        return raw
    return pd.DataFrame(
        {
            "topic": raw["country"], "item": raw["metric"], "value": raw["value"], "unit": raw["unit"],
            "as_of": raw["year"],
        }
    ).assign(**_shared(raw, "countries"))  # fmt: skip


def _join(*columns: pd.Series[str]) -> pd.Series[str]:
    rows = zip(*columns, strict=True)
    return pd.Series([", ".join(cell for cell in row if cell) for row in rows], index=columns[0].index)


def _number(text: object) -> float:
    words = str(text).replace(",", "").strip()
    return float(words.lstrip("~+")) if NUMBER.match(words) else float("nan")


def _edges(text: object) -> tuple[float, float]:
    found = RANGE.match(str(text).replace(",", "").strip())
    if not found:
        return float("nan"), float("nan")
    first, second = sorted((float(found[1]), float(found[2])))
    return first, second


def _day(text: object, last_day: str) -> str:
    """Return the last day of the period a fact became known in, never after the dataset's last day."""
    found = re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?", str(text).strip())
    if not found:
        return last_day
    return min(str(pd.Period(found[0], freq="D" if found[3] else "M" if found[2] else "Y").end_time.date()), last_day)
