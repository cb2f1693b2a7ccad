"""The ladder from ore to magnet: worked cases, laws, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pricing.errors import TermsError
from pricing.stages.ladder import STAGES, Conversion, Ladder, Other, Separation, Stage

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/stages.yaml").read_text())
CENT, TINY = Decimal("0.01"), Decimal("1E-15")


def cents(value: Decimal) -> str:
    return str(value.quantize(CENT, ROUND_HALF_UP))


def others_of(case: dict[str, Any]) -> tuple[Other, ...]:
    return tuple(Other(name, Decimal(kg), Decimal(usd)) for name, (kg, usd) in case.get("others", {}).items())


def conversion_of(case: dict[str, Any]) -> Conversion:
    recovery, toll = Decimal(case.get("recovery", 1)), Decimal(case.get("toll", 0))
    return Conversion(Decimal(case["kg_in"]), recovery, toll, others_of(case))


@pytest.mark.parametrize("case", CASES["conversions"], ids=lambda case: case["name"])
def test_a_stage_costs_what_goes_in_what_is_lost_and_the_toll(case: dict[str, Any]) -> None:
    assert cents(conversion_of(case).up(Decimal(case["below"]))) == case["above"]


@pytest.mark.parametrize("case", CASES["carbonates"], ids=lambda case: case["name"])
def test_a_carbonate_fetches_what_is_payable_of_its_basket(case: dict[str, Any]) -> None:
    recovery, toll = Decimal(case.get("recovery", 1)), Decimal(case.get("toll", 0))
    step = Separation(Decimal(case["share"]), Decimal(case["payable"]), recovery, toll, others_of(case))
    oxide = Decimal(case["oxide"])
    assert (cents(step.basket(oxide)), cents(step.down(oxide))) == (case["basket"], case["paid"])


PRICES = st.decimals(Decimal("0.01"), Decimal(5_000), places=4)
SHARES = st.decimals(Decimal("0.05"), Decimal(1), places=4)
TOLLS = st.decimals(Decimal(0), Decimal(100), places=2)
OTHERS = st.lists(
    st.builds(Other, st.just("Dy"), st.decimals(Decimal(0), Decimal("0.05"), places=4), PRICES), max_size=2
).map(tuple)


def conversions(low: str, high: str) -> st.SearchStrategy[Conversion]:
    ratios = st.decimals(Decimal(low), Decimal(high), places=6)
    return st.builds(Conversion, ratios, SHARES, TOLLS, OTHERS)


SEPARATIONS = st.builds(
    Separation, st.decimals(Decimal("0.05"), Decimal("0.5"), places=4), SHARES, SHARES, TOLLS, OTHERS
)
LADDERS = st.builds(
    lambda *steps: Ladder(dict(zip(STAGES[1:], steps, strict=True))),
    conversions("1", "100"),
    SEPARATIONS,
    conversions("1.1", "1.3"),
    conversions("0.2", "0.4"),
    conversions("1", "2"),
)
STAGE = st.sampled_from(STAGES)


@given(ladder=LADDERS, start=STAGE, end=STAGE, price=PRICES)
def test_up_then_down_is_where_one_started(ladder: Ladder, start: Stage, end: Stage, price: Decimal) -> None:
    back = ladder.prices(end, ladder.prices(start, price)[end])[start]
    assert abs(back - price) <= TINY * (1 + price) * 10**6


@given(ladder=LADDERS, start=STAGE, price=PRICES, more=PRICES)
def test_a_dearer_start_is_dearer_everywhere_by_its_slope(
    ladder: Ladder, start: Stage, price: Decimal, more: Decimal
) -> None:
    low, high, slopes = ladder.prices(start, price), ladder.prices(start, price + more), ladder.slopes(start)
    for stage in STAGES:
        assert high[stage] > low[stage]
        assert abs(high[stage] - low[stage] - slopes[stage] * more) <= TINY * (1 + abs(high[stage]) + abs(low[stage]))


def scaled(step: Conversion | Separation, factor: Decimal) -> Conversion | Separation:
    dearer = tuple(replace(other, usd_per_kg=other.usd_per_kg * factor) for other in step.others)
    return replace(step, toll=step.toll * factor, others=dearer)


@given(ladder=LADDERS, start=STAGE, price=PRICES, factor=st.sampled_from([Decimal(2), Decimal("0.5"), Decimal(7)]))
def test_scaling_every_dollar_scales_every_price(ladder: Ladder, start: Stage, price: Decimal, factor: Decimal) -> None:
    dearer = Ladder({stage: scaled(step, factor) for stage, step in ladder.steps.items()})
    for stage, found in dearer.prices(start, price * factor).items():
        wanted = ladder.prices(start, price)[stage] * factor
        assert abs(found - wanted) <= TINY * (1 + abs(wanted)) * 10**6


@given(step=conversions("1.1", "1.3"), price=PRICES, extra=TOLLS)
def test_a_dearer_toll_costs_the_buyer_above_and_the_seller_below(
    step: Conversion, price: Decimal, extra: Decimal
) -> None:
    dearer = replace(step, toll=step.toll + extra)
    assert dearer.up(price) >= step.up(price)
    assert dearer.down(price) <= step.down(price)


def test_a_missing_step_ends_the_way_and_nothing_is_guessed() -> None:
    ladder = Ladder({Stage.METAL: Conversion(Decimal("1.2")), Stage.MAGNET: Conversion(Decimal(1))})
    assert list(ladder.prices(Stage.OXIDE, Decimal(100))) == [Stage.OXIDE, Stage.METAL]
    assert list(ladder.prices(Stage.MAGNET, Decimal(100))) == [Stage.ALLOY, Stage.MAGNET]
    assert list(ladder.slopes(Stage.CONCENTRATE)) == [Stage.CONCENTRATE]


BAD = [Decimal("NaN"), Decimal("Infinity"), Decimal(-1)]


@pytest.mark.parametrize("bad", BAD)
def test_a_step_that_cannot_be_is_refused_with_every_fault(bad: Decimal) -> None:
    with pytest.raises(TermsError) as refused:
        Conversion(bad, bad, bad)
    assert [fault.path for fault in refused.value.faults] == ["kg_in", "recovery", "toll"]
    with pytest.raises(TermsError) as refused:
        Separation(bad, bad, bad, bad)
    assert [fault.path for fault in refused.value.faults][:4] == ["share", "payable", "recovery", "toll"]
    with pytest.raises(TermsError, match=r"Dy.kg"):
        Other("Dy", bad, Decimal(1))


def test_shares_of_more_than_a_kilogram_are_refused() -> None:
    with pytest.raises(TermsError, match="at most 1 kg per kg TREO"):
        Separation(Decimal("0.9"), Decimal("0.7"), others=(Other("Ce", Decimal("0.2"), Decimal(1)),))


@pytest.mark.parametrize(("recovery", "refused"), [("0", True), ("1.01", True), ("1", False)])
def test_nothing_recovered_and_more_than_went_in_are_refused(recovery: str, refused: bool) -> None:
    if refused:
        with pytest.raises(TermsError, match="recovery"):
            Conversion(Decimal(1), Decimal(recovery))
    else:
        assert Conversion(Decimal(1), Decimal(recovery)).slope == 1
