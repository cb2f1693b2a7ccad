"""Values of contracts from the bytes of a request to those of an answer."""

from __future__ import annotations

from collections.abc import Mapping

from serving.bodies import read_body, write_body
from serving.contracts.facts import read_case
from serving.contracts.outlook_model import ModelPrices
from serving.contracts.valuation_answer import valuation_answer
from serving.contracts.valuation_laid import lay_out
from serving.contracts.valuation_priced import price_request
from serving.contracts.valuation_schemas import ValuationAnswer
from serving.contracts.valuation_terms import ValuationRequest


def valuation_of(body: bytes, model: ModelPrices) -> bytes:
    """Return what contracts pay and are worth on an outlook; InputError with every fault of the body."""
    return write_body(valued(read_body(body), model))


def valued(values: Mapping[str, object], model: ModelPrices) -> ValuationAnswer:
    """Return the answer of a body that was read already."""
    request = read_case(values, ValuationRequest, model.open_book).case
    return valuation_answer(price_request(request, lay_out(request, model)), model.book())
