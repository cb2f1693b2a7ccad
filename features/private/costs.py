"""Private costs of a plant: parameters of the cost model by their dotted name, which replace the shipped ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from features.costs import cost_model
from features.private.faults import Faults, unsafe
from features.private.folder import COSTS
from features.private.strict_yaml import read_mapping
from pricing.parameters import CONFIDENCE, ORIGIN, Parameter

NEEDED = ("value", "low", "high", "unit", "source")
OPTIONAL = ("as_of", "confidence", "read_or_recall")


def private_costs(text: str | None, faults: Faults) -> dict[str, Parameter]:
    """Return the replaced parameters by name; each has the unit of the shipped one and low <= value <= high."""
    tree = read_mapping(COSTS, text, faults) if text is not None else {}
    found = {}
    for name, leaf in _leaves("", tree):
        if faults.word(COSTS, name, cost_model().parameters):
            found[name] = _parameter(cost_model().parameters[name], leaf, faults)
    return {name: parameter for name, parameter in found.items() if parameter is not None}


def _leaves(name: str, branch: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every leaf by its dotted name; names may be nested as in the shipped files, or written out with dots."""
    for key, below in branch.items():
        whole = f"{name}.{key}" if name else str(key)
        if isinstance(below, dict) and "value" not in below:
            yield from _leaves(whole, below)
        else:
            yield whole, below


def _parameter(shipped: Parameter, leaf: object, faults: Faults) -> Parameter | None:
    before, place = len(faults.found), f"{COSTS}, {shipped.name}"
    fields = leaf if isinstance(leaf, dict) else {}
    if missing := [name for name in NEEDED if name not in fields]:
        faults.note(place, f"no {', '.join(missing)}", ", ".join(NEEDED))
        return None
    for name in fields:
        faults.word(place, name, (*NEEDED, *OPTIONAL))
    value, low, high = (fields[name] for name in ("value", "low", "high"))
    if not all(map(_finite, (value, low, high))) or not low <= value <= high:
        faults.note(place, "value, low and high in another order, or not finite", "finite low <= value <= high")
    told = {name: fields[name] for name in ("source", *OPTIONAL) if name in fields}
    _check_texts(place, {**told, "unit": fields["unit"]}, shipped, faults)
    if len(faults.found) > before:
        return None
    return replace(shipped, value=float(value), low=float(low), high=float(high), **told)


def _check_texts(place: str, texts: Mapping[str, object], shipped: Parameter, faults: Faults) -> None:
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip() or any(unsafe(text)):
            faults.note(f"{place}, {name}", "no plain text", "a text that no spreadsheet reads as a formula")
    for name, words in (("unit", (shipped.unit,)), ("confidence", CONFIDENCE), ("read_or_recall", ORIGIN)):
        if name in texts:
            faults.word(f"{place}, {name}", texts[name], words)


def _finite(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
