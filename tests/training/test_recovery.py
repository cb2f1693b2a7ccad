"""Recovery reads what an analyst would see, refuses what it cannot read, and finds a truth it was not shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from features.synthetic import families
from pricing.errors import DataError
from pricing.fair.problem import isoelastic
from pricing.fair.recovery import recover
from pricing.market.distortions import Switches
from pricing.market.economy import Economy
from pricing.market.facts import facts_of
from pricing.market.history import MarketHistory
from pricing.market.simulated import market_of
from pricing.market.supply import SupportSet
from pricing.market.synthetic import simulate
from pricing.market.worlds import as_grown
from training.__main__ import app
from training.recovery import MATERIAL, read_economy, read_prior, shipped_calibration, shipped_prior, shipped_search


def economy(seed: int = 3, subsidy: float = 0.2) -> tuple[pd.DataFrame, np.ndarray]:
    """Return what is seen of an economy drawn from the prior, and its long-run fair price; numbers are made up."""
    months = pd.period_range("2011-01", periods=72, freq="M").astype(str)
    grow = np.exp(np.linspace(0, 0.5, len(months)))
    frame = pd.DataFrame(
        {
            "china_price": 60.0,
            "ex_china_price": 62.0,
            "subsidy_rate_est": subsidy,
            "illegal_output_share_est": 0.2,
            "export_tax_rate": 0.0,
            "mining_quota": 400.0,
            "export_quota_in_force": 0.0,
            "export_licence_in_force": 0.0,
            "stockpile_purchase_est": 0.0,
            "demand_index_china": 55.0 * grow,
            "demand_index_ex_china": 35.0 * grow,
            "capacity_china_est": 95.0 * grow,
            "capacity_ex_china_est": 25.0 * grow,
            "exports_china": np.nan,
            "factor_price_energy": 1.0,
            "factor_cost_energy": 24.0,
            "factor_price_capital": 1.0,
            "factor_cost_capital": 10.0,
        },
        index=pd.Index(months, name="month"),
    )
    truth = isoelastic(shipped_prior().draw(64, seed).take(np.array([17])))
    facts = facts_of(market_of(MarketHistory(MATERIAL, frame), shipped_search().smoothing))
    seen = as_grown(Economy.of(facts, truth, Switches.all_on(1)), 0.0)
    fair = as_grown(Economy.of(facts, truth, Switches.fair(1, SupportSet.MARKET_ECONOMY)), 0.0)
    frame["china_price"], frame["ex_china_price"] = seen.china[0, :, 0], seen.outside[0, :, 0]
    frame["capacity_china_est"], frame["capacity_ex_china_est"] = seen.capacity[0, :, 0], seen.capacity[0, :, 1]
    return frame, fair.outside[0, :, 0]


@pytest.fixture(scope="module")
def answers() -> list[tuple[pd.DataFrame, np.ndarray, pd.DataFrame]]:
    """Return what is seen of six economies, their truth, and what was recovered."""
    made = [economy(seed) for seed in range(6)]
    found = recovered([frame for frame, _ in made])
    return [(frame, truth, answer) for (frame, truth), answer in zip(made, found, strict=True)]


def recovered(frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    histories = [MarketHistory(MATERIAL, frame) for frame in frames]
    return recover(histories, shipped_prior(), shipped_search(), shipped_calibration())


def test_truths_drawn_from_the_prior_are_found_far_better_than_by_the_market_and_within_their_intervals(
    answers: list[tuple[pd.DataFrame, np.ndarray, pd.DataFrame]],
) -> None:
    ours = [np.log(answer["fair_long_run"].to_numpy() / truth) for _, truth, answer in answers]
    markets = [np.log(frame["china_price"].to_numpy() / truth) for frame, truth, _ in answers]
    inside = [(truth > answer["low95"]) & (truth < answer["high95"]) for _, truth, answer in answers]
    assert np.sqrt(np.mean(np.square(ours))) < 0.6 * np.sqrt(np.mean(np.square(markets)))
    assert np.mean(inside) > 0.85


def test_every_figure_is_finite_and_intervals_nest(
    answers: list[tuple[pd.DataFrame, np.ndarray, pd.DataFrame]],
) -> None:
    for _, _, found in answers:
        assert np.isfinite(found.drop(columns="month").to_numpy()).all()
        edges = found[["low95", "low80", "low50", "fair_long_run", "high50", "high80", "high95"]].to_numpy()
        assert (np.diff(edges, axis=1) >= 0).all()


def test_an_economy_recovered_alone_gives_the_figures_it_gives_among_others(
    answers: list[tuple[pd.DataFrame, np.ndarray, pd.DataFrame]],
) -> None:
    frame, _, among = answers[2]
    alone = recovered([frame])[0]
    pd.testing.assert_frame_equal(alone, among, rtol=1e-6)


def test_more_subsidy_moves_the_market_and_far_less_the_fair_price_found() -> None:
    (less, truth), (more, same) = economy(3, subsidy=0.15), economy(3, subsidy=0.25)
    assert (truth == same).all()
    moved = [np.log(b["fair_long_run"] / a["fair_long_run"]) for a, b in [recovered([less, more])]]
    market = np.log(more["china_price"] / less["china_price"])
    assert np.sqrt(np.mean(np.square(moved))) < 0.25 * np.sqrt(np.mean(np.square(market)))


def test_the_command_reports_a_malformed_file_and_answers_the_rest(tmp_path: Path) -> None:
    frame = economy()[0]
    frame.to_csv(tmp_path / "good_observed.csv")
    text = frame.astype(object)
    text.iloc[4, text.columns.get_loc("mining_quota")] = "many"
    text.to_csv(tmp_path / "bad_observed.csv")
    frame.drop(columns="exports_china").to_csv(tmp_path / "short_observed.csv")
    said = CliRunner().invoke(
        app, ["recover", "--economies", str(tmp_path), "--out", str(tmp_path / "out"), "--jobs", "1"]
    )
    assert said.exit_code == 1
    assert "bad_observed.csv: column mining_quota, row 5 holds 'many'" in said.output
    assert "short_observed.csv: missing column exports_china" in said.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["good_fair.csv", "misspecification.csv"]


@pytest.mark.parametrize(
    ("column", "row", "value", "said"),
    [
        ("china_price", 2, "-3", "row 3"),
        ("month", 5, "2011-09", "expected 2011-06"),
        ("capacity_china_est", 0, "inf", "row 1"),
    ],
)
def test_a_bad_cell_is_named_by_file_column_and_row(
    tmp_path: Path, column: str, row: int, value: str, said: str
) -> None:
    table = economy()[0].reset_index().astype(object)
    table.loc[row, column] = value
    table.to_csv(tmp_path / "x_observed.csv", index=False)
    with pytest.raises(DataError, match=said) as caught:
        read_economy(tmp_path / "x_observed.csv")
    assert "x_observed.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda t: t.head(11), "11 months; fewer than 24"),
        (lambda t: t.drop(columns="factor_cost_energy"), "factor_cost_energy missing"),
        (lambda t: t.assign(factor_price_energy=""), "factor_price_energy holds nothing"),
        (lambda t: t.assign(demand_index_china="0"), "demand_index_china holds 0 in 2011-01"),
        (lambda t: t.assign(month=[f"{m}-31" for m in t["month"]]), "months are written YYYY-MM"),
        (lambda t: pd.concat([t, t[["china_price"]]], axis=1), "china_price stands twice"),
    ],
)
def test_a_file_that_says_too_little_or_twice_is_refused_with_what_is_wrong(
    tmp_path: Path, damage: Callable[[pd.DataFrame], pd.DataFrame], said: str
) -> None:
    damage(economy()[0].reset_index().astype(object)).to_csv(tmp_path / "x_observed.csv", index=False)
    with pytest.raises(DataError, match=said):
        read_economy(tmp_path / "x_observed.csv")


def test_a_gap_in_a_factor_price_is_held_at_the_last_value(tmp_path: Path) -> None:
    table = economy()[0].reset_index().astype(object)
    table.loc[7, "factor_price_energy"] = np.nan
    table.to_csv(tmp_path / "x_observed.csv", index=False)
    assert read_economy(tmp_path / "x_observed.csv").column("factor_price_energy")[7] == 1.0


def test_the_last_year_weighs_even_where_it_is_not_whole() -> None:
    frame = economy(3)[0].head(70)
    higher = frame.assign(china_price=frame["china_price"].where(np.arange(70) < 60, frame["china_price"] * 1.5))
    low, high = recovered([frame, higher])
    assert np.abs(np.log(high["fair_long_run"] / low["fair_long_run"])).max() > 0.005


@pytest.mark.slow
def test_an_unseen_family_is_found_within_intervals_of_a_useful_width() -> None:
    made = simulate(families()["other_curve"], 3, 77)
    found = recover([made.history(i) for i in range(3)], shipped_prior(), shipped_search(), shipped_calibration())
    errors = [np.log(found[i]["fair_long_run"].to_numpy() / made.fair_long_run[i])[60:] for i in range(3)]
    width = [np.log(one["high80"] / one["low80"]).mean() for one in found]
    assert np.sqrt(np.mean(np.square(errors))) < 0.16
    assert np.mean(width) < 0.6


def test_a_prior_row_inherits_what_it_does_not_say_and_one_fixed_value_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "prior.json"
    file.write_text('[{"name": "growth_before", "low": -1e-1, "central": 0, "high": 0.1}]')
    assert not read_prior(file).rows["growth_before"].positive
    file.write_text('[{"name": "freight", "low": 2, "central": 2, "high": 2}]')
    assert read_prior(file).uncertain.sum() == shipped_prior().uncertain.sum() - 1


def test_a_prior_file_replaces_rows_and_an_unknown_name_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "prior.yaml"
    file.write_text('- {name: freight, low: 3, central: 4, high: 5, unit: USD/kg, source: "test"}\n')
    assert read_prior(file).rows["freight"].central == 4
    file.write_text('- {name: fright, low: 3, central: 4, high: 5, unit: USD/kg, source: "test"}\n')
    with pytest.raises(DataError, match="fright"):
        read_prior(file)
