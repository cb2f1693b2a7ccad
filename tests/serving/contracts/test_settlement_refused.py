"""What cannot be settled is refused with every fault, its place and the way out; nothing is guessed, nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from serving.contracts.settlements.documentation import QUARTER
from serving.contracts.settlements.question import MOST_WORK

from .conftest import Door

SETTLEMENTS = "/v1/contracts/settlements"
FLAT = {"currency": "USD", "unit": "kg", "form": "oxide", "vat": "excluded"}


def case(**change: Any) -> dict[str, Any]:
    """Return the quarter of the first question with parts of its contract replaced."""
    found = deepcopy(QUARTER)
    found["contract"] |= change
    return found


def floor(usd: float, **more: Any) -> dict[str, Any]:
    return {"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_kg": usd, **more}


def refused(client: Any, body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    sent = client.post(SETTLEMENTS, json=body)
    assert sent.status_code == 422, sent.text
    faults = {fault["path"]: fault for fault in sent.json()["faults"]}
    assert all(fault["found"] and fault["allowed"] for fault in faults.values())
    return faults


def test_several_faults_of_contract_and_facts_are_told_at_once(bare: Any) -> None:
    body = case(
        clauses=[
            {"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_kg": 120},
            {"kind": "cap", "name": "cap", "reference": "benchmark", "cap_usd_per_kg": 100},
            {"kind": "share", "name": "upside", "reference": "bench", "above_usd_per_kg": 110, "share_above": 1.3},
        ],
        volume={"basis": "eaten", "tonnes_per_year": -4000},
        **{"from": "1890-01-01"},
        labor_cst=1,
    )
    body["facts"]["stops"] = [{"cause": "force_majeure", "from": "2026-02-10", "to": "2026-02-01"}]
    faults = refused(bare, body)
    assert set(faults) == {
        "contract.clauses.1.floor_usd_per_kg",
        "contract.clauses.2.share_above",
        "contract.clauses.2.reference",
        "contract.volume.basis",
        "contract.volume.tonnes_per_year",
        "contract.from",
        "contract.labor_cst",
        "facts.stops.0.to",
    }
    assert faults["contract.clauses.2.reference"]["nearest"] == "benchmark"
    assert "2000-01-01" in faults["contract.from"]["allowed"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"volume": {"tonnes_per_year": 4000}}, "contract.volume.basis"),
        ({"volume": {"basis": "sold"}}, "contract.volume.tonnes_per_year"),
        ({"payment_days": -30}, "contract.payment_days"),
        ({"to": "2025-12-31"}, "contract.to"),
        ({"clauses": [floor(110), floor(90) | {"name": "second"}]}, "contract.clauses.1.from"),
        (
            {"clauses": [floor(110, escalator={"kind": "fixed", "share_per_year": 0.02})]},
            "contract.clauses.0.escalator.first_escalation_year",
        ),
        ({"vat": "included"}, "contract.references.benchmark.vat_rule"),
    ],
)
def test_one_fault_is_told_where_it_is(bare: Any, change: dict[str, Any], path: str) -> None:
    assert path in refused(bare, case(**change))


def test_a_chain_that_leads_back_to_itself_is_refused(bare: Any) -> None:
    def quoted(other: str) -> dict[str, Any]:
        step = {"use": other, "after_days_late": 5}
        rule = {"kind": "index", "index": "published", "window": "month", "lag_months": 0}
        return rule | {"fallback": [step], "fallback_for": "window"}

    faults = refused(bare, case(references={"benchmark": quoted("other"), "other": quoted("benchmark")}))
    assert "circle" in faults["contract.references.benchmark"]["found"]


def test_an_unknown_index_is_told_with_the_nearest(bare: Any) -> None:
    body = case()
    body["contract"]["references"]["benchmark"]["index"] = "publishd"
    assert refused(bare, body)["contract.references.benchmark.index"]["nearest"] == "published"


def test_a_missing_fixing_is_never_carried_forward(bare: Any) -> None:
    body = case()
    del body["facts"]["indices"]["published"]["fixings"]["2026-02"]
    fault = refused(bare, body)["contract.references.benchmark"]
    assert "2026-02" in fault["found"]
    assert "none is ever carried forward" in fault["allowed"]


def test_months_beyond_a_deck_are_missing(bare: Any) -> None:
    body = case()
    body["facts"]["indices"]["published"]["fixings"] = {}
    body["facts"]["decks"] = {"benchmark": {"from_month": "2026-02", "usd_per_kg": {"2026-02": 90}}}
    assert "2026-01, 2026-03" in refused(bare, body)["contract.references.benchmark"]["found"]


def test_a_floor_before_tax_needs_a_rule_for_an_index_after_tax(bare: Any) -> None:
    body = case()
    body["facts"]["indices"]["published"]["vat"] = "included"
    fault = refused(bare, body)["contract.references.benchmark.vat_rule"]
    assert "as_quoted or convert" in fault["allowed"]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e400", "1" * 400])
def test_numbers_beyond_reason_are_a_clean_refusal(bare: Any, word: str) -> None:
    body = json.dumps(case()).replace("110", word)
    sent = bare.post(SETTLEMENTS, content=body.encode())
    assert sent.status_code == 422
    assert {fault["path"] for fault in sent.json()["faults"]} == {"contract.clauses.0.floor_usd_per_kg"}


@pytest.mark.parametrize("body", [{}, {"contract": 5, "facts": []}, {"contract": {}, "facts": {"indices": 3}}])
def test_what_is_no_contract_is_refused(bare: Any, body: dict[str, Any]) -> None:
    assert "contract" in " ".join(refused(bare, body))


def test_a_word_that_is_no_currency_is_one_fault(bare: Any) -> None:
    body = case()
    body["facts"]["indices"]["published"]["currency"] = "RMB"
    assert list(refused(bare, body)) == ["facts.indices.published.currency"]


def test_facts_that_are_missing_are_asked_for_by_name(bare: Any) -> None:
    body = case()
    del body["facts"]
    assert "any of as_of, settle_through, indices" in refused(bare, body)["facts"]["allowed"]


def test_a_contract_under_which_nobody_pays_is_refused(bare: Any) -> None:
    assert "nobody pays" in refused(bare, case(clauses=[]))["contract.clauses"]["allowed"]


def test_nesting_too_deep_to_read_is_said_in_words(bare: Any) -> None:
    sent = bare.post(SETTLEMENTS, content=b'{"contract": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert sent.status_code in {400, 422}
    assert "nested too deep" in sent.text
    assert "recursion" not in sent.text


def test_too_much_work_is_refused_with_the_bound(bare: Any) -> None:
    shares = [
        {"kind": "share", "name": f"s{n}", "reference": "benchmark", "above_usd_per_kg": 150 + n, "share_above": 0.01}
        for n in range(29)
    ]
    long = {"from": "2000-01-01", "to": "2099-12-31", "settlement": "monthly", "clauses": [floor(110), *shares]}
    body = case(**long, volume={"basis": "sold", "tonnes_per_year": 4000})
    body["under_indices"] = {"reference": "benchmark", "indices": ["published"]}
    assert f"{MOST_WORK:,}" in refused(bare, body)["contract"]["allowed"]


def test_a_slip_of_what_starts_nothing_is_refused(bare: Any) -> None:
    body = case() | {"slip": {"event": "full_production", "months_later": 12}}
    assert "there is none" in refused(bare, body)["slip.event"]["allowed"]


def test_faults_of_settling_name_their_place_in_the_request(bare: Any) -> None:
    body = case(clauses=[floor(110, starts_with="full_production")])
    assert set(refused(bare, body)) == {"facts.events.full_production"}


def test_the_command_line_refuses_with_the_same_words(door: Door, bare: Any) -> None:
    body = case(volume={"basis": "sold"})
    with pytest.raises(AssertionError, match="tonnes_by_period, or both"):
        door("settlement", body)


@pytest.mark.parametrize("text", ["\ud800", "a\u202eb", "a\nb", ""])
def test_texts_that_nobody_can_read_are_refused(bare: Any, text: str) -> None:
    body = case(name=text)
    body["facts"]["indices"]["published"]["published"] = {text: "2026-02-01"}
    sent = bare.post(SETTLEMENTS, content=json.dumps(body).encode())
    assert sent.status_code == 422
    assert sent.json()["faults"][0]["path"] == "contract.name"
    assert len(sent.json()["faults"]) == 2
