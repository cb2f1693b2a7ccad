"""The page on trials says what the tables beside it say, and shows all of them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from pricing.errors import DataError
from training.__main__ import app
from training.page_markdown import filled, names
from training.page_trials import blocks
from training.plot_tornado import draw_tornados
from training.trials.outcome import Outcome, tables
from training.trials.plan import shipped_plan
from training.trials.run import PAGE

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "trials"
MOST_BYTES = 150_000


@pytest.fixture(scope="module")
def found() -> Outcome:
    return Outcome.read(FOLDER)


def page() -> str:
    return (DOCS / PAGE).read_text(encoding="utf-8")


def test_the_page_is_what_the_tables_beside_it_print(found: Outcome) -> None:
    assert filled(page(), blocks(found)) == page()


def test_every_table_that_is_computed_is_shown(found: Outcome) -> None:
    assert set(names(page())) == set(blocks(found))


def test_every_plot_is_small_and_shown() -> None:
    drawn = {path.name: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert set(re.findall(r"\]\(trials/([\w.]+)\)", page())) == set(drawn)
    assert max(drawn.values()) < MOST_BYTES


def test_every_event_of_the_plan_is_there_for_each_of_its_materials_and_regions(found: Outcome) -> None:
    planned = {(e.month, m, r.value) for e in shipped_plan().events for m in e.materials for r in e.regions}
    table = found.episodes
    assert set(zip(table["event"], table["material"], table["region"], strict=True)) == planned
    market = table[table["item"] == "market"]
    assert np.isfinite(market["move"]).all()
    assert (market["placebos"] > 50).all()


def test_the_named_lines_of_a_wedge_move_by_as_much_as_the_wedge(found: Outcome) -> None:
    """Where all months of a window have a market price the moves of the lines add up to that of the total."""
    rows = found.episodes[(found.episodes["kind"] == "line") & (found.episodes["event"] == "2011-03")]
    total = rows.loc[rows["item"] == "total", "move"].iloc[0]
    assert rows.loc[rows["item"] != "total", "move"].sum() == pytest.approx(total, rel=1e-3)


def test_a_table_that_is_missing_is_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"episodes\.csv, .* is missing\. Run `fairprice trials"):
        Outcome.read(tmp_path)


def test_a_folder_without_the_page_is_refused_before_anything_is_fitted(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["trials", "--out", str(tmp_path)])
    assert ran.exit_code == 1
    assert "trials.md is missing" in ran.output


def test_draws_that_are_no_power_of_two_are_refused() -> None:
    ran = CliRunner().invoke(app, ["trials", "--draws", "1000", "--out", str(DOCS)])
    assert ran.exit_code == 2
    assert "a power of two" in ran.output


def test_numbers_survive_their_files(found: Outcome, tmp_path: Path) -> None:
    found.write(tmp_path)
    again = Outcome.read(tmp_path)
    for name in tables():
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name))
    assert again.model == found.model


def test_the_same_tornado_draws_the_same_bytes(found: Outcome, tmp_path: Path) -> None:
    first = [path.read_bytes() for path in draw_tornados(found.tornado, tmp_path)]
    assert [path.read_bytes() for path in draw_tornados(found.tornado, tmp_path)] == first
