"""What laid-out contracts pay and are worth on an outlook: the engine's answer with what a reader needs beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pricing.contracts.settlement_plan import LegPlan
from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.estimates import Estimate, Spread
from pricing.contracts.valuation.greeks import Greeks, greeks
from pricing.contracts.valuation.legs import Payer, Paying
from pricing.contracts.valuation.parties import Parties
from pricing.contracts.valuation.schedule import Schedule
from pricing.contracts.valuation.valuation import Valuation, present_values, value, weights_of
from pricing.errors import Fault, InputError, TermsError
from pricing.paths.normals import BUDGET
from serving.contracts.outlook_months import Horizon
from serving.contracts.outlook_process import Moving, moving_as_evidence, moving_at_random
from serving.contracts.outlook_terms import AnyOutlook, LognormalOutlook, StatesOutlook
from serving.contracts.valuation_closed import ClosedLeg, closed_legs
from serving.contracts.valuation_engine import Engine, engine_of
from serving.contracts.valuation_laid import Laid, LaidOut, states_of
from serving.contracts.valuation_parties import fiscal_start, parties_of
from serving.contracts.valuation_terms import ValuationRequest

Floats = np.ndarray
SIGN = {Payer.BUYER: 1.0, Payer.SELLER: -1.0, None: 1.0}
GREEKS_BUDGET = 2 * BUDGET  # numbers of all revaluations of a request with greeks


@dataclass(frozen=True, eq=False)
class PricedLeg:
    """One leg with its mean payments to the seller (P,), how likely it binds (P,), and its value to each side."""

    leg: Paying
    laid: Laid
    plan: LegPlan | None
    mean_usd: Floats
    binding: Floats | None
    paying: dict[int, float]
    to_seller_usd: float
    to_buyer_usd: float
    closed: ClosedLeg | None

    @property
    def is_exact(self) -> bool:
        """Return whether the leg has an exact closed form."""
        return self.closed is not None and self.closed.exact


@dataclass(frozen=True, eq=False)
class Priced:
    """A request priced: everything an answer is made of. Values are of what is due after the day of valuation.

    Under a lognormal outlook payments and values are those of the closed forms where all legs have exact ones.
    """

    request: ValuationRequest
    laid: LaidOut
    engine: Engine
    parties: Parties
    moving: Moving | None
    legs: tuple[PricedLeg, ...]
    found: Valuation
    simulated: tuple[Estimate, Estimate]  # the values to seller and buyer
    is_closed: bool
    present_value: Spread
    moves: Greeks | None

    @property
    def values(self) -> tuple[Estimate, Estimate]:
        """Return the values to seller and buyer: of closed forms without an error, else simulated."""
        if not self.is_closed:
            return self.simulated
        sums = (sum(leg.to_seller_usd for leg in self.legs), sum(leg.to_buyer_usd for leg in self.legs))
        return Estimate(sums[0], 0.0), Estimate(sums[1], 0.0)

    @property
    def schedule(self) -> Schedule:
        """Return the schedule of all contracts."""
        return self.engine.schedule

    @cached_property
    def weights(self) -> dict[Payer, Floats]:
        """Return what a dollar due from each side is worth to seller and buyer (2, P)."""
        return weights_of(self.parties, self.schedule)

    def simulated_value_usd(self, leg: PricedLeg, mean_usd: Floats) -> float:
        """Return the value to the seller of mean payments (P,) due after the day of valuation."""
        ahead = np.where(self.schedule.due_years > 0, mean_usd, 0.0)
        return float(self.weights[leg.leg.payer or Payer.BUYER][0] @ ahead)

    def closed_value_usd(self, leg: PricedLeg) -> float | None:
        """Return a leg's value to the seller in closed form; None where there is none."""
        if leg.closed is None or leg.leg.payer is None:
            return None
        ahead = np.where(self.schedule.due_years > 0, leg.closed.valued_usd, 0.0)
        return float(SIGN[leg.leg.payer] * self.weights[leg.leg.payer][0] @ ahead)


