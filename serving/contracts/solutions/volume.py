"""What a right to choose tonnes is worth: a contract's own, or one stated beside a delivery in few words."""

from __future__ import annotations

from decimal import Decimal

from pricing.contracts.settlement_layout import Paths, begins, per_tonne
from pricing.contracts.settlement_plan import Plan, plan
from pricing.contracts.terms.conditions import VolumeOption
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.differences import Cap, Difference, Direction, Floor
from pricing.contracts.valuation.estimates import Estimate
from pricing.contracts.valuation.volume_right import volume_right
from pricing.errors import Fault, TermsError
from serving.contracts.outlook.model import ModelPrices
from serving.contracts.outlook.months import Horizon
from serving.contracts.outlook.terms import StatesOutlook
from serving.contracts.solutions.laid import CLAUSE, INDEX, few_words, laid_on, placed
from serving.contracts.solutions.schemas import FigureOut, SolvedOut
from serving.contracts.solutions.solve import Found
from serving.contracts.solutions.terms import RightTo, SolutionRequest, VolumeRight
from serving.contracts.valuations.numbers import usd
from serving.contracts.valuations.runs import Runs

USD = "USD"
SPREAD = (
    "The right is held against tonnes spread evenly; moving tonnes in time costs nothing. Tonnes of periods that have "
    "begun are named: they are facts and no right any more. Rule: {rule}."
)


def volume_found(request: SolutionRequest, asked: VolumeRight, model: ModelPrices) -> tuple[Runs, Found]:
    """Return the least and the most that a right is worth to its holder, on laid-out deliveries."""
    if isinstance(request.outlook, StatesOutlook):
        raise TermsError(Fault("outlook.kind", "states", "lognormal or paths: a choice rests on what is known by then"))
    contract, option = _with_option(request, asked)
    try:
        laid, runs = laid_on(request, contract, model, per_tonne)
        starts = begins(laid.contracts[0].plan, Paths({}, laid.horizon.months[0]))
        found = volume_right(option, runs.book, starts, _named(plan(contract, laid.facts), laid.horizon))
    except TermsError as error:
        raise placed(error, request) from error
    ends = (("a rule that looks back only", found.at_least), ("foresight of every path", found.at_most))
    solutions = tuple(_solved(under, worth) for under, worth in ends)
    even = FigureOut("even_spread_is_worth", usd(found.even.value), USD)
    return runs, Found(solutions, (even,), assumptions=(SPREAD.format(rule=found.rule),))


def _named(whole: Plan, horizon: Horizon) -> list[float | None]:
    """Return the tonnes of periods whose deliveries began by the day of valuation: they are named; None where not."""
    pairs = zip(whole.periods, whole.tonnes, strict=True)
    return [float(own.differences) if horizon.ahead(period.months[0]) <= 0 else None for period, own in pairs]


def _solved(under: str, worth: Estimate) -> SolvedOut:
    return SolvedOut("right", under, USD, usd(worth.value), usd(worth.standard_error), None)


def _with_option(request: SolutionRequest, asked: VolumeRight) -> tuple[Contract, VolumeOption]:
    """Return a contract with its option, or a delivery in few words with the one that is stated."""
    if request.contract is not None and request.contract.volume_option is not None:
        return request.contract, request.contract.volume_option
    said, holder, level = request.delivery, asked.holder, asked.level_usd_per_kg
    least, most = asked.least_tonnes_per_period, asked.most_tonnes_per_period
    if said is None or holder is None or level is None or least is None or most is None:
        raise TermsError(Fault("solve", "a right that is not stated in full", "all but total_tonnes"))
    option = VolumeOption(
        holder=holder, least_tonnes_per_period=least, most_tonnes_per_period=most, total_tonnes=asked.total_tonnes
    )
    return few_words(said, _clause(asked.right_to, level)), option


def _clause(right_to: RightTo | None, level: Decimal) -> Floor | Cap | Difference:
    """Return what a tonne earns: the shortfall, the excess, or both ways the difference to goods at the index."""
    if right_to is RightTo.FLOOR:
        return Floor(name=CLAUSE, reference=INDEX, floor_usd_per_kg=level)
    if right_to is RightTo.CAP:
        return Cap(name=CLAUSE, reference=INDEX, cap_usd_per_kg=level)
    both_ways = Direction.TWO_WAY
    return Difference(name=CLAUSE, reference=INDEX, strike_usd_per_kg=level, direction=both_ways)
