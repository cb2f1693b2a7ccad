"""Events on a made-up history: which series move, which lines there are, and what the variants did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pricing.bundle_tables import fair_column
from pricing.market.supply import Region
from training.trials.comparisons import RISE, SLOPE, changes, verdicts
from training.trials.episodes import FAIR, LINE, MARKET, episodes, lines
from training.trials.plan import Event, shipped_plan
from training.trials.refits import RUN_UP, RUN_UP_COUNTED
from training.trials.windows import Window

MONTHS = [str(month) for month in pd.period_range("2014-01", periods=36, freq="M")]
EVENT = Event("2015-05", "a duty ends", ("NdPr",), (Region.EX_CHINA,), Window(3, 3))
AFTER = np.array(MONTHS) >= EVENT.month


def history(level: float = 50.0, months: int = 36) -> pd.DataFrame:
    """Market 80 before the event and 40 from it on, fair flat; the line of a duty falls by 30, a new one by 10."""
    columns: dict[str, object] = {"material": "NdPr", "month": MONTHS, "deflator": 1.0, "ess": 100.0}
    for region in Region:
        columns |= {f"market.{region}": np.where(AFTER, 40.0, 80.0), f"model.{region}": 60.0}
        columns |= {f"market.{region}.evidence": "observed"}
        columns |= {f"wedge.{region}.total": np.where(AFTER, -10.0, 30.0)}
        columns |= {f"wedge.{region}.duty": np.where(AFTER, 0.0, 30.0), f"wedge.{region}.duty.low": -99.0}
        columns |= {f"wedge.{region}.a_line_of_tomorrow": np.where(AFTER, -10.0, 0.0)}
        columns |= {f"wedge.{region}.a_line_of_tomorrow.rests_on": "prior"}
    columns |= {fair_column(run, "market_economy", "mean"): level for run in ("long_run", "short_run")}
    return pd.DataFrame(columns).iloc[:months]


def test_the_lines_of_a_wedge_are_read_from_the_history() -> None:
    assert lines(history(), Region.EX_CHINA) == ("duty", "a_line_of_tomorrow")


def test_a_halved_market_moves_by_its_log_and_a_flat_fair_price_by_nothing() -> None:
    found = episodes(history(), [EVENT]).set_index("item")
    assert found.loc[MARKET, "move"] == pytest.approx(np.log(0.5))
    assert (found.loc[MARKET, "rank"], found.loc[FAIR, "move"]) == (1, pytest.approx(0.0))
    assert found.loc["duty", ["move", "kind", "rests_on"]].tolist() == [-30.0, LINE, ""]
    assert found.loc["a_line_of_tomorrow", ["move", "rests_on"]].tolist() == [-10.0, "prior"]


def test_moves_of_lines_are_in_money_of_the_base_month() -> None:
    rows = history().assign(deflator=0.5)
    assert episodes(rows, [EVENT]).set_index("item").loc["duty", "move"] == -60.0


def test_a_variant_is_compared_in_the_last_month_that_both_fits_have() -> None:
    """50 against 55 up to the thirtieth month: +10 %, and so in every month."""
    found = changes(history(), {"early": history(55.0, months=30)}).iloc[0]
    assert (found["month"], found["base"], found["price"]) == (MONTHS[29], 50.0, 55.0)
    assert found["ratio"] == pytest.approx(1.1)
    assert found["rms"] == pytest.approx(np.log(1.1))
    assert found["market_ratio"] == 1.0


def test_the_answer_to_a_rise_stands_beside_its_limit() -> None:
    base = history()
    variants = {RUN_UP: history(51.0), RUN_UP_COUNTED: history(48.0)}
    found = verdicts(base, changes(base, variants), shipped_plan())
    rises = found[found["name"] == RISE].set_index("region")
    assert rises["value"].to_dict() == pytest.approx({RUN_UP: 0.02, RUN_UP_COUNTED: -0.04})
    assert set(rises["limit"]) == {0.05}
    assert found.loc[found["name"] == SLOPE, "value"].tolist() == pytest.approx([0.0, 0.0])
