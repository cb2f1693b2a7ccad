from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pricing.explain.divisia import Floats, Priced, log_mean, parts

CASES = yaml.safe_load((Path(__file__).parents[1] / "worked_cases" / "explain_divisia.yaml").read_text())
POSITIVE = st.floats(0.01, 100.0)
SUMS_TO = 1e-9


def one_month(numbers: dict[str, float]) -> Priced:
    cells = np.array([[numbers["x1"], numbers["x2"]]])
    return Priced({"f": np.array([numbers["f"]])}, {"x": cells})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_parts_are_those_worked_out_by_hand(case: dict[str, Any]) -> None:
    found = parts(one_month(case["before"]), one_month(case["after"]), "x")
    assert found["f"][0] == pytest.approx(case["parts"]["f"], abs=1e-5)
    np.testing.assert_allclose(found["x"][0], [case["parts"]["x1"], case["parts"]["x2"]], atol=1e-5)


@st.composite
def prices(draw: st.DrawFn) -> Priced:
    """Return two months of a price of two factors and 3 x 2 cells of two factors; a cell may be nil."""
    level = hnp.arrays(float, 2, elements=POSITIVE)
    each = hnp.arrays(float, (2, 3, 2), elements=st.one_of(st.just(0.0), POSITIVE))
    cells = draw(each)
    cells[:, 0, 0] = draw(hnp.arrays(float, 2, elements=POSITIVE))  # a price is never nil
    return Priced(
        {"f": draw(level), "g": draw(level)}, {"u": cells, "w": draw(hnp.arrays(float, (2, 3, 1), elements=POSITIVE))}
    )


def added(found: dict[str, Floats]) -> Floats:
    return np.sum([value.reshape(len(value), -1).sum(axis=1) for value in found.values()], axis=0)


@given(before=prices(), after=prices())
def test_the_parts_add_up_to_the_change(before: Priced, after: Priced) -> None:
    missed = added(parts(before, after, "w")) - (after.total - before.total)
    assert np.all(np.abs(missed) <= SUMS_TO * np.maximum(1.0, np.maximum(after.total, before.total)))


@given(before=prices(), after=prices())
def test_turning_time_round_turns_every_sign(before: Priced, after: Priced) -> None:
    there, back = parts(before, after, "w"), parts(after, before, "w")
    for name, value in there.items():
        np.testing.assert_allclose(value, -back[name], rtol=1e-7, atol=1e-7)


@given(price=prices())
def test_what_does_not_move_adds_nothing(price: Priced) -> None:
    for value in parts(price, price, "w").values():
        assert not value.any()


@given(before=prices(), factor=POSITIVE)
def test_a_factor_that_moves_alone_takes_the_whole_change(before: Priced, factor: float) -> None:
    after = Priced({**before.factors, "f": before.factors["f"] * factor}, before.cells)
    found = parts(before, after, "w")
    np.testing.assert_allclose(found["f"], after.total - before.total, rtol=1e-9, atol=1e-9)
    assert not found["g"].any()
    assert not found["u"].any()


@given(one=POSITIVE, other=POSITIVE)
def test_the_logarithmic_mean_lies_between_geometric_and_arithmetic(one: float, other: float) -> None:
    found = float(log_mean(np.array(one), np.array(other)))
    assert np.sqrt(one * other) * (1 - 1e-9) <= found <= (one + other) / 2 * (1 + 1e-9)
