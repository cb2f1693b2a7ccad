"""A series whose specification changes: one reference, the factor shown, the old symbol still there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.contracts.settlement import settle
from pricing.contracts.settlement_table import Settled
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.plain import plain
from pricing.contracts.terms.reading import read
from pricing.errors import TermsError

OVERLAP = {"overlap_before": {"2026-03": 102, "2026-04": 106}, "overlap_after": {"2026-03": 100, "2026-04": 100}}
SPLICE: dict[str, Any] = {
    "from": "2026-05",
    "symbol_before": "smm_pr22",
    "symbol_after": "smm_pr20",
    "source": "both symbols as published",
    **OVERLAP,
}
SMM: dict[str, Any] = {
    "currency": "USD",
    "unit": "kg",
    "form": "oxide",
    "vat": "excluded",
    "fixings": {"2026-04": 106, "2026-05": 100, "2026-06": 105},
    "splices": [SPLICE],
}


def settled(index: str, first: str, last: str, smm: dict[str, Any] = SMM, **facts: Any) -> Settled:
    row = {
        "name": "spliced",
        "buyer": "the buyer",
        "seller": "the seller",
        "material": "NdPr",
        "form": "oxide",
        "vat": "excluded",
        "from": first,
        "to": last,
        "settlement": "monthly",
        "volume": {"basis": "sold", "tonnes_per_year": 1200},
        "references": {"benchmark": {"kind": "index", "index": index, "window": "month", "lag_months": 0}},
        "clauses": [{"kind": "floor", "name": "floor", "reference": "benchmark", "floor_usd_per_kg": 110}],
    }
    return settle(read(row, Contract), read({"indices": {"smm": smm}, **facts}, Facts))


def prices(found: Settled) -> list[Decimal]:
    return [flow.references["benchmark"].usd_per_kg for flow in found.periods]


def refused(smm: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(TermsError) as caught:
        read({"indices": {"smm": smm}}, Facts)
    return {fault.path.removeprefix("indices.smm.splices."): fault.allowed for fault in caught.value.faults}


def test_a_later_symbol_counts_times_the_overlap() -> None:
    """102 and 106 over 100 and 100 is 1.04: 100 of the new symbol is 104 of the old one, 105 is 109.20."""
    found = settled("smm", "2026-04-01", "2026-06-30")
    assert prices(found) == [Decimal(106), Decimal(104), Decimal("109.20")]
    assert [flow.usd for flow in found.periods] == [400_000, 600_000, Decimal("80000.00")]


def test_the_answer_says_the_version_and_the_factor() -> None:
    april, may, _ = settled("smm", "2026-04-01", "2026-06-30").periods
    assert "method version 1: smm_pr22" in april.references["benchmark"].steps
    told = "method version 2: smm_pr22 to smm_pr20 from 2026-05, spliced at 1.040000"
    assert [step for step in may.references["benchmark"].steps if step.startswith(told)]
    used = may.references["benchmark"].fixings[0]
    assert (used.published, used.splice_factor, used.amount) == (100, Decimal("1.04"), Decimal(104))


def test_a_stated_factor_needs_no_overlap() -> None:
    stated = {name: value for name, value in SPLICE.items() if not name.startswith("overlap")} | {"factor": 1.1}
    assert prices(settled("smm", "2026-05-01", "2026-05-31", SMM | {"splices": [stated]})) == [Decimal(110)]


def test_both_symbols_still_answer_under_their_own_names() -> None:
    assert prices(settled("smm_pr22", "2026-04-01", "2026-04-30")) == [Decimal(106)]
    assert prices(settled("smm_pr20", "2026-05-01", "2026-06-30")) == [Decimal(100), Decimal(105)]


def test_the_old_symbol_has_stopped_and_is_not_carried_forward() -> None:
    with pytest.raises(TermsError, match="no fixing of smm_pr22 for 2026-05"):
        settled("smm_pr22", "2026-05-01", "2026-05-31")


def test_an_old_symbol_that_is_given_itself_is_the_one_that_counts() -> None:
    given_one = {name: value for name, value in SMM.items() if name != "splices"} | {"fixings": {"2026-05": 90}}
    found = read({"indices": {"smm": SMM, "smm_pr22": given_one}}, Facts)
    assert found.indices["smm_pr22"].fixings == {"2026-05": 90}


def test_two_splices_multiply() -> None:
    second = {"from": "2026-06", "symbol_before": "smm_pr20", "symbol_after": "smm_pr18", "source": "x", "factor": 2}
    found = settled("smm", "2026-05-01", "2026-06-30", SMM | {"splices": [SPLICE, second]})
    assert prices(found) == [Decimal(104), Decimal("218.40")]
    assert "method version 3" in " ".join(found.periods[1].references["benchmark"].steps)


def test_tax_and_splice_both_apply() -> None:
    row = SMM | {"vat": "included"}
    facts = read({"indices": {"smm": row}, "vat": [{"from": "2019-04-01", "rate": 0.13}]}, Facts)
    assert facts.indices["smm_pr20"].vat is facts.indices["smm"].vat


def test_facts_with_splices_read_back() -> None:
    facts = read({"indices": {"smm": SMM}}, Facts)
    assert read(plain(facts), Facts) == facts


def test_faults_of_splices_are_told_together() -> None:
    both = SPLICE | {"factor": 1.04}
    alone = SPLICE | {"from": "2026-04", "overlap_after": {"2026-03": 100}}
    found = refused(SMM | {"splices": [both, alone]})
    assert set(found) == {"0.factor", "1.from", "1.symbol_before", "1.overlap_after.2026-04"}
    neither = {name: value for name, value in SPLICE.items() if not name.startswith("overlap")}
    assert set(refused(SMM | {"splices": [neither | {"symbol_after": "smm_pr22"}]})) == {"0.factor", "0.symbol_after"}


@given(st.decimals("0.5", "2", places=4), st.decimals(50, 150, places=2))
def test_a_splice_scales_what_comes_after_it_and_nothing_before(factor: Decimal, price: Decimal) -> None:
    stated = {name: value for name, value in SPLICE.items() if not name.startswith("overlap")} | {"factor": factor}
    row = SMM | {"fixings": {"2026-04": price, "2026-05": price}, "splices": [stated]}
    before, after = prices(settled("smm", "2026-04-01", "2026-05-31", row))
    assert (before, after) == (price, price * factor)
