from pathlib import Path

import numpy as np
import pytest

from features.dataset import Dataset
from features.evidence import COLUMNS, KINDS, evidence_page, evidence_shares
from features.history_page import checks, customs_share, history_page, yearly_table
from pricing.market.supply import Market

DOCS = Path(__file__).parents[2] / "docs"


def test_shares_of_a_year_add_up_to_one_less_what_is_missing(latest: Market) -> None:
    shares = evidence_shares(latest)
    assert tuple(shares.columns) == COLUMNS
    whole = shares[list(KINDS)].sum(axis=1)
    assert ((whole >= 0) & (whole <= 1 + 1e-12)).all()
    policy = shares[(shares["column"] == "policy_floor") & (shares["material"] == "NdPr") & (shares["year"] == 2025)]
    assert policy[list(KINDS)].to_numpy().tolist() == [[0.25, 0.0, 0.0]]  # three months of twelve


def test_no_capacity_and_no_subsidy_passes_for_observed(latest: Market) -> None:
    shares = evidence_shares(latest).set_index("column")
    for column in ("capacity_china_est", "subsidy_rate_est", "illegal_output_share_est", "physical_demand_china"):
        assert (shares.loc[column, "prior"] == 1).all()


def test_the_sums_for_2024_lie_near_the_iea(latest: Market) -> None:
    gaps = {check.what: check.gap for check in checks(latest)}
    assert len(gaps) == 7
    assert all(abs(gap) < 0.17 for gap in gaps.values()), gaps
    assert abs(gaps["called for"]) < 0.03


def test_exports_are_a_plausible_part_of_what_customs_counts(latest: Market, dataset: Dataset) -> None:
    share = customs_share(latest, dataset)
    assert share.between(0.01, 0.40).all()
    assert share.iloc[-1] < share.iloc[0]


def test_use_stays_within_a_third_of_what_is_called_for(latest: Market) -> None:
    for name, limits in {"NdPr": (0.70, 1.10), "Dy": (0.70, 1.45), "Tb": (0.80, 1.60)}.items():
        ratio = yearly_table(latest.histories[name])["used / called for"]
        assert ratio.between(*limits).all(), ratio


@pytest.mark.parametrize("name", ["evidence", "market_history"])
def test_the_pages_in_docs_are_what_the_dataset_says(latest: Market, dataset: Dataset, name: str) -> None:
    page = evidence_page(evidence_shares(latest)) if name == "evidence" else history_page(latest, dataset)
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == page, (
        f"run python -m features.{'evidence' if name == 'evidence' else 'history_page'}"
    )


def test_a_page_has_a_row_per_column(latest: Market) -> None:
    page = evidence_page(evidence_shares(latest))
    columns = {c.removesuffix("_evidence") for c in latest.histories["Tb"].frame if c.endswith("_evidence")}
    assert all(page.count(f"| {column} |") == len(latest.histories) for column in columns)
    assert np.all([f"## {material}" in page for material in latest.histories])
