"""Basis risk at the doors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from httpx import Client
from jsonschema_rs import Draft202012Validator

from pricing.contracts.terms.basis import BasisQuestion
from serving.contracts.basis.cli import shown
from serving.contracts.basis.desk import basis_risk_of
from serving.contracts.basis.documentation import ON_SERIES, TWO_INDICES
from serving.contracts.schema.components import terms_schema
from serving.terminal import show

ADDRESS = "/v1/contracts/basis-risk"


def test_the_example_reports_correlation_range_and_what_stays_open(client: Client) -> None:
    found = client.post(ADDRESS, json=TWO_INDICES).json()
    assert found["months"] == 25
    assert 0.9 < found["correlation_of_changes"] < 1
    assert (found["spread"]["low_usd_per_kg"], found["spread"]["high_usd_per_kg"]) == (0, 29)
    assert found["one_to_one"]["usd"] == pytest.approx(found["one_to_one"]["usd_per_kg"] * 100_000, abs=10)
    assert [flag["code"] for flag in found["flags"]] == ["short_overlap"]
    assert found["model"] is None


def test_series_of_the_dataset_are_read_as_known_and_name_their_model(client: Client) -> None:
    found = client.post(ADDRESS, json=ON_SERIES).json()
    assert found["months"] == 26
    assert found["model"] is not None
    assert {"as_of_by_default", "vat_as_quoted.cargo"} <= {flag["code"] for flag in found["flags"]}


def test_every_fault_is_told_at_once(client: Client) -> None:
    wrong = TWO_INDICES | {"tonnes": -1, "vat": "in", "contract": {"index": "domestik", "window": "month"}}
    refused = client.post(ADDRESS, json=wrong)
    assert refused.status_code == 422
    assert {fault["path"] for fault in refused.json()["faults"]} == {
        "tonnes",
        "vat",
        "contract.lag_months",
        "contract.index",
    }


def test_a_short_overlap_is_422(client: Client) -> None:
    indices = TWO_INDICES["facts"]["indices"]
    short = indices["abroad"] | {"fixings": {"2026-01": 92, "2026-02": 118}}
    refused = client.post(ADDRESS, json=TWO_INDICES | {"facts": {"indices": indices | {"abroad": short}}})
    assert refused.json()["faults"][0]["found"] == "2 months with both prices"


@pytest.mark.parametrize("body", [TWO_INDICES, ON_SERIES])
def test_the_examples_keep_the_schema(body: dict[str, object]) -> None:
    Draft202012Validator(terms_schema(BasisQuestion)).validate(body)


def test_a_person_reads_the_same_numbers(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answer = json.loads(basis_risk_of(json.dumps(TWO_INDICES).encode(), pytest.fail))
    show(shown(answer))
    printed = capsys.readouterr().out
    assert "0.00 to 29.00" in printed
    assert f"{answer['one_to_one']['usd']:,.0f}" in printed
