"""`fairprice train` as typed: what it refuses, in one line."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from features.dataset import SHIPPED, load_dataset, seal
from features.panel import Panel
from pricing.errors import DataError
from training.__main__ import app
from training.pipeline import check_series


def train(*options: str) -> Result:
    return CliRunner().invoke(app, ["train", "--draws", "64", *options])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "dataset"))


def rewrite(path: Path, change: dict[str, object], where: tuple[str, str]) -> None:
    """Change the rows of a table whose column holds a value; no change drops them."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    chosen = table[where[0]] == where[1]
    assert chosen.any()
    if change:
        table.loc[chosen, list(change)] = list(change.values())
    else:
        table = table[~chosen]
    table.to_csv(path, index=False, lineterminator="\n")


def only_line(result: Result, code: int = 1) -> str:
    assert result.exit_code == code
    (line,) = result.stderr.strip().splitlines()[-1:]
    assert "Traceback" not in result.output
    return line


def test_an_altered_file_stops_the_start(folder: Path, store: str) -> None:
    rewrite(folder / "policy.csv", {"value": "0"}, ("instrument", "vat"))
    line = only_line(train("--dataset", str(folder), "--tracking-uri", store))
    assert line.startswith("fairprice train: policy.csv: checksum")


def test_a_card_whose_rows_are_gone_stops_the_start(folder: Path, store: str) -> None:
    rewrite(folder / "panel" / "fx_macro.csv", {}, ("series", "usd_cny"))
    rewrite(folder / "series.csv", {}, ("series", "usd_cny"))
    seal(folder, load_dataset().last_day.isoformat())
    assert "cards, fed_fx" in only_line(train("--dataset", str(folder), "--tracking-uri", store))


@pytest.mark.parametrize("series", ["us_cpi_CPIAUCSL", "usd_cny"])
def test_a_missing_series_is_named_in_one_line(series: str) -> None:
    dataset = load_dataset()
    rest = dataset.panel.frame[dataset.panel.frame["series"] != series].reset_index(drop=True)
    with pytest.raises(DataError, match=rf"^series {series} is missing[^\n]*$"):
        check_series(replace(dataset, panel=Panel(rest)))


def test_a_wrong_unit_is_named(folder: Path, store: str) -> None:
    rewrite(folder / "series.csv", {"unit": "USD per CNY"}, ("series", "usd_cny"))
    seal(folder, load_dataset().last_day.isoformat())
    line = only_line(train("--dataset", str(folder), "--tracking-uri", store))
    assert "usd_cny" in line
    assert "USD per CNY" in line


def test_a_refused_setting_says_what_is_allowed() -> None:
    result = CliRunner().invoke(app, ["train", "--draws", "100"])
    assert only_line(result, code=2) == "fairprice train: draws: found 100; allowed: a power of two from 64."


def test_a_tracking_server_that_is_down_is_told_before_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    result = train("--tracking-uri", "http://127.0.0.1:9")
    assert "does not answer" in only_line(result)
    assert "fair price" not in result.output
