"""A price is judged beside the others of its month, and one bad price blames no good one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.dataset import Dataset
from features.intake.kinds import KINDS, PRICES
from features.intake.price_rounds import unusual_prices
from features.intake.rows import Entry

Desk = Any
HEADING = ",".join(KINDS["prices_monthly"].columns)
TAIL = ",,,,,20,real,2026-04-01"
KOMIS = "fob_china,public agency,komis,not refunded,USD,kg"
AT_HOME = "china_domestic,{},{},included,CNY,kg"
PAIR = AT_HOME.format("price agency", "smm;sunsirs")
# the prices of February 2026, each 3 % up: 782.9 becomes 806.4
MARCH = {
    "NdPr": ("NdPr", PAIR, 806.4),
    "NdPr press": ("NdPr", AT_HOME.format("press", "press"), 875.5),
    "Nd": ("Nd", AT_HOME.format("price agency", "sunsirs"), 754.5),
    "Pr": ("Pr", AT_HOME.format("price agency", "sunsirs"), 755.3),
    "Dy": ("Dy", PAIR, 1443.7),
    "Tb": ("Tb", AT_HOME.format("price agency", "sunsirs"), 6283.0),
    "Nd FOB": ("Nd", KOMIS, 127.86),
    "Pr FOB": ("Pr", KOMIS, 131.44),
    "Dy FOB": ("Dy", KOMIS, 255.48),
    "Tb FOB": ("Tb", KOMIS, 1138.2),
}
NAMES = tuple(MARCH)


def held(desk: Desk, **factors: float) -> dict[str, tuple[str, str]]:
    """Which prices of March are held back when some are spoilt, with the rule and what was found."""
    rows = [
        f"{name},oxide,2026-03,{basis},{mean * factors.get(label.replace(' ', '_'), 1.0):.6g}{TAIL}"
        for label, (name, basis, mean) in MARCH.items()
    ]
    receipt = desk.take(desk.file("prices.csv", HEADING, *rows), dry_run=True)
    return {NAMES[one.line - 2]: (one.rule, one.found) for one in receipt.judged.held}


def test_a_month_in_which_all_prices_rise_by_3_per_cent_is_taken(desk: Desk) -> None:
    assert held(desk) == {}


@pytest.mark.parametrize("name", ["NdPr", "NdPr press", "Dy", "Tb"])
@pytest.mark.parametrize("factor", [1 / 1.13, 1.13], ids=["without", "with twice"])
def test_a_domestic_price_that_alone_steps_by_the_vat_is_held_back_and_no_other_is(
    desk: Desk, name: str, factor: float
) -> None:
    found = held(desk, **{name.replace(" ", "_"): factor})
    assert {label: rule for label, (rule, _) in found.items()} == {name: "vat"}
    assert "just the VAT of 13%" in found[name][1]


def test_a_domestic_price_in_pounds_is_held_back_as_a_slip_of_unit(desk: Desk) -> None:
    found = held(desk, NdPr=1 / 2.2046)
    assert set(found) == {"NdPr"}
    assert "pounds for kilograms" in found["NdPr"][1]


def test_a_price_by_the_tonne_is_told_once_as_1000_times_and_not_as_four_figures_out_of_range(desk: Desk) -> None:
    row = f"NdPr,oxide,2026-03,{PAIR},806400,800000,810000,806000,2026-03-31,20,real,2026-04-01"
    (reason,) = desk.take(desk.file("prices.csv", HEADING, row), dry_run=True).judged.held
    assert reason.rule == "unit_slip"
    assert "about 1,000 times: t for kg" in reason.found
    assert not reason.acceptable


def test_dy_fob_in_yuan_does_not_blame_the_domestic_price_of_dy(desk: Desk) -> None:
    found = held(desk, Dy_FOB=6.9064)
    assert set(found) == {"Dy FOB"}
    assert found["Dy FOB"][0] == "unit_slip"


@settings(max_examples=4, deadline=None)
@given(
    order=st.permutations(NAMES),
    spoilt=st.dictionaries(st.sampled_from(NAMES), st.sampled_from([1 / 1.13, 1.13, 6.9064, 0.4536]), max_size=3),
)
def test_the_order_of_rows_changes_no_verdict(shipped: Dataset, order: list[str], spoilt: dict[str, float]) -> None:
    recent = replace(shipped, prices=shipped.prices[shipped.prices["month"] >= "2023-06"])

    def told(names: tuple[str, ...]) -> set[tuple[str, str, str, str]]:
        entries = [_entry(place, name, spoilt.get(name, 1.0)) for place, name in enumerate(names, 2)]
        return {(one.about, one.rule, one.found, one.expected) for one in unusual_prices(entries, {}, recent)}

    assert told(tuple(order)) == told(NAMES)


def _entry(line: int, label: str, factor: float) -> Entry:
    material, words, mean = MARCH[label]
    basis, publisher, source, vat, currency, unit = words.split(",")
    values = {
        "material": material, "form": "oxide", "month": "2026-03", "basis": basis, "publisher_class": publisher,
        "source": source, "vat": vat, "currency": currency, "unit": unit, "mean": mean * factor, "low": float("nan"),
        "high": float("nan"), "last": float("nan"), "last_day": None, "count": 20.0, "quality": "real",
        "known_at": pd.Timestamp("2026-04-01").date(),
    }  # fmt: skip
    return Entry("prices.csv", line, PRICES, values)
