"""The JSON schema that a caller asks for."""

from __future__ import annotations

from pricing.errors import Fault
from serving.bodies import write_body
from serving.contracts.schema_components import terms_schema
from serving.contracts.settlement_documentation import SCHEMAS
from serving.questions import Query, query_fields
from serving.reading import got, refuse_if_any

SETTLEMENT = "settlement"


def schema_of(query: Query = ()) -> bytes:
    """Return the schema of a kind of request: a settlement, a valuation, a sum ...; InputError for another word."""
    faults: list[Fault] = []
    fields = query_fields(query, faults)
    of = fields.choice("of", SCHEMAS, SETTLEMENT)
    fields.close()
    refuse_if_any(faults)
    return write_body(terms_schema(SCHEMAS[got(of)]))
