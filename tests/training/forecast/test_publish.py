"""What a backtest publishes: the same bytes twice, models that give the forecast again, a record, a page and a plot."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from typer.testing import CliRunner

from features.dataset import Dataset, load_dataset
from pricing.forecast.published import HEADLINE, HORIZONS, read_forecasts
from pricing.scoreboard import forecast_rows as scoreboard
from training.__main__ import app
from training.config import silent
from training.forecast.backtest import Backtest, backtest, placed
from training.forecast.card import forecast_rows
from training.forecast.examples import DOMESTIC, FOB
from training.forecast.judge import by_freshness, halves, regimes
from training.forecast.models import TREES
from training.forecast.page import blocks, printed, write_forecasts
from training.forecast.publish import forecasts, headline, published
from training.page_markdown import names

KNOWN, CUT = date(2015, 4, 30), date(2015, 2, 20)  # the cut: vintage day of a January, when trees are grown anew
DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset().as_known(KNOWN)


@pytest.fixture(scope="module")
def found(dataset: Dataset) -> Backtest:
    return backtest(dataset, silent, jobs=2)


@pytest.fixture(scope="module")
def said(dataset: Dataset, found: Backtest) -> dict[str, Any]:
    return published(dataset, found)


def test_what_is_published_is_plain_finite_and_read_back(said: dict[str, Any]) -> None:
    again = json.loads(json.dumps(said, allow_nan=False))
    forecasts = read_forecasts(again)
    assert forecasts is not None
    last = forecasts.said(FOB, "NdPr", KNOWN.isoformat())
    assert last is not None
    assert last.month == "2015-03"
    for horizon in HORIZONS:
        lows, highs = zip(*(last.interval(level, horizon) for level in (95, 80, 50)), strict=True)
        assert 0 < lows[0] <= lows[1] <= lows[2] <= last.point[horizon - 1] <= highs[2] <= highs[1] <= highs[0]


def test_the_same_data_give_the_same_bytes_however_many_processes_work(dataset: Dataset, said: dict[str, Any]) -> None:
    assert json.dumps(forecasts(dataset, silent)) == json.dumps(said)


def test_where_models_are_not_used_the_point_is_the_base(said: dict[str, Any]) -> None:
    skill = dict(zip(said["skill"][FOB]["month"], said["skill"][FOB]["used"], strict=True))
    target = said["targets"][FOB]["NdPr"]
    for month, base, point in zip(target["month"], target["base"], target["point"], strict=True):
        for used, value in zip(skill[month], point, strict=True):
            assert used or value == pytest.approx(base, abs=1e-4)


def test_the_published_models_give_the_last_forecast_again(said: dict[str, Any], found: Backtest) -> None:
    known = found.examples
    row = known.places(FOB)[0]
    features = dict(zip(known.columns, known.features[row, -1], strict=True))
    for horizon in (1, 12):
        fits = said["models"]["by_horizon"][str(horizon)]
        slopes = [sum(slope * features[name] for name, slope in fits[m].items()) for m in ("momentum", "own", "all")]
        grown = np.asarray(lgb.Booster(model_str=fits[TREES]).predict(np.array([list(features.values())])))
        assert np.mean([*slopes, grown[0]]) == pytest.approx(found.served[FOB, horizon].models[0, -1], abs=1e-12)


def test_what_may_be_claimed_at_the_last_origin_is_what_the_record_says(said: dict[str, Any]) -> None:
    rows = {(r["place"], r["material"], r["horizon"]): r for r in said["record"] if r["regime"] == "headline"}
    judged = 0
    for place, targets in said["targets"].items():
        for material, target in targets.items():
            for horizon in (1, 3, 6, 12, 24):
                stands, row = target["standing"][-1][horizon - 1], rows.get((place, material, horizon))
                if stands is not None and row is not None:
                    judged += 1
                    assert stands == [row["rmsse"], row["rmsse_low"], row["rmsse_high"], row["skill"]]
    assert judged > 0


def test_nothing_that_is_published_of_a_past_day_knows_what_came_later(said: dict[str, Any], dataset: Dataset) -> None:
    earlier = forecasts(dataset.as_known(CUT), silent)
    for place, targets in earlier["targets"].items():
        tables = [(target, said["targets"][place][material]) for material, target in targets.items()]
        for before, after in [*tables, (earlier["skill"][place], said["skill"][place])]:
            count = len(before["month"])
            assert before["month"][-1] == "2015-01"
            assert {name: column[:count] for name, column in after.items()} == before
    assert any(one is not None for one in earlier["targets"][FOB]["NdPr"]["standing"][-1])


def test_models_are_served_only_where_they_are_at_every_shorter_horizon(found: Backtest) -> None:
    """Models that knew the future two months ahead and were useless one month ahead are served at neither."""
    came = {horizon: np.nan_to_num(found.examples.changes(horizon)) for horizon in (1, 2)}
    good, barred = (dict(placed(found.examples, FOB, {1: sign * came[1], 2: came[2]})) for sign in (1, -1))
    assert [good[FOB, horizon].verdicts.used[-1] for horizon in (1, 2)] == [True, True]
    assert barred[FOB, 2].verdicts.ratio[-1] == 0.0
    assert [barred[FOB, horizon].verdicts.used.any() for horizon in (1, 2)] == [False, False]
    assert (barred[FOB, 2].point == 0).all()  # the last quote


def test_too_few_quotes_are_told_and_not_forecast(said: dict[str, Any]) -> None:
    assert "Tb" not in said["targets"][FOB]  # quoted FOB from 2019 on
    assert "have a dated quote of this market" in said["refused"][FOB]["Tb"]
    for material in ("NdPr", "Dy", "Tb"):
        assert "delivered outside China" in said["refused"]["ex_china"][material]


def test_few_quotes_widen_the_intervals(found: Backtest) -> None:
    one = found.served[DOMESTIC, 1]
    wide, plain = found.widths(DOMESTIC, 1), one.half
    assert one.thin[1].any()
    np.testing.assert_allclose(wide[:, 1][:, one.thin[1]], 1.25 * plain[:, 1][:, one.thin[1]])
    np.testing.assert_allclose(wide[:, 0][:, ~one.thin[0]], plain[:, 0][:, ~one.thin[0]])


def test_the_record_compares_with_the_last_quote(said: dict[str, Any]) -> None:
    rows = {(r["place"], r["material"], r["horizon"], r["regime"]): r for r in said["record"]}
    early = rows[FOB, "NdPr", 12, "panic_2011"]
    assert early["rmsse"] == 1.0
    assert early["models_used"] == 0.0
    assert early["mae_ln"] == early["mae_ln_last_quote"]
    pooled, alone = rows[FOB, "all", 1, "headline"], rows[FOB, "NdPr", 1, "headline"]
    assert pooled["forecasts"] > alone["forecasts"]
    assert pooled["windows"] == pooled["months"]
    assert headline(said["record"])[f"forecast.{FOB}.h1.rmsse"] == pooled["rmsse"]


def test_the_coverage_of_the_record_is_the_share_of_what_was_published_inside(said: dict[str, Any]) -> None:
    """The scoreboard shows rows of what was published, and the record's scores beside them: they have to agree."""
    forecasts = read_forecasts(said)
    assert forecasts is not None
    judged = 0
    for row in said["record"]:
        if row["material"] != "all":
            told = scoreboard.forecast_rows(forecasts, row["place"], row["material"], [row["horizon"]])
            origins = row["first_origin"], row["last_origin"]
            held = [one.inside for one in told if one.inside and origins[0] <= one.month <= origins[1]]
            assert len(held) == row["forecasts"]
            shares = [row[f"coverage{level}"] for level in (50, 80, 95)]
            assert np.mean(held, axis=0) == pytest.approx(shares, abs=1e-4)
            judged += len(held)
    assert judged > 100


