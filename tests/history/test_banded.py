import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.banded import Banded, joined, total
from pricing.market.history import Evidence


def band(value: float, low: float, high: float, evidence: Evidence = Evidence.DERIVED) -> Banded:
    return Banded.of([np.array([x]) for x in (value, low, high)], np.array([evidence.value], dtype=object))


bands = st.tuples(st.floats(0.1, 1e6), st.floats(0, 1), st.floats(1, 5)).map(
    lambda t: band(t[0], t[0] * t[1], t[0] * t[2])
)


@given(one=bands, other=bands)
def test_a_sum_lies_in_its_band_and_is_surer_than_its_edges_added(one: Banded, other: Banded) -> None:
    both = one.plus(other)
    assert both.value == one.value + other.value
    assert one.low + other.low <= both.low * (1 + 1e-12) + 1e-9
    assert both.low <= both.value <= both.high <= (one.high + other.high) * (1 + 1e-12)


@given(one=bands, other=bands)
def test_a_product_lies_in_its_band(one: Banded, other: Banded) -> None:
    both = one.times(other)
    assert both.low <= both.value <= both.high
    assert both.value == one.value * other.value


@given(one=bands, factor=st.floats(0, 100))
def test_scaling_a_quantity_scales_its_band(one: Banded, factor: float) -> None:
    assert one.scaled(factor).high == one.high * factor


def test_a_band_that_reaches_nothing_still_reaches_nothing_in_a_product() -> None:
    assert band(5, 0, 8).times(band(2, 1, 3)).low == 0


def test_a_product_of_nothing_keeps_how_large_it_could_be() -> None:
    assert band(0, 0, 8).times(band(2, 1, 3)).high == 24


def test_a_product_is_as_weak_as_its_weakest_factor() -> None:
    assert band(1, 1, 1, Evidence.OBSERVED).times(band(1, 1, 1, Evidence.PRIOR)).evidence[0] == "prior"


@pytest.mark.parametrize(("priors", "mark"), [(2.0, "observed"), (4.0, "prior")])
def test_a_sum_takes_the_mark_of_what_makes_a_quarter_of_it(priors: float, mark: str) -> None:
    parts = [band(10, 10, 10, Evidence.OBSERVED), band(priors, priors, priors, Evidence.PRIOR)]
    assert total(parts).evidence[0] == mark


def test_between_two_years_the_weaker_evidence_counts() -> None:
    years = joined([band(1, 1, 1, Evidence.OBSERVED), band(3, 3, 3, Evidence.PRIOR)])
    at = years.spread(np.array([2010.5, 2011.5]), np.array([2010.5, 2011.0, 2012.0]))
    assert at.value.tolist() == [1.0, 2.0, 3.0]
    assert at.evidence.tolist() == ["observed", "prior", "prior"]
