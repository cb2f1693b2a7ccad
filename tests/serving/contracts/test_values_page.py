"""The page on values prints what its commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from serving import cli

PAGE = Path(__file__).parents[3] / "docs/contracts_value.md"
EXAMPLE = re.compile(r"```yaml\n(?P<file>.*?)```\n\nPrints (?P<told>.*?)\n\n", re.DOTALL)
EXAMPLES = [(match["file"], re.findall(r"`([^`]+)`", match["told"])) for match in EXAMPLE.finditer(PAGE.read_text())]


def test_every_example_of_the_page_has_figures() -> None:
    assert len(EXAMPLES) == PAGE.read_text().count("```yaml") == 6
    assert all(figures for _, figures in EXAMPLES)


@pytest.mark.parametrize(("file", "figures"), EXAMPLES)
def test_an_example_prints_the_figures_beside_it(
    file: str, figures: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(tmp_path / "no model"))
    path = tmp_path / "terms.yaml"
    path.write_text(file, encoding="utf-8")
    assert cli.app(["whatif", str(path)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert [figure for figure in figures if figure not in printed] == []
