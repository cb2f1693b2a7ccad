"""The JSON schema that a caller asks for."""

from __future__ import annotations

from pricing.contracts.sums.kinds import KINDS
from pricing.contracts.terms.schema import Term
from pricing.errors import Fault
from serving.bodies import write_body
from serving.contracts.schema.components import body_schema, terms_schema
from serving.contracts.settlements.documentation import COMPARISON, SCHEMAS, SUMS_SCHEMA
from serving.contracts.sums.desk import SUMS
from serving.contracts.valuations.documentation import COMPARISON_SCHEMA
from serving.contracts.valuations.terms import ValuationRequest
from serving.documentation import JsonSchema
from serving.questions import Query, query_fields
from serving.reading import got, refuse_if_any

SETTLEMENT = "settlement"
BODIES: dict[str, tuple[JsonSchema, tuple[type[Term], ...]]] = {
    SUMS: (SUMS_SCHEMA, KINDS),
    COMPARISON: (COMPARISON_SCHEMA, (ValuationRequest,)),
}


def schema_of(query: Query = ()) -> bytes:
    """Return the schema of a kind of request: a settlement, a valuation, a sum ...; InputError for another word."""
    faults: list[Fault] = []
    fields = query_fields(query, faults)
    of = fields.choice("of", (*SCHEMAS, *BODIES), SETTLEMENT)
    fields.close()
    refuse_if_any(faults)
    asked = got(of)
    return write_body(body_schema(*BODIES[asked]) if asked in BODIES else terms_schema(SCHEMAS[asked]))
