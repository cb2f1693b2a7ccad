"""Terms and facts that nobody could check are refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pricing.contracts.settlement import settle
from pricing.contracts.terms.case import SettlementCase
from pricing.contracts.terms.facts import Facts, IndexHistory
from pricing.contracts.terms.reading import read
from pricing.errors import TermsError

from .conftest import VAT, contract, contract_row

MONTHS = ("2026-01", "2026-02", "2026-03")
FLAT = {"currency": "USD", "unit": "kg", "form": "oxide", "vat": "excluded"}


def faults_of(row: object, kind: Any) -> dict[str, str]:
    with pytest.raises(TermsError) as refused:
        read(row, kind)
    return {fault.path: fault.found for fault in refused.value.faults}


def test_a_fixing_of_a_day_that_no_calendar_has_is_refused() -> None:
    row = {**FLAT, "fixings": {"2026-02-30": 90, "2026-02-28": 91}}
    assert faults_of(row, IndexHistory) == {"fixings.2026-02-30": "2026-02-30"}


def test_a_month_is_fixed_once_and_never_after_the_index_stopped() -> None:
    row = {**FLAT, "fixings": {"2026-01": 90, "2026-01-05": 91, "2026-02": 92, "2026-03-02": 93}}
    assert faults_of({**row, "stopped_after": "2026-02"}, IndexHistory) == {
        "fixings.2026-01": "a fixing of 2026-01 beside daily ones",
        "fixings.2026-03-02": "2026-03-02",
    }


def test_references_that_multiply_are_refused() -> None:
    quoted = {"kind": "index", "index": "given", "window": "month", "lag_months": 0}
    levels = {"level0": quoted}
    for place in range(1, 5):
        below = [f"level{place - 1}"] * 4
        levels[f"level{place}"] = {"kind": "combination", "take": "mean", "of": below, "compared": "averages"}
    with pytest.raises(TermsError) as refused:
        contract(references=levels | {"benchmark": quoted})
    assert [fault.path for fault in refused.value.faults] == ["references.level4"]  # 4 + 16 + 64 + 256


def test_the_rate_inside_a_fixing_counts_before_the_rate_of_its_day() -> None:
    rule = {"kind": "index", "index": "given", "window": "month", "lag_months": 0, "vat_rule": "convert"}
    terms = contract(references={"benchmark": rule})
    index = {**FLAT, "vat": "not refunded", "vat_rates": {"2026-01": 0, "2026-02": 0.05}}
    told = read({"indices": {"given": {**index, "fixings": dict.fromkeys(MONTHS, 105)}}, "vat": VAT}, Facts)
    (flow,) = settle(terms, told).periods
    found = [fixing.amount for fixing in flow.references["benchmark"].fixings]
    assert [round(amount, 4) for amount in found] == [105, 100, Decimal("92.9204")]  # / 1, / 1.05, / 1.13


def test_other_indices_and_a_slip_are_checked_with_the_contract() -> None:
    case = {
        "contract": contract_row(),
        "facts": {"indices": {"given": {**FLAT, "fixings": dict.fromkeys(MONTHS, 90)}}},
        "under_indices": {"reference": "bench", "indices": ["given", "gven"]},
        "slip": {"event": "full_production", "months_later": 12},
    }
    assert faults_of(case, SettlementCase) == {
        "under_indices.reference": "bench",
        "under_indices.indices.1": "gven",
        "slip.event": "full_production",
    }


def test_other_indices_are_named_in_one_way() -> None:
    rule = {"kind": "index", "index": "given", "window": "month", "lag_months": 0}
    case = {"contract": contract_row(), "facts": {"indices": {"given": {**FLAT, "fixings": {"2026-01": 90}}}}}
    for asked in ({"indices": ["given"], "rules": {"given": rule}}, {}):
        found = faults_of(case | {"under_indices": {"reference": "benchmark", **asked}}, SettlementCase)
        assert set(found) == {"under_indices.indices"}


def test_a_refusal_names_the_word_that_was_begun_or_is_called_otherwise() -> None:
    row = {"currency": "RMB", "unit": "tonnes", "form": "oxide", "vat": "ex", "fixings": {"2026-01": "90"}}
    with pytest.raises(TermsError) as refused:
        read(row, IndexHistory)
    nearest = {fault.path: fault.nearest for fault in refused.value.faults}
    assert nearest == {"currency": "CNY", "unit": "t", "vat": "excluded", "fixings.2026-01": None}
    assert refused.value.faults[-1].found == "the text 90"
