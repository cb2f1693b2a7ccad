"""The range over assumption sets beside a price: ends named, in the answer's own basis, for the last month alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest
from rich.console import Console

from serving.desk import Desk
from serving.price_terminal import price as on_screen

LAST_DAY = "2026-03-31"  # of the model in conftest.py
MONTH_BEFORE = "2026-03-10"


def ask(desk: Desk, material: str, as_of: str, **query: str) -> Any:
    return orjson.loads(desk.price(material, {"as_of": as_of, **query}.items()))


def test_the_lowest_and_the_highest_set_are_named(desk: Desk) -> None:
    answer = ask(desk, "NdPr", LAST_DAY)
    found, fair = answer["assumption_range"], answer["fair"]["headline"]["value"]
    assert (found["low"]["assumptions"], found["low"]["over_headline"]) == ("return of 8 %", 0.9)
    assert (found["high"]["assumptions"], found["high"]["over_headline"]) == ("external damage counted", 1.5)
    assert found["high"]["value"] == pytest.approx(1.5 * fair, abs=1e-4)
    assert [one["assumptions"] for one in found["sets"]] == ["return of 8 %", "external damage counted"]


@pytest.mark.parametrize("query", [{"form": "metal"}, {"unit": "lb"}, {"currency": "CNY"}])
def test_the_range_is_converted_as_the_price_is(desk: Desk, query: dict[str, str]) -> None:
    answer = ask(desk, "NdPr", LAST_DAY, **query)
    ratio = answer["assumption_range"]["low"]["value"] / answer["fair"]["headline"]["value"]
    assert ratio == pytest.approx(0.9, rel=1e-4)


def test_a_month_that_is_a_band_has_ratios_and_no_points(desk: Desk) -> None:
    found = ask(desk, "Dy", LAST_DAY)["assumption_range"]
    assert (found["low"]["value"], found["high"]["value"], found["high"]["over_headline"]) == (None, None, 1.5)


def test_a_refused_month_has_no_range(desk: Desk) -> None:
    assert ask(desk, "Tb", LAST_DAY)["assumption_range"] is None


def test_an_earlier_month_has_no_range(desk: Desk) -> None:
    assert ask(desk, "NdPr", MONTH_BEFORE)["assumption_range"] is None
    assert date.fromisoformat(MONTH_BEFORE) < date.fromisoformat(LAST_DAY)


@pytest.mark.parametrize(
    ("material", "line"), [("NdPr", "from return of 8 % ("), ("Dy", "from return of 8 % (-10 %) to")]
)
def test_the_screen_says_the_range_in_one_line(desk: Desk, material: str, line: str) -> None:
    console = Console(width=200, record=True)
    with console.capture() as shown:
        console.print(on_screen(ask(desk, material, LAST_DAY)))
    assert line in shown.get()
