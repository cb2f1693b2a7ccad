"""Contract templates: listed, shown with their sources and questions, and filled into whole contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from features.contract_templates import load_templates
from pricing.contracts.template import INPUTS, Template
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.plain import plain
from pricing.errors import Fault, InputError
from serving.bodies import read_body, write_body
from serving.contracts.templates.schemas import (
    FilledAnswer,
    PublicOut,
    TemplateAnswer,
    TemplateBrief,
    TemplateInput,
    TemplatesAnswer,
)
from serving.fault_words import nearest, one_of, shown
from serving.questions import Query, read_no_query
from serving.reading import Fields, refuse_if_any


def templates_answer(query: Query = ()) -> bytes:
    """Return every template in brief."""
    read_no_query(query)
    found = load_templates().values()
    briefs = (TemplateBrief(t.name, t.title, dict(t.parties), t.status, t.about, t.asked) for t in found)
    return write_body(TemplatesAnswer(tuple(briefs)))


def template_answer(name: str, query: Query = ()) -> bytes:
    """Return one template; InputError names the nearest for a name that none has."""
    read_no_query(query)
    found = template_named(name, "name")
    allowed = found.allowed()
    inputs = (
        TemplateInput(one.name, one.asks, allowed[one.name], one.required, one.public)
        for one in found.questions.values()
    )
    return write_body(
        TemplateAnswer(
            name=found.name,
            title=found.title,
            parties=dict(found.parties),
            status=found.status,
            about=found.about,
            public=_public(found),
            inputs=tuple(inputs),
            needs=found.needs,
            terms=_json(found.terms),
        )
    )


def filled_answer(name: str, body: bytes, query: Query = ()) -> bytes:
    """Return the contract that a body's inputs make of a template; InputError with every input missing or wrong."""
    read_no_query(query)
    found = template_named(name, "name")
    values = read_body(body)
    faults: list[Fault] = []
    fields = Fields(values, faults)
    fields.read.append(INPUTS)
    fields.close()
    refuse_if_any(faults)
    contract = found.fill(values.get(INPUTS))
    inputs = values[INPUTS]
    return write_body(
        FilledAnswer(found.name, found.title, contract_row(contract), _json(inputs), _public(found), found.needs)
    )


def contract_row(contract: Contract) -> dict[str, Any]:
    """Return a contract's terms as JSON values, each number in its own digits."""
    return _json(plain(contract))


def template_named(name: str, path: str) -> Template:
    """Return a template by name; InputError with the nearest for a name that none has."""
    templates = load_templates()
    if name not in templates:
        raise InputError(Fault(path, shown(name), one_of(templates), nearest(name, templates)))
    return templates[name]


def _public(template: Template) -> tuple[PublicOut, ...]:
    return tuple(PublicOut(**asdict(fact)) for fact in template.public)


def _json(value: Any) -> Any:
    """Return a value for JSON: a decimal as its own digits, a day as text."""
    if isinstance(value, Mapping):
        return {str(name): _json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    return value.isoformat() if isinstance(value, date) else value
