"""The leak of spot prices: what is raised, and that the file the service prints is what the trials found."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from features.dataset import load_dataset
from features.spot_leaks import FILE, spot_leaks
from pricing.errors import DataError
from pricing.fair import METHOD
from pricing.market.supply import Market
from training.trials.plan import shipped_plan
from training.trials.spot_leak import CHINA, _shocks
from training.trials.variants import raised

VERDICTS = Path(__file__).parents[2] / "docs" / "trials" / "verdicts.csv"


def test_the_chinese_price_alone_is_raised_and_nothing_else(market: Market) -> None:
    dearer = raised(market, 0.2, 12, CHINA)
    for material, history in market.histories.items():
        before, after = history.frame, dearer.histories[material].frame
        changed = [column for column in before if not before[column].equals(after[column])]
        assert changed
        assert all(str(column).startswith("china_price") for column in changed)
        ratio = after["china_price"] / before["china_price"]
        assert ratio.iloc[-12:].dropna().to_numpy() == pytest.approx(1.2)
        assert np.all(ratio.iloc[:-12].dropna() == 1)


def test_every_shock_that_can_be_made_is_in_the_file(market: Market) -> None:
    made = [(row["market"], row["rise"], row["when"]) for row, _ in _shocks(shipped_plan(), market)]
    assert [(row.market, row.rise, row.when) for row in spot_leaks().rows] == made


def test_the_file_was_measured_on_the_shipped_data_by_this_method_against_the_limit() -> None:
    found, plan = spot_leaks(), shipped_plan()
    assert (found.dataset, found.method) == (load_dataset().digest, METHOD)
    assert (found.draws, found.limit) == (plan.count("fits.draws"), plan.number("limits.rise_answer"))
    first = plan.count("fits.seed")
    assert list(found.seeds) == list(range(first, first + plan.count("fits.leak_seeds")))
    assert {len(leaks) for row in found.rows for leaks in row.leak.values()} == {len(found.seeds)}


def test_a_run_up_of_both_prices_leaks_what_the_page_of_trials_prints() -> None:
    with VERDICTS.open(encoding="utf-8") as file:
        printed = {(row["material"], row["region"]): float(row["value"]) for row in csv.DictReader(file)}
    last, counted = [row for row in spot_leaks().rows if row.market == "both"]
    for material, (leak, *_) in last.leak.items():  # the page is of the first seed
        assert leak == pytest.approx(printed[material, "run_up"], rel=1e-3)
        assert counted.leak[material][0] == pytest.approx(printed[material, "run_up_counted"], rel=2e-3)


def test_a_torn_file_is_said_with_the_command_that_makes_it(tmp_path: Path) -> None:
    torn = tmp_path / FILE.name
    for text in ("rows: [", "dataset: a\n", "rows: [{market: china}]\n"):
        torn.write_text(text)
        with pytest.raises(DataError, match=r"python -m training\.trials\.spot_leak"):
            spot_leaks.__wrapped__(torn)
