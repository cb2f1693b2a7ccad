from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pricing.bundle import Bundle
from training.leaderboard.board import OURS, OWN, UNCORRECTED, Board, Judged, board_of
from training.leaderboard.panel import TIMES_PRICE
from training.leaderboard.scores import Score
from training.leaderboard.settings import Size
from training.metrics import fit_metrics
from training.model_card import write_card

NO_BOARD = board_of([], {}, Size(0, 0, 0, 1))


def card_of(bundle: Bundle, board: Board = NO_BOARD) -> str:
    return write_card(bundle, fit_metrics(bundle), board)


def test_the_card_says_what_was_fitted_and_on_what(bundle: Bundle) -> None:
    card = card_of(bundle)
    assert "dataset `dddddddddddd`, last day 2026-03-31. Draws 200, seed 1." in card
    assert "| NdPr | 2026-02 | estimate | 60.00 | 45.00 to 78.00 | 60.00 | 72.00 | 72.00 | 0.00 |" in card


def test_months_without_a_number_are_counted_on_the_card(bundle: Bundle) -> None:
    history = bundle.history_latest.copy()
    history.loc[history["material"] == "Tb", "status"] = ["refused"] * 6 + ["band"] * 5 + ["estimate"] * 15
    card = card_of(replace(bundle, history_latest=history))
    assert "| latest | Tb | 15 | 5 | 6 |" in card


def test_the_worst_months_are_on_the_card(bundle: Bundle) -> None:
    history = bundle.history_latest.copy()
    history.loc[(history["material"] == "Dy") & (history["month"] == "2025-04"), "model.china"] *= 3
    card = card_of(replace(bundle, history_latest=history))
    assert "| Dy | 2025-04 |" in card


HEADINGS = ("Limits", "What was observed", "Latest month", "How unlike the simulated economies")


@pytest.mark.parametrize("heading", HEADINGS)
def test_the_card_has_every_section(bundle: Bundle, heading: str) -> None:
    assert f"## {heading}\n" in card_of(bundle)


def test_the_card_says_how_well_known_truths_are_recovered_and_which_limits_are_missed(bundle: Bundle) -> None:
    errors = {OURS: 0.0225, UNCORRECTED: 0.04, TIMES_PRICE: 0.09}  # squares of .15, .20 and .30
    judged = [
        Judged("as_examples", OWN, peer, {"rmse_long_run": Score("root", np.full((1, 3), square))})
        for peer, square in errors.items()
    ]
    card = card_of(bundle, board_of(judged, {"as_examples": "d"}, Size(3, 0, 9, 5)))
    assert "3 of each family" in card
    assert "| as_examples | 0.15 | 0.20 | 0.30 |" in card
    assert "- missed: rmse_long_run: as_examples 0.150" in card


def test_the_card_of_a_fit_without_leaderboard_says_so(bundle: Bundle) -> None:
    assert "No leaderboard was run for this version." in card_of(bundle)
