"""Clauses become legs of valuation that pay what the settlement pays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pricing.contracts.settlement_legs import legs_of, schedule_of
from pricing.contracts.settlement_plan import leg_paths, plan
from pricing.contracts.valuation.legs import Payer
from pricing.errors import TermsError

from .conftest import contract, facts

CAP = {"usd_per_year": 10_000_000, "year_of": "delivery", "partial_year": "whole"}
CLAUSES: list[dict[str, Any]] = [
    {"kind": "floor", "floor_usd_per_kg": 110, "annual_cap": CAP},
    {"kind": "cap", "cap_usd_per_kg": 130},
    {"kind": "collar", "floor_usd_per_kg": 90, "cap_usd_per_kg": 130, "share_above_cap": 0.5},
    {"kind": "difference", "strike_usd_per_kg": 110, "direction": "two_way"},
    {"kind": "difference", "strike_usd_per_kg": 110, "direction": "to_buyer"},
    {"kind": "share", "above_usd_per_kg": 120, "share_above": 0.3, "from": "2026-08-15", "annual_cap": CAP},
    {"kind": "share", "above_usd_per_kg": 120, "share_above": 0.3, "to": "2027-06-30",
     "annual_cap": {**CAP, "partial_year": "scales"}},
    {"kind": "share", "above_usd_per_kg": 120, "share_above": 0.3, "annual_cap": CAP,
     "starts_above": {"average_usd_per_kg": 110, "over_periods": 2}},
    {"kind": "floor", "floor_usd_per_kg": 100,
     "escalator": {"kind": "fixed", "share_per_year": 0.02, "first_escalation_year": 2}},
]  # fmt: skip


def terms(*clauses: dict[str, Any], **change: Any) -> Any:
    rows = [{"name": f"leg{n}", "reference": "benchmark", **clause} for n, clause in enumerate(clauses)]
    return plan(contract(**{"to": "2027-12-31", "clauses": rows, **change}), facts({}))


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause["kind"])
@settings(max_examples=20, deadline=None)
@given(prices=arrays(float, (8, 3), elements=st.floats(20, 300)))
def test_the_legs_of_a_clause_pay_what_the_clause_pays(clause: dict[str, Any], prices: np.ndarray) -> None:
    laid_out = terms(clause)
    schedule = schedule_of(laid_out, "benchmark", "2026-01")
    paid = sum(
        (leg.payments(prices[None], schedule.cap_years) * (1 if leg.payer is Payer.BUYER else -1))
        for leg in legs_of(laid_out, {"benchmark": 0})
    )
    assert paid == pytest.approx(leg_paths(laid_out.legs[0], {"benchmark": prices}), abs=1e-6)


def test_a_schedule_fixes_after_its_lag_and_pays_after_its_days() -> None:
    lagged = {"benchmark": {"kind": "index", "index": "given", "window": "month", "lag_months": 1}}
    laid_out = terms(CLAUSES[0], references=lagged, payment_days=45)
    schedule = schedule_of(laid_out, "benchmark", "2026-01", fiscal_starts=10)
    assert schedule.fixing_months[0] == (1, 2, 3)
    assert schedule.due_years[0] == 5 / 12  # 2026-05-15
    assert schedule.fiscal_years.tolist()[:4] == [2025, 2025, 2026, 2026]  # paid in May, August, November, February


def test_what_has_no_strike_of_its_own_is_refused_all_at_once_where_only_strikes_are_wanted() -> None:
    goods = {"kind": "indexed", "discount_share": 0}
    two = {**CLAUSES[2], "annual_cap": CAP}
    with pytest.raises(TermsError) as refused:
        legs_of(terms(CLAUSES[0], goods, two), {"other": 0})
    assert [fault.path for fault in refused.value.faults] == [
        "clauses.leg0.reference", "clauses.leg1.reference", "clauses.leg1", "clauses.leg2.reference",
        "clauses.leg2.annual_cap",
    ]  # fmt: skip


def test_periods_that_fix_before_the_paths_begin_are_settled_not_valued() -> None:
    with pytest.raises(TermsError, match="2026-Q1 fixes before 2026-02"):
        schedule_of(terms(CLAUSES[0]), "benchmark", "2026-02")
