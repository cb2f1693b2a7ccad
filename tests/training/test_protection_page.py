"""The page on the MP price protection says what the reported payments imply, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from features.dataset import load_dataset
from pricing.contracts.inversion import invert
from pricing.errors import DataError
from training.__main__ import app
from training.page_markdown import filled, names, prose
from training.page_protection import PAGE, PLOT, blocks, write_protection
from training.protection import EX_VAT, LAGS, QUARTERS, WITH_VAT, Payments
from training.protection_asset import Asset

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / PAGE).read_text(encoding="utf-8")
FIXED = {"110", "1.03", "2"}  # the public floor, the divisor of the proxy, the number of payments


@pytest.fixture(scope="module")
def payments() -> Payments:
    return Payments(load_dataset())


def test_the_page_is_what_its_numbers_print(payments: Payments) -> None:
    assert set(names(TEXT)) == set(blocks(payments))
    assert filled(TEXT, blocks(payments)) == TEXT


def test_the_prose_holds_no_figure_of_its_own() -> None:
    plain = re.sub(r"`[^`]*`|\]\([^)]*\)|20\d\d(-Q\d)?|\d+ October|10X", " ", prose(TEXT))
    assert set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", plain)) <= FIXED


def test_the_first_quarter_of_2026_implies_what_was_worked_out_by_hand(payments: Payments) -> None:
    """Question 2: 67.98 on 1,006 t sold, 63.90 on 917 t produced."""
    printed = blocks(payments)["implied-references"]
    assert "| 2026-Q1 | sold | 1,006 | 42.02 | 67.98 |" in printed
    assert "| 2026-Q1 | produced | 917 | 46.10 | 63.90 |" in printed


def test_the_last_quarter_of_2025_implies_what_division_says(payments: Payments) -> None:
    """110 less 51,016,000 over 562,000 kg is 19.22; over 718,000 kg it is 38.95."""
    printed = blocks(payments)["implied-references"]
    assert "| 2025-Q4 | sold | 562 | 90.78 | 19.22 | 21.72 |" in printed
    assert "| 2025-Q4 | produced | 718 | 71.05 | 38.95 | 44.01 |" in printed


@pytest.mark.parametrize("quarter", QUARTERS)
def test_no_payment_is_identified(payments: Payments, quarter: str) -> None:
    found = invert(payments.reported(quarter))
    assert found.identified is None
    assert {fault.path for fault in found.missing} == {"tonnes", "vat_rates", "window", "lag_months", "share_in_force"}


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("quarter", QUARTERS)
def test_an_index_with_vat_is_the_one_without_times_the_rate(payments: Payments, quarter: str, lag: int) -> None:
    bare, _ = payments.average(EX_VAT, quarter, lag)
    taxed, _ = payments.average(WITH_VAT, quarter, lag)
    assert taxed == pytest.approx(1.13 * bare)
    assert payments.implied_tonnes(WITH_VAT, quarter, lag) > payments.implied_tonnes(EX_VAT, quarter, lag)


def test_the_prose_on_2025_q4_and_2026_q1_holds(payments: Payments) -> None:
    for quarter in QUARTERS:
        dearest = payments.floor - payments.reported(quarter).usd / (max(payments.tonnes(quarter).values()) * 1000)
        in_quarter = [payments.average(index, quarter, 0)[0] for index in payments.indices]
        assert dearest < min(in_quarter)  # no volume reported gives a price that the quarter had
    before, same = (payments.implied_tonnes(EX_VAT, "2026-Q1", lag) for lag in (-3, 0))
    assert 1 < before / float(payments.tonnes("2026-Q1")["sold"]) < 1.05
    assert same > 2 * before


def test_the_floor_without_volatility_is_worth_its_discounted_shortfalls(payments: Payments) -> None:
    """42 USD/kg on 250,000 kg at the end of each of 41 quarters, 1 October 2025 to 31 December 2035."""
    by_hand = sum(42 * 250_000 / 1.05 ** (quarter / 4) for quarter in range(1, 42))
    assert Asset(payments).usd(68, 1000, 0.05, volatility=1e-6) == pytest.approx(by_hand)
    assert Asset(payments).usd(120, 1000, 0.05, volatility=1e-6) == pytest.approx(0, abs=1)


def test_one_quarter_ahead_at_the_floor_is_worth_what_black_says(payments: Payments) -> None:
    """At the money a floorlet is near 0.4 x forward x deviation; months at 1/12, 2/12 and 3/12 average to 14/108."""
    first = Asset(payments)._floorlet(110, 0.3, 0)
    assert first == pytest.approx(0.4 * 110 * 0.3 * (14 / 108) ** 0.5, rel=0.01)


def test_the_prose_on_what_was_booked_holds(payments: Payments) -> None:
    asset = Asset(payments)
    assert asset.volumes == (562 * 4, 1006 * 4)
    for _, deck, rate, values, tonnes in asset.rows():
        assert min(values) > asset.booked.value  # no tonnes reported come down to it
        assert asset.usd(deck, tonnes, rate) == pytest.approx(asset.booked.value)


def test_the_command_writes_the_page_and_the_same_bytes(payments: Payments, tmp_path: Path) -> None:
    (tmp_path / PAGE).write_text(filled(TEXT, dict.fromkeys(names(TEXT), "")), encoding="utf-8")
    ran = CliRunner().invoke(app, ["protection", "--to", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == TEXT
    first = (tmp_path / "plots" / PLOT).read_bytes()
    write_protection(payments.dataset, tmp_path)
    assert (tmp_path / "plots" / PLOT).read_bytes() == first


def test_a_missing_page_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="its prose is written by hand"):
        write_protection(load_dataset(), tmp_path)
    assert CliRunner().invoke(app, ["protection", "--to", str(tmp_path)]).exit_code == 1


def test_a_month_without_a_quote_is_left_out_and_counted(payments: Payments) -> None:
    assert payments.average(EX_VAT, "2026-Q1", 0)[1] == 2  # March 2026
