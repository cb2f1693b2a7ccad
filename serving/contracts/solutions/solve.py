"""The solution of each kind of question: numbers with their errors, or reasons, and the figures beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from pricing.contracts.settlement_payoffs import DiscountRule
from pricing.contracts.solve import (
    Answer,
    NoSolution,
    Project,
    Solution,
    discount_for_floor,
    equal_flat_floor,
    fixed_against_indexed,
    floor_for_return,
    zero_cost_collar,
)
from pricing.contracts.terms.prices import Indexed
from pricing.contracts.valuation.limits import AnnualCap, Start
from pricing.errors import Fault, TermsError
from serving.contracts.solutions.laid import INDEX, Deliveries
from serving.contracts.solutions.schemas import FigureOut, SolvedOut
from serving.contracts.solutions.terms import (
    BreakEvenDiscount,
    Counted,
    EqualFlatFloor,
    FixedPrice,
    FloorForReturn,
    OverDeliveries,
    ZeroCostCollar,
)
from serving.contracts.valuations.numbers import usd
from serving.rounding import DIGITS

Floats = np.ndarray
Asked = Callable[[Deliveries], Answer]
PER_KG, SHARE, USD, CHANCE = "USD/kg", "share of the index", "USD", "probability"
SHARE_DIGITS = 6
WHICH_RULE = (
    "Which rule does the contract mean? undiscounted_index: the top-up is measured from the undiscounted index; "
    "floored_price: the discount comes off the floored price; greater_of: the price is the greater of the discounted "
    "index and the floor. State discount_rule."
)
ALL_SOLD = (
    "The project sells all of its output at the reference, spends its capital on the day of valuation and pays no tax."
)


@dataclass(frozen=True, slots=True)
class Found:
    """What one question found."""

    solutions: tuple[SolvedOut, ...]
    figures: tuple[FigureOut, ...]
    asks: str | None = None
    assumptions: tuple[str, ...] = ()


def solve(asked: OverDeliveries, at: Deliveries) -> Found:
    """Return what a question finds on deliveries; TermsError for figures that cannot be."""
    if isinstance(asked, FloorForReturn):
        return _floor(asked, at)
    if isinstance(asked, BreakEvenDiscount):
        return _discount(asked, at)
    if isinstance(asked, ZeroCostCollar):
        return _collar(asked, at)
    if isinstance(asked, EqualFlatFloor):
        return _flat(asked, at)
    return _fixed(asked, at)


def _floor(asked: FloorForReturn, at: Deliveries) -> Found:
    kg = at.leg.kg
    due = at.due_years if asked.counted is Counted.AS_PAID else np.ceil(np.round(at.due_years, SHARE_DIGITS))
    project = Project(float(asked.capex_usd), float(asked.opex_usd_per_kg), kg, due)
    cap, first = asked.annual_cap_usd, asked.first_period
    leg = replace(
        at.leg,
        annual_cap=None if cap is None else AnnualCap(float(cap)),
        start=None if first is None else Start(first_period=first),
    )

    def floor(part: Deliveries) -> Answer:
        return floor_for_return(project, leg, part.expected, at.cap_years, at.rate)

    without = project.net_present_value(at.expected[0].mean(axis=1) * kg, at.rate)
    figures = (
        _figure("price_needed_in_every_period", project.price_needed(at.rate), PER_KG),
        _figure("net_present_value_without_a_floor", without, USD),
        _figure("mean_price_of_the_outlook", at.chances.per_kg(at.expected[0]), PER_KG),
    )
    when = "at the end of each of its years" if asked.counted is Counted.YEAR_END else "as it is paid"
    told = (ALL_SOLD, f"The project's money counts {when}, on the expected prices.")
    return Found((_solved("floor", PER_KG, floor, at),), figures, assumptions=told)


def _discount(asked: BreakEvenDiscount, at: Deliveries) -> Found:
    floor, view = float(asked.floor_usd_per_kg), at.view
    rules = list(DiscountRule) if asked.discount_rule is None else [asked.discount_rule]
    solutions = tuple(_solved("discount", SHARE, _break_even(floor, rule), at, str(rule)) for rule in rules)
    index = view.per_kg(view.references)
    figures = [_figure("floor_is_worth", view.floor(floor), PER_KG), _figure("index_is_worth", index, PER_KG)]
    figures.append(_figure("floor_binds", _below(at, floor), CHANCE))
    if asked.discount_share is not None:
        off = float(asked.discount_share)
        figures.append(_figure("offered_discount_costs_on_the_undiscounted_index", off * index, PER_KG))
        for rule in rules:
            price = _discounted(view.references, off, floor, rule)
            figures.append(_figure(f"seller_gains_at_the_offer.{rule}", view.per_kg(price) - index, PER_KG))
    return Found(solutions, tuple(figures), WHICH_RULE if asked.discount_rule is None else None)


def _break_even(floor: float, rule: DiscountRule) -> Asked:
    return lambda part: discount_for_floor(part.view, floor, rule)


def _discounted(index: Floats, off: float, floor: float, rule: DiscountRule) -> Floats:
    clause = {"kept": np.asarray(1 - off), "added": np.asarray(0.0), "floor_usd_per_kg": np.asarray(floor)}
    found: Floats = _indexed(rule).usd_per_kg(clause, {INDEX: index})
    return found


def _collar(asked: ZeroCostCollar, at: Deliveries) -> Found:
    floor, share = float(asked.floor_usd_per_kg), float(asked.share_above_cap)
    cap = _solved("cap", PER_KG, lambda part: zero_cost_collar(part.view, floor, share), at)
    figures = [_figure("floor_costs", at.view.floor(floor), PER_KG), _figure("floor_binds", _below(at, floor), CHANCE)]
    if cap.value is not None:
        figures.append(_figure("cap_binds", 1 - _below(at, cap.value), CHANCE))
    return Found((cap,), tuple(figures))


def _flat(asked: EqualFlatFloor, at: Deliveries) -> Found:
    floor, above, share = (
        float(number) for number in (asked.floor_usd_per_kg, asked.above_usd_per_kg, asked.share_above)
    )
    if above < floor:
        raise TermsError(Fault("solve.above_usd_per_kg", f"{above:g}", f"at least the floor, {floor:g}"))
    solved = _solved("flat_floor", PER_KG, lambda part: equal_flat_floor(part.view, floor, above, share), at)
    cost, gives = at.view.floor(floor), share * at.view.above(above)
    figures = (
        _figure("floor_costs", cost, PER_KG),
        _figure("share_gives_back", gives, PER_KG),
        _figure("floor_with_share_costs", cost - gives, PER_KG),
    )
    return Found((solved,), figures)


def _fixed(asked: FixedPrice, at: Deliveries) -> Found:
    numbers = {"kept": np.asarray(1 - float(asked.discount_share or 0)), "added": np.asarray(0.0)}
    bounds = {"floor_usd_per_kg": asked.floor_usd_per_kg, "cap_usd_per_kg": asked.cap_usd_per_kg}
    numbers |= {name: np.asarray(float(level)) for name, level in bounds.items() if level is not None}
    fixed, clause = float(asked.fixed_usd_per_kg), _indexed(asked.discount_rule)

    def even(part: Deliveries) -> Answer:
        view = part.view
        return Solution(view.per_kg(clause.usd_per_kg(numbers, {INDEX: view.references})))

    found, likely = (
        fixed_against_indexed(view, fixed, clause.usd_per_kg(numbers, {INDEX: view.references}))
        for view in (at.view, at.chances)
    )
    figures = [
        _figure("fixed_is_worth", found.fixed_usd, USD),
        _figure("indexed_is_worth", found.indexed_usd, USD),
        _figure("fixed_less_indexed", found.fixed_usd - found.indexed_usd, USD),
        _figure("fixed_pays_more", likely.fixed_wins, CHANCE),
        _figure("indexed_pays_more", likely.indexed_wins, CHANCE),
    ]
    if asked.floor_usd_per_kg is not None:
        figures.append(_figure("floor_binds", _below(at, float(asked.floor_usd_per_kg)), CHANCE))
    return Found((_solved("fixed_price", PER_KG, even, at),), tuple(figures))


def _indexed(rule: DiscountRule | None) -> Indexed:
    return Indexed(name="indexed", reference=INDEX, discount_share=Decimal(0), discount_rule=rule)


def _below(at: Deliveries, level: float) -> float:
    """Return how likely the reference is below a level, over the present kilograms."""
    return at.chances.per_kg((at.expected[0] < level).astype(float))


def _solved(name: str, unit: str, ask: Asked, at: Deliveries, under: str | None = None) -> SolvedOut:
    """Return a solution with its error, read from the solutions on runs of paths; or why there is none."""
    found = ask(at)
    if isinstance(found, NoSolution):
        return SolvedOut(name, under, unit, None, None, found.reason)
    values = list(_values(ask, at))
    error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if values else None
    return SolvedOut(name, under, unit, _rounded(found.value, unit), None if error is None else _small(error), None)


def _values(ask: Asked, at: Deliveries) -> Iterator[float]:
    """Yield the solutions on runs of paths; nothing where one of them has none."""
    found = [ask(part) for part in at.blocks()]
    values = [one.value for one in found if isinstance(one, Solution)]
    if len(values) == len(found):
        yield from values


def _figure(name: str, value: float, unit: str) -> FigureOut:
    return FigureOut(name, _rounded(value, unit), unit)


def _rounded(value: float, unit: str) -> float:
    if unit == USD:
        return usd(value)
    return round(float(value), DIGITS if unit == PER_KG else SHARE_DIGITS) + 0.0


def _small(value: float) -> float:
    return round(value, SHARE_DIGITS) + 0.0
