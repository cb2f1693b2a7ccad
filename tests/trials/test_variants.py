"""A variant differs from the real market by what its name says, and by nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from features.dataset import Dataset, load_dataset
from pricing.market.history import MarketHistory
from pricing.market.supply import Market
from training.trials import variants

MARKET_COLUMNS = {f"{side}_price{edge}" for side in ("china", "ex_china") for edge in ("", "_low", "_high")}


def changed(one: Market, other: Market) -> dict[str, dict[str, list[str]]]:
    """Return by material and column the months in which two markets differ, in all of their histories."""
    assert all(a is b for a, b in zip(one.sources, other.sources, strict=True))
    found = {m: differing(one.histories[m], other.histories[m]) for m in one.histories}
    for material, history in one.whole.items():
        own = differing(history, other.whole[material])
        begun = one.histories[material].months if material in one.histories else []
        shared = {column: [month for month in months if month in begun] for column, months in own.items()}
        assert {column: months for column, months in shared.items() if months} == found.get(material, {})
    return found


def differing(one: MarketHistory, other: MarketHistory) -> dict[str, list[str]]:
    found = {}
    for column in one.frame:
        a, b = one.frame[column], other.frame[column]
        apart = ~((a == b) | (a.isna() & b.isna()))
        if apart.any():
            found[str(column)] = [str(month) for month in one.frame.index[apart]]
    return found


def test_a_run_up_raises_market_columns_of_the_last_twelve_months_and_nothing_else(market: Market) -> None:
    found = changed(market, variants.raised(market, 0.30, 12))
    last = market.months[-12:]
    assert {column for columns in found.values() for column in columns} == MARKET_COLUMNS
    assert all(set(months) <= set(last) for columns in found.values() for months in columns.values())
    assert found["NdPr"]["china_price"] == last


def test_a_run_up_of_thirty_per_cent_is_thirty_per_cent(market: Market) -> None:
    before, after = (m.histories["NdPr"].column("china_price") for m in (market, variants.raised(market, 0.30, 12)))
    assert after[-12:] / before[-12:] == pytest.approx(1.3)
    assert after[:-12].tolist() == before[:-12].tolist()


def test_a_run_up_of_nothing_changes_nothing(market: Market) -> None:
    assert all(columns == {} for columns in changed(market, variants.raised(market, 0.0, 12)).values())


def test_evidence_counts_by_full_years_from_the_first_month(market: Market) -> None:
    """NdPr has 188 months from 2010-07: fifteen years end in 2025-06. Tb's seven from 2019-01 end in 2025-12."""
    found = changed(market, variants.raised_evidence(market, 0.30))
    months = {material: columns["china_price"] for material, columns in found.items()}
    assert (months["NdPr"][0], months["NdPr"][-1], len(months["NdPr"])) == ("2024-07", "2025-06", 12)
    assert (months["Tb"][0], months["Tb"][-1]) == ("2025-01", "2025-12")


def test_without_vat_fob_bears_none_since_it_left_the_domestic_price(market: Market) -> None:
    for columns in changed(market, variants.fob_without_vat(market)).values():
        assert set(columns) == {"vat_not_refunded"}
        assert min(columns["vat_not_refunded"]) == variants.FOB_APART


def test_the_other_publisher_lifts_ndpr_outside_china_alone(market: Market) -> None:
    found = changed(market, variants.second_publisher(market, 0.33))
    assert set(found["NdPr"]) == {"ex_china_price", "ex_china_price_low", "ex_china_price_high"}
    assert (found["Dy"], found["Tb"]) == ({}, {})


def test_without_export_quotes_only_domestic_ones_are_left(early: Dataset, early_market: Market) -> None:
    """The domestic series of Nd begins in 2013-01; before it Chinese prices came from FOB but for few quotes."""
    seen = variants.without_export_quotes(early, early_market)
    history, real = seen.histories["NdPr"], early_market.histories["NdPr"]
    assert np.isnan(history.column("ex_china_price")).all()
    assert np.isfinite(history.column("china_price")[history.frame.index >= "2013-01"]).all()
    assert np.isfinite(history.column("china_price")).sum() < np.isfinite(real.column("china_price")).sum()
    columns = {column for one in changed(early_market, seen).values() for column in one}
    assert all(column.startswith(("china_price", "ex_china_price")) for column in columns)


@pytest.mark.parametrize(("path", "more"), [("illegal_share_low", False), ("illegal_share_high", True)])
def test_sources_on_illegal_output_lie_on_both_sides_in_2018(path: str, more: bool, market: Market) -> None:
    other = variants.with_illegal_share(load_dataset(), "latest", path)
    shares = [m.histories["NdPr"].frame["illegal_output_share_est"]["2018-06"] for m in (market, other)]
    assert bool(shares[1] > shares[0]) is more
    assert same_prices(market.histories, other.histories)


def same_prices(one: Mapping[str, MarketHistory], other: Mapping[str, MarketHistory]) -> bool:
    def prices(histories: Mapping[str, MarketHistory]) -> list[pd.DataFrame]:
        return [history.frame[["china_price", "ex_china_price"]] for history in histories.values()]

    return all(a.equals(b) for a, b in zip(prices(one), prices(other), strict=True))
