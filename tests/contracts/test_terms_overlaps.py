"""Clauses that would pay for the same thing twice are refused; what only looks alike is not."""

from __future__ import annotations

from typing import Any

import pytest

from pricing.errors import TermsError

from .conftest import contract

QUOTED = {"kind": "index", "index": "given", "window": "month", "lag_months": 0}
REFERENCES = {
    "benchmark": QUOTED,
    "same": {**QUOTED, "rounded_to_decimals": 2},
    "later": {**QUOTED, "lag_months": 1},
    "both": {"kind": "combination", "take": "higher", "of": ["benchmark", "later"], "compared": "averages"},
    "likewise": {"kind": "combination", "take": "higher", "of": ["later", "same"], "compared": "averages"},
}
FLOOR = {"kind": "floor", "floor_usd_per_kg": 90}
COLLAR = {"kind": "collar", "floor_usd_per_kg": 90, "cap_usd_per_kg": 130, "share_above_cap": 0.5}
CAP = {"kind": "cap", "cap_usd_per_kg": 130}
TO_SELLER = {"kind": "difference", "strike_usd_per_kg": 110, "direction": "to_seller"}
TO_BUYER = {**TO_SELLER, "direction": "to_buyer"}
PRICE = {"kind": "indexed", "discount_share": 0}
FLOORED = {**PRICE, "floor_usd_per_kg": 90}
FIRST, SECOND = {"to": "2026-01-31"}, {"from": "2026-02-01"}


def share(part: float) -> dict[str, Any]:
    return {"kind": "share", "above_usd_per_kg": 120, "share_above": part}


def faults_of(*rows: dict[str, Any]) -> list[str]:
    clauses = [{"name": f"leg{place}", "reference": "benchmark", **row} for place, row in enumerate(rows)]
    try:
        contract(references=REFERENCES, clauses=clauses)
    except TermsError as refused:
        return [fault.path for fault in refused.faults]
    return []


@pytest.mark.parametrize(
    "rows",
    [
        (FLOORED, FLOOR),
        (FLOOR, FLOOR),
        (FLOOR, COLLAR),
        (FLOOR, TO_SELLER),
        (COLLAR, TO_SELLER),
        (TO_SELLER, {**TO_SELLER, "direction": "two_way"}),
        (FLOOR, {**FLOOR, "reference": "same"}),
        ({**FLOOR, "reference": "both"}, {**FLOOR, "reference": "likewise"}),
    ],
)
def test_cover_against_a_low_price_is_refused_a_second_time(rows: tuple[dict[str, Any], ...]) -> None:
    assert faults_of(*rows) == ["clauses.1.from"]


@pytest.mark.parametrize(
    "rows",
    [
        (CAP, CAP),
        (share(0.6), share(0.5)),
        (CAP, share(0.1)),
        (COLLAR, share(0.6)),
        (TO_BUYER, share(0.1)),
        ({**PRICE, "cap_usd_per_kg": 130}, share(0.1)),
        (share(0.6), {**share(0.5), "reference": "same"}),
        ({**share(0.6), **FIRST}, {**share(0.5), "from": "2026-01-15"}),
    ],
)
def test_shares_above_the_whole_of_a_high_price_are_refused(rows: tuple[dict[str, Any], ...]) -> None:
    assert faults_of(*rows) == ["clauses.1"]


@pytest.mark.parametrize(
    "rows",
    [
        (PRICE, FLOOR, share(0.3)),
        (FLOOR, {**FLOOR, "reference": "later"}),
        ({**FLOOR, **FIRST}, {**FLOOR, **SECOND}),
        (FLOOR, TO_BUYER),
        (TO_SELLER, TO_BUYER),
        (share(0.5), share(0.5)),
        (COLLAR, share(0.5)),
        ({**share(0.6), **FIRST}, {**share(0.5), **SECOND}),
        (FLOOR, CAP),
    ],
)
def test_what_pays_once_is_allowed(rows: tuple[dict[str, Any], ...]) -> None:
    assert faults_of(*rows) == []


def test_a_floor_above_a_cap_under_another_name_of_its_reference_is_refused() -> None:
    assert faults_of({**FLOOR, "floor_usd_per_kg": 140}, {**CAP, "reference": "same"}) == ["clauses.1.floor_usd_per_kg"]
