"""A worse version is registered, does not serve, and can be let through only on the record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow import MlflowClient

from pricing.errors import InputError
from training.config import TrainingConfig
from training.leaderboard.board import RECORD, Board
from training.promotion import Verdict, champion_board, said, verdict_on
from training.registry import champion, promote, register
from training.tracking import LEADERBOARD, Fit, log_fit

Made = Callable[..., Board]


def published(store: str, board: Board | None, place: Path, anyway: str | None = None) -> tuple[Verdict | None, str]:
    """Log and register a version with a leaderboard, promote it when it may serve; return verdict and version."""
    for folder in ("bundle", "plots", "before"):
        (place / folder).mkdir(parents=True)
    verdict, folder, tags = None, None, {"bundle_digest": "d"}
    if board is not None:
        folder = place / LEADERBOARD
        board.write(folder)
        verdict = verdict_on(TrainingConfig(tracking_uri=store, promote_anyway=anyway), board, place / "before")
        tags |= verdict.tags()
    run = log_fit(store, Fit(place / "bundle", place / "plots", "# card", {}, {}, tags, folder))
    version = register(store, run, tags).version
    if verdict is None or verdict.serves:
        promote(store, version)
    return verdict, version


def serving(store: str) -> str:
    found = champion(store)
    assert found is not None
    return found.version


def test_a_deliberately_worse_version_is_registered_and_the_champion_keeps_serving(
    store: str, board_with: Made, tmp_path: Path
) -> None:
    published(store, board_with(), tmp_path / "good")
    verdict, version = published(store, board_with(factor=1.2), tmp_path / "worse")
    assert verdict is not None
    assert (version, serving(store)) == ("2", "1")
    tags = MlflowClient(store).get_model_version("fairprice", version).tags
    assert (tags["gate"], tags["serves_from_here"]) == ("refused", "false")
    assert "Worse than the champion on as_examples: rmse_long_run" in tags["gate_reasons"]
    text = "\n".join(said(board_with(factor=1.2), verdict))
    assert tags["gate_reasons"].splitlines()[0] in text
    assert "--promote-anyway" in text


def test_letting_it_serve_all_the_same_is_on_the_record_with_reason_and_name(
    store: str, board_with: Made, tmp_path: Path
) -> None:
    published(store, board_with(), tmp_path / "good")
    verdict, version = published(store, board_with(factor=1.2), tmp_path / "worse", anyway="the old one is withdrawn")
    assert verdict is not None
    assert serving(store) == version == "2"
    found = champion(store)
    assert found is not None
    for tags in (found.tags, MlflowClient(store).get_run(found.run_id).data.tags):
        assert tags["promoted_anyway"] == "the old one is withdrawn"
        assert tags["promoted_anyway_by"] == verdict.by != ""
        assert tags["gate"] == "refused"
    assert "lets it serve all the same: the old one is withdrawn" in "\n".join(said(board_with(factor=1.2), verdict))


def test_a_reason_that_was_not_needed_is_no_override(store: str, board_with: Made, tmp_path: Path) -> None:
    verdict, _ = published(store, board_with(), tmp_path / "good", anyway="to be safe")
    assert verdict is not None
    assert (verdict.tags(), verdict.serves) == ({"gate": "passed", "serves_from_here": "true"}, True)


def test_an_override_without_words_is_refused() -> None:
    with pytest.raises(InputError, match="a reason in words"):
        TrainingConfig(promote_anyway="  ")


def test_a_version_that_was_not_to_serve_does_not_though_nothing_speaks_against_it() -> None:
    assert not Verdict((), asked=False).serves
    assert not Verdict(("worse",), asked=False, anyway="reason").serves


def test_a_champion_from_before_there_was_a_leaderboard_is_no_bar(store: str, board_with: Made, tmp_path: Path) -> None:
    published(store, None, tmp_path / "old")
    assert champion_board(store, tmp_path / "look") is None
    _, version = published(store, board_with(factor=1.15), tmp_path / "new")
    assert serving(store) == version


def test_a_champion_whose_record_is_torn_lets_nobody_pass_unseen(store: str, board_with: Made, tmp_path: Path) -> None:
    published(store, board_with(), tmp_path / "good")
    for record in (tmp_path / "store").rglob(RECORD):
        record.write_text("{")
    verdict, _ = published(store, board_with(factor=1.02), tmp_path / "better")
    assert verdict is not None
    assert verdict.against[0].startswith("The champion's leaderboard cannot be read: leaderboard.json")
    assert serving(store) == "1"
