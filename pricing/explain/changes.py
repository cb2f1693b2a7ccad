"""What moved a fair price from month to month, in nominal USD/kg of oxide, as lines that add up to the change.

Every month is a step, and a span is the sum of its steps: so two spans that meet add up, and a line does not depend on
which months are asked for. A step passes up to four moments:

    last month -> this month with last month's demand -> with its demand -> with its news -> with its evidence

The first leg is split by log-mean Divisia (divisia.py) over nominal price = US price level x cost of the sources that
supply it x margin x share (co-products) x correction. Costs are real, and at the exchange rates of each price's base
year; what rates moved is a line of its own. `margin` is what plants earn over their full cost: it falls as plants
grow against a demand that is held, and by cost that the price does not follow. The other legs are the month cleared,
or weighed, twice: with the demand (scrap and thrift) of the month before and with its own; without and with what
its news did to the size of past demand (data revision); under the draws' old and new weights (new evidence).
`correction` is what the published price holds beside its simulated worlds; in months with new evidence its move is
part of that line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pricing.costs.stack import Component
from pricing.explain.divisia import Priced, parts
from pricing.explain.fair_stack import BUCKETS, NOW, STILL, UNHEARD, UNLEARNED, FairStack
from pricing.explain.lines import (
    CO_PRODUCTS,
    CORRECTION,
    COSTS,
    DATA_REVISION,
    DEMAND,
    EXCHANGE_RATES,
    INFLATION,
    MARGIN,
    MORE_TONNES,
    NEW_EVIDENCE,
    SOURCE_MIX,
    SPENT,
)

Floats = np.ndarray

UNIT_COST = "unit_cost"
_BUCKET_OF = {Component.ENVIRONMENT: "environment", Component.CAPITAL: "capital"}  # every other component is cash
_LAYER = [BUCKETS.index(_BUCKET_OF.get(component, "cash")) for component in SPENT]


@dataclass(frozen=True)
class ComponentCosts:
    """What each source spends on each component (T, K, C), one currency and money throughout, C in the order of SPENT.

    `steady` is the same at the exchange rates of each price's base year.
    """

    actual: Floats
    steady: Floats


@dataclass(frozen=True)
class Published:
    """The published nominal price of one material and the US price level, on its own months (T,), the last of all."""

    price: Floats
    deflator: Floats


def monthly_changes(stack: FairStack, e: int, costs: ComponentCosts, published: Published) -> dict[str, Floats]:
    """Return what each line added to the price in each month (T,), nil in the first; their sum is the change."""
    opened = _Material(stack, e, costs, published)
    told = opened.states()
    inputs = parts(_at(told[NOW], slice(None, -1)), _at(told[STILL], slice(1, None)), SOURCE_MIX)
    found = {line: inputs[line] for line in (INFLATION, MARGIN, CO_PRODUCTS, CORRECTION)}
    found |= {line: inputs[UNIT_COST][:, :, i].sum(axis=1) for i, line in enumerate(COSTS)}
    for line in (EXCHANGE_RATES, MORE_TONNES, SOURCE_MIX):
        found[line] = inputs[line].sum(axis=(1, 2))
    totals = [state.total for state in told]
    found[DEMAND] = (totals[UNHEARD] - totals[STILL])[1:]
    found[DATA_REVISION] = (totals[UNLEARNED] - totals[UNHEARD])[1:]
    found[NEW_EVIDENCE] = (totals[NOW] - totals[UNLEARNED])[1:]
    return {line: np.concatenate([[0.0], values]) for line, values in found.items()}


def cost_levels(stack: FairStack, e: int, costs: ComponentCosts, published: Published) -> dict[str, Floats]:
    """Return the published price as a stack (T,): what is spent on each component, and the margin, which closes it.

    A kg of the material bears its share of the sources' joint cost by value (the price over the ratio of revenue to
    cost); the margin is the price less that: above nil plants earn more than their full cost, below it less.
    """
    opened = _Material(stack, e, costs, published)
    borne = published.price / opened.own(stack.margin)[:, NOW]
    shares = opened.cells(NOW).sum(axis=1)
    shares = shares / shares.sum(axis=1, keepdims=True)
    found = {line: borne * shares[:, i] for i, line in enumerate(COSTS)}
    found[MARGIN] = published.price - sum(found.values())
    return found


@dataclass(frozen=True)
class _Material:
    """One material's stack on its own months."""

    stack: FairStack
    e: int
    costs: ComponentCosts
    published: Published

    @property
    def start(self) -> int:
        return len(self.stack.cost) - len(self.published.price)

    def own(self, values: Floats) -> Floats:
        """Return (T, 4, E) as (T of this material, 4)."""
        return values[self.start :, :, self.e]

    def cells(self, state: int) -> Floats:
        """Return the real cost per kg REO by source and component (T, K, C)."""
        cost = self.own(self.stack.cost)[:, state, None, None]
        spent = self.stack.spent[self.start :, state, self.e]
        actual = self.costs.actual[self.start :]
        within = np.stack([actual[:, :, [layer == other for other in _LAYER]].sum(axis=2) for layer in _LAYER], axis=2)
        return cost * spent[:, :, _LAYER] * np.where(within > 0, actual / np.where(within > 0, within, 1.0), 0.0)

    def states(self) -> tuple[Priced, ...]:
        """Return the months in each state; the correction of a month with new evidence is that of the month before."""
        bare = [self._priced(state) for state in (STILL, UNHEARD, UNLEARNED, NOW)]
        correction = self.published.price / bare[NOW].total
        learned = self.stack.learned[self.start :].copy()
        learned[0] = False
        held = np.where(learned, np.roll(correction, 1), correction)
        factors = (held, held, held, correction)
        return tuple(
            Priced({**state.factors, CORRECTION: factor}, state.cells)
            for state, factor in zip(bare, factors, strict=True)
        )

    def _priced(self, state: int) -> Priced:
        steady, actual = self.costs.steady[self.start :], self.costs.actual[self.start :]
        rise = self.stack.rise[self.start :, state][:, :, None]
        cells = self.cells(state)
        rates = np.where(steady > 0, actual / np.where(steady > 0, steady, 1.0), 1.0)
        known = np.where(steady > 0, steady, 1.0)
        return Priced(
            factors={
                INFLATION: self.published.deflator,
                MARGIN: self.own(self.stack.margin)[:, state],
                CO_PRODUCTS: self.own(self.stack.share)[:, state],
            },
            cells={
                UNIT_COST: known,
                EXCHANGE_RATES: rates,
                MORE_TONNES: rise,
                SOURCE_MIX: cells / (known * rates * rise),
            },
        )


def _at(priced: Priced, months: slice) -> Priced:
    """Return some months."""

    def taken(values: Mapping[str, Floats]) -> dict[str, Floats]:
        return {name: value[months] for name, value in values.items()}

    return Priced(taken(priced.factors), taken(priced.cells))
