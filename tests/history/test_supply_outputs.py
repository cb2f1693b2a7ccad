from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest

from features.dataset import Dataset
from features.expert_paths import ExpertPath
from features.readings import Readings
from features.supply_outputs import CHINA, OUTSIDE, QUOTA_BOUND, SERIES, outputs
from features.vantage import Vantage

NDPR_PER_REO = {"incumbents_ex_china": 0.22, "brownfield_ex_china": 0.2}
Experts = Mapping[str, ExpertPath]


def vantage(dataset: Dataset, experts: Experts, months: tuple[str, ...], day: date | None = None) -> Vantage:
    return Vantage(Readings.of(dataset.panel, SERIES).known_by(day), day, months, experts)


def test_every_source_has_an_output_and_none_is_negative(dataset: Dataset, experts: Experts) -> None:
    found = outputs(vantage(dataset, experts, ("2010-07", "2018-01", "2026-02")), NDPR_PER_REO)
    assert tuple(found.made) == (*CHINA, *OUTSIDE)
    assert all((tonnes.value >= 0).all() for tonnes in found.made.values())


def test_the_three_bound_sources_share_the_published_quota(dataset: Dataset, experts: Experts) -> None:
    found = outputs(vantage(dataset, experts, ("2016-06", "2016-07")), NDPR_PER_REO)
    shared = sum(found.quota[name].value for name in QUOTA_BOUND)
    assert shared == pytest.approx([105000, 105000])


def test_a_third_of_output_beyond_the_quota_is_half_the_quota_more(worked: dict[str, Any]) -> None:
    share = worked["illegal"]["share_of_output"]
    assert share / (1 - share) == pytest.approx(worked["illegal"]["share_of_quota"], abs=1e-5)


def test_output_in_mid_2011_is_the_quota_over_its_legal_share(
    dataset: Dataset, experts: Experts, worked: dict[str, Any]
) -> None:
    # The geological survey's 105,000 t for 2011 stands above the quota of 93,800 t and is averaged in (in logs).
    found = outputs(vantage(dataset, experts, ("2011-06", "2011-07")), NDPR_PER_REO)
    made = np.mean(sum(found.made[name].value for name in QUOTA_BOUND))
    assert made == pytest.approx(np.sqrt(93800 * (1 + worked["illegal"]["share_of_quota"]) * 105000), rel=0.01)


def test_before_the_year_is_out_the_quota_is_twice_the_first_batch(dataset: Dataset, experts: Experts) -> None:
    known = vantage(dataset, experts, ("2022-06",), date(2022, 6, 30))
    shared = sum(outputs(known, NDPR_PER_REO).quota[name].value[0] for name in QUOTA_BOUND)
    # Half way from 168,000 t in mid-2021 to 2 x 100,800 t in mid-2022, less half a month.
    assert shared == pytest.approx(168000 + (201600 - 168000) * 23 / 24, rel=1e-6)


def test_a_batch_counts_from_its_announcement(dataset: Dataset, experts: Experts) -> None:
    day_before, day = (vantage(dataset, experts, ("2022-06",), date(2022, 8, d)) for d in (16, 17))
    bound = [sum(outputs(v, NDPR_PER_REO).quota[name].value[0] for name in QUOTA_BOUND) for v in (day_before, day)]
    assert bound[0] < bound[1] < 210000


def test_mountain_pass_ships_what_it_does_not_separate(
    dataset: Dataset, experts: Experts, worked: dict[str, Any]
) -> None:
    case = worked["mountain_pass"]
    mined = experts["mountain_pass_concentrate_t"].at(np.array([2024.5])).value[0]
    own = experts["mountain_pass_ndpr_t"].at(np.array([2024.5])).value[0] / case["ndpr_per_reo"]
    assert (mined, mined - own) == (case["mined"], case["left"])


def test_mountain_pass_stops_shipping_to_china_in_april_2025(dataset: Dataset, experts: Experts) -> None:
    feed = outputs(vantage(dataset, experts, ("2025-03", "2025-05")), NDPR_PER_REO).made["imported_concentrate"].value
    assert feed[0] > 30000
    assert feed[1] < 15000


def test_an_unpublished_quota_is_a_prior_with_a_band(dataset: Dataset, experts: Experts) -> None:
    quota = outputs(vantage(dataset, experts, ("2025-10",)), NDPR_PER_REO).quota["southern_clays"]
    assert quota.evidence[0] == "prior"
    assert quota.low[0] <= quota.value[0] <= quota.high[0]


def test_how_a_notice_splits_the_quota_is_not_known_before_the_notice(experts: Experts) -> None:
    share = experts["bayan_obo_share_of_light_quota"]
    assert share.at(np.array([2013.5]), date(2013, 7, 20)).value.tolist() == [0.62]  # of 2011; 0.68 came out in 2014
    assert share.at(np.array([2021.5]), date(2021, 7, 20)).value.tolist() == [0.61]  # of 2020; 0.74 came out in 2022
