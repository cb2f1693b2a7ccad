"""Import tariffs by importer, stage and origin: ordinary rates, and what the United States add on China."""

from __future__ import annotations

from datetime import date

import pytest

from features.dataset import load_dataset
from features.tariffs import importer_shares, tariffs


def united_states(month: str) -> dict[str, float]:
    found = tariffs(load_dataset(), month)
    return {name.removeprefix("united_states."): rate for name, rate in found.items() if "states" in name}


def test_after_the_court_only_magnets_from_china_pay_more_than_others() -> None:
    rates = united_states("2026-02")
    assert rates.pop("magnet.china") == pytest.approx(0.021 + 0.25)
    assert rates.pop("magnet.others") == 0.021
    assert rates == {"oxide.china": 0.0, "oxide.others": 0.0, "metal.china": 0.05, "metal.others": 0.05}


def test_in_the_summer_of_2025_oxide_and_metal_from_china_paid_a_fifth_on_top() -> None:
    rates = united_states("2025-07")
    assert rates["oxide.china"] == pytest.approx(0.20)
    assert rates["metal.china"] == pytest.approx(0.25)
    assert rates["magnet.china"] == 0.021


def test_elsewhere_nobody_pays_and_a_policy_not_known_yet_adds_nothing() -> None:
    assert all(rate == 0 for name, rate in tariffs(load_dataset(), "2026-02").items() if "elsewhere" in name)
    early = tariffs(load_dataset().as_known(date(2020, 1, 31)), "2019-12")
    assert early["united_states.oxide.china"] == 0.0


def test_importers_shares_are_whole() -> None:
    shares = importer_shares(load_dataset(), "2026-02")
    assert shares == {"united_states": 0.10, "elsewhere": 0.90}
