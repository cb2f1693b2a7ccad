"""Terms of contracts as schemas: one document to write terms by, and components of the OpenAPI document.

Both come from the fields that read a request. In the OpenAPI document a kind of term is named Terms and its name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from fastapi import FastAPI

from features.contract_templates import load_templates
from pricing.contracts.terms.json_schema import REF, json_schema
from pricing.contracts.terms.schema import Term
from pricing.materials import Material

PREFIX = "Terms"
COMPONENT = f"#/components/schemas/{PREFIX}{{name}}"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FACTS, SERIES = "Facts", "Series"
CONTRACT, TEMPLATE = "Contract", "FromTemplate"
Schema = dict[str, Any]
OF_SERIES: Schema = {
    "type": "object",
    "title": SERIES,
    "description": "A series of the dataset as known on as_of; its material is the contract's where none is named.",
    "additionalProperties": False,
    "required": ["series"],
    "properties": {
        "series": {"type": "string", "description": "An index of /v1/materials, such as fob_china."},
        "material": {"type": "string", "enum": [material.value for material in Material]},
    },
}

OF_TEMPLATE: Schema = {
    "type": "object",
    "title": TEMPLATE,
    "description": "A contract by template, from /v1/contracts/templates, with what is not public.",
    "additionalProperties": False,
    "required": ["template", "inputs"],
    "properties": {"template": {"type": "string", "enum": list(load_templates())}, "inputs": {"type": "object"}},
}


def terms_schema(kind: type[Term]) -> Schema:
    """Return the schema of a kind of term as a document of its own."""
    found = json_schema(kind)
    _with_series(found["$defs"], REF)
    _with_templates({"": found, **found["$defs"]}, found["$defs"], REF)
    return {"$schema": DIALECT, **found}


def body_schema(body: Schema, kinds: Iterable[type[Term]]) -> Schema:
    """Return the schema of a body that points to components of kinds of terms, as a document of its own."""
    defs = {name.removeprefix(PREFIX): own for name, own in components(kinds).items()}
    whole = orjson.dumps({"$schema": DIALECT, **body, "$defs": defs})
    found: Schema = orjson.loads(whole.replace(COMPONENT.format(name="").encode(), REF.format(name="").encode()))
    return found


def component_of(kind: type[Term]) -> Schema:
    """Return how the OpenAPI document points to a kind of term."""
    return {"$ref": COMPONENT.format(name=kind.__name__)}


def document_terms(app: FastAPI, kinds: Iterable[type[Term]]) -> None:
    """Teach an app to list kinds of terms, and the kinds they hold, among the components of its OpenAPI document."""
    described, made = components(kinds), app.openapi

    def openapi() -> Schema:
        document = made()
        document.setdefault("components", {}).setdefault("schemas", {}).update(described)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def components(kinds: Iterable[type[Term]]) -> dict[str, Schema]:
    """Return the schemas of kinds of terms and of the kinds they hold, by the name of their component."""
    found: dict[str, Schema] = {}
    for kind in kinds:
        whole = json_schema(kind, COMPONENT)
        found |= whole.pop("$defs")
        found[kind.__name__] = whole
    _with_series(found, COMPONENT)
    _with_templates(found, found, COMPONENT)
    return {f"{PREFIX}{name}": schema for name, schema in found.items()}


def _with_series(defs: dict[str, Schema], ref: str) -> None:
    """Let an index of the facts be a series of the dataset."""
    if FACTS in defs:
        indices = defs[FACTS]["properties"]["indices"]
        indices["additionalProperties"] = {
            "anyOf": [indices["additionalProperties"], {"$ref": ref.format(name=SERIES)}]
        }
        defs[SERIES] = OF_SERIES


def _with_templates(holders: dict[str, Schema], defs: dict[str, Schema], ref: str) -> None:
    """Let a contract, alone or in a list, be a template with its inputs."""
    contract, either = {"$ref": ref.format(name=CONTRACT)}, {"$ref": ref.format(name=TEMPLATE)}
    for holder in list(holders.values()):
        for field in holder.get("properties", {}).values():
            if field.get("items") == contract:
                field["items"] = {"anyOf": [contract, either]}
        named = [name for name, field in holder.get("properties", {}).items() if field == contract]
        holder.get("properties", {}).update({name: {"anyOf": [contract, either]} for name in named})
    if CONTRACT in defs:
        defs[TEMPLATE] = OF_TEMPLATE
