"""What a contract pays per kg against its reference, at the levels it was written with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pricing.contracts.terms.contract import AnyClause, Contract
from pricing.contracts.terms.prices import Carbonate
from serving.contracts.page.charts import Axes, Chart
from serving.contracts.page.money import MOST_NAME, clipped

REACH = (0.45, 1.55)  # of the least and the greatest level
SPARE = (50.0, 150.0)  # USD/kg, where a contract has no level
POINTS = 240
LOOKS = 4  # classes of lines in the style sheet; with more clauses only their sum is drawn
Floats = np.ndarray
AT_ONCE = "Payoff, USD/kg to the seller"
WAITING = "Payoff once every clause has begun, USD/kg to the seller"
NONE_DRAWN = "No diagram: the contract pays on no single reference."


def payoff_chart(contract: Contract) -> Chart | None:
    """Return the payoff of a contract; None where no clause rests on one reference alone.

    Where clauses settle on several references, all of them stand at the same price.
    """
    drawn = [clause for clause in contract.clauses if not isinstance(clause, Carbonate)]
    if not drawn or not any(clause.references for clause in drawn):
        return None
    grid = _grid(sorted(_levels(drawn)))
    paid = {clause.name: _paid(clause, grid) for clause in drawn}
    net = np.sum(list(paid.values()), axis=0)
    axes = Axes.over(grid.tolist(), [*net.tolist(), *(value for one in paid.values() for value in one.tolist())])
    several = 1 < len(paid) <= LOOKS
    whole_name = f"all {len(paid)} clauses" if len(paid) > 1 else next(iter(paid))
    prices = grid.tolist()
    lines = [
        axes.line(prices, one.tolist(), f"leg leg{place}", clipped(name, MOST_NAME))
        for place, (name, one) in enumerate(paid.items())
    ]
    whole = axes.line(prices, net.tolist(), "net", clipped(whole_name, MOST_NAME))
    return Chart(
        title=WAITING if any(one.starts_with or one.starts_above for one in drawn) else AT_ONCE,
        x_name="reference, USD/kg",
        y_name="",
        x_ticks=axes.x_ticks(),
        y_ticks=axes.y_ticks(),
        zero=axes.zero,
        lines=(*(lines if several else ()), whole),
    )


def _paid(clause: AnyClause, grid: Floats) -> Floats:
    numbers = {name: np.full_like(grid, float(number)) for name, number in clause.numbers.items()}
    found = clause.usd_per_kg(numbers, dict.fromkeys(clause.references, grid))
    return np.broadcast_to(np.asarray(found, dtype=float), grid.shape)


def _levels(clauses: Sequence[AnyClause]) -> Iterator[float]:
    for clause in clauses:
        yield from (float(level) for name in clause.LEVELS if (level := getattr(clause, name)) is not None)


def _grid(levels: list[float]) -> Floats:
    """Return prices around the levels, each level among them."""
    low, high = (levels[0] * REACH[0], levels[-1] * REACH[1]) if levels else SPARE
    return np.unique(np.concatenate([np.linspace(low, high, POINTS), levels]))