def test_years_of_development_and_those_after_share_out_the_record() -> None:
    months = tuple(f"{year}-{month:02d}" for year in range(2010, 2027) for month in range(1, 13))
    early, late = (regimes(months, 12)[name] for name in halves())
    assert (months[int(early.argmax())], months[int(late.argmax())]) == ("2014-01", "2019-01")
    np.testing.assert_array_equal(early ^ late, regimes(months, 12)[HEADLINE])


def test_the_model_card_has_a_row_per_place_and_horizon_and_none_without_a_record(said: dict[str, Any]) -> None:
    rows = forecast_rows(said)
    assert rows["months ahead"].tolist()[:2] == [1, 3]
    assert rows["RMSSE over last quote"].iloc[0].startswith(("0.", "1."))
    assert forecast_rows({}).empty


def test_bad_months_are_the_largest_misses_first(said: dict[str, Any]) -> None:
    rows = [r for r in said["bad_months"] if (r["place"], r["material"], r["horizon"]) == (FOB, "NdPr", 1)]
    misses = [abs(row["miss_ln"]) for row in rows]
    assert misses == sorted(misses, reverse=True)
    for row in rows:
        inside = row["low95_usd_per_kg"] <= row["came_usd_per_kg"] <= row["high95_usd_per_kg"]
        assert inside == row["inside95"]
        assert np.log(row["came_usd_per_kg"] / row["forecast_usd_per_kg"]) == pytest.approx(row["miss_ln"], abs=1e-3)


def test_groups_by_age_of_the_quote_share_out_the_record(said: dict[str, Any], found: Backtest) -> None:
    pooled = next(r for r in said["record"] if (r["material"], r["horizon"], r["regime"]) == ("all", 1, "headline"))
    assert sum(row["forecasts"] for row in by_freshness(found)) == pooled["forecasts"]


def test_the_page_is_filled_whole_and_the_plots_are_the_same_twice(
    said: dict[str, Any], found: Backtest, tmp_path: Path
) -> None:
    page = DOCS / "forecasts.md"
    assert sorted(names(page.read_text("utf-8"))) == sorted(blocks(found, said, None))
    (tmp_path / "forecasts.md").write_text(page.read_text("utf-8"), encoding="utf-8")
    written = write_forecasts(found, said, tmp_path)
    before = {path.name: path.read_bytes() for path in written}
    assert {path.name for path in written} > {"forecasts_fob_china.png", "forecast_record.csv", "forecasts.md"}
    assert {path.name: path.read_bytes() for path in write_forecasts(found, said, tmp_path)} == before
    assert "Not run" in (tmp_path / "forecasts.md").read_text("utf-8")
    assert "| 1 | 2014-01 to 2015-02 |" in printed(said)


def test_the_command_prints_the_record_and_tells_a_folder_that_is_none(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["backtest", "--dataset", str(tmp_path)])
    assert refused.exit_code == 1
    done = CliRunner().invoke(app, ["backtest", "--as-of", "2011-12-31"])
    assert done.exit_code == 0
    assert "FOB China" in done.output
