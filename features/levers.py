"""Levers, presets and new uses from expert data: one row may stand for many levers, and borrow its range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from features.costs import cost_model
from features.expert import FOLDER, load_expert
from pricing.errors import DataError
from pricing.levers import Lever, Levers, Preset, Through
from pricing.parameters import Parameter, ParameterSet
from pricing.scenarios.base import NewUse

LEVERS, PRESETS = FOLDER / "levers.yaml", FOLDER / "presets.yaml"
ITEMS, EVIDENCE = "for", "evidence"
ORDINARY = "ordinary_tariffs"
Row = dict[str, Any]


@cache
def load_levers() -> Levers:
    """Return the shipped levers in the order of the file; DataError names the row that is incomplete."""
    own, tree = load_expert(LEVERS)
    known = own.joined(cost_model().parameters)
    return Levers.from_rows(_complete(one, known) for row in tree["levers"] for one in expand(row))


@cache
def load_presets() -> dict[str, Preset]:
    """Return the shipped presets by name, in the order of the file; DataError where one is incomplete."""
    rows = yaml.safe_load(PRESETS.read_text(encoding="utf-8"))
    return {name: _preset(name, row) for name, row in rows.items()}


@cache
def load_new_uses() -> dict[str, NewUse]:
    """Return the uses counted in units x kg of magnet: what stands today, and kg of oxide per kg of magnet."""
    own, tree = load_expert(LEVERS)
    found = {}
    for use in tree["new_uses"]:
        numbers = own.under(f"new_uses.{use}")
        content = {material: parameter.value for material, parameter in numbers.under("content").items()}
        found[use] = NewUse(numbers.value("units"), numbers.value("kg"), content)
    return found


@cache
def load_ordinary_tariffs() -> dict[str, float]:
    """Return the tariff on goods of any origin by importer and stage, such as united_states.metal: share of value."""
    numbers = load_expert(LEVERS)[0].under(ORDINARY)
    return {name: parameter.value for name, parameter in numbers.items()}


def expand(row: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows that a row stands for: one, or one for every entry of its `for`.

    >>> row = {"name": "wages.<key>", "title": "Wages in <label>", "for": {"china": {"label": "China", "low": 0.5}}}
    >>> list(expand(row))
    [{'name': 'wages.china', 'title': 'Wages in China', 'low': 0.5}]
    """
    shared = {name: value for name, value in row.items() if name != ITEMS}
    if ITEMS not in row:
        yield shared
        return
    for key, entry in row[ITEMS].items():
        words = {"key": key} | {name: text for name, text in entry.items() if isinstance(text, str)}
        own = {name: value for name, value in entry.items() if name in Lever.__dataclass_fields__}
        yield {name: _filled(value, words) for name, value in (shared | own).items()}


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(part, words) for part in value]
    if isinstance(value, str):
        for name, text in words.items():
            value = value.replace(f"<{name}>", text)
    return value


def _complete(row: Row, known: ParameterSet) -> Row:
    """Return a row with the range, source and date of the expert number it names."""
    borrowed = _borrowed(known[row[EVIDENCE]], row) if EVIDENCE in row else {}
    stated = {name: value for name, value in row.items() if name != EVIDENCE}
    aliases = [alias.lower() for alias in row.get("aliases", [])]
    return {"range_is_ratio": False, **borrowed, **stated, "aliases": aliases}


def _borrowed(number: Parameter, row: Row) -> Row:
    ratio = row.get("range_is_ratio", False) or row["through"] == Through.RATIO
    unit = number.value if ratio else 1.0
    found: Row = {
        "low": number.low / unit,
        "high": number.high / unit,
        "source": f"{number.name}: {number.source}",
        "as_of": number.as_of,
    }
    if row["through"] in (Through.UNITS, Through.KG):
        found["stated"] = number.value
    return found


def _preset(name: str, row: Mapping[str, Any]) -> Preset:
    try:
        return Preset(name=name, **{**row, "overrides": tuple(row["overrides"])})
    except (KeyError, TypeError) as fault:
        msg = f"{PRESETS.name}: {name}: {fault}; a preset has exactly title, overrides, source, as_of and note."
        raise DataError(msg) from fault
