"""The checks find what would hurt: slips of a thousand, a VAT in hiding, a broken basis, gaps and stale series."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.basis_checks import basis_breaks, vat_smells
from features.dataset import Dataset, seal
from features.findings import Severity
from features.panel import Panel
from features.quality import findings, main, refuse_errors
from features.rules import quality_rules
from features.series_checks import gaps, out_of_range, slipped_prices, slips, stale
from pricing.errors import DataError

RULES = quality_rules()


def with_prices(dataset: Dataset, rows: pd.Series, factor: float) -> Dataset:  # type: ignore[type-arg]
    money = {name: dataset.prices[name].where(~rows, dataset.prices[name] * factor) for name in ("mean", "low", "high")}
    return replace(dataset, prices=dataset.prices.assign(**money))


def test_the_shipped_dataset_has_no_error_and_lists_its_warnings(shipped: Dataset) -> None:
    assert shipped.findings
    assert {finding.severity for finding in shipped.findings} == {Severity.WARNING}


def test_a_price_in_tonnes_among_kilograms_is_an_error(shipped: Dataset) -> None:
    prices = shipped.prices
    slip = (prices["material"] == "Nd") & (prices["month"] == "2016-07") & (prices["source"] == "china_price_service")
    found = list(slipped_prices(with_prices(shipped, slip, 1000), RULES))
    assert any("255070 CNY/kg" in str(one) and "slip of t for kg" in str(one) for one in found)
    assert any("times the median of its neighbours" in one.found for one in found)
    assert not list(slipped_prices(shipped, RULES))


def test_a_slip_in_a_series_of_the_panel_is_an_error(shipped: Dataset) -> None:
    frame = shipped.panel.frame
    slip = (frame["series"] == "cn_quota_mining_total") & (frame["date"] == "2018-12-31")
    torn = replace(shipped, panel=Panel(frame.assign(value=frame["value"].where(~slip, frame["value"] / 1000))))
    found = [str(one) for one in out_of_range(torn, RULES)]
    assert len(found) == 1
    assert found[0].startswith("panel, cn_quota_mining_total of 2018-12-31: found 0.001143 times the median")
    assert found[0].endswith("not a slip of t for kg. Check the unit at the source.")


@given(
    level=st.floats(0.1, 1e4),
    moves=st.lists(st.floats(-0.3, 0.3), min_size=8, max_size=30),
    data=st.data(),
)
def test_a_market_that_moves_by_thirty_per_cent_is_no_slip_but_a_thousand_is(
    level: float, moves: list[float], data: st.DataObject
) -> None:
    prices = level * np.exp(np.cumsum(moves))
    assert slips(prices, RULES["unit_slip"]) == []
    place = data.draw(st.integers(2, len(moves) - 3))
    prices[place] *= 1000
    assert [found for found, _ in slips(prices, RULES["unit_slip"])] == [place]


def test_an_exchange_rate_upside_down_is_out_of_range(shipped: Dataset) -> None:
    frame = shipped.panel.frame
    turned = frame["value"].where(frame["series"] != "usd_cny", 1 / frame["value"])
    found = list(out_of_range(replace(shipped, panel=Panel(frame.assign(value=turned))), RULES))
    assert found[0].row.startswith("usd_cny of 2000-01-01")
    assert found[0].expected == "5 to 10"


def test_a_domestic_series_that_loses_its_vat_smells(shipped: Dataset) -> None:
    prices = shipped.prices
    untaxed = (prices["source"] == "china_price_service") & (prices["material"] == "Nd")
    untaxed &= prices["month"].between("2020-01", "2020-12")
    found = list(vat_smells(with_prices(shipped, untaxed, 1 / 1.13), RULES))
    smelt = {
        one.row for one in found if one.found.startswith("FOB over domestic") and "just the VAT of 13%" in one.found
    }
    assert len(smelt) >= 9
    assert all(row.startswith("Nd 2020") for row in smelt)


def test_the_shipped_prices_do_not_smell_of_vat(shipped: Dataset) -> None:
    assert not list(vat_smells(shipped, RULES))


def test_the_end_of_the_export_duty_shows_as_a_basis_break(shipped: Dataset) -> None:
    rows = [one.row for one in basis_breaks(shipped, RULES)]
    assert "Nd after 2015-04" in rows
    assert any(row.startswith("Dy after 2025") for row in rows)
    assert not [row for row in rows if row.startswith("Nd after 201") and row > "Nd after 2015-12"]


def test_a_basis_that_changes_in_quiet_times_is_found_at_its_month(shipped: Dataset) -> None:
    prices = shipped.prices
    moved = (prices["source"] == "komis") & (prices["material"] == "Nd") & (prices["month"] >= "2018-01")
    rows = [one.row for one in basis_breaks(with_prices(shipped, moved, 1 / 1.17), RULES)]
    assert "Nd after 2017-12" in rows


def test_a_missing_month_and_a_dead_series_are_warnings(shipped: Dataset) -> None:
    frame = shipped.panel.frame
    hole = (frame["series"] == "usd_cny") & (frame["date"] == "2015-03-01")
    cut = (frame["series"] == "usd_aud") & (frame["date"] > "2024-01-01")
    torn = replace(shipped, panel=Panel(frame[~(hole | cut)].reset_index(drop=True)))
    assert any(one.row == "usd_cny" and "1 of 314 months missing (2015-03)" in one.found for one in gaps(torn))
    late = [one for one in stale(torn, RULES) if one.row == "usd_aud"]
    assert late[0].found.startswith("last value of 2024-01-01")
    assert late[0].severity is Severity.WARNING


def test_the_first_error_is_told_in_one_line_with_the_number_of_others(shipped: Dataset) -> None:
    prices = shipped.prices
    torn = replace(shipped, prices=prices.assign(unit=prices["unit"].where(prices.index > 1, "t")))
    with pytest.raises(DataError) as caught:
        refuse_errors(findings(torn))
    assert "\n" not in str(caught.value)
    assert "unit 't', expected one of kg" in str(caught.value)
    assert str(caught.value).endswith("(1 more: python -m features.quality)")


@pytest.mark.parametrize("column", ["mean", "known_at", "material"])
def test_a_table_that_lost_a_column_says_which(shipped: Dataset, column: str) -> None:
    found = findings(replace(shipped, prices=shipped.prices.drop(columns=column)))
    assert any(f"no column {column}" in one.found for one in found)


def test_a_figure_known_before_its_month_was_over_is_refused(shipped: Dataset) -> None:
    early = shipped.prices.assign(
        known_at=shipped.prices["known_at"].where(shipped.prices.index > 0, pd.Timestamp("2013-01-15"))
    )
    found = findings(replace(shipped, prices=early))
    assert [one.expected for one in found] == ["known after the month's end"]


def test_the_command_prints_findings_and_the_record_of_the_proxy(
    imported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(imported)]) == 0
    printed = capsys.readouterr().out
    assert "Dataset to 2026-03-31: 4 findings" in printed
    assert "NdPr quote over the proxy" in printed


def test_the_command_says_in_one_line_why_a_dataset_cannot_be_loaded(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copied / "facts.csv").unlink()
    seal(copied, "2026-03-31")
    assert main(["--data", str(copied)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
