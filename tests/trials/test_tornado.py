"""The tornado on made-up answers whose slopes, shares and lessons are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from pricing.prior import Prior, PriorRow
from training.tornado import REST, Answer, Doubt, score_of, shares, slopes, tornado

SLOPES = {"cost": 0.3, "elasticity": -0.1, "speed": 0.0}
COUNT = 512
EVEN = np.full(COUNT, 1 / COUNT)
DOUBT = Doubt(edge=0.9, errors=3.0)


@pytest.fixture(scope="module")
def prior() -> Prior:
    rows = [PriorRow(name, 0.5, 1.0, 3.0, "factor", "made up") for name in SLOPES]
    return Prior.from_rows(
        [
            *({field: getattr(row, field) for field in PriorRow.__dataclass_fields__} for row in rows),
            {"name": "fixed", "low": 2, "central": 2, "high": 2, "unit": "years", "source": "made up"},
        ]
    )


def linear(scores: np.ndarray) -> np.ndarray:
    return 4.0 + scores[:, :3] @ np.array(list(SLOPES.values()))


def answer(prior: Prior, weight: np.ndarray = EVEN) -> Answer:
    return Answer(linear(prior.scores(COUNT, 1))[:, None], ("NdPr",), weight, EVEN)


def test_a_linear_answer_gives_its_slopes_back(prior: Prior) -> None:
    scores = prior.scores(COUNT, 1)
    assert slopes(linear(scores), scores[:, :3], EVEN) == pytest.approx(list(SLOPES.values()), abs=1e-10)


def test_swings_are_what_the_price_does_at_the_tenth_and_ninetieth_percentile(prior: Prior) -> None:
    """exp(0.3 x 1.2816) - 1 = 46.9 % and exp(-0.3 x 1.2816) - 1 = -31.9 %."""
    found = tornado(answer(prior), prior.draw(COUNT, 1), prior, DOUBT).set_index("parameter")
    assert found.loc["cost", ["swing_low", "swing_high"]].tolist() == pytest.approx([-0.319, 0.469], abs=5e-4)
    assert found.loc["elasticity", "swing_low"] > 0 > found.loc["elasticity", "swing_high"]


def test_shares_are_squared_slopes_over_their_sum_where_nothing_was_learnt(prior: Prior) -> None:
    """0.09 and 0.01 of 0.10."""
    found = tornado(answer(prior), prior.draw(COUNT, 1), prior, DOUBT).set_index("parameter")["share"]
    assert found[["cost", "elasticity", "speed", REST]].tolist() == pytest.approx([0.9, 0.1, 0.0, 0.0], abs=0.02)


def test_shares_and_the_rest_add_up_to_one_on_a_crooked_answer(prior: Prior) -> None:
    scores = prior.scores(COUNT, 1)
    crooked = Answer((linear(scores) + 0.2 * scores[:, 0] ** 2)[:, None], ("Dy",), EVEN, EVEN)
    found = tornado(crooked, prior.draw(COUNT, 1), prior, DOUBT)
    assert found["share"].sum() == pytest.approx(1.0, abs=1e-12)
    assert found.set_index("parameter")["share"][REST] > 0.1


def test_a_share_can_fall_below_nothing_where_the_posterior_ties_two_parameters() -> None:
    scores = np.array([[1.0, 0.9], [-1.0, -0.9], [0.5, 0.6], [-0.5, -0.6]])
    slope = np.array([1.0, -0.5])
    assert shares(scores @ slope, scores, slope, np.full(4, 0.25))[1] < 0


def test_what_the_data_taught_is_identified_and_nothing_else_is(prior: Prior) -> None:
    scores = prior.scores(COUNT, 1)
    weight = np.exp(-2.0 * (scores[:, 1] - 0.5) ** 2)
    found = tornado(answer(prior, weight / weight.sum()), prior.draw(COUNT, 1), prior, DOUBT)
    assert dict(zip(found["parameter"], found["identified"], strict=True)) == {
        "cost": 0.0,
        "elasticity": 1.0,
        "speed": 0.0,
        REST: pytest.approx(np.nan, nan_ok=True),
    }


def test_an_even_posterior_teaches_nothing(prior: Prior) -> None:
    found = tornado(answer(prior), prior.draw(COUNT, 1), prior, DOUBT)
    assert found["identified"].dropna().sum() == 0


def test_a_prior_with_one_side_only_is_compared_with_itself() -> None:
    """All values below the centre stand at it, so mean and spread of the scores are not those of a normal."""
    rows = {"limit": PriorRow("limit", 1.0, 1.0, 2.0, "factor", "made up")}
    prior = Prior(rows)
    draws = prior.draw(COUNT, 1)
    one_sided = Answer(np.log(draws["limit"])[:, None], ("NdPr",), EVEN, EVEN)
    assert tornado(one_sided, draws, prior, DOUBT)[["shift", "spread", "identified"]].iloc[0].tolist() == [0, 1, 0]


def test_a_parameter_held_fixed_has_no_line(prior: Prior) -> None:
    found = tornado(answer(prior), prior.draw(COUNT, 1), prior, DOUBT)
    assert found["parameter"].tolist() == ["cost", "elasticity", "speed", REST]


@pytest.mark.parametrize("positive", [True, False])
def test_a_score_is_where_the_prior_has_the_value(positive: bool) -> None:
    row = PriorRow("x", 0.5, 1.0, 3.0, "factor", "made up", positive)
    scores = norm.ppf(np.linspace(0.01, 0.99, 9))
    assert score_of(row, row.at(scores)) == pytest.approx(scores, abs=1e-12)


def test_a_side_without_width_scores_nothing() -> None:
    row = PriorRow("limit", 1.0, 1.0, 2.0, "factor", "made up")
    assert score_of(row, row.at(np.array([-1.0, 0.0, 1.0]))) == pytest.approx([0.0, 0.0, 1.0])
