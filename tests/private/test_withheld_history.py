"""What a published history holds of months that rest on private data: fair prices, and nothing of market or wedge."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.bundle_tables import TABLES
from pricing.withheld import Withheld, shared_rows

TABLE = TABLES["history_latest"]
MONTHS = ["2011-01", "2011-02", "2011-03"]


def history() -> pd.DataFrame:
    """Two materials, three months; every number is 1 and an odd column holds what nobody thought of."""
    keys = [(material, month) for material in ("NdPr", "Dy") for month in MONTHS]
    frame = pd.DataFrame(keys, columns=["material", "month"])
    said = {name: "said" for name in TABLE.text if name not in frame}
    more = said | dict.fromkeys(TABLE.numbers, 1.0) | {"wedge.china.environment.rests_on": "derived"}
    return pd.concat([frame, pd.DataFrame(more | {"spread_of_quotes": 1.0}, index=frame.index)], axis=1)


Rows = dict[tuple[str, str], dict[str, object]]


def by_month(frame: pd.DataFrame) -> Rows:
    """Return every row by material and month, with an empty number as None."""
    plain = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return {(str(row["material"]), str(row["month"])): {str(k): v for k, v in row.items()} for row in plain}


def withheld(regions: dict[str, list[str]], parts: list[str], *, costs: bool = False) -> Rows:
    found = Withheld(
        markets={"latest": {"NdPr": regions} if regions else {}},
        wedge_parts={"latest": {"NdPr": parts} if parts else {}},
        references={},
        costs=costs,
    )
    return by_month(found.history("latest", history()))


def shown(rows: Rows, month: str) -> set[str]:
    """Return the columns that still say something."""
    return {name for name, cell in rows["NdPr", month].items() if cell in (1.0, "said", "derived")}


def test_a_month_on_a_private_price_keeps_its_fair_price_and_loses_market_and_wedge() -> None:
    rows = withheld({"ex_china": ["2011-02"]}, ["2011-02"])
    left = shown(rows, "2011-02")
    assert {"long_run.market_economy.mean", "short_run.explicit.p50", "incentive.10000", "status"} <= left
    assert not [name for name in left if "ex_china" in name]
    assert rows["NdPr", "2011-02"]["market.ex_china.evidence"] == "withheld"
    assert "spread_of_quotes" not in left


def test_the_other_region_keeps_its_market_and_whole_wedge_and_no_part_of_it() -> None:
    left = shown(withheld({"ex_china": ["2011-02"]}, ["2011-02"]), "2011-02")
    assert {name for name in left if "china" in name} == {
        "market.china", "market.china.low", "market.china.high", "market.china.evidence", "market.china.basis",
        "market.china.quote_day", "p_market_below_fair.china", "wedge.china.total",
    }  # fmt: skip


def test_other_months_and_materials_stay_cell_for_cell() -> None:
    rows, before = withheld({"ex_china": ["2011-02"]}, ["2011-02"]), by_month(history())
    assert {key for key in before if rows[key] != before[key]} == {("NdPr", "2011-02")}


def test_where_costs_are_private_the_deflator_may_be_too() -> None:
    assert {row["deflator"] for row in withheld({}, [], costs=True).values()} == {None}


CELL = st.sampled_from([1.0, 2.0, np.nan])


@settings(max_examples=40)
@given(st.lists(st.tuples(CELL, CELL, st.booleans()), min_size=1, max_size=8))
def test_a_row_is_shown_just_where_public_data_alone_give_it(cells: list[tuple[float, float, bool]]) -> None:
    numbers = range(len(cells))
    whole = pd.DataFrame({"month": [str(n) for n in numbers], "basis": "x", "price": [cell[0] for cell in cells]})
    public = whole.assign(price=[cell[1] for cell in cells])[[cell[2] for cell in cells]]
    found = shared_rows(whole, public, ("month", "basis"))
    same = [there and (a == b or (np.isnan(a) and np.isnan(b))) for a, b, there in cells]
    assert found["month"].tolist() == [str(n) for n in numbers if same[n]]
