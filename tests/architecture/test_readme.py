"""README's first screen keeps its promises."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIRST_SCREEN_LINES = 45


def first_screen() -> str:
    return "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:FIRST_SCREEN_LINES])


def test_the_two_commands_stand_on_the_first_screen_and_run() -> None:
    commands = set(re.findall(r"^\s*(?:\$ )?\./(\w+)", first_screen(), flags=re.MULTILINE))
    assert commands == {"run", "test"}
    assert all(os.access(ROOT / command, os.X_OK) for command in commands)


def test_ci_calls_the_test_command_of_the_readme() -> None:
    assert re.search(r"^\./test\b", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_linked_file_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", readme)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_readme_and_pages_show_the_answers_of_one_fit() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    digest = json.loads((ROOT / "docs" / "tables" / "model.json").read_text(encoding="utf-8"))["digest"]
    shown = set(re.findall(r"\bbundle ([0-9a-f]{12})\b", readme))
    assert shown == {digest[:12]}
