"""docs/scoreboard.md says what the tables beside it say, and its prose claims no more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pricing.bundle import Bundle
from pricing.bundle_tables import TABLES as BUNDLE_TABLES
from pricing.bundle_tables import empty_table
from pricing.contracts.periods import months_between
from pricing.errors import DataError
from training.page_markdown import filled, names, prose
from training.page_scoreboard import PAGE, fill_scoreboard, read_frames, write_scoreboard
from training.page_scoreboard_blocks import FAIR, FORECASTS, MARKET, MISSES, RECORD, REVISIONS, TABLES, blocks

from .conftest import history

DOCS = Path(__file__).parents[2] / "docs"
METHOD = {"0", "1", "12", "24", "36", "80", "90", "1,000", "0.1", "0.06"}  # slopes, months, per cent, samples, p


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / PAGE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def found() -> dict[str, pd.DataFrame]:
    return dict(read_frames(DOCS / "tables"))


def small_bundle() -> Bundle:
    """Return a bundle with four years of NdPr, its market a tenth below the fair price, and nothing else."""
    months = list(months_between("2019-01", "2022-12"))
    fair = [50.0 + n % 7 for n in range(len(months))]
    ends = ([ratio * value for value in fair] for ratio in (0.8, 1.2))
    known = history(months, fair, *ends, [0.9 * value for value in fair])
    tables: dict[str, Any] = {name: empty_table(name) for name in BUNDLE_TABLES}
    tables |= {"history_as_known": known, "history_latest": known}
    day = pd.Timestamp("2023-01-31").date()
    return Bundle("1", "d" * 64, day, months[0], months[-1], 1, 8, **tables)


def test_the_page_is_what_the_tables_beside_it_print(page: str, found: dict[str, pd.DataFrame]) -> None:
    assert filled(page, blocks(found)) == page
    assert sorted(names(page)) == sorted(blocks(found))


def test_every_figure_of_the_prose_stands_in_a_table(page: str) -> None:
    plain = re.sub(r"`[^`]*`|\]\([^)]*\)|^    .*$", " ", prose(page), flags=re.MULTILINE)
    figures = set(re.findall(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)", re.sub(r"(?:19|20)\d\d", " ", plain)))
    assert figures <= METHOD


def test_the_page_claims_of_revisions_what_the_tables_hold(found: dict[str, pd.DataFrame]) -> None:
    """Inside more often than 80 % of the time; NdPr of 2021 to 2023 revised up by about a third."""
    assert (found[REVISIONS]["inside"] > 0.8).all()
    fair = found[FAIR]
    years = fair[(fair["material"] == "NdPr") & fair["month"].between("2021-01", "2023-12")]
    assert 1.25 < np.exp(years["revision_ln"].median()) < 1.45


def test_the_page_claims_of_the_market_what_the_tables_hold(found: dict[str, pd.DataFrame]) -> None:
    """Nearer nowhere; two years on NdPr's error is two thirds of the last price's, the mean's three quarters."""
    rows = found[MARKET]
    whole = rows[rows["window"] == "headline"]
    assert not set(whole["verdict"]) & {"nearer", "farther"}
    assert (whole["quoted"] < 0.5).all()
    year, two = (whole[whole["months_ahead"] == ahead] for ahead in (12, 24))
    assert (year.loc[year["material"] != "NdPr", "ratio"] > 1.0).all()
    assert (year["ratio_high"] > 1.0).all()
    ndpr, dy, tb, pooled = (
        two[two["material"] == material].set_index("region") for material in ("NdPr", "Dy", "Tb", "all")
    )
    assert ndpr["ratio"].between(0.63, 0.7).all()
    assert ndpr["mean_over_last"].between(0.7, 0.78).all()
    assert (ndpr["windows"] == 4).all()
    assert ndpr["dm_p"]["ex_china"] == pytest.approx(0.06, abs=0.005)
    assert ndpr["dm_p"]["china"] > 0.1
    assert ndpr["quoted"]["ex_china"] < 0.005
    assert ((ndpr["fair_over_mean_low"] < 1.0) & (ndpr["fair_over_mean_high"] > 1.0)).all()
    assert (ndpr["slope"] > 1.0).all()
    assert ndpr["mean_slope"]["china"] > 1.0 > ndpr["mean_slope"]["ex_china"] > 0.85
    assert (dy["fair_over_mean"] > 1.0).all()
    assert tb["ratio_high"].isna().all()
    assert pooled["ratio"]["china"] < 1.0
    assert pooled["fair_over_mean"]["china"] < 1.0
    assert pooled["dm_p"]["china"] > 0.1