def price_request(request: ValuationRequest, laid: LaidOut) -> Priced:
    """Return a request priced; TermsError for what cannot be valued and beyond the budget of one request."""
    try:
        runs = runs_of(request, laid)
        engine, moving = runs.engine, runs.moving
        _check_greeks(request, engine, moving, len(laid.horizon.months))
        found = runs.valuation
        legs = tuple(_legs(runs, laid))
    except InputError as fault:
        raise TermsError(*(_placed(one) for one in fault.faults)) from fault
    sunk = runs.sunk(legs)
    simulated = _shifted(found.to_seller, -sunk[0]), _shifted(found.to_buyer, sunk[1])
    exact = isinstance(request.outlook, LognormalOutlook) and all(
        one.closed is not None and one.closed.exact for one in legs
    )
    return Priced(
        request=request,
        laid=laid,
        engine=engine,
        parties=runs.parties,
        moving=moving,
        legs=tuple(_in_closed_form(one, runs) for one in legs) if exact else legs,
        found=found,
        simulated=simulated,
        is_closed=exact,
        present_value=_moved(found.present_value_to_seller, -sunk[0]),
        moves=greeks(runs.book) if request.greeks and moving is not None else None,
    )


def runs_of(request: ValuationRequest, laid: LaidOut) -> Runs:
    """Return the engine's runs of a request."""
    engine = engine_of(laid, fiscal_start(request.parties), request.alternative)
    moving = moving_of(request.outlook, laid, engine)
    return Runs(request.outlook, laid, engine, parties_of(request.parties), moving)


def moving_of(outlook: AnyOutlook, laid: LaidOut, engine: Engine) -> Moving | None:
    """Return how the prices of an outlook move; None for stated states."""
    if isinstance(outlook, StatesOutlook):
        return None
    if isinstance(outlook, LognormalOutlook):
        return moving_at_random(outlook, engine.names)
    return moving_as_evidence(outlook, engine.names, [deck.row.material for deck in engine.items(laid.decks)])


def years_of(outlook: AnyOutlook, horizon: Horizon) -> tuple[float, ...]:
    """Return how far ahead each month lies; a lognormal price with `years` lies as far in every month to come."""
    if isinstance(outlook, LognormalOutlook) and outlook.years is not None:
        return tuple(float(outlook.years) if years > 0 else years for years in horizon.years)
    return horizon.years


@dataclass(frozen=True, eq=False)
class Runs:
    """The engine's runs of one request: all legs together, and single legs where a mean does not tell their value."""

    outlook: AnyOutlook
    laid: LaidOut
    engine: Engine
    parties: Parties
    moving: Moving | None

    @cached_property
    def book(self) -> Book:
        """Return the book of an outlook whose prices move."""
        if self.moving is None:
            raise TermsError(Fault("outlook.kind", "states", "lognormal or paths"))
        deck = self.laid.prices()[list(self.engine.places)]
        years = years_of(self.outlook, self.laid.horizon)
        risk = self.moving.market_price_of_risk
        schedule, sampling = self.engine.schedule, self.moving.sampling
        return Book(self.moving.process, deck, years, self.engine.legs, schedule, self.parties, sampling, risk)

    @cached_property
    def states(self) -> Floats:
        """Return the references of stated states (R, P, N)."""
        rows = [
            _by_state(deck.prices, deck.known, states_of(self.outlook, deck.row.reference), self.laid.horizon)
            for deck in self.engine.items(self.laid.decks)
            if isinstance(self.outlook, StatesOutlook)
        ]
        return self.engine.schedule.references(np.array(rows))

    def references(self) -> Floats:
        """Return the references that values rest on (R, P, N)."""
        if self.moving is None:
            return self.states
        return np.concatenate(list(self.book.valued_references()), axis=2)

    @cached_property
    def valuation(self) -> Valuation:
        """Return payments and values of all legs."""
        if self.moving is None:
            return value(self.engine.legs, self.engine.schedule, self.parties, self.states)
        return self.book.value()

    @cached_property
    def weights(self) -> dict[Payer, Floats]:
        """Return what a dollar due from each side is worth to seller and buyer (2, P)."""
        return weights_of(self.parties, self.engine.schedule)

    def values_of(self, leg: Paying, mean_usd: Floats) -> tuple[float, float]:
        """Return what one leg is worth to seller and buyer, past payments among them."""
        risky = self.moving is not None and self.moving.market_price_of_risk != 0
        if leg.payer is not None and not risky:
            to_seller, from_buyer = (self.weights[leg.payer] @ mean_usd).tolist()
            return to_seller, -from_buyer
        if self.moving is None:
            pair = present_values([leg], self.engine.schedule, self.parties, [self.states])
        else:
            alone = replace(self.book, legs=(leg,))
            pair = present_values([leg], self.engine.schedule, self.parties, alone.valued_references())
        return pair[0].value, pair[1].value

    def sunk(self, legs: Sequence[PricedLeg]) -> Floats:
        """Return what payments due by the day of valuation add to the values of seller and buyer, which is past."""
        past = self.engine.schedule.due_years <= 0
        total = np.zeros(2)
        if past.any():
            for priced in legs:
                due = np.where(past, priced.mean_usd, 0.0)
                total += self.weights[priced.leg.payer or Payer.BUYER] @ due
        return total


