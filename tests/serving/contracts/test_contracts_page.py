"""The page about contracts prints what its examples print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from serving import cli

PAGE = Path(__file__).parents[3] / "docs" / "contracts.md"
EXAMPLE = re.compile(r"```yaml\n(?P<file>.*?)```\n\n```text\n(?P<lines>.*?)```", re.DOTALL)
EXAMPLES = [(found["file"], found["lines"]) for found in EXAMPLE.finditer(PAGE.read_text(encoding="utf-8"))]


def test_every_file_on_the_page_has_its_lines() -> None:
    assert len(EXAMPLES) == PAGE.read_text(encoding="utf-8").count("```yaml") >= 6


@pytest.mark.parametrize(("file", "lines"), EXAMPLES, ids=[file[:24].split("\n")[0] for file, _ in EXAMPLES])
def test_an_example_prints_the_lines_beside_it(
    file: str,
    lines: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(tmp_path / "no model"))
    monkeypatch.setenv("COLUMNS", "150")
    (tmp_path / "terms.yaml").write_text(file, encoding="utf-8")
    assert cli.app(["whatif", str(tmp_path / "terms.yaml")]) == 0
    printed = [line.rstrip() for line in capfd.readouterr().out.splitlines()]
    assert [line for line in lines.rstrip().split("\n") if line.rstrip() not in printed] == []
