"""Contracts whose payments no price moves are worth the plain present value, under every outlook."""

from __future__ import annotations

from typing import Any

import pytest

from serving.contracts.valuations.documentation import BY_STATES, FLAT_100, ONE_KG, ONE_YEAR_AHEAD, UNDISCOUNTED, terms

from .conftest import Door
from .test_templates import PAID_IN, TEN_X

FIXED = {"kind": "fixed", "name": "p", "price_usd_per_kg": 110}
OUTLOOKS: list[dict[str, Any]] = [{"kind": "states", "usd_per_kg": [80, 120]}, FLAT_100, ONE_YEAR_AHEAD]


def of(contract: dict[str, Any], outlook: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"contract": contract, "outlook": outlook, "parties": UNDISCOUNTED} | more


@pytest.mark.parametrize("outlook", OUTLOOKS, ids=lambda one: str(one["kind"]))
def test_a_kilogram_at_a_fixed_price_of_110_is_worth_110_under_every_outlook(
    door: Door, outlook: dict[str, Any]
) -> None:
    found = door("valuation", of(terms(FIXED, **ONE_KG), outlook))
    assert [one["value_usd"] for one in found["values"]] == [110.0, -110.0]
    assert found["total_usd"] == 110.0
    assert any("No price moves" in words for words in found["assumptions"])


@pytest.mark.parametrize("outlook", OUTLOOKS[:2], ids=lambda one: str(one["kind"]))
def test_goods_at_a_fixed_price_are_held_against_a_reference_that_no_clause_names(
    door: Door, outlook: dict[str, Any]
) -> None:
    # 110 less the mean of 80 and 120, or less the deck of 100
    found = door("valuation", of(terms(FIXED, **ONE_KG), outlook, alternative="benchmark"))
    assert found["values"][0]["value_usd"] == pytest.approx(10.0, abs=0.01)


def test_a_year_without_prices_beside_one_with_prices_adds(door: Door) -> None:
    floor = dict(BY_STATES["contract"])
    one = door("valuation", of(floor, OUTLOOKS[0]))["values"][0]["value_usd"]
    fixed = terms(FIXED, **ONE_KG, name="goods")
    for both in ([fixed, floor], [floor, fixed]):
        body = {"contracts": both, "outlook": OUTLOOKS[0], "parties": UNDISCOUNTED}
        assert door("valuation", body)["values"][0]["value_usd"] == pytest.approx(one + 110)


def test_the_ten_x_guarantee_with_its_measured_figures_is_the_sum_of_what_it_pays(bare: Any) -> None:
    # Question 10: 140 million a year from 2029, 2 % more each year from the second: 140 x (1.02 ** 10 - 1) / 0.02
    filled = bare.post("/v1/contracts/templates/mp_10x_guarantee", json={"inputs": TEN_X | PAID_IN}).json()
    facts = {"as_of": "2028-07-01", "measured_usd_by_year": {str(year): 0 for year in range(2029, 2039)}}
    sent = of(filled["contract"], OUTLOOKS[0], facts=facts)
    found = bare.post("/v1/contracts/valuations", json=sent).json()
    assert found["values"][0]["value_usd"] == pytest.approx(140e6 * (1.02**10 - 1) / 0.02, abs=20)
