"""The work folder: what is there is whole, and nothing is made twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.retrain.work import Result, Work, key_of


class Made:
    """Counts how often a result is made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, folder: Path) -> None:
        self.times += 1
        (folder / "number.json").write_text(str(self.times))


@pytest.fixture
def work(tmp_path: Path) -> Work:
    found = Work(tmp_path / "work")
    found.tidy()
    return found


def test_a_result_is_made_once_under_a_key_and_again_under_another(work: Work) -> None:
    made = Made()
    results = [work.once("fit", key, made) for key in ("a", "a", "b")]
    assert [(one.read("number.json"), one.reused) for one in results] == [(1, False), (1, True), (2, False)]


@pytest.mark.parametrize("damage", ["altered", "lost", "added", "record"])
def test_a_result_that_is_not_what_was_written_is_made_again(work: Work, damage: str) -> None:
    made = Made()
    place = work.once("fit", "a", made).folder
    file = place / ("stage.json" if damage == "record" else "more" if damage == "added" else "number.json")
    if damage == "lost":
        file.unlink()
    else:
        file.write_text("7")
    assert work.once("fit", "a", made).read("number.json") == 2


def test_what_a_failed_or_killed_stage_wrote_is_nobodys_result(work: Work) -> None:
    def failing(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        work.once("fit", "a", failing)
    assert work.found("fit", "a") is None
    work.tidy()
    assert list(work.folder.iterdir()) == []


def test_a_finished_job_keeps_what_it_is_made_of(work: Work) -> None:
    old, new = (work.once("fit", key, Made()) for key in ("a", "b"))
    work.keep_only([new, Result("gate", work.folder, 0.1, reused=False)])
    assert (old.folder.exists(), new.folder.exists()) == (False, True)


def test_keys_tell_their_parts_apart() -> None:
    assert key_of("ab", "c") != key_of("a", "bc")
