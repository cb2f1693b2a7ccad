"""The gate lets no version serve that is worse than the champion, and any first version that beats the market."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pricing.errors import DataError, InputError
from training.leaderboard.board import OURS, RECORD, Board, board_of, read_board
from training.leaderboard.gate import reasons_against
from training.leaderboard.limits import limits, missed
from training.leaderboard.scores import Score
from training.leaderboard.settings import IN_TRAINING, Size, seed_of_lessons, size_of

Made = Callable[..., Board]


def test_a_first_version_that_beats_the_market_may_serve_though_it_misses_limits(board_with: Made) -> None:
    board = board_with(factor=1.15)
    assert "rmse_long_run, as_examples" in [limit.name for limit in missed(board)]
    assert reasons_against(board, None) == ()


def test_a_version_worse_than_the_market_never_serves(board_with: Made) -> None:
    (chinese, outer) = reasons_against(board_with(factor=1.5), None)
    assert chinese.startswith("Error over the families with a limit is 0.405; Chinese price as fair comes to 0.2")
    assert "outside price as fair" in outer


def test_the_same_version_again_may_serve(board_with: Made) -> None:
    assert reasons_against(board_with(), board_with()) == ()


def test_the_same_version_may_serve_though_a_distortion_binds_in_few_of_its_twins(board_with: Made) -> None:
    """A quarter of the bootstrap samples of two twins hold none that moved: they have no leakage to compare."""
    board = board_with(families=("as_examples",))
    parts = np.array([[1e-4, 0.0], [1e-2, 0.0], [1e-2, 0.0]])
    found = {**board.ours["as_examples"], "leak_more_subsidy": Score("leak", parts)}
    seldom = replace(board, ours={"as_examples": found})
    assert reasons_against(seldom, seldom) == ()
    worse = {**found, "leak_more_subsidy": Score("leak", parts * np.array([[9.0], [1.0], [1.0]]))}
    (reason,) = reasons_against(replace(board, ours={"as_examples": worse}), seldom)
    assert "leak_more_subsidy 0.300 against 0.100, by at least 0.200" in reason


def test_a_better_version_may_serve(board_with: Made) -> None:
    assert reasons_against(board_with(factor=1.02, leak=0.02, width=0.1), board_with()) == ()


@pytest.mark.parametrize(
    ("change", "score"),
    [({"factor": 1.09}, "rmse_long_run"), ({"leak": 0.2}, "leak_more_subsidy"), ({"width": 0.3}, "interval_score80")],
)
def test_a_version_worse_in_one_respect_does_not_serve_and_the_reason_names_it(
    board_with: Made, change: dict[str, float], score: str
) -> None:
    found = reasons_against(board_with(**change), board_with())
    assert any(f": {score} " in reason and "as_examples" in reason for reason in found)


def test_a_version_worse_by_less_than_the_slack_may_serve(board_with: Made) -> None:
    assert reasons_against(board_with(factor=1.055), board_with()) == ()


def test_a_limit_once_kept_has_to_be_kept(board_with: Made) -> None:
    champion, board = board_with(factor=1.12), board_with(factor=1.137)
    reasons = [one for one in reasons_against(board, champion) if one.startswith("Limit")]
    assert reasons == [
        "Limit broken that the champion keeps (0.113): rmse_long_run, as_examples: 0.128, allowed to 0.125."
    ]


def test_on_other_economies_only_a_gap_between_the_intervals_counts(board_with: Made) -> None:
    champion = board_with()
    elsewhere = replace(champion, economies=dict.fromkeys(champion.economies, "others"))
    assert reasons_against(board_with(factor=1.05), elsewhere) == ()
    found = reasons_against(board_with(factor=1.15), elsewhere)
    assert found
    assert all(reason.startswith("Worse than the champion") for reason in found)


def test_a_version_judged_on_fewer_families_does_not_serve(board_with: Made) -> None:
    (reason,) = reasons_against(board_with(families=["as_examples"]), board_with())
    assert reason == "The champion is judged on poor_data as well."


def test_a_version_without_a_number_does_not_serve(board_with: Made) -> None:
    board = board_with()
    silent = dict(board.ours["poor_data"])
    del silent["coverage80"]
    silent["rmse_short_run"] = Score("root", np.array([[0.01, np.nan]]))
    (reason,) = reasons_against(replace(board, ours={**board.ours, "poor_data": silent}), None)
    assert reason == "The estimator gives no number for rmse_short_run, coverage80 on poor_data."


def test_a_number_to_reach_that_cannot_be_had_is_missed(board_with: Made) -> None:
    board = board_with()
    lost = board.table.copy()
    lost.loc[(lost["peer"] == OURS) & (lost["score"] == "coverage80"), "value"] = np.nan
    names = {limit.name for limit in missed(replace(board, table=lost))}
    assert {"coverage80, as_examples", "coverage80, poor_data"} <= names


def test_coverage_is_limited_on_both_sides(board_with: Made) -> None:
    for width, expected in ((0.01, 0.0), (1.0, 1.0)):
        (found,) = [one for one in limits(board_with(width=width)) if one.name == "coverage80, as_examples"]
        assert (found.found, found.met, found.aimed) == (expected, False, False)


def test_a_board_read_back_is_judged_as_the_one_written(board_with: Made, tmp_path: Path) -> None:
    board = board_with(factor=1.13)
    board.write(tmp_path)
    again = read_board(tmp_path)
    assert (again.size, again.economies, again.families) == (board.size, board.economies, board.families)
    assert limits(again) == limits(board)
    worse = board_with(factor=1.2, leak=0.3)
    assert reasons_against(worse, again) == reasons_against(worse, board) != ()


def test_a_torn_record_is_refused_in_one_line(board_with: Made, tmp_path: Path) -> None:
    board_with().write(tmp_path)
    (tmp_path / RECORD).write_text((tmp_path / RECORD).read_text()[:200])
    with pytest.raises(DataError, match=r"^leaderboard\.json: .*Run it again\.$"):
        read_board(tmp_path)


def test_no_judged_economy_is_one_that_peers_learn_from() -> None:
    with pytest.raises(InputError, match="peers learn from it"):
        Size(4, 2, 10, seed_of_lessons())
    assert size_of(IN_TRAINING).seed != seed_of_lessons()


def test_fewer_than_no_economies_are_refused() -> None:
    with pytest.raises(InputError, match="economies"):
        size_of(IN_TRAINING, -1)


def test_a_version_without_a_leaderboard_does_not_serve(board_with: Made) -> None:
    empty = board_of([], {}, size_of(IN_TRAINING, 0))
    for champion in (None, board_with()):
        assert reasons_against(empty, champion)[0].startswith("No leaderboard was run")
    assert (empty.metrics(), limits(empty)) == ({}, [])
