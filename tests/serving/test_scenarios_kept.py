"""Answers of scenarios are kept within bounds, whole or not at all, and those of readers apart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from serving.scenarios.kept import Beside, FolderAnswers, MemoryAnswers

NAME = "scenario.0123456789ab.0123456789abcdef0123"


def test_what_was_kept_is_found_by_the_next_process(tmp_path: Path) -> None:
    FolderAnswers(tmp_path / "kept").put(NAME, b"answer")
    assert FolderAnswers(tmp_path / "kept").get(NAME) == b"answer"
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [NAME]


@pytest.mark.parametrize("content", [b"", b"answer", b"0" * 64 + b"\nanswer"])
def test_a_torn_or_altered_file_is_no_answer(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert FolderAnswers(tmp_path).get(NAME) is None


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_next_process(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    answers = FolderAnswers(tmp_path / "kept")
    answers.put(NAME, b"answer")
    assert answers.get(NAME) == b"answer"
    assert FolderAnswers(tmp_path / "kept").get(NAME) is None


@pytest.mark.parametrize(("most", "most_bytes", "left"), [(2, 10**6, 2), (10, 200, 2), (10, 10**6, 4)])
def test_above_its_bounds_the_oldest_answers_leave(tmp_path: Path, most: int, most_bytes: int, left: int) -> None:
    names = [f"{NAME[:-1]}{number}" for number in range(4)]
    for number, name in enumerate(names):
        FolderAnswers(tmp_path, most, most_bytes).put(name, b"a" * 20)  # trims what was there before
        os.utime(tmp_path / name, (number, number))
    FolderAnswers(tmp_path, most, most_bytes)._trim()
    assert sorted(path.name for path in tmp_path.iterdir()) == names[-left:]


def test_memory_forgets_what_was_used_longest_ago() -> None:
    answers = MemoryAnswers(most=2)
    for name in ("a", "b"):
        answers.put(name, b"")
    answers.get("a")
    answers.put("c", b"")
    assert [answers.get(name) for name in ("a", "b", "c")] == [b"", None, b""]


def test_readers_find_what_everyone_may_see_and_keep_their_own_apart() -> None:
    everyone = MemoryAnswers()
    readers = Beside(everyone)
    everyone.put("public", b"1")
    readers.put("private", b"2")
    assert (readers.get("public"), readers.get("private"), everyone.get("private")) == (b"1", b"2", None)
