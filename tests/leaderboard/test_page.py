"""The page is filled from a board: every block has its table, bad rows included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from training.leaderboard.board import OURS, RECORD, TABLE, Board, read_board
from training.leaderboard.limits import limits
from training.leaderboard.trial import JUDGED
from training.page_leaderboard import blocks, printed, write_leaderboard
from training.page_markdown import filled, names

Made = Callable[..., Board]
PAGE = Path(__file__).parents[2] / "docs" / "leaderboard.md"


@pytest.fixture(scope="module")
def board(board_with: Made) -> Board:
    return board_with(factor=1.15, families=JUDGED)


def test_every_block_of_the_page_is_written_by_the_command(board: Board) -> None:
    asked = names(PAGE.read_text(encoding="utf-8"))
    assert set(asked) <= set(blocks(board))
    assert {"limits", "rmse-long-run", *(f"leakage-{family.replace('_', '-')}" for family in JUDGED)} <= set(asked)


def test_the_page_is_what_the_board_beside_it_prints() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert filled(text, blocks(read_board(PAGE.parent / "tables"))) == text


def test_the_page_shows_a_missed_limit_as_missed(board: Board) -> None:
    row = next(line for line in blocks(board)["limits"].splitlines() if line.startswith("| rmse_long_run, as_examples"))
    assert row == "| rmse_long_run, as_examples | 0.140 | to 0.125 | no | no |"


def test_page_table_record_and_chart_are_written_and_the_page_keeps_its_prose(board: Board, tmp_path: Path) -> None:
    page = tmp_path / "leaderboard.md"
    page.write_text("By hand.\n<!-- begin rmse-long-run -->\n<!-- end rmse-long-run -->\n", encoding="utf-8")
    written = {path.name for path in write_leaderboard(board, tmp_path)}
    assert written == {TABLE, RECORD, "leaderboard.png", "leaderboard.md"}
    text = page.read_text(encoding="utf-8")
    assert text.startswith("By hand.\n")
    assert f"| {OURS} | 0.140 (0.14-0.14) |" in text
    assert limits(read_board(tmp_path / "tables")) == limits(board)


def test_the_same_board_gives_the_same_files_and_no_page_where_there_is_none(board_with: Made, tmp_path: Path) -> None:
    first, second = (write_leaderboard(board_with(), tmp_path / name) for name in ("one", "two"))
    assert {path.name for path in first} == {TABLE, RECORD, "leaderboard.png"}
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_screen_shows_every_peer_and_what_is_missed(board: Board) -> None:
    text = printed(board)
    assert OURS in text
    assert "- missed: rmse_long_run: as_examples 0.140" in text
