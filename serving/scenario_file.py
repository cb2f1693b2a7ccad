"""A scenario kept in a file, read as what it says and no more: JSON as it stands, YAML of plain keys and values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from features.private.faults import Faults
from features.private.strict_yaml import read_mapping
from pricing.errors import Fault, InputError
from serving.asking import body_file
from serving.middleware import MAX_BODY_BYTES

YAML = (".yaml", ".yml")


@dataclass
class _Told(Faults):
    """What is wrong with a file, as faults of a request."""

    told: list[Fault] = field(default_factory=list)

    def note(self, place: str, what: str, expected: str, nearest: str | None = None) -> None:
        """Note one fault."""
        super().note(place, what, expected, nearest)
        self.told.append(Fault(place, what, expected, nearest))


def scenario_file(path: Path) -> bytes:
    """Return the body a file holds; - is standard input, JSON. InputError where it is too large or no plain YAML."""
    body = body_file(path)
    if len(body) > MAX_BODY_BYTES:
        raise InputError(Fault(path.name, f"{len(body):,} bytes", f"at most {MAX_BODY_BYTES:,} bytes"))
    return _from_yaml(path.name, body) if path.suffix.lower() in YAML else body


def _from_yaml(name: str, content: bytes) -> bytes:
    told = _Told()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise InputError(Fault(name, f"byte {fault.start} is not UTF-8", "YAML in UTF-8")) from None
    values = read_mapping(name, text, told)
    if told.told:
        raise InputError(*told.told)
    return json.dumps(values, default=str).encode()
