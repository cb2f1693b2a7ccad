"""The sections of a file for `fairprice whatif` about values: outlook with parties, solve, compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pricing.errors import Fault, InputError
from serving.bodies import write_body
from serving.contracts.comparisons.desk import compared
from serving.contracts.outlook.model import ModelPrices, Opens
from serving.contracts.solutions.desk import solved
from serving.contracts.valuations.desk import valued
from serving.fault_words import shown

Values = Mapping[str, object]
OpenDesk = Callable[[], Opens]
SHARED = ("facts", "outlook")
OF_VALUE = ("contract", "contracts", "parties", "alternative", "greeks", *SHARED)
OF_SOLUTION = ("contract", "delivery", "reference", "discount_rate", "solve", *SHARED)
OF_COMPARISON = ("compare", "facts", "parties", "alternative")


def asks_value(values: Values) -> bool:
    """Return whether a file asks what contracts are worth: an outlook is stated, and not for a solution alone."""
    return "outlook" in values and ("parties" in values or "solve" not in values)


def asks_solution(values: Values) -> bool:
    """Return whether a file asks for a solution."""
    return "solve" in values


def asks_comparison(values: Values) -> bool:
    """Return whether a file asks for a comparison."""
    return "compare" in values


def value(values: Values, open_desk: OpenDesk) -> bytes:
    """Return the answer of POST /v1/contracts/valuations."""
    return write_body(valued(values, _model(open_desk)))


def solution(values: Values, open_desk: OpenDesk) -> bytes:
    """Return the answer of POST /v1/contracts/solutions."""
    return write_body(solved(values, _model(open_desk)))


def comparison(values: Values, open_desk: OpenDesk) -> bytes:
    """Return the answer of POST /v1/contracts/comparisons; what the file states beside `compare` is shared."""
    said = values["compare"]
    if not isinstance(said, Mapping):
        raise InputError(Fault("compare", shown(said), "an object with terms and outlooks"))
    shared = {name: one for name, one in values.items() if name != "compare"}
    return compared({**shared, **said}, _model(open_desk))


def _model(open_desk: OpenDesk) -> ModelPrices:
    return ModelPrices(lambda: open_desk().book, lambda body: open_desk().scenarios.ask_values(body).body)
