"""The page on templates: its examples run, its figures are theirs, and it names every template."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from httpx import Client

from features.contract_templates import load_templates
from serving.contracts.settlements.desk import settlement_of

from .conftest import with_text_keys

PAGE = (Path(__file__).parents[3] / "docs/contracts_templates.md").read_text(encoding="utf-8")
JARE, SPLICED, BASIS = (
    with_text_keys(yaml.safe_load(text)) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
)


def settled(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(settlement_of(json.dumps(body).encode(), pytest.fail))
    return found


def test_the_rebate_on_the_page_is_the_one_that_is_settled() -> None:
    found = settled(JARE)
    rebates = [leg for period in found["periods"] for leg in period["legs"] if leg["clause"] == "rebate"]
    assert sum(leg["usd_before_cap"] for leg in rebates) == -22_500_000
    assert sum(leg["usd"] for leg in rebates) == -10_000_000
    assert f"{found['totals']['net_usd_per_kg']:.2f} USD/kg" in PAGE


def test_the_splice_on_the_page_is_the_one_that_is_settled() -> None:
    references = [period["references"][0] for period in settled(SPLICED)["periods"]]
    shown = [f"{one['usd_per_kg']:.2f}" for one in references]
    assert f"{shown[0]}, {shown[1]} and {shown[2]} USD/kg" in PAGE
    assert f"The factor is {references[1]['fixings'][0]['splice_factor']}" in PAGE


def test_the_basis_risk_on_the_page_is_answered(client: Client) -> None:
    found = client.post("/v1/contracts/basis-risk", json=BASIS)
    assert found.status_code == 200
    assert found.json()["cargo_index"] == "fob"


def test_the_page_names_every_template() -> None:
    assert [name for name in load_templates() if f"| `{name}` |" not in PAGE] == []
