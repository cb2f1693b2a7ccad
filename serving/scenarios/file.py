"""A scenario kept in a file, read as what it says and no more: JSON as it stands, YAML of plain keys and values."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from dataclasses import dataclass, field
from pathlib import Path

from features.private.faults import Faults
from features.private.strict_yaml import read_mapping
from pricing.errors import Fault, InputError
from serving.asking import body_file
from serving.middleware import MAX_BODY_BYTES

YAML = (".yaml", ".yml")
PIPED, OPENING = "-", b"{"  # what is piped in is JSON where it opens an object, else YAML


@dataclass
class _Told(Faults):
    """What is wrong with a file, as faults of a request."""

    told: list[Fault] = field(default_factory=list)

    def note(self, place: str, what: str, expected: str, nearest: str | None = None) -> None:
        """Note one fault."""
        super().note(place, what, expected, nearest)
        self.told.append(Fault(place, what, expected, nearest))


def scenario_file(path: Path) -> bytes:
    """Return the body a file holds; - is standard input. InputError where it is too large or no plain YAML."""
    body = body_file(path, "YAML or JSON")
    if len(body) > MAX_BODY_BYTES:
        raise InputError(Fault(path.name, f"{len(body):,} bytes", f"at most {MAX_BODY_BYTES:,} bytes"))
    piped_yaml = str(path) == PIPED and not body.removeprefix(BOM_UTF8).lstrip().startswith(OPENING)
    return _from_yaml(path.name, body) if piped_yaml or path.suffix.lower() in YAML else body


def _from_yaml(name: str, content: bytes) -> bytes:
    told = _Told()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise InputError(Fault(name, f"byte {fault.start} is not UTF-8", "YAML in UTF-8")) from None
    values = read_mapping(name, text, told)
    if told.told:
        raise InputError(*told.told)
    return json.dumps(_with_text_keys(values), default=str).encode()


def _with_text_keys(value: object) -> object:
    """Return a value whose keys are texts, as JSON has them: YAML reads 2026 as a number and 2026-02-06 as a day."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(one) for key, one in value.items()}
    return [_with_text_keys(one) for one in value] if isinstance(value, list) else value
