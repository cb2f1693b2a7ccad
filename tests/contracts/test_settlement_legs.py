"""Clauses become legs of valuation that pay what the settlement pays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pricing.contracts.settlement_layout import Layout, Paths, layout_of
from pricing.contracts.settlement_payoffs import within_cap
from pricing.contracts.settlement_plan import LegPlan, leg_usd, plan
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


def laid_out(said: Any, first_month: str = "2026-01", fiscal_starts: int = 1) -> Layout:
    return layout_of(said, facts({}), Paths({"benchmark": 0}, first_month, fiscal_starts=fiscal_starts))


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause["kind"])
@settings(max_examples=20, deadline=None)
@given(prices=arrays(float, (8, 3), elements=st.floats(20, 300)))
def test_the_legs_of_a_clause_pay_what_the_clause_pays(clause: dict[str, Any], prices: np.ndarray) -> None:
    said = terms(clause)
    layout = laid_out(said)
    paid = sum(
        (leg.payments(prices[None], layout.schedule.cap_years) * (1 if leg.payer is Payer.BUYER else -1))
        for leg in layout.legs
    )
    exact = [settled(said.legs[0], path) for path in prices.T]
    assert pytest.approx(np.array(exact), abs=1e-6) == paid.T


def settled(leg: LegPlan, prices: np.ndarray) -> list[float]:
    """What a clause settles on one path, in exact decimals and not rounded."""
    due = [usd for _, usd in leg_usd(leg, [{"benchmark": Decimal(float(price))} for price in prices])]
    return [float(usd) for usd in (within_cap(due, leg.cap_years, dict(leg.caps)) if leg.caps else due)]


def test_a_schedule_fixes_after_its_lag_and_pays_after_its_days() -> None:
    lagged = {"benchmark": {"kind": "index", "index": "given", "window": "month", "lag_months": 1}}
    schedule = laid_out(terms(CLAUSES[0], references=lagged, payment_days=45), fiscal_starts=10).schedule
    assert schedule.fixing_months[0] == (1, 2, 3)
    assert schedule.due_years[0] == 5 / 12  # 2026-05-15
    assert schedule.fiscal_years.tolist()[:4] == [2025, 2025, 2026, 2026]  # paid in May, August, November, February


def test_caps_that_count_their_years_differently_stand_in_one_contract() -> None:
    settled = {**CLAUSES[5], "annual_cap": {**CAP, "year_of": "settlement"}, "name": "settled"}
    layout = laid_out(terms(CLAUSES[0], settled, payment_days=45))
    years = {leg.name: leg.cap_years.tolist() for leg in layout.legs}  # type: ignore[union-attr]
    assert (years["leg0"][3], years["settled"][3]) == (2026, 2027)  # the fourth quarter is paid in February
    assert layout.schedule.cap_years.tolist() == years["leg0"]


def test_periods_that_fix_before_the_paths_begin_are_settled_not_valued() -> None:
    with pytest.raises(TermsError, match="2026-Q1 fixes before 2026-02"):
        laid_out(terms(CLAUSES[0]), "2026-02")
