"""Judged economies are new to everyone who learns, and seen alike by all peers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.synthetic import families
from pricing.market.synthetic import Economies, simulate
from training.leaderboard.board import OURS, OWN, digest
from training.leaderboard.estimates import Estimates, both, chinese
from training.leaderboard.settings import Size, seed_of_lessons
from training.leaderboard.trial import JUDGED, MIXES, RUNGS, WORLD, Field, drawn, economies_of, run, side_by_side

SIZE = Size(2, 1, 3, 5)


@pytest.fixture(scope="module")
def fields() -> list[Field]:
    return drawn(SIZE, 1)


def test_every_family_and_every_rung_is_judged_and_no_mix_that_anybody_learns_from(fields: list[Field]) -> None:
    assert [(field.family, field.observed) for field in fields] == [
        *((family, OWN) for family in JUDGED),
        *((WORLD, rung) for rung in RUNGS),
    ]
    assert not set(JUDGED) & set(MIXES)
    assert set(JUDGED) | set(MIXES) <= set(families())


def test_the_first_economies_come_with_their_twins_and_the_others_alone(fields: list[Field]) -> None:
    assert fields[0].economies.names == (
        "as_examples-00000",
        *(f"as_examples-00000-{twin}" for twin in fields[0].economies.twin[1:5]),
        "as_examples-00001",
    )
    assert fields[-1].economies.twin == ("", "")


def test_the_rungs_of_the_ladder_are_the_same_economies_with_less_to_see(fields: list[Field]) -> None:
    full, yearly, poor = fields[0].economies.take([0, 5]), fields[-2].economies, fields[-1].economies
    seen = [np.isfinite(one.observed["ex_china_price"]).mean() for one in (full, yearly, poor)]
    for rung in (yearly, poor):
        assert np.array_equal(rung.fair_long_run, full.fair_long_run)
    assert len(np.unique(yearly.observed["capacity_china_est"][0])) <= 17 < 190
    assert seen[2] < seen[1] == seen[0] == 1.0


def test_no_peer_learns_from_an_economy_that_is_judged() -> None:
    kind = families()[WORLD]
    judged = economies_of(kind, 2, 0, SIZE.seed)
    lesson = economies_of(kind, 2, 0, seed_of_lessons())
    assert not np.isclose(judged.fair_long_run, lesson.fair_long_run).all(axis=1).any()


def test_what_an_estimator_sees_holds_no_truth(fields: list[Field]) -> None:
    shown: list[set[str]] = []

    def ours(economies: Economies) -> dict[str, Estimates]:
        shown.extend(set(economies.history(row).frame.columns) for row in range(len(economies)))
        truths = (economies.fair_long_run, economies.fair_short_run, *economies.market.values())
        assert all(np.isnan(truth).all() for truth in truths)
        return {OURS: both(chinese(economies))}

    run(fields[:1], 1, lambda _share: None, ours)
    assert len(shown) == 6
    assert not any("fair" in column for columns in shown for column in columns)


def test_families_side_by_side_keep_their_rows_and_lack_what_they_lacked(fields: list[Field]) -> None:
    parts = [fields[0].economies, fields[5].economies]
    everyone = side_by_side(parts)
    assert everyone.names == (*parts[0].names, *parts[1].names)
    assert np.isnan(everyone.observed["consumption_china"][:6]).all()
    assert np.array_equal(everyone.observed["consumption_china"][6:], parts[1].observed["consumption_china"])
    assert everyone.history(0).frame.equals(parts[0].history(0).frame)


def test_a_digest_names_the_economies_and_how_they_are_seen() -> None:
    kind = families()[WORLD]
    first, again, other = (simulate(kind, 1, seed) for seed in (5, 5, 6))
    assert digest(first) == digest(again) != digest(other)
    hidden = {**first.observed, "exports_china": np.full_like(first.fair_long_run, np.nan)}
    assert digest(replace(first, observed=hidden)) != digest(first)
