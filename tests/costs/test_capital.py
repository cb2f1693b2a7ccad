from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.costs.capital import (
    Build,
    capital_recovery_factor,
    charge_factor,
    real_return,
)
from pricing.errors import DataError

from .conftest import worked

CASES = worked("costs_capital")
RATES = st.floats(0.001, 0.4)
YEARS = st.integers(1, 60)


@pytest.mark.parametrize("years", [20, 30])
def test_the_bare_charge_of_nolans(years: int) -> None:
    bare = CASES["bare"]
    for rate, expected in bare["usd_per_kg"][years].items():
        charge = bare["capex_usd"] / bare["output_kg"] * charge_factor(rate, years)
        assert float(charge) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("case", CASES["honest_factor"], ids=lambda case: case["why"])
def test_the_honest_charge_by_hand(case: dict[str, Any]) -> None:
    factor = charge_factor(case["rate"], case["years"], Build(**case["build"]))
    assert float(factor) == pytest.approx(case["factor"], abs=1e-6)


def test_the_honest_charge_of_nolans_is_about_47_beside_a_bare_30() -> None:
    case = CASES["honest_nolans"]
    rate = real_return(case["nominal"], case["inflation"])
    assert float(rate) == pytest.approx(case["real"], abs=1e-6)
    build = Build(overrun=1.25, construction_years=3, ramp=(0.5, 0.8), tax=0.30, inflation=case["inflation"])
    bare = CASES["bare"]
    charge = bare["capex_usd"] / bare["output_kg"] * charge_factor(rate, case["years"], build)
    assert float(charge) == pytest.approx(case["usd_per_kg"], abs=case["tolerance"])


@given(rate=RATES, years=YEARS)
def test_payments_at_the_recovery_factor_are_worth_one_today(rate: float, years: int) -> None:
    paid = float(capital_recovery_factor(rate, years)) * sum((1 + rate) ** -year for year in range(1, years + 1))
    assert paid == pytest.approx(1, rel=1e-9)


@given(years=YEARS)
def test_at_no_return_capital_comes_back_evenly(years: int) -> None:
    assert float(capital_recovery_factor(0.0, years)) == pytest.approx(1 / years)
    near = np.array([-1e-7, -1e-10, 1e-10, 1e-7])
    assert capital_recovery_factor(near, years) == pytest.approx(1 / years, rel=1e-4)


@given(rate=st.floats(0.02, 0.4))
def test_over_a_very_long_life_only_the_return_is_paid(rate: float) -> None:
    assert float(capital_recovery_factor(rate, 2000)) == pytest.approx(rate, rel=1e-9)


@given(rate=RATES, more=st.floats(0.001, 0.1), years=YEARS)
def test_a_higher_return_or_a_shorter_life_costs_more(rate: float, more: float, years: int) -> None:
    assert capital_recovery_factor(rate + more, years) > capital_recovery_factor(rate, years)
    assert capital_recovery_factor(rate, years) > capital_recovery_factor(rate, years + 1)


@given(
    rate=st.floats(0.01, 0.25),
    overrun=st.floats(1, 2),
    built=st.integers(0, 6),
    first=st.floats(0.2, 1),
    tax=st.floats(0, 0.5),
)
def test_trouble_and_tax_never_make_a_plant_cheaper(
    rate: float, overrun: float, built: int, first: float, tax: float
) -> None:
    build = Build(overrun=overrun, construction_years=built, ramp=(first,), tax=tax, inflation=0.02)
    assert charge_factor(rate, 20, build) >= charge_factor(rate, 20) - 1e-12


@given(rate=st.floats(0.01, 0.25), tax=st.floats(0.05, 0.5))
def test_margins_at_the_honest_charge_pay_the_return_after_tax(rate: float, tax: float) -> None:
    """Year by year: margin x ramp, less tax on margin less depreciation worn by inflation, discounted, equals capex."""
    build = Build(overrun=1.3, construction_years=2, ramp=(0.5, 0.8), tax=tax, inflation=0.02)
    margin = float(charge_factor(rate, 20, build))
    invested = 1.3 * ((1 + rate) ** 1.5 + (1 + rate) ** 0.5) / 2
    worth = 0.0
    for year in range(1, 21):
        output = {1: 0.5, 2: 0.8}.get(year, 1.0)
        depreciation = 1.3 / 20 / 1.02**year
        worth += (margin * output - tax * (margin * output - depreciation)) / (1 + rate) ** year
    assert worth == pytest.approx(invested, rel=1e-9)


@pytest.mark.parametrize(
    "build", [{"overrun": 0}, {"overrun": float("nan")}, {"tax": 1.0}, {"construction_years": -1}, {"ramp": (0.0,)}]
)
def test_an_impossible_build_is_refused(build: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        Build(**build)


def test_a_plant_without_life_or_a_sane_rate_is_refused() -> None:
    with pytest.raises(DataError, match="life"):
        capital_recovery_factor(0.1, 0)
    with pytest.raises(DataError, match="return"):
        capital_recovery_factor(-1.5, 10)
    with pytest.raises(DataError, match="return"):
        capital_recovery_factor(float("nan"), 10)
