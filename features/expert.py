"""Expert numbers from YAML: every leaf with a `value` is a Parameter, the rest is the structure around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pricing.errors import DataError
from pricing.parameters import Parameter, ParameterSet

FOLDER = Path(__file__).parent / "data" / "expert"
FIELDS = ("value", "unit", "source", "as_of", "low", "high", "confidence", "read_or_recall")
_TEXT = ("unit", "source", "as_of", "confidence", "read_or_recall")
_SHARED_FIELDS = "sources"  # holds what rows share through YAML anchors; no parameters of its own


def load_expert(path: Path) -> tuple[ParameterSet, dict[str, Any]]:
    """Return the parameters of a file by dotted name and the file's tree; a DataError names the first bad field."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as fault:
        msg = f"{path.name}: {str(fault).splitlines()[0]}; expected a readable YAML file of expert numbers."
        raise DataError(msg) from fault
    if not isinstance(tree, dict):
        msg = f"{path.name}: found {type(tree).__name__}; expected a mapping of names to numbers."
        raise DataError(msg)
    kept = {key: branch for key, branch in tree.items() if key != _SHARED_FIELDS}
    return ParameterSet(list(_parameters(path.name, "", kept))), kept


def _parameters(file: str, name: str, branch: object) -> Iterator[Parameter]:
    if not isinstance(branch, dict):
        return
    if "value" in branch:
        yield _parameter(file, name, branch)
        return
    for key, below in branch.items():
        yield from _parameters(file, f"{name}.{key}" if name else str(key), below)


def _parameter(file: str, name: str, leaf: dict[str, Any]) -> Parameter:
    missing = [field for field in FIELDS if field not in leaf]
    unknown = [field for field in leaf if field not in FIELDS]
    if missing or unknown:
        found = f"missing {', '.join(missing)}" if missing else f"unknown {', '.join(unknown)}"
        msg = f"{file}: {name}: {found}; an expert number has exactly {', '.join(FIELDS)}."
        raise DataError(msg)
    for field in FIELDS:
        right = isinstance(leaf[field], str) if field in _TEXT else _is_number(leaf[field])
        if not right:
            kind = "text" if field in _TEXT else "a number"
            msg = f"{file}: {name}: {field} is {leaf[field]!r}; expected {kind}."
            raise DataError(msg)
    value, low, high = (float(leaf[field]) for field in ("value", "low", "high"))
    return Parameter(name, value=value, low=low, high=high, **{field: leaf[field] for field in _TEXT})


def _is_number(found: object) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)
