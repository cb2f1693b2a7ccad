"""Forecasts as a bundle holds them: read back, found by day, and counted only once resolved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pricing.errors import BundleError
from pricing.forecast.published import HORIZONS, read_forecasts

MONTHS = [f"{2020 + n // 12}-{n % 12 + 1:02d}" for n in range(30)]
KNOWN = [f"{2020 + (n + 1) // 12}-{(n + 1) % 12 + 1:02d}-20" for n in range(30)]


def plain(base: list[float]) -> dict[str, Any]:
    """The last quote is forecast, within 10, 20 and 40 % either way at every horizon."""
    n = len(base)
    half = [[wide] * len(HORIZONS) for wide in np.log([1.1, 1.2, 1.4])]
    columns = {
        "month": MONTHS[:n], "known_on": KNOWN[:n], "base": base, "base_month": MONTHS[:n], "base_day": [""] * n,
        "evidence": ["observed"] * n, "source": ["made up"] * n, "quoted": [True] * n,
        "point": [[b] * len(HORIZONS) for b in base], "half": [half] * n, "thin": [False] * n,
    }  # fmt: skip
    none = [[None] * 24] * n
    skill = {"month": MONTHS[:n], "ratio": none, "resolved": [[0] * 24] * n, "used": [[False] * 24] * n}
    return {
        "method": "1", "targets": {"fob_china": {"Dy": columns}}, "skill": {"fob_china": skill},
        "refused": {"ex_china": {"Dy": "too few quotes"}}, "cautions": {}, "record": [], "bad_months": [],
    }  # fmt: skip


def test_a_day_sees_what_was_said_by_then_and_nothing_later() -> None:
    found = read_forecasts(plain([100.0, 110.0, 120.0]))
    assert found is not None
    assert found.said("fob_china", "Dy", "2020-02-19") is None
    for day, month in (("2020-02-20", "2020-01"), ("2020-04-19", "2020-02"), ("2030-01-01", "2020-03")):
        said = found.said("fob_china", "Dy", day)
        assert said is not None
        assert said.month == month


def test_an_interval_is_symmetric_in_logarithms() -> None:
    found = read_forecasts(plain([100.0]))
    assert found is not None
    said = found.said("fob_china", "Dy", "2020-12-31")
    assert said is not None
    assert said.interval(80, 1) == pytest.approx((100 / 1.2, 120.0))


def test_a_bundle_claims_what_it_says_itself_and_those_of_older_methods_claim_nothing() -> None:
    first, second, third = plain([100.0]), plain([100.0]), plain([100.0])
    bands: list[list[float | None]] = [[0.9, 0.8, 0.99], [0.9, 0.8, 1.0], [0.9, None, None]]
    verdicts = [True, False, None]
    second["targets"]["fob_china"]["Dy"]["standing"] = [[*bands, *[None] * 21]]
    judged = [[*band, verdict] for band, verdict in zip(bands, verdicts, strict=True)]
    third["targets"]["fob_china"]["Dy"]["standing"] = [[*judged, *[None] * 21]]
    claims = []
    for said in (third, second, first):
        one = read_forecasts(said).said("fob_china", "Dy", "2020-12-31")  # type: ignore[union-attr]
        assert one is not None
        stands = [one.stands(horizon) for horizon in (1, 2, 3, 4)]
        claims.append([(one.skill, one.judged) if one else None for one in stands])
    assert claims == [
        [(True, True), (False, True), (None, True), None],
        [*[(None, False)] * 3, None],  # bands of the second method were claimed on records too short
        [None] * 4,
    ]


def test_coverage_counts_forecasts_once_their_month_has_come() -> None:
    # from 100: 105 is within 10 %; from 105: 130 (24 % up) is within 40 % alone; two months ahead 130 from 100 likewise
    target = read_forecasts(plain([100.0, 105.0, 130.0])).targets["fob_china", "Dy"]  # type: ignore[union-attr]
    counts, inside = target.coverage("2020-03-20")
    assert (counts[0], counts[1]) == (1, 0)
    assert inside[:, 0].tolist() == [1, 1, 1]
    counts, inside = target.coverage("2020-04-20")
    assert (counts[0], counts[1]) == (2, 1)
    assert inside[:, 0].tolist() == [1, 1, 2]
    assert inside[:, 1].tolist() == [0, 0, 1]
    assert target.coverage("2020-01-01")[0].sum() == 0


def test_coverage_counts_origins_of_the_records_headline_alone() -> None:
    said = plain([100.0, 105.0, 130.0])
    whole = read_forecasts(said).targets["fob_china", "Dy"].coverage("2020-04-20")  # type: ignore[union-attr]
    said["record"] = [
        {"regime": "headline", "first_origin": "2020-02"},
        {"regime": "panic_2011", "first_origin": "2020-01"},
    ]
    headline = read_forecasts(said).targets["fob_china", "Dy"].coverage("2020-04-20")  # type: ignore[union-attr]
    assert (whole[0][0], headline[0][0]) == (2, 1)
    assert headline[1][:, 0].tolist() == [0, 0, 1]  # 105 to 130 alone


def test_a_base_without_a_day_is_its_months_mean() -> None:
    said = plain([100.0, 105.0])
    said["targets"]["fob_china"]["Dy"]["base_day"] = ["2020-01-30", ""]
    target = read_forecasts(said).targets["fob_china", "Dy"]  # type: ignore[union-attr]
    assert [one.mean_base for one in target.said] == [False, True]


def test_a_carried_base_judges_nothing() -> None:
    said = plain([100.0, 105.0, 130.0])
    said["targets"]["fob_china"]["Dy"]["quoted"] = [True, False, True]
    counts, _ = read_forecasts(said).targets["fob_china", "Dy"].coverage("2020-04-20")  # type: ignore[union-attr]
    assert counts[:2].tolist() == [0, 1]


def test_a_bundle_without_forecasts_says_none_and_a_torn_one_is_refused() -> None:
    assert read_forecasts({}) is None
    torn = plain([100.0])
    del torn["targets"]["fob_china"]["Dy"]["half"]
    with pytest.raises(BundleError, match=r"forecasts.json cannot be read .*half"):
        read_forecasts(torn)
