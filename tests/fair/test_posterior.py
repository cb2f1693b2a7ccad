"""Weights worked by hand: one oxide, two years, a world whose price is 1 USD/kg in both regions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pricing.fair.posterior import Errors, log_likelihood
from pricing.market.history import MarketHistory
from pricing.market.worlds import World

MONTHS = pd.period_range("2012-01", periods=24, freq="M").astype(str)
ERRORS = Errors(
    price={"NdPr": 0.5}, persistence=0.6, gap=0.25, learning_rate=1.0, freedom=4.0, derived_factor=2.0,
    output=0.25, output_persistence=0.9,
)  # fmt: skip
FIRST, SECOND = 0.5, 0.7  # log of the observed price in each year


def world(china: float = 1.0, outside: float = 1.0) -> World:
    ones = np.ones((1, 24, 1))
    arrays = dict.fromkeys(World.__dataclass_fields__, ones)
    return World(**(arrays | {"china": china * ones, "outside": outside * ones}))


def history(**columns: object) -> MarketHistory:
    names = (
        *("ex_china_price", "subsidy_rate_est", "illegal_output_share_est", "export_tax_rate", "mining_quota"),
        *("export_quota_in_force", "export_licence_in_force", "stockpile_purchase_est", "capacity_china_est"),
        *("capacity_ex_china_est", "exports_china", "consumption_china", "consumption_ex_china"),
    )
    price = np.repeat(np.exp([FIRST, SECOND]), 12)
    given: dict[str, object] = {"china_price": price, **dict.fromkeys(names, np.nan), **columns}
    return MarketHistory(
        "NdPr", pd.DataFrame(given, index=MONTHS).astype({n: float for n in names if n not in columns})
    )


def added(found: MarketHistory, of: World, errors: Errors = ERRORS) -> list[float]:
    by_month = log_likelihood({"NdPr": found}, of, errors)[0]
    assert not np.delete(by_month, [11, 23]).any(), "evidence comes when a year ends"
    return [float(by_month[11]), float(by_month[23])]


def density(scaled: float) -> float:
    return float(-2.5 * np.log(1 + scaled**2 / 4))


def test_a_miss_that_lasts_is_judged_by_what_is_new_in_it() -> None:
    # .5 / .5 = 1; (.7 - .6 x .5) / (.5 x sqrt(1 - .36)) = .4 / .4 = 1
    assert added(history(), world()) == pytest.approx([density(1.0), density(1.0)])


def test_chinas_price_is_held_against_chinas() -> None:
    assert added(history(), world(outside=9.0)) == pytest.approx([density(1.0), density(1.0)])
    dearer = added(history(), world(china=float(np.exp(0.5))))  # 0 / .5; (.2 - 0) / .4
    assert dearer == pytest.approx([density(0.0), density(0.5)])


def test_prices_are_compared_in_real_money() -> None:
    assert added(history(deflator=np.exp(0.5)), world()) == pytest.approx([density(0.0), density(0.5)])


def test_a_derived_price_errs_by_more_and_an_assumed_one_says_nothing() -> None:
    assert added(history(china_price_evidence="derived"), world()) == pytest.approx([density(0.5), density(0.5)])
    assert added(history(china_price_evidence="prior"), world()) == [0.0, 0.0]


def test_the_gap_between_regions_is_evidence_of_its_own_unless_one_was_made_from_the_other() -> None:
    price = np.repeat(np.exp([FIRST + 0.25, SECOND + 0.25]), 12)  # a gap of .25 where the world has none
    lasting = (0.25 - 0.6 * 0.25) / (0.25 * 0.8)
    seen = added(history(ex_china_price=price, price_basis="ex_china"), world())
    assert seen == pytest.approx([density(1.0) + density(1.0), density(1.0) + density(lasting)])
    same = added(history(ex_china_price=price, price_basis="ex_china"), world(outside=float(np.exp(0.25))))
    assert same == pytest.approx([density(1.0), density(1.0)])
    made = added(history(ex_china_price=price, price_basis="derived:fob"), world())
    assert made == pytest.approx([density(1.0), density(1.0)])


def test_a_gap_from_which_the_rent_was_read_is_no_evidence() -> None:
    price, first = np.repeat(np.exp([FIRST + 0.25, SECOND + 0.25]), 12), np.arange(24) < 12
    circular = added(history(ex_china_price=price, price_basis="ex_china", gap_in_rent=first.astype(float)), world())
    # no gap in the first year, so the second starts anew: .25 / .25 = 1
    assert circular == pytest.approx([density(1.0), density(1.0) + density(1.0)])


def test_the_learning_rate_is_a_power_of_the_likelihood() -> None:
    half = replace(ERRORS, learning_rate=0.5)
    assert added(history(), world(), half) == pytest.approx([density(1.0) / 2, density(1.0) / 2])
