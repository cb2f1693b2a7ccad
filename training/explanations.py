"""The table of explanations: each month's cost stack, and the running sum of what each line added to the fair price."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.cost_drivers import Vintage
from features.dataset import Dataset
from features.source_components import component_costs
from pricing.bundle_tables import change_column, cost_column, fair_column
from pricing.explain.changes import Published, cost_levels, monthly_changes
from pricing.explain.fair_stack import FairStack
from pricing.fair.estimator import HEADLINE


def explanations(
    dataset: Dataset, months: Sequence[str], vintage: Vintage, stack: FairStack, history: pd.DataFrame
) -> pd.DataFrame:
    """Return one vintage's rows, nominal USD/kg oxide, from the stack of a fit and the history it published."""
    costs = component_costs(dataset, months, vintage, stack.sources)
    frames = []
    for e, material in enumerate(stack.materials):
        rows = history[history["material"] == material]
        if rows.empty:
            continue
        published = Published(
            *(rows[c].to_numpy(dtype=float) for c in (fair_column("long_run", HEADLINE, "mean"), "deflator"))
        )
        levels = cost_levels(stack, e, costs, published)
        changes = monthly_changes(stack, e, costs, published)
        start = len(months) - len(rows)
        columns = {cost_column(line): values for line, values in levels.items()}
        columns |= {change_column(line): np.cumsum(values) for line, values in changes.items()}
        columns |= {"demand_t": stack.demand[start:, e], "capacity_t": stack.capacity[start:, e]}
        marks = {"vintage": vintage, "material": material, "month": rows["month"].to_numpy()}
        frames.append(pd.DataFrame(marks | columns))
    return pd.concat(frames, ignore_index=True)
