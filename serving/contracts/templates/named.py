"""A template in place of a contract: `{template: NAME, inputs: {...}}` wherever a request holds a contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pricing.contracts.template import INPUTS
from pricing.contracts.terms.plain import plain
from pricing.errors import Fault, InputError
from serving.contracts.templates.answer import template_named
from serving.reading import MAX_FAULTS, Fields

CONTRACT, CONTRACTS, TEMPLATE = "contract", "contracts", "template"


def with_templates(values: Mapping[str, object]) -> Mapping[str, object]:
    """Return a request with whole contracts in place of its templates; InputError with every input missing or wrong."""
    faults: list[Fault] = []
    found = dict(_filled(values, faults))
    if faults:
        raise InputError(*faults[:MAX_FAULTS])
    return {**values, **found}


def _filled(values: Mapping[str, object], faults: list[Fault]) -> Iterator[tuple[str, object]]:
    if CONTRACT in values:
        yield CONTRACT, _contract(values[CONTRACT], CONTRACT, faults)
    several = values.get(CONTRACTS)
    if isinstance(several, list):
        yield CONTRACTS, [_contract(row, f"{CONTRACTS}.{place}", faults) for place, row in enumerate(several)]


def _contract(row: object, path: str, faults: list[Fault]) -> object:
    """Return the terms that a template stands for; what names no template as it is."""
    if not isinstance(row, Mapping) or TEMPLATE not in row:
        return row
    fields = Fields(row, faults, path)
    fields.read += [TEMPLATE, INPUTS]
    fields.close()
    try:
        return plain(template_named(str(row[TEMPLATE]), TEMPLATE).fill(row.get(INPUTS)))
    except InputError as refused:
        faults += [Fault(f"{path}.{one.path}", one.found, one.allowed, one.nearest) for one in refused.faults]
        return row
