"""`fairprice ingest` on the command line, and what a fit makes of it: exit codes, summary, JSON, new inputs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from features.dataset import load_dataset
from pricing.errors import DataError
from serving.cli import app
from training.config import TrainingConfig
from training.inputs import inputs_digest
from training.pipeline import load

HEADING = "series,date,known_at,value"
GOOD = "wb_aluminum,2026-03-01,2026-04-02,3090"
JUMP = "wb_silver,2026-03-01,2026-04-02,47"


@pytest.fixture
def ask(tmp_path: Path) -> list[str]:
    """The command with a store of its own and a file of two rows, one of them strange."""
    path = tmp_path / "panel.csv"
    path.write_text(f"{HEADING}\n{GOOD}\n{JUMP}", "utf-8")
    return ["ingest", str(path), "--vintages", str(tmp_path / "store"), "--received-on", "2026-04-20"]


def test_a_row_held_back_is_exit_code_one_and_a_summary_to_mail(
    ask: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert app(ask) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "1 files, received on 2026-04-20"
    assert told[1].startswith("taken          1 (panel 1) as vintage 000001_2026-04-20_")
    assert told[3:5] == ["held back      1", "  panel.csv:3: wb_silver 2026-03-01"]
    assert told[-2].strip() == "Check it at the source; if it is right, --accept panel.csv:3 --because REASON."
    assert app([*ask, "--accept", "panel.csv:3", "--because", "a squeeze, seen at the exchange"]) == 0
    assert app(ask) == 0  # all of it is known by now
    assert "taken          0; nothing was stored" in capsys.readouterr().out


def test_json_lists_every_reason_and_a_wrong_option_is_exit_code_two(
    ask: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app([*ask, "--json", "--dry-run"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["vintage"], told["dry_run"], told["taken"]) == (None, True, 1)
    assert [one["rule"] for one in told["held_back"]] == ["jump"]
    assert app([*ask, "--accept", "panel.csv:3"]) == 2
    assert app([*ask[:2], "--received-on", "2026-03-01", "--vintages", str(tmp_path / "empty")]) == 2
    assert "--received-on" in capsys.readouterr().err


def test_a_fit_reads_the_store_and_new_data_are_another_input(ask: list[str], tmp_path: Path) -> None:
    app(ask)
    without = TrainingConfig()
    config = replace(without, vintages=tmp_path / "store")
    dataset = load(config)
    assert len(dataset.vintages) == 1
    assert dataset.last_day.isoformat() == "2026-04-20"
    assert inputs_digest(config, dataset.digest) != inputs_digest(without, load(without).digest)
    assert load(without) is load_dataset()


def test_a_fit_refuses_a_store_that_was_touched(ask: list[str], tmp_path: Path) -> None:
    app(ask)
    (path,) = (tmp_path / "store").glob("0*/panel.csv")
    path.write_text(path.read_text("utf-8").replace("3090", "3091"), "utf-8")
    with pytest.raises(DataError, match="checksum"):
        load(TrainingConfig(vintages=tmp_path / "store"))
    assert app(ask) == 1
