"""Examples of values run as they stand; the screen shows what the answer says; paths are bounded."""

from __future__ import annotations

import json
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from pricing.contracts.terms.schema import Term
from serving import cli
from serving.contracts.schema.components import terms_schema
from serving.contracts.solutions.terms import SolutionRequest
from serving.contracts.valuations.documentation import (
    CLOSED_FORM,
    EXAMPLES,
    FLAT_100,
    FLAT_OR_SHARED,
    OFFERED_DISCOUNT,
    ON_PATHS,
    PARTIES,
    terms,
)
from serving.contracts.valuations.numbers import usd, usd_each
from serving.contracts.valuations.terms import ValuationRequest

VALUATIONS = "/v1/contracts/valuations"
KINDS: dict[str, type[Term]] = {VALUATIONS: ValuationRequest, "/v1/contracts/solutions": SolutionRequest}
BODIES = [(address, body) for address, bodies in EXAMPLES.items() for body in bodies]


@pytest.mark.parametrize(("address", "body"), BODIES)
def test_every_example_is_allowed_and_answered(bare: Any, address: str, body: dict[str, Any]) -> None:
    if address in KINDS:
        Draft202012Validator(terms_schema(KINDS[address])).validate(body)
    assert bare.post(address, json=body).status_code == 200


def faults(client: Any, **change: Any) -> dict[str, str]:
    body = deepcopy(ON_PATHS)
    for path, value in change.items():
        *way, last = path.split("__")
        inner = body
        for name in way:
            inner = inner[int(name) if name.isdigit() else name]  # type: ignore[index]
        inner[last] = value
    sent = client.post(VALUATIONS, content=json.dumps(body))
    assert sent.status_code == 422, sent.text
    return {fault["path"]: fault["allowed"] for fault in sent.json()["faults"]}


def test_every_fault_is_told_at_once_with_its_place_and_the_way_out(bare: Any) -> None:
    told = faults(
        bare,
        contract__clauses__0__floor_usd_per_kg=150,
        contract__volume={"basis": "sold", "tonnes_per_year": -1},
        parties__seller__discount_rate=-0.05,
        parties__buyer__default_per_year=2,
        outlook__sede=3,
        facts={"as_of": "1890-01-01"},
    )
    assert told["contract.clauses.1.floor_usd_per_kg"] == "at most 110, the level of share on the same reference"
    assert told["contract.volume.tonnes_per_year"].startswith("a number above 0")
    assert told["parties.seller.discount_rate"].startswith("a number from 0 to 1")
    assert told["parties.buyer.default_per_year"].startswith("a number from 0 to 1")
    assert "seed" in told["outlook.sede"]
    assert told["facts.as_of"].startswith("a day from 1990-01-01")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e300])
def test_numbers_that_are_none_are_refused(bare: Any, number: float) -> None:
    assert list(faults(bare, parties__seller__discount_rate=number)) == ["parties.seller.discount_rate"]
    assert list(faults(bare, outlook__deck__flat_usd_per_kg=number)) == ["outlook.deck.flat_usd_per_kg"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"outlook__paths": 3000}, "outlook.paths"),
        ({"outlook__paths": 131_072}, "outlook.paths"),
        ({"outlook__deck": {"kind": "given", "usd_per_kg": {"2026": 80}}}, "outlook.deck"),
        ({"contract__to": "2099-12-31", "outlook__paths": 65_536}, "outlook.budget"),
        ({"greeks": True, "outlook__paths": 65_536, "contract__to": "2037-12-31"}, "greeks"),
        ({"greeks": True, "outlook": {"kind": "states", "usd_per_kg": [80]}}, "greeks"),
        ({"outlook__parameters": {"volatility.NdPR": 0.5}}, "outlook.parameters.volatility.NdPR"),
        ({"outlook__parameters": {"volatility.NdPr": 5}}, "outlook.parameters.volatility.NdPr"),
        ({"outlook__parameters": {"level_reversion_per_year": 2}}, "outlook.parameters.level_reversion_per_year"),
        ({"outlook__parameters": {"variance_ratio_24_months": 90}}, "outlook.parameters.variance_ratio_24_months"),
        ({"outlook": {"kind": "states"}}, "outlook.usd_per_kg"),
        ({"outlook": {"kind": "states", "by_reference": {"other": [1]}}}, "outlook.by_reference.benchmark"),
        ({"contract__to": "2025-01-01"}, "contract.to"),
        ({"facts": {"as_of": "2040-01-01"}}, "facts.as_of"),
        ({"alternative": "spot"}, "alternative"),
        ({"contracts": [terms()]}, "contract"),
    ],
)
def test_what_cannot_be_valued_is_refused_at_its_place(bare: Any, change: dict[str, Any], path: str) -> None:
    assert path in faults(bare, **change)


