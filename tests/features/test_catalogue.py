"""Every row has a source with a card, and every series says what it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from features import market_history
from features.catalogue import CONTEXT, COST, FEATURE, read_cards
from features.dataset import Dataset
from pricing.errors import DataError
from pricing.market.history import OPTIONAL, REQUIRED


def test_every_source_of_a_row_has_a_card(shipped: Dataset) -> None:
    cited = {name for cell in shipped.prices["source"] for name in cell.split(";")}
    cited |= {name for cell in shipped.anchors["source"] for name in cell.split(";")}
    cited |= set(shipped.catalogue.series["source"])
    assert cited == set(shipped.catalogue.cards)


def test_a_card_tells_publisher_licence_unit_basis_lag_quality_citation_and_checksum(shipped: Dataset) -> None:
    for card in shipped.catalogue.cards.values():
        assert all((card.publisher, card.licence["name"], card.units, card.basis, card.quality, card.citation)), card.id
        assert card.publication_lag_days
        assert card.rows > 0
        assert len(card.sha256) == 64


def test_prices_are_published_as_derived_figures_only(shipped: Dataset) -> None:
    for name in ("komis", "smm", "argus"):
        assert shipped.catalogue.card(name).licence["redistribute"] == "derived figures only"


def test_all_groups_of_evidence_are_there(shipped: Dataset) -> None:
    groups = set(shipped.catalogue.series["group"])
    assert groups == {
        "cost_energy", "labour", "geopolitics", "policy", "fx_macro", "supply", "demand", "other_metals", "prices",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "series"),
    [
        ("deflator", "us_cpi_CPIAUCSL"),
        ("china_price", "usd_cny"),
        ("mining_quota", "cn_quota_mining_total"),
        ("exports_china", "cn_export_rare_earths_t_monthly"),
        ("output_china", "cn_quota_mining_half_year"),
        ("cost:labour", "us_ahe_private_production_workers_AHETPI"),
    ],
)
def test_a_column_of_the_market_history_names_the_series_behind_it(shipped: Dataset, column: str, series: str) -> None:
    assert column in shipped.catalogue.drives(series)
    assert column.startswith("cost:") or column in {**REQUIRED, **OPTIONAL}


def test_a_series_says_it_drives_the_market_history_just_when_something_reads_it(shipped: Dataset) -> None:
    catalogue = shipped.catalogue
    by_regime = {"cn_export_duty_nd", "cn_export_duty_dy_tb_y_eu", "us_tariff_ieepa_fentanyl_on_china"}
    apart = {FEATURE, CONTEXT}
    claimed = {
        str(name)
        for name in catalogue.series.index
        if any(part not in apart and not part.startswith(COST) for part in catalogue.drives(str(name)))
    }
    assert claimed == {*market_history.SERIES, *by_regime, "usd_cny"}


def test_an_unknown_series_or_source_is_refused_by_name(shipped: Dataset) -> None:
    with pytest.raises(DataError, match="series usd_xxx is not in the catalogue"):
        shipped.catalogue.unit("usd_xxx")
    with pytest.raises(DataError, match="source nobody has no card"):
        shipped.catalogue.card("nobody")


def test_a_card_that_lacks_a_field_is_named(tmp_path: Path) -> None:
    (tmp_path / "torn.yaml").write_text("id: torn\nunits: [t]\n", "utf-8")
    with pytest.raises(DataError, match=r"cards/torn\.yaml is not a source card"):
        read_cards(tmp_path)
