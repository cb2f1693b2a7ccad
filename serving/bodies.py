"""From the bytes of a body to plain values: exact decimals, NaN and infinity kept for the reader to refuse."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Mapping
from decimal import Decimal
from typing import NoReturn
from urllib.parse import unquote_to_bytes

import orjson

from pricing.errors import Fault, InputError, MalformedError
from serving.fault_words import shown

Pairs = list[tuple[str, object]]


def read_body(body: bytes) -> Mapping[str, object]:
    """Return the JSON object of a body; MalformedError when it is no JSON, InputError when it is no object."""
    try:
        value = json.loads(
            body.removeprefix(BOM_UTF8).decode(),
            parse_float=Decimal,
            parse_constant=Decimal,
            object_pairs_hook=_without_repeats,
        )
    except UnicodeDecodeError as fault:
        _malformed(f"byte {fault.start} is not UTF-8", "a JSON object in UTF-8")
    except RecursionError:
        _malformed("lists or objects nested too deep to read", "a JSON object whose values are a few levels deep")
    except ValueError as fault:
        _malformed(shown(str(fault)), "a JSON object in UTF-8")
    if not isinstance(value, dict):
        raise InputError(Fault("body", shown(value), "a JSON object"))
    return value


def need_utf8(encoded: bytes, where: str) -> None:
    """Raise MalformedError when the percent-encoded bytes of an address are not UTF-8."""
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        raise MalformedError(Fault(where, "bytes that are not UTF-8", "UTF-8, percent-encoded")) from None


def write_body(answer: object) -> bytes:
    """Return an answer as JSON bytes, the same for HTTP and the command line."""
    return orjson.dumps(answer)


def _without_repeats(pairs: Pairs) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        _malformed(f"field {shown(repeated)} twice", "each field once")
    return values


def _malformed(found: str, allowed: str) -> NoReturn:
    raise MalformedError(Fault("body", found, allowed))
