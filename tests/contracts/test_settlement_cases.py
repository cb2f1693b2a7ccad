"""What contracts pay: worked cases to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pricing.contracts.settlement import settle
from pricing.contracts.settlement_table import LegFlow, Settled, who_pays

from .conftest import CASES, contract, facts


def settled(case: dict[str, Any]) -> Settled:
    more = {**case.get("facts", {}), **({"index": case["index"]} if "index" in case else {})}
    return settle(contract(**case.get("change", {})), facts(case.get("given", {}), case.get("basis"), **more))


def cents(amount: Decimal) -> str:
    return f"{amount:.2f}"


def with_expected(name: str) -> Any:
    return pytest.mark.parametrize("case", [c for c in CASES["cases"] if name in c], ids=lambda case: case["name"])


def legs_of(found: Settled, clause: str) -> list[LegFlow]:
    return [leg for flow in found.periods for leg in flow.legs if leg.clause == clause]


@with_expected("legs")
def test_every_clause_pays_to_the_cent(case: dict[str, Any]) -> None:
    found = settled(case)
    assert {name: [str(leg.usd) for leg in legs_of(found, name)] for name in case["legs"]} == case["legs"]


@with_expected("before_cap")
def test_what_a_cap_takes_away_is_shown(case: dict[str, Any]) -> None:
    found = settled(case)
    for name, expected in case["before_cap"].items():
        legs = legs_of(found, name)
        assert [str(leg.usd_before_cap) for leg in legs] == expected
        assert all(abs(leg.usd_before_cap) >= abs(leg.usd) for leg in legs)


@with_expected("cap_left")
def test_what_is_left_of_a_cap_is_shown(case: dict[str, Any]) -> None:
    found = settled(case)
    left = {name: [str(leg.cap_left_usd) for leg in legs_of(found, name)] for name in case["cap_left"]}
    assert left == case["cap_left"]


@with_expected("total")
def test_a_contract_totals_its_legs(case: dict[str, Any]) -> None:
    found = settled(case)
    assert str(found.total_usd) == case["total"]
    assert sum(found.usd_by_year().values()) == found.total_usd


@with_expected("net_usd_per_kg")
def test_the_net_price_of_goods_counts_what_is_given_back(case: dict[str, Any]) -> None:
    net = settled(case).net_usd_per_kg
    assert net is not None
    assert cents(net) == case["net_usd_per_kg"]


@with_expected("who")
def test_every_period_says_who_pays_whom(case: dict[str, Any]) -> None:
    assert [who_pays(flow.usd) for flow in settled(case).periods] == case["who"]


@with_expected("years")
def test_yearly_reckonings_pay_to_the_cent(case: dict[str, Any]) -> None:
    assert {flow.year: str(flow.usd) for flow in settled(case).years} == case["years"]


@with_expected("references")
def test_references_follow_their_rule(case: dict[str, Any]) -> None:
    flows = settled(case).periods
    for name, expected in case["references"].items():
        assert {cents(flow.references[name].usd_per_kg) for flow in flows if flow.references} == {expected}


@with_expected("numbers")
def test_levels_stand_in_the_answer_per_kilogram(case: dict[str, Any]) -> None:
    for name, expected in case["numbers"].items():
        numbers = legs_of(settled(case), name)[0].numbers
        assert {field: cents(number) for field, number in numbers.items()} == expected


@with_expected("invoice")
def test_a_final_invoice_takes_the_provisional_one_off(case: dict[str, Any]) -> None:
    (invoice,) = settled(case).invoices
    expected = case["invoice"]
    assert cents(invoice.change_usd_per_kg) == expected["change"]
    assert (str(invoice.provisional_usd), str(invoice.final_usd)) == (expected["provisional"], expected["final"])


@with_expected("true_up")
def test_a_restatement_within_its_days_is_trued_up(case: dict[str, Any]) -> None:
    assert [str(one.usd) for one in settled(case).true_ups] == case["true_up"]
