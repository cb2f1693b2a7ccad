"""The JSON schema of a kind of term, from the same fields that read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_args, get_origin

from pricing.contracts.terms.schema import (
    ENOUGH,
    PRICE_UNITS,
    USD_PER_KG,
    Span,
    Spec,
    Term,
    fields_of,
    hints_of,
    is_required,
    kinds_of,
    row_name,
    spec_of,
)

Schema = dict[str, Any]
REF = "#/$defs/{name}"


def json_schema(kind: type[Term], ref: str = REF) -> Schema:
    """Return the schema of a kind of term with the kinds it holds under $defs; `ref` is how one points to another."""
    defs: dict[str, Schema] = {}
    _define(kind, defs, ref)
    return {**defs.pop(kind.__name__), "$defs": defs}


def _define(kind: type[Term], defs: dict[str, Schema], ref: str) -> None:
    if kind.__name__ in defs:
        return
    found: Schema = {"type": "object", "title": kind.__name__, "description": _first_line(kind)}
    defs[kind.__name__] = found
    properties: Schema = {"kind": {"const": kind.KIND}} if kind.KIND else {}
    required, either = ["kind"] if kind.KIND else [], []
    for item in fields_of(kind):
        names = _names(item)
        one = _of(hints_of(kind)[item.name], spec_of(item), defs, ref)
        properties |= {name: one if name == row_name(item) else _in_unit(one, name) for name in names}
        if is_required(item) and len(names) == 1:
            required.append(names[0])
        elif is_required(item):
            either.append({"oneOf": [{"required": [name]} for name in names]})
    found |= {"properties": properties, "required": required, "additionalProperties": False}
    found |= {"allOf": either} if either else {}


def _of(hint: Any, spec: Spec, defs: dict[str, Schema], ref: str) -> Schema:
    kinds = kinds_of(hint)
    if len(kinds) > 1:
        return {"oneOf": [_of(one, spec, defs, ref) for one in kinds], "discriminator": {"propertyName": "kind"}}
    kind = kinds[0]
    if get_origin(kind) is tuple:
        items = _of(get_args(kind)[0], spec, defs, ref)
        return {"type": "array", "items": items, "minItems": spec.least, "maxItems": spec.most}
    if get_origin(kind) is not None and issubclass(get_origin(kind), Mapping):
        values = _of(get_args(kind)[1], spec, defs, ref)
        size = {"minProperties": spec.least, "maxProperties": spec.most}
        names = {"pattern": f"^({spec.keys.pattern})$"}
        return {"type": "object", "additionalProperties": values, "propertyNames": names, **size}
    if issubclass(kind, Term):
        _define(kind, defs, ref)
        return {"$ref": ref.format(name=kind.__name__)}
    return _plain(kind, spec)


def _plain(kind: type[Any], spec: Spec) -> Schema:
    if kind in (Decimal, int):
        return {"type": "integer" if kind is int else "number", **({} if spec.span is None else _bounds(spec.span))}
    if kind is date:
        return {"type": "string", "format": "date"}
    if kind is bool:
        return {"type": "boolean"}
    if issubclass(kind, StrEnum):
        return {"type": "string", "enum": [word.value for word in kind]}
    return {"type": "string", "pattern": f"^({spec.shape.pattern})$", "description": spec.wanted}


def _bounds(span: Span) -> Schema:
    least = {"exclusiveMinimum" if span.above else "minimum": float(span.low)}
    most = {} if span.high == ENOUGH else {"maximum": float(span.high)}
    return {"description": span.unit, **least, **most}


def _names(item: Field[Any]) -> list[str]:
    name = row_name(item)
    if not name.endswith(USD_PER_KG):
        return [name]
    return [name.removesuffix(USD_PER_KG) + ending for ending in PRICE_UNITS]


def _in_unit(schema: Schema, name: str) -> Schema:
    return {**schema, "description": f"the same in USD/{name.rsplit('_', 1)[1]}"}


def _first_line(kind: type[Term]) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]
