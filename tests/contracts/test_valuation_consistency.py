"""The law that valuation stands on: on a path that is a history, legs pay what a settlement on that history pays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from pricing.contracts.periods import months_between
from pricing.contracts.settlement import settle
from pricing.contracts.settlement_layout import Layout, Paths, layout_of
from pricing.contracts.settlement_plan import plan
from pricing.contracts.settlement_table import Settled
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.reading import read
from pricing.contracts.valuation.legs import Payer
from pricing.errors import TermsError

from .conftest import CASES, contract_row, facts

MONTHS = list(months_between("2024-01", "2029-12"))
CENT = 0.006  # half a cent of rounding, and what a float adds to it
PRICES = st.lists(st.integers(2_000, 30_000), min_size=len(MONTHS), max_size=len(MONTHS))
REFERENCES = ("benchmark", "achieved", "both")


@st.composite
def caps(draw: st.DrawFn) -> dict[str, Any]:
    usd = draw(st.sampled_from([0, 500_000, 3_000_000, 20_000_000]))
    return {
        "usd_per_year": usd,
        "year_of": draw(st.sampled_from(["delivery", "settlement"])),
        "partial_year": draw(st.sampled_from(["scales", "whole"])),
    }


ESCALATORS = st.sampled_from([
    {"kind": "fixed", "share_per_year": Decimal("0.02"), "first_escalation_year": 2},
    {"kind": "index", "price_index": "cpi", "base_month": "2025-06", "lag_months": 2, "pass_through_share": 0.8,
     "struck_every": "year"},
    {"kind": "index", "price_index": "cpi", "base_month": "2025-06", "lag_months": 1, "pass_through_share": 1,
     "struck_every": "period"},
])  # fmt: skip
DAYS = st.sampled_from([{}, {"from": "2026-08-15"}, {"to": "2027-02-10"}, {"from": "2026-03-10", "to": "2027-11-20"}])
CARBONATE = {
    "oxide_kg_per_kg_treo": {"benchmark": 0.22, "achieved": 0.05}, "payable_share": 0.7, "moisture_share": 0.05,
    "treo_share": 0.5, "penalties": [{"reason": "thorium", "usd_per_kg": 25}],
}  # fmt: skip
LOW, HIGH = st.integers(60, 110), st.integers(110, 170)


@st.composite
def goods(draw: st.DrawFn, rule: str | None) -> dict[str, Any]:
    kind = draw(st.sampled_from(["fixed", "indexed", "indexed", "carbonate"]))
    if kind == "fixed":
        return {"kind": kind, "price_usd_per_kg": draw(HIGH)}
    if kind == "carbonate":
        return {"kind": kind, **CARBONATE}
    row = {"kind": kind, "discount_share": draw(st.sampled_from([0, 0.03, -0.02, 1])), "discount_rule": rule}
    row |= draw(st.sampled_from([{}, {"added_usd_per_kg": -4}, {"added_usd_per_kg": 6.5}]))
    bounds = {} if rule == "undiscounted_index" else {"floor_usd_per_kg": draw(LOW), "cap_usd_per_kg": draw(HIGH)}
    return row | draw(st.sampled_from([{}, bounds]))


@st.composite
def differences(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Each kind of difference at most once, and at most one floor for any reference."""
    rows: list[dict[str, Any]] = []
    for kind in draw(st.lists(st.sampled_from(["floor", "cap", "collar", "difference", "share"]), unique=True)):
        numbers = {
            "floor": lambda: {"floor_usd_per_kg": draw(LOW)},
            "cap": lambda: {"cap_usd_per_kg": draw(HIGH)},
            "collar": lambda: {"floor_usd_per_kg": draw(LOW), "cap_usd_per_kg": draw(HIGH), "share_above_cap": 0.4},
            "difference": lambda: {
                "strike_usd_per_kg": draw(HIGH),
                "direction": draw(st.sampled_from(["two_way", "to_seller", "to_buyer"])),
            },
            "share": lambda: {"above_usd_per_kg": draw(HIGH), "share_above": 0.3},
        }[kind]()
        rows.append({"kind": kind, **numbers})
    return rows


