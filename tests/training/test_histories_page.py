"""What the page on histories says in words holds in the numbers beside it; a failure means: read that section again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.dataset import load_dataset
from pricing.market.supply import Region
from training.metrics import slope_of_changes
from training.page_anchors import floor_level
from training.page_histories import ERAS
from training.page_numbers import (
    AFTER_2025,
    AFTER_FLOOR,
    BEFORE_2025,
    BEFORE_FLOOR,
    QUOTED_2025,
    Numbers,
    inside,
)
from training.page_prices import CHINA, EXPLICIT, FAIR, FINANCING, HIGH, OUTSIDE, TODAY

NUMBERS = Numbers.read(Path(__file__).parents[2] / "docs" / "tables")
MATERIALS, HEAVY = ("NdPr", "Dy", "Tb"), ("Dy", "Tb")
BELOW = {region: f"p_market_below_fair.{region}" for region in Region}
INSIDE, ABROAD = Region.CHINA, Region.EX_CHINA
LAST = str(NUMBERS.model["last_month"])


def months(material: str, window: str = "", vintage: str = "latest") -> pd.DataFrame:
    frame = NUMBERS.months(material, vintage)
    return frame[inside(frame.index, window)] if window else frame


def mean(material: str, column: str, window: str) -> float:
    return float(months(material, window)[column].mean())


def real(column: str, window: str, vintage: str = "latest") -> float:
    frame = months("NdPr", window, vintage)
    return float((frame[column] / frame["deflator"]).mean())


def parts(material: str, region: Region, window: str) -> pd.Series:
    found: pd.Series = NUMBERS.parts(material, region, window)["value"]
    return found


def change(material: str, column: str, before: str, after: str) -> float:
    frame = months(material)
    return float(frame[column][after] / frame[column][before])


# Where prices stood in the last month


def test_ndpr_was_dear_after_two_years_below_fair() -> None:
    frame = months("NdPr")
    assert frame[CHINA][LAST] > frame[FAIR][LAST]
    assert frame[OUTSIDE][LAST] > frame[FAIR][LAST]
    assert (months("NdPr", "2023-07..2025-06")[OUTSIDE] < months("NdPr", "2023-07..2025-06")[FAIR]).all()


@pytest.mark.parametrize("material", HEAVY)
def test_chinas_heavies_were_cheap_and_outside_the_sign_is_not_known(material: str) -> None:
    last = months(material).iloc[-1]
    assert last[BELOW[INSIDE]] > 0.85
    assert np.isnan(last[OUTSIDE])
    assert last[f"{OUTSIDE}.low"] < last[FAIR] < last[f"{OUTSIDE}.high"]


@pytest.mark.parametrize("material", MATERIALS)
def test_fair_at_todays_capacities_is_lower(material: str) -> None:
    assert months(material).iloc[-1][TODAY] < months(material).iloc[-1][FAIR]


# NdPr, Dy, Tb


def test_the_market_outside_stood_above_fair_to_2013() -> None:
    assert all(mean("NdPr", OUTSIDE, year) > mean("NdPr", FAIR, year) for year in ("2010", "2011", "2012", "2013"))


@pytest.mark.parametrize("year", [str(year) for year in range(2015, 2021)])
@pytest.mark.parametrize("column", [CHINA, OUTSIDE])
def test_both_markets_stood_below_fair_from_2015_to_2020(year: str, column: str) -> None:
    assert mean("NdPr", column, year) < mean("NdPr", FAIR, year)


def test_the_market_outside_overshot_in_2022_and_stands_above_fair_since_late_2025() -> None:
    assert mean("NdPr", OUTSIDE, "2022") > mean("NdPr", FAIR, "2022")
    assert mean("NdPr", OUTSIDE, AFTER_FLOOR) > mean("NdPr", FAIR, AFTER_FLOOR)


@pytest.mark.parametrize("material", MATERIALS)
def test_the_fair_price_takes_no_part_in_the_swings(material: str) -> None:
    assert abs(slope_of_changes(months(material)[FAIR], months(material)[OUTSIDE])) < 0.2


def test_support_pulls_down_and_quotas_push_up_in_most_years() -> None:
    years = [parts("NdPr", INSIDE, str(year)) for year in range(2011, 2026)]
    assert all(year["support_plant_capital"] < 0 for year in years)
    assert sum(year["production_quota"] > 0 for year in years) > len(years) * 2 / 3


def test_dy_fell_to_fair_by_2016_stood_above_in_2021_and_fell_in_china_since() -> None:
    assert mean("Dy", OUTSIDE, "2013") > 1.5 * mean("Dy", FAIR, "2013")
    assert mean("Dy", OUTSIDE, "2016") < 1.2 * mean("Dy", FAIR, "2016")
    assert mean("Dy", OUTSIDE, "2021") > mean("Dy", FAIR, "2021")
    assert mean("Dy", OUTSIDE, "2022") > mean("Dy", FAIR, "2022")
    assert mean("Dy", CHINA, "2025") < 0.8 * mean("Dy", CHINA, "2022")
    assert mean("Dy", FAIR, "2025") > mean("Dy", FAIR, "2022")


def test_the_boom_of_tb_went_further_and_is_mostly_unexplained() -> None:
    peak = {material: mean(material, CHINA, "2022") / mean(material, CHINA, "2020") for material in HEAVY}
    assert peak["Tb"] > peak["Dy"]
    assert parts("Tb", INSIDE, "2022")["unexplained"] > 0.7 * parts("Tb", INSIDE, "2022")["total"]


# Which support counts


@pytest.mark.parametrize("era", ["2010-12", "2013-16", "2017-20"])
def test_explicit_support_alone_gives_a_level_about_a_third_lower_for_ndpr(era: str) -> None:
    ratio = mean("NdPr", EXPLICIT, ERAS[era]) / mean("NdPr", FAIR, ERAS[era])
    assert 0.58 < ratio < 0.76


def test_that_level_is_inside_the_range_of_the_market() -> None:
    span = "2013-01..2020-12"
    assert months("NdPr", span)[CHINA].min() < mean("NdPr", EXPLICIT, span) < months("NdPr", span)[OUTSIDE].max()


@pytest.mark.parametrize("material", HEAVY)
def test_the_sets_hardly_differ_for_heavies(material: str) -> None:
    frame = months(material)
    assert (frame[EXPLICIT] / frame[FAIR]).mean() > 0.9
    assert (frame[FINANCING] / frame[FAIR]).mean() > 0.9


def test_plant_at_market_cost_multiplies_the_capital_charge() -> None:
    charge = NUMBERS.routes.set_index(["route", "variant"])["capital"]
    assert all(charge[r, "market_economy"] > 2.5 * charge[r, "as_reported"] for r in ("bayan_obo", "sichuan"))


# 2010-11: the panic


def test_the_price_outside_rose_ninefold_and_halved_twice() -> None:
    assert 8 < change("NdPr", OUTSIDE, "2010-07", "2011-08") < 10
    assert change("NdPr", OUTSIDE, "2011-08", "2012-12") < 0.26
    assert 1.15 < change("NdPr", FAIR, "2010-07", "2011-08") < 1.35
    assert months("NdPr")[BELOW[ABROAD]]["2011-08"] == 0


def test_the_model_lies_above_the_market_then_below_then_above() -> None:
    gap = months("NdPr")[f"model.{ABROAD}"] - months("NdPr")[OUTSIDE]
    assert gap["2010-07"] > 0
    assert gap["2011-08"] < 0
    assert gap["2012-12"] > 0


def test_duty_and_quota_are_a_good_third_of_the_gap_of_2011_and_the_rest_changes_sign() -> None:
    years = [parts("NdPr", ABROAD, year) for year in ("2010", "2011", "2012")]
    assert 1 / 3 < years[1]["export_duty_and_quota"] / years[1]["total"] < 0.45
    assert years[0]["export_duty_and_quota"] > years[0]["total"]
    assert all(year["capacity_and_start"] > 10 for year in years)
    assert [year["unexplained"] > 0 for year in years][:2] == [False, True]


# May 2015: the end of the duties


def test_the_end_of_the_duty_moved_the_outside_market_and_not_the_fair_price() -> None:
    assert 0.78 < change("NdPr", OUTSIDE, "2015-04", "2015-05") < 0.88
    assert change("NdPr", CHINA, "2015-04", "2015-05") == pytest.approx(1, abs=0.05)
    assert 1 < change("NdPr", FAIR, "2015-04", "2015-05") < 1.06
    wedge = months("NdPr")[f"wedge.{ABROAD}.total"]
    assert wedge["2015-04"] > 0 > wedge["2015-05"]


def test_the_line_of_the_duty_outlives_it() -> None:
    assert max(abs(parts("NdPr", INSIDE, str(year))["export_duty_and_quota"]) for year in range(2017, 2025)) > 2


def test_the_market_fell_below_the_model_in_the_autumn_of_2015() -> None:
    assert parts("NdPr", INSIDE, "2015-05..2016-04")["unexplained"] < -5


# 2022: the boom


def test_the_boom_is_unexplained() -> None:
    assert months("NdPr")[f"model.{INSIDE}"]["2022-02"] < 0.5 * months("NdPr")[CHINA]["2022-02"]
    assert parts("NdPr", INSIDE, "2022")["unexplained"] == parts("NdPr", INSIDE, "2022").drop("total").max()


def test_the_long_run_price_makes_a_hump_that_todays_capacities_hardly_show() -> None:
    hump, ends = "2021-01..2024-12", ("2020", "2026")
    rise = {c: real(c, hump) / np.mean([real(c, e) for e in ends]) for c in (FAIR, TODAY)}
    known = real(FAIR, hump, "as_known") / np.mean([real(FAIR, e, "as_known") for e in ends])
    assert rise[FAIR] > 1.15
    assert rise[TODAY] < rise[FAIR] - 0.1
    assert known < rise[FAIR] - 0.1


# April 2025: licences on Dy and Tb


@pytest.mark.parametrize("material", HEAVY)
def test_the_licence_moved_the_outside_quote_and_neither_china_nor_the_fair_price(material: str) -> None:
    assert change(material, CHINA, "2025-03", "2025-06") == pytest.approx(1, abs=0.12)
    assert change(material, OUTSIDE, "2025-04", "2025-05") > 2
    assert change(material, FAIR, "2025-03", "2025-06") == pytest.approx(1, abs=0.06)
    later = months(material, "2025-06..2026-02")
    assert later[[OUTSIDE, BELOW[ABROAD]]].isna().all(axis=None)
    assert (later[f"{OUTSIDE}.high"] > 3 * later[FAIR]).all()
    assert (later[f"{OUTSIDE}.low"] < later[FAIR]).all()


@pytest.mark.parametrize("material", HEAVY)
def test_the_licence_lowers_chinas_price_and_raises_the_other(material: str) -> None:
    assert (
        parts(material, INSIDE, AFTER_2025)["export_licence"]
        < 0
        < parts(material, ABROAD, QUOTED_2025)["export_licence"]
    )


@pytest.mark.parametrize("material", HEAVY)
def test_quota_and_capacity_nearly_cancel_before_the_licence(material: str) -> None:
    before = parts(material, INSIDE, BEFORE_2025)
    quota, plants = before["production_quota"] + before["illegal_output"], before["capacity_and_start"]
    assert quota > 0 > plants
    assert abs(quota + plants) < 0.6 * max(quota, -plants)


# The floor of 110 USD/kg


def test_the_floor_lies_above_the_middle_of_fair_near_its_upper_end_and_between_the_steps() -> None:
    dataset = load_dataset()
    level, known = floor_level(dataset), months("NdPr", vintage="as_known").iloc[-1]
    steps = NUMBERS.incentive[NUMBERS.incentive["month"] == LAST].set_index("tonnes_ndpr")["price"]
    assert level == 110
    assert known[FAIR] * 1.1 < level
    assert 0.85 * known[HIGH] < level < 1.2 * known[HIGH]
    assert max(steps[10_000], steps[15_000]) < level < steps[20_000]
    assert known[CHINA] < level < known[CHINA] * 1.13


def test_the_market_rose_after_the_floor_the_fair_price_did_not_and_the_rise_is_unexplained() -> None:
    rise = parts("NdPr", ABROAD, AFTER_FLOOR) - parts("NdPr", ABROAD, BEFORE_FLOOR)
    assert change("NdPr", OUTSIDE, "2025-07", "2026-02") > 1.5
    assert change("NdPr", FAIR, "2025-07", "2026-02") == pytest.approx(1, abs=0.06)
    assert rise["unexplained"] > 0.7 * rise["total"] > 0


# Beside the anchors


@pytest.mark.parametrize(("year", "realised"), [("2023", 70.0), ("2024", 51.0)])
def test_realised_prices_lie_near_chinas_and_below_fair(year: str, realised: float) -> None:
    assert realised == pytest.approx(mean("NdPr", CHINA, year), rel=0.1)
    assert realised < 0.85 * mean("NdPr", FAIR, year)


def test_the_fair_price_is_near_the_second_step() -> None:
    steps = NUMBERS.incentive[NUMBERS.incentive["month"] == LAST].set_index("tonnes_ndpr")
    assert months("NdPr", vintage="as_known").iloc[-1][FAIR] == pytest.approx(steps["price"][15_000], rel=0.15)
    assert steps["heavy_credit_zero"][10_000] == pytest.approx(steps["heavy_credit_zero"][15_000], rel=0.05)


# What looks wrong


def test_prices_teach_little_about_ndpr() -> None:
    assert months("NdPr", vintage="as_known")["reason"].fillna("").str.contains("not identified").mean() > 0.1


@pytest.mark.parametrize("material", ["NdPr", "Dy"])
def test_the_model_as_known_misses_by_more_in_the_early_years(material: str) -> None:
    def miss(vintage: str) -> float:
        frame = months(material, ERAS["2013-16"], vintage)
        return float(np.sqrt((np.log(frame[f"model.{INSIDE}"] / frame[CHINA]) ** 2).mean()))

    assert miss("as_known") > 1.2 * miss("latest")


@pytest.mark.parametrize("material", MATERIALS)
def test_the_latest_history_is_smoother(material: str) -> None:
    steps = {v: np.log(months(material, vintage=v)[FAIR]).diff().abs().max() for v in ("as_known", "latest")}
    assert steps["as_known"] > steps["latest"]
