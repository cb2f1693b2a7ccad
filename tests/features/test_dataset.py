"""The dataset as a folder: loaded fast, refused in one clear line when torn, and stable as of a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.dataset import Dataset, load_dataset, seal
from features.panel import Panel
from pricing.errors import DataError

Edit = Callable[[str, str, str], Path]


def refusal(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_dataset(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_tampered_file_stops_the_load_in_one_line(copied: Path) -> None:
    path = copied / "prices_monthly.csv"
    path.write_text(path.read_text("utf-8").replace("325.0", "326.0", 1), "utf-8")
    message = refusal(copied)
    assert message.startswith("prices_monthly.csv: checksum")
    assert "import the dataset again" in message


def test_a_file_that_is_gone_stops_the_load(copied: Path) -> None:
    (copied / "policy.csv").unlink()
    assert refusal(copied).startswith("policy.csv: checksum no file")


def test_a_file_nobody_listed_stops_the_load(copied: Path) -> None:
    (copied / "panel" / "extra.csv").write_text("series,date,known_at,value\n", "utf-8")
    assert "panel/extra.csv is not in manifest.yaml" in refusal(copied)


def test_a_folder_without_a_manifest_names_the_importer(tmp_path: Path) -> None:
    assert "python -m features.importer" in refusal(tmp_path)


def test_a_wrong_unit_stops_the_load(edit: Edit) -> None:
    message = refusal(edit("series.csv", "usd_cny,fx_macro,CNY per USD", "usd_cny,fx_macro,USD per CNY"))
    assert message.startswith("series, usd_cny: found unit 'USD per CNY'")
    assert "CNY per USD" in message


def test_a_price_in_the_wrong_unit_stops_the_load(edit: Edit) -> None:
    message = refusal(edit("prices_monthly.csv", "CNY,kg,325.0", "CNY,t,325.0"))
    assert "unit 't', expected one of kg" in message
    assert "NdPr 2018-01 china_domestic" in message


def test_a_missing_series_stops_the_load(copied: Path) -> None:
    path = copied / "panel" / "policy.csv"
    rows = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(row for row in rows if not row.startswith("cn_quota_mining_total")), "utf-8")
    seal(copied, "2026-03-31")
    assert refusal(copied).startswith("panel, cn_quota_mining_total: found no row, expected at least one")


def test_a_series_nobody_described_stops_the_load(edit: Edit) -> None:
    message = refusal(edit("panel/policy.csv", "cn_quota_mining_total", "cn_quota_mining_totel"))
    assert message.startswith("series, cn_quota_mining_totel: found no entry")


def test_a_source_without_a_card_stops_the_load(copied: Path) -> None:
    (copied / "cards" / "gpr.yaml").unlink()
    seal(copied, "2026-03-31")
    assert "found source gpr, expected a card" in refusal(copied)


def test_rows_that_do_not_match_their_card_stop_the_load(edit: Edit) -> None:
    message = refusal(edit("panel/fx_macro.csv", "2018-01-01,2018-02-04,6.4", "2018-01-01,2018-02-04,6.5"))
    assert message.startswith("cards, fed_fx: found rows")


def test_text_among_numbers_stops_the_load(edit: Edit) -> None:
    message = refusal(edit("panel/fx_macro.csv", "2018-01-01,2018-02-04,6.4", "2018-01-01,2018-02-04,six"))
    assert message.startswith("fx_macro.csv: ValueError")


def test_the_second_load_is_the_first_one(imported: Path) -> None:
    assert load_dataset(imported) is load_dataset(imported)


def test_a_changed_file_is_seen_despite_the_cache(edit: Edit) -> None:
    folder = edit("events.csv", "invented", "invented")
    first = load_dataset(folder)
    edit("events.csv", "ease", "tighten")
    assert load_dataset(folder).digest != first.digest


@settings(max_examples=15, deadline=None)
@given(as_of=st.dates(date(2009, 1, 1), date(2026, 6, 30)))
def test_nothing_known_later_is_in_a_dataset_as_known(shipped: Dataset, as_of: date) -> None:
    known = shipped.as_known(as_of)
    for table in (known.panel.frame, known.prices, known.anchors, known.policy, known.events):
        assert (table["known_at"] <= pd.Timestamp(as_of)).all()
    assert known.last_day <= shipped.last_day
    assert known.snapshot(as_of) == shipped.snapshot(as_of)


@settings(max_examples=10, deadline=None)
@given(as_of=st.dates(date(2010, 1, 1), date(2026, 3, 1)))
def test_later_rows_never_change_a_snapshot(shipped: Dataset, as_of: date) -> None:
    poisoned = poison(shipped, as_of)
    assert poisoned.snapshot(as_of) == shipped.snapshot(as_of)
    assert poisoned.snapshot(shipped.last_day) != shipped.snapshot(shipped.last_day)


def test_a_row_known_that_day_changes_the_snapshot(shipped: Dataset) -> None:
    first, second = sorted(shipped.prices["known_at"].unique())[:2]
    assert shipped.snapshot(first.date()) != shipped.snapshot(second.date())


def test_the_dataset_ends_on_its_last_day(shipped: Dataset) -> None:
    newest = max(table["known_at"].max() for table in (shipped.panel.frame, shipped.prices, shipped.policy))
    assert newest.date() <= shipped.last_day == date(2026, 3, 31)


def poison(dataset: Dataset, as_of: date) -> Dataset:
    """Multiply every value known after a day by ten."""
    panel, prices = dataset.panel.frame, dataset.prices
    panel = panel.assign(value=panel["value"].where(panel["known_at"] <= pd.Timestamp(as_of), panel["value"] * 10 + 1))
    later = prices["known_at"] > pd.Timestamp(as_of)
    money = {name: prices[name].where(~later, prices[name] * 10) for name in ("mean", "low", "high", "last")}
    return replace(dataset, panel=Panel(panel), prices=prices.assign(**money))
