from __future__ import annotations

from dataclasses import replace

import pytest

from pricing.bundle import Bundle
from training.metrics import fit_metrics
from training.model_card import write_card


def card_of(bundle: Bundle) -> str:
    return write_card(bundle, fit_metrics(bundle))


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


@pytest.mark.parametrize("heading", ["Limits", "What was observed", "Latest month"])
def test_the_card_has_every_section(bundle: Bundle, heading: str) -> None:
    assert f"## {heading}\n" in card_of(bundle)
