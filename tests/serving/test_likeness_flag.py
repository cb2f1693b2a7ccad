"""A price whose market lies outside a cloud of simulated economies says so, in the month the comparison was made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pricing.bundle import Bundle
from pricing.materials import Material
from serving.book import Book
from serving.likeness_flags import CODE, likeness_flags
from serving.model_store import PublishedModel

INSIDE = {
    "score": 1.0,
    "farther": 0.16,
    "outside": 0.0,
    "score_calibrated": 1.2,
    "farther_calibrated": 0.5,
    "outside_calibrated": 0.0,
}
LAST, BEFORE = date(2026, 3, 31), date(2025, 6, 30)


@pytest.mark.parametrize(
    ("stands", "day", "codes"),
    [
        ({"NdPr": INSIDE}, LAST, []),
        ({"NdPr": INSIDE | {"outside_calibrated": 1.0, "farther_calibrated": 0.013}}, LAST, [CODE]),
        ({"NdPr": INSIDE | {"outside": 1.0}}, LAST, [CODE]),
        ({"NdPr": INSIDE | {"outside": 1.0}}, BEFORE, []),
        ({"Dy": INSIDE | {"outside": 1.0}}, LAST, []),
        ({}, LAST, []),
    ],
    ids=["inside", "outside the calibration's", "outside those seen as poorly", "an earlier day", "another", "unsaid"],
)
def test_a_flag_is_raised_outside_a_cloud_and_for_the_last_month_alone(
    bundle: Bundle, stands: dict[str, dict[str, float]], day: date, codes: list[str]
) -> None:
    book = Book(PublishedModel(replace(bundle, parameters={"likeness": stands}), "1", "test"))
    flags = list(likeness_flags(book, book.on(Material.NDPR, day)))
    assert [flag.code for flag in flags] == codes
    assert all("% of those with good data lie farther out, 16 % of those seen as poorly" in flag.text for flag in flags)
