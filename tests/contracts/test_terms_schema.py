"""One schema: what it refuses the reader refuses, and what is read it accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.json_schema import json_schema
from pricing.contracts.terms.plain import plain
from pricing.contracts.terms.reading import read
from pricing.errors import TermsError

from .conftest import CASES, contract, contract_row

VALIDATOR = jsonschema_rs.validator_for(json_schema(Contract))


def as_json(row: Any) -> Any:
    return json.loads(json.dumps(row, default=str), parse_float=float)


def numbers_as_json(row: Any) -> Any:
    return json.loads(json.dumps(row, default=float))


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_the_schema_accepts_every_worked_case_as_stated_and_as_written_back(case: dict[str, Any]) -> None:
    row = contract_row(**case.get("change", {}))
    assert [error.message for error in VALIDATOR.iter_errors(as_json(row))] == []
    assert VALIDATOR.is_valid(numbers_as_json(plain(contract(**case.get("change", {})))))


BAD: list[Any] = ["x", -1, 1e30, [], {}, True, "2026-13-45"]


def broken() -> Iterator[dict[str, Any]]:
    base = as_json(contract_row())
    for name in base:
        yield from ({**base, name: bad} for bad in BAD)
        yield {key: value for key, value in base.items() if key != name}
    for name in base["clauses"][0]:
        yield from ({**base, "clauses": [{**base["clauses"][0], name: bad}]} for bad in BAD)
    yield {**base, "typo": 1}


def test_what_the_schema_refuses_the_reader_refuses() -> None:
    refused = [row for row in broken() if not VALIDATOR.is_valid(row)]
    assert len(refused) > 100
    for row in refused:
        with pytest.raises(TermsError):
            read(row, Contract)


def test_a_price_is_stated_in_one_unit() -> None:
    base = as_json(contract_row())
    clause = {**base["clauses"][0], "floor_usd_per_lb": 50}
    assert not VALIDATOR.is_valid({**base, "clauses": [clause]})
    del clause["floor_usd_per_kg"]
    assert VALIDATOR.is_valid({**base, "clauses": [clause]})
