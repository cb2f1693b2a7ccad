"""The closed form of a quarter that runs: known months come off the strike."""

from __future__ import annotations

from typing import Any

import pytest

from pricing.contracts.valuation.closed_form import caplet, floorlet, probability_below

from .test_values_add import fixings, floor, valued

LOGNORMAL = {"kind": "lognormal", "forward_usd_per_kg": 100, "volatility": 0.4, "paths": 65_536}
TO_FIRST_FIXING = 0.4 * (1 / 12) ** 0.5
SHARE = {"kind": "share", "name": "share", "reference": "b", "above_usd_per_kg": 110, "share_above": 0.5}


def running(first: float, second: float) -> dict[str, Any]:
    """Return the value at the end of August of a quarter whose first two months fixed, paid in October."""
    contract = floor(**{"from": "2026-07-01", "to": "2026-09-30"}, settlement="quarterly", payment_days=30)
    contract["clauses"].append(SHARE)
    facts = {"as_of": "2026-08-31", "indices": fixings(m2026_07=first, m2026_08=second)}
    return valued(LOGNORMAL, contract, facts=facts)


@pytest.mark.parametrize(("first", "second"), [(160.0, 90.0), (100.0, 100.0), (300.0, 200.0)])
def test_a_floor_and_a_share_with_one_open_month_are_a_third_of_the_option_on_that_month(
    first: float, second: float
) -> None:
    # 300 t a quarter: max(0, 110 - (first + second + x) / 3) is a third of max(0, 330 - first - second - x)
    strike = 330 - first - second
    kg_today = 300_000 / 3 / 1.1 ** (2 / 12)
    found = running(first, second)
    below = float(floorlet(100.0, TO_FIRST_FIXING, strike)) if strike > 0 else 0.0
    above = float(caplet(100.0, TO_FIRST_FIXING, strike)) if strike > 0 else 100 - strike
    short = float(probability_below(100.0, TO_FIRST_FIXING, strike)) if strike > 0 else 0.0
    legs = {leg["name"]: leg for leg in found["legs"]}
    assert legs["floor_one"]["value_to_seller_usd"] == pytest.approx(kg_today * below, abs=0.01)
    assert legs["share"]["value_to_seller_usd"] == pytest.approx(-0.5 * kg_today * above, abs=0.01)
    assert legs["floor_one"]["binding_probability"] == pytest.approx(short, abs=1e-6)
    assert legs["share"]["binding_probability"] == pytest.approx(1 - short, abs=1e-6)
    for row in found["closed_form"]:
        assert row["exact"]
        assert row["simulated_usd"] == pytest.approx(row["closed_form_usd"], rel=0.01, abs=1.0)


def test_a_known_reference_at_the_strike_lies_on_neither_side() -> None:
    contract = floor(to="2026-02-28")
    contract["clauses"].append(SHARE)
    facts = {"as_of": "2026-01-31", "indices": fixings(m2026_01=110.0)}
    months = valued(LOGNORMAL, contract, facts=facts)["periods"]
    assert [months[0]["legs"][name]["binding_probability"] for name in ("floor_one", "share")] == [0.0, 0.0]
