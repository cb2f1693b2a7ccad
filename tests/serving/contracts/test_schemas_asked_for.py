"""A schema to write a body by, for each address of contracts."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from serving.contracts.basis.documentation import TWO_INDICES
from serving.contracts.valuations.documentation import FLAT_OR_SHARED, ON_PATHS

SUMS = {"sums": [{"kind": "units", "strike_usd_per_lb": 25, "market_usd_per_lb": 20}]}
BODIES = {"comparison": FLAT_OR_SHARED, "sums": SUMS, "basis-risk": TWO_INDICES, "valuation": ON_PATHS}


@pytest.mark.parametrize("name", BODIES)
def test_each_address_has_a_schema_that_its_example_keeps_and_a_stranger_does_not(bare: Any, name: str) -> None:
    schema = Draft202012Validator(bare.get("/v1/contracts/schema", params={"of": name}).json())
    assert schema.is_valid(BODIES[name])
    assert not schema.is_valid(BODIES[name] | {"stranger": 1})
