from __future__ import annotations

import numpy as np
import pytest

from features.costs import source_costs
from features.dataset import load_dataset
from features.panel import monthly
from features.source_components import component_costs
from pricing.explain.lines import COSTS

MONTHS = ["2012-03", "2019-07", "2026-02"]


@pytest.mark.parametrize("vintage", ["as_known", "latest"])
def test_what_sources_spend_by_component_is_what_the_market_reads_as_their_cost(vintage: str) -> None:
    dataset = load_dataset()
    costs = source_costs(dataset, MONTHS, vintage)  # type: ignore[arg-type]
    found = component_costs(dataset, MONTHS, vintage, list(costs))  # type: ignore[arg-type]
    read = np.stack([c.cash_cost + c.environment + c.capital_charge for c in costs.values()], axis=1)
    np.testing.assert_allclose(found.actual.sum(axis=2), read, rtol=1e-12)
    apart = [COSTS.index("environment"), COSTS.index("capital_charge")]
    not_cash = np.stack([c.environment + c.capital_charge for c in costs.values()], axis=1)
    np.testing.assert_allclose(found.actual[:, :, apart].sum(axis=2), not_cash, rtol=1e-12)


def test_at_steady_exchange_rates_labour_in_china_moves_with_wages_alone() -> None:
    dataset = load_dataset()
    months = ["2015-07", "2016-07"]  # the yuan fell by seven per cent
    found = component_costs(dataset, months, "latest", ["bayan_obo"])
    labour = COSTS.index("labour")
    yuan = monthly(dataset.panel, "usd_cny", months, how="carry")
    rate = found.actual[:, 0, labour] / found.steady[:, 0, labour]
    assert rate[1] / rate[0] == pytest.approx(yuan[0] / yuan[1], rel=1e-9)
