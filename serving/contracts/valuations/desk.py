"""Values of contracts from the bytes of a request to those of an answer."""

from __future__ import annotations

from collections.abc import Mapping

from serving.bodies import read_body, write_body
from serving.contracts.facts import read_case
from serving.contracts.outlook.model import ModelPrices
from serving.contracts.valuations.answer import valuation_answer
from serving.contracts.valuations.laid import lay_out
from serving.contracts.valuations.priced import Ready, price, ready
from serving.contracts.valuations.schemas import ValuationAnswer
from serving.contracts.valuations.terms import ValuationRequest


def valuation_of(body: bytes, model: ModelPrices) -> bytes:
    """Return what contracts pay and are worth on an outlook; InputError with every fault of the body."""
    return write_body(valued(read_body(body), model))


def valued(values: Mapping[str, object], model: ModelPrices) -> ValuationAnswer:
    """Return the answer of a body that was read already."""
    return answered(prepared(values, model), model)


def prepared(values: Mapping[str, object], model: ModelPrices) -> Ready:
    """Return a body laid out, its steps counted; TermsError with every fault and beyond the steps of one request."""
    read = read_case(values, ValuationRequest, model.open_book)
    return ready(read.case, lay_out(read.case, model.naming(read.origin)))


def answered(asked: Ready, model: ModelPrices) -> ValuationAnswer:
    """Return the answer of a request that is laid out."""
    return valuation_answer(price(asked), model.book())