def test_contracts_of_one_request_need_the_same_periods_and_names_of_their_own(bare: Any) -> None:
    body = {"contracts": [terms(), terms(to="2030-12-31")], "outlook": FLAT_100, "parties": PARTIES}
    told = {fault["path"] for fault in bare.post(VALUATIONS, json=body).json()["faults"]}
    assert told == {"contracts.1.from", "contracts.1.clauses"}


def test_many_years_of_many_decks_are_refused_before_they_cost_anything(bare: Any) -> None:
    six = [
        terms({"kind": "floor", "name": f"floor{n}", "reference": "benchmark", "floor_usd_per_kg": 110}, name=f"c{n}")
        for n in range(6)
    ]
    for number, contract in enumerate(six):
        contract["references"] = {f"index{number}": contract["references"]["benchmark"]}
        contract["clauses"][0]["reference"] = f"index{number}"
        contract["to"] = "2099-12-31"
    decks = {f"index{n}": {"kind": "given", "flat_usd_per_kg": 100 + n} for n in range(6)}
    body = {"contracts": six, "outlook": {"kind": "paths", "paths": 1024, "decks": decks}, "parties": PARTIES}
    started = time.process_time()
    sent = bare.post(VALUATIONS, json=body)
    assert sent.json()["faults"][0]["path"] == "outlook.budget"
    assert time.process_time() - started < 2


def on_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str], body: dict[str, Any], code: int = 0) -> str:
    file = tmp_path / "terms.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    assert cli.app(["whatif", str(file)]) == code
    return capsys.readouterr().out


def test_a_valuation_is_shown_with_values_legs_and_what_it_rests_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(tmp_path / "no model"))
    shown = on_screen(tmp_path, capsys, ON_PATHS | {"greeks": True})
    for words in ("standard error", "Payments by calendar year", "delta NdPr", "volatility.NdPr 0.374", "seed"):
        assert words in shown
    closed = on_screen(tmp_path, capsys, CLOSED_FORM)
    assert "18.14" in closed
    assert "68.0%" in closed


def test_a_solution_and_a_comparison_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(tmp_path / "no model"))
    solved = on_screen(tmp_path, capsys, OFFERED_DISCOUNT)
    assert "? Which rule does the contract mean?" in solved
    assert "none; the price is never below 100" in solved
    bad = {"name": "no outlook", "outlook": {"kind": "paths"}}
    body = {name: FLAT_OR_SHARED[name] for name in ("terms", "outlooks")}
    shown = on_screen(
        tmp_path,
        capsys,
        {"compare": body | {"outlooks": [*body["outlooks"], bad]}, "parties": FLAT_OR_SHARED["parties"]},
        code=2,
    )
    assert "6.6250" in shown
    assert "outlooks.2.outlook.deck: found nothing" in shown


def test_money_is_rounded_half_up_away_from_zero() -> None:
    assert [usd(amount) for amount in (6.625, -6.625, 0.005, 1.005, -0.001)] == [6.63, -6.63, 0.01, 1.01, 0.0]


@given(amount=st.floats(-1e15, 1e15))
def test_one_amount_is_rounded_as_many_are(amount: float) -> None:
    assert usd(amount) == usd_each(np.array([amount]))[0]


@pytest.mark.parametrize(("of", "field"), [("valuation", "outlook"), ("solution", "solve")])
def test_the_schema_that_values_are_written_by_can_be_had(bare: Any, of: str, field: str) -> None:
    schema = bare.get("/v1/contracts/schema", params={"of": of}).json()
    assert field in schema["required"]
    assert schema["$defs"]["PathsOutlook"]["properties"]["kind"] == {"const": "paths"}