def _legs(runs: Runs, laid: LaidOut) -> Iterator[PricedLeg]:
    found, past = runs.valuation, runs.engine.schedule.due_years <= 0
    closed = {} if runs.moving is None else {one.name: one for one in closed_legs(runs.book)}
    for own in runs.engine.own_legs:
        leg = own.leg
        mean = SIGN[leg.payer] * found.by_leg[leg.name]
        to_seller, to_buyer = runs.values_of(leg, mean)
        if past.any():
            sunk = runs.weights[leg.payer or Payer.BUYER] @ np.where(past, mean, 0.0)
            to_seller, to_buyer = to_seller - float(sunk[0]), to_buyer + float(sunk[1])
        yield PricedLeg(
            leg=leg,
            laid=laid.contracts[own.owner],
            plan=own.plan,
            mean_usd=mean,
            binding=None if own.plan is None else found.binding[leg.name],
            paying=dict(found.paying[leg.name]),
            to_seller_usd=to_seller,
            to_buyer_usd=to_buyer,
            closed=closed.get(leg.name),
        )


def _in_closed_form(priced: PricedLeg, runs: Runs) -> PricedLeg:
    """Return a leg with the payments, probability and values of its closed form."""
    closed, payer = priced.closed, priced.leg.payer
    if closed is None or payer is None:
        return priced
    mean = SIGN[payer] * closed.mean_usd
    ahead = np.where(runs.engine.schedule.due_years > 0, mean, 0.0)
    to_seller, from_buyer = (runs.weights[payer] @ ahead).tolist()
    return replace(priced, mean_usd=mean, binding=closed.binding, to_seller_usd=to_seller, to_buyer_usd=-from_buyer)


def _by_state(prices: object, known: frozenset[str], states: Floats, horizon: Horizon) -> Floats:
    """Return prices by month and state (T, N): what is known in all of them, else the state's."""
    by_month = dict(prices)  # type: ignore[call-overload]
    return np.array([np.full(len(states), by_month[month]) if month in known else states for month in horizon.months])


def _check_greeks(request: ValuationRequest, engine: Engine, moving: Moving | None, months: int) -> None:
    if not request.greeks:
        return
    if moving is None:
        raise TermsError(Fault("greeks", "true, on states", "an outlook of kind lognormal or paths"))
    runs = 1 + 2 * len(engine.places) + 2 + 2 + 2 * len(engine.legs)
    numbers = moving.sampling.paths * months * len(engine.places) * runs
    if numbers > GREEKS_BUDGET:
        found = f"{runs} valuations of {moving.sampling.paths:,} paths x {months} months"
        allowed = f"at most {GREEKS_BUDGET:,} numbers in all; ask for fewer paths, or without greeks"
        raise TermsError(Fault("greeks", f"{found} = {numbers:,} numbers", allowed))


def _placed(fault: Fault) -> Fault:
    """Return a fault of the engine under its place in the request."""
    return replace(fault, path=f"outlook.{fault.path}") if fault.path in {"paths", "budget"} else fault


def _shifted(found: Estimate, usd: float) -> Estimate:
    return Estimate(found.value + usd, found.standard_error)


def _moved(found: Spread, usd: float) -> Spread:
    return Spread(*(getattr(found, name) + usd for name in ("mean", "p5", "p10", "p50", "p90")))