def test_a_band_of_the_tables_gives_no_mean_away(found: dict[str, pd.DataFrame]) -> None:
    """Of Dy and Tb no table holds a point, nor what a market that came is over it, nor a revision but in tenths."""
    fair, misses = (found[name][found[name]["material"].isin(("Dy", "Tb"))] for name in (FAIR, MISSES))
    assert fair[["fair", "latest"]].isna().all(axis=None)
    assert misses[["fair", "miss_ln"]].isna().all(axis=None)
    assert misses[["low80", "high80"]].notna().all(axis=None)
    told = 10 * fair["revision_ln"].dropna()
    assert np.allclose(told, told.round())


def test_no_band_stands_on_fewer_than_four_windows(found: dict[str, pd.DataFrame]) -> None:
    for name in (REVISIONS, MARKET):
        few = found[name][found[name]["windows"] < 4]
        assert few[[column for column in few if column.endswith(("_low", "_high"))]].isna().all(axis=None)


def test_the_page_claims_of_forecasts_what_the_tables_hold(found: dict[str, pd.DataFrame]) -> None:
    """FOB pooled near 80 % to a year, somewhat below at two; Tb from a year on too narrow; no skill beyond a month."""
    rows = found[RECORD]
    fob = rows[rows["place"] == "fob_china"]
    pooled = fob[fob["material"] == "all"].set_index("months_ahead")["coverage80"]
    assert (pooled.drop(24) - 0.8).abs().max() < 0.05
    assert 0.7 < pooled[24] < 0.8
    far = fob[(fob["material"] == "Tb") & (fob["months_ahead"] >= 12)]
    assert (far["coverage80"] < 0.75).all()
    banded = rows[(rows["months_ahead"] > 1) & rows["rmsse_high"].notna()]
    assert set(banded["place"]) == {"fob_china", "china_domestic"}
    assert (banded["rmsse_high"] >= 1.0).all()


def test_the_coverage_of_the_record_is_the_share_of_the_forecasts_inside(found: dict[str, pd.DataFrame]) -> None:
    """The record is computed with the forecasts, the rows from what was published of them: both have to agree."""
    told = found[FORECASTS]
    for row in found[RECORD].to_dict("records"):
        if row["material"] == "all":
            continue
        own = told[(told["place"] == row["place"]) & (told["material"] == row["material"])]
        own = own[(own["months_ahead"] == row["months_ahead"]) & (own["month"] >= row["first_origin"])]
        judged = own[own["came"].notna()]
        assert len(judged) == row["forecasts"]
        for level in (50, 80, 95):
            inside = judged[f"inside{level}"].astype(str) == "True"
            assert inside.mean() == pytest.approx(row[f"coverage{level}"], abs=1e-4)


def test_the_same_bundle_writes_the_same_bytes_and_needs_no_forecast(tmp_path: Path, page: str) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / PAGE).write_text(filled(page, dict.fromkeys(names(page), "")), encoding="utf-8")
    written = [*write_scoreboard(small_bundle(), tmp_path / "tables", tmp_path / "plots")]
    written += fill_scoreboard(tmp_path, tmp_path / "tables")
    before = {path: path.read_bytes() for path in written}
    write_scoreboard(small_bundle(), tmp_path / "tables", tmp_path / "plots")
    fill_scoreboard(tmp_path, tmp_path / "tables")
    assert {path: path.read_bytes() for path in written} == before
    text = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "| NdPr | 48 | 4 | 100 % |" in text
    assert prose(text) == prose(page)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    (tmp_path / PAGE).write_text("", encoding="utf-8")
    with pytest.raises(DataError, match=rf"{TABLES[0]}.* is missing\. Run `fairprice pages"):
        fill_scoreboard(tmp_path, tmp_path)
    assert fill_scoreboard(tmp_path / "nowhere", tmp_path) == []