@st.composite
def clauses(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = draw(differences())
    rule = draw(st.sampled_from(["undiscounted_index", "floored_price", "greater_of"]))
    if draw(st.booleans()):
        rows.append(draw(goods(rule)))
    return [{"name": f"{row['kind']}_{place}"} | row | draw(conditions(row)) for place, row in enumerate(rows)]


@st.composite
def conditions(draw: st.DrawFn, row: dict[str, Any]) -> dict[str, Any]:
    """What holds a clause back: days, a cap, a start by price or by event; and how its level moves."""
    found: dict[str, Any] = dict(draw(DAYS))
    if row["kind"] not in {"fixed", "carbonate"}:
        found["reference"] = draw(st.sampled_from(REFERENCES))
        if draw(st.booleans()):
            found["starts_above"] = {"average_usd_per_kg": draw(LOW), "over_periods": draw(st.integers(1, 5))}
    found |= {"annual_cap": draw(caps())} if draw(st.booleans()) else {}
    found |= {"escalator": draw(ESCALATORS)} if draw(st.booleans()) else {}
    return found | ({"starts_with": "ramp"} if draw(st.integers(0, 4)) == 0 else {})


@st.composite
def quotations(draw: st.DrawFn) -> dict[str, Any]:
    rule = {
        "kind": "index",
        "window": draw(st.sampled_from(["month", "quarter", "year"])),
        "lag_months": draw(st.integers(-2, 2)),
    }
    return rule | draw(st.sampled_from([{}, {"rounded_to_decimals": 2}, {"rounded_to_decimals": 0}]))


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    both = {
        "kind": "combination",
        "take": draw(st.sampled_from(["higher", "lower", "mean"])),
        "of": ["benchmark", "achieved"],
        "compared": draw(st.sampled_from(["averages", "months"])),
    }
    references = {
        "benchmark": draw(quotations()) | {"index": "given"},
        "achieved": draw(quotations()) | {"index": "own"},
    }
    row = {
        "from": draw(st.sampled_from(["2026-01-01", "2025-11-12"])),
        "to": "2028-03-31",
        "settlement": draw(st.sampled_from(["monthly", "quarterly"])),
        "payment_days": draw(st.sampled_from([15, 60])),
        "volume": {"basis": "sold", "tonnes_per_year": draw(st.integers(100, 7_000))},
        "references": references | {"both": both},
        "clauses": draw(clauses()),
    }
    row |= draw(st.sampled_from([{}, {"take_or_pay": TAKE_OR_PAY}, {"guarantee": GUARANTEE}]))
    row |= draw(st.sampled_from([{}, {"interruptions": [FORCE_MAJEURE]}]))
    return without_overlaps(row)


def without_overlaps(row: dict[str, Any]) -> Contract:
    """The contract without the clauses that would pay for the same thing twice."""
    assume(row["clauses"] or "take_or_pay" in row or "guarantee" in row)
    try:
        return read(contract_row(**row), Contract)
    except TermsError as refused:
        twice = {int(fault.path.split(".")[1]) for fault in refused.faults}
    return without_overlaps({**row, "clauses": [one for n, one in enumerate(row["clauses"]) if n not in twice]})


TAKE_OR_PAY = {"take_share": 0.8, "deficiency_usd_per_kg": 12, "make_up_years": 2, "make_up_price": "current",
               "partial_year": "scales"}  # fmt: skip
GUARANTEE = {"measure": "ebitda", "usd_per_year": 1_000_000, "partial_year": "scales"}
FORCE_MAJEURE = {"cause": "force_majeure", "suspends_delivery": True, "suspends_difference": True, "borne_by": "nobody"}
YEARS = {str(year): 500 for year in range(2025, 2029)}
RISING = {month: 100 + place * Decimal("0.3") for place, month in enumerate(MONTHS)}


def history(terms: Contract, given: list[int], own: list[int]) -> Facts:
    fixings = [dict(zip(MONTHS, (Decimal(cents) / 100 for cents in prices), strict=True)) for prices in (given, own)]
    stops = [{"cause": "force_majeure", "from": "2026-05-20", "to": "2026-07-03"}] if terms.interruptions else []
    told = facts(
        fixings[0],
        indices={"own": {**CASES["flat"], "fixings": fixings[1]}},
        price_indices={"cpi": {"levels": RISING}},
        events={"ramp": "2026-10-20"},
        measured_usd_by_year=YEARS,
        stops=stops,
    )
    return replace(told, taken_tonnes_by_year=taken(terms, told))


def taken(terms: Contract, told: Facts) -> dict[str, Decimal]:
    """The tonnes that the plan prices, by year: goods are taken as they are delivered."""
    laid_out, found = plan(terms, told), dict[str, Decimal]()
    for period, tonnes in zip(laid_out.periods, laid_out.tonnes, strict=True):
        year = str(period.last_day.year)
        found[year] = found.get(year, Decimal(0)) + tonnes.priced
    return found if any(clause.PRICES for clause in terms.clauses) else {year: Decimal(500) for year in found}


def paid_on(layout: Layout, prices: np.ndarray) -> dict[str, np.ndarray]:
    """USD to the seller by clause (P, N) on monthly prices of both indices (2, T, N)."""
    references = layout.schedule.references(prices)
    paid: dict[str, np.ndarray] = {}
    for leg in layout.legs:
        sign = -1.0 if leg.payer is Payer.SELLER else 1.0
        clause = leg.name.split(" ")[0]
        paid[clause] = paid.get(clause, 0.0) + sign * leg.payments(references, layout.schedule.cap_years)
    return paid


def settled_by_clause(found: Settled) -> dict[str, np.ndarray]:
    by_clause: dict[str, list[float]] = {}
    for flow in found.periods:
        for leg in flow.legs:
            by_clause.setdefault(leg.clause, []).append(float(leg.usd))
    return {name: np.array(usd) for name, usd in by_clause.items()}


@settings(max_examples=120, deadline=None)
@given(terms=contracts(), first=PRICES, second=PRICES)
def test_on_a_path_that_is_a_history_every_clause_pays_what_it_settles(
    terms: Contract, first: list[int], second: list[int]
) -> None:
    histories = [history(terms, first, second), history(terms, second, first)]
    laid_out = plan(terms, histories[0])
    layout = layout_of(laid_out, histories[0], Paths({"benchmark": 0, "achieved": 1}, MONTHS[0]))
    prices = np.array([[first, second], [second, first]]).transpose(0, 2, 1) / 100
    paid = paid_on(layout, prices)
    for path, known in enumerate(histories):
        found = settle(terms, known)
        for name, usd in settled_by_clause(found).items():
            event(name.split("_")[0])
            off = np.abs(paid[name][:, path] - usd)
            assert (off <= CENT * len(usd) + 1e-9 * np.abs(usd)).all(), (name, off.max())
        for flow in found.years:
            inside = np.array([period.last_day.year == flow.year for period in laid_out.periods])
            assert paid[flow.kind][inside, path].sum() == pytest.approx(float(flow.usd), abs=CENT)
