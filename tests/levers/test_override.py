"""What an override comes to, and when evidence no longer reaches it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.errors import DataError
from pricing.levers import Lever, Levers, Override, Preset, Way


def of(levers: Levers, baselines: Mapping[str, float], name: str, way: Way, amount: float) -> Override:
    return Override(levers.rows[name], way, amount, baselines[name])


@pytest.mark.parametrize(("way", "amount"), [(Way.SET, 12.0), (Way.SCALE, 1.2), (Way.ADD, 2.0)])
def test_three_ways_to_say_twelve_dollars_an_hour(
    way: Way, amount: float, levers: Levers, baselines: Mapping[str, float]
) -> None:
    found = of(levers, baselines, "wages.china", way, amount)
    assert found.value == pytest.approx(12.0)
    assert found.lever.beyond(found.value, found.baseline) == 0  # 1.2 x 10 is the edge of the evidence


def test_wages_doubled_and_trebled_differ_and_are_both_beyond_the_evidence(
    levers: Levers, baselines: Mapping[str, float]
) -> None:
    double, treble = (of(levers, baselines, "wages.china", Way.SCALE, times) for times in (2.0, 3.0))
    assert (double.value, treble.value) == (20.0, 30.0)
    beyond = [found.lever.beyond(found.value, found.baseline) for found in (double, treble)]
    assert beyond == pytest.approx([8 / 7, 18 / 7])  # widths of 5 to 12 USD/h


def test_a_range_in_ratios_is_told_in_the_unit_of_the_lever(levers: Levers) -> None:
    wages = levers.rows["wages.china"]
    assert wages.range(10.0) == pytest.approx((5.0, 12.0))
    assert wages.bounds(10.0) == pytest.approx((0.5, 200.0))


def test_a_ratio_to_nothing_is_sensible_for_nothing_alone(levers: Levers) -> None:
    wages = levers.rows["wages.china"]
    assert wages.sensible(0.0, baseline=0.0)
    assert not wages.sensible(1.0, baseline=0.0)


@given(amount=st.floats(0.05, 20.0))
def test_what_is_within_the_evidence_is_sensible(amount: float, levers: Levers) -> None:
    wages = levers.rows["wages.china"]
    assert wages.sensible(10 * amount, 10.0) or not wages.within(10 * amount, 10.0)


def test_a_lever_whose_evidence_lies_beyond_its_bounds_is_refused(levers: Levers) -> None:
    row = levers.plain()[0] | {"low": 0.01}
    with pytest.raises(DataError, match="least <= low"):
        Levers.from_rows([row])


def test_a_lever_that_moves_nothing_is_refused(levers: Levers) -> None:
    with pytest.raises(DataError, match="a target"):
        Levers.from_rows([levers.plain()[0] | {"targets": []}])


def test_a_preset_without_its_assumption_is_refused() -> None:
    with pytest.raises(DataError, match="note"):
        Preset("quick", "Quick", ({"lever": "quota.mining", "scale": 1.1},), "by hand", "2026-02", note="")


def test_an_override_between_two_months_is_dated(levers: Levers) -> None:
    wages: Lever = levers.rows["wages.all"]
    assert Override(wages, Way.SET, 1.1, 1.0, "2027-01", "2027-12").dated
    assert not Override(wages, Way.SET, 1.1, 1.0).dated
