"""Month by month: new rows make a new version that is promoted, and what was said of earlier months stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import ModuleType

from features.dataset import load_dataset
from training.config import TrainingConfig
from training.retrain.outcome import Kind
from training.retrain.replay import replay


def test_a_months_rows_make_a_version_that_serves_and_earlier_answers_stay(tiny: ModuleType, place: Path) -> None:
    config = TrainingConfig(draws=64, tracking_uri=f"sqlite:///{place}/store/mlflow.db")
    days = [date(2025, 12, 20), date(2026, 1, 20)]
    first, second = replay(days, place / "life", config, tiny.makers())
    assert [one.outcome.kind for one in (first, second)] == [Kind.PROMOTED, Kind.PROMOTED]
    assert [one.outcome.version for one in (first, second)] == ["1", "2"]
    receipt = second.outcome.receipt
    assert receipt is not None
    assert receipt["taken"] > 50
    assert second.outcome.judgement is not None
    assert second.outcome.judgement.change is not None
    new = second.outcome.judgement.change.sizes()[0]["new_months"]
    assert new == ["2025-12"]
    assert second.earlier == 4 * 23  # three materials and the snapshots of 2024-01 to 2025-11
    assert second.revised == 0
    cut = load_dataset(place / "life" / "dataset")
    assert cut.last_day == days[0]
    assert cut.snapshot(date(2026, 3, 31)) == load_dataset().snapshot(days[0])
