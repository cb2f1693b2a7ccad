"""What laid-out contracts pay and are worth on an outlook: the engine's answer with what a reader needs beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from pricing.contracts.settlement_plan import LegPlan
from pricing.contracts.valuation.estimates import Estimate, Spread
from pricing.contracts.valuation.greeks import Greeks, greeks
from pricing.contracts.valuation.legs import Payer, Paying
from pricing.contracts.valuation.parties import Parties
from pricing.contracts.valuation.schedule import Schedule, Timing
from pricing.contracts.valuation.valuation import Valuation
from pricing.errors import Fault, InputError, TermsError
from pricing.paths.normals import BUDGET
from serving.contracts.outlook_process import Moving
from serving.contracts.outlook_terms import LognormalOutlook
from serving.contracts.valuation_closed import ClosedLeg, closed_legs
from serving.contracts.valuation_engine import Engine
from serving.contracts.valuation_laid import Laid, LaidOut
from serving.contracts.valuation_runs import Runs, runs_of
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
    timing: Timing
    weights: Mapping[Payer, Floats]  # of a dollar due from each side, to seller and buyer (2, P)

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

    def simulated_value_usd(self, leg: PricedLeg, mean_usd: Floats) -> float:
        """Return the value to the seller of mean payments (P,)."""
        return float(leg.weights[leg.leg.payer or Payer.BUYER][0] @ mean_usd)

    def closed_value_usd(self, leg: PricedLeg) -> float | None:
        """Return a leg's value to the seller in closed form; None where there is none."""
        if leg.closed is None or leg.leg.payer is None:
            return None
        return float(SIGN[leg.leg.payer] * leg.weights[leg.leg.payer][0] @ leg.closed.valued_usd)


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
    exact = isinstance(request.outlook, LognormalOutlook) and all(one.is_exact for one in legs)
    return Priced(
        request=request,
        laid=laid,
        engine=engine,
        parties=runs.parties,
        moving=moving,
        legs=tuple(_in_closed_form(one) for one in legs) if exact else legs,
        found=found,
        simulated=(found.to_seller, found.to_buyer),
        is_closed=exact,
        present_value=found.present_value_to_seller,
        moves=greeks(runs.book) if request.greeks and moving is not None else None,
    )


def _legs(runs: Runs, laid: LaidOut) -> Iterator[PricedLeg]:
    found = runs.valuation
    closed = {} if runs.moving is None else {one.name: one for one in closed_legs(runs.book)}
    for own in runs.engine.own_legs:
        leg = own.leg
        mean = SIGN[leg.payer] * found.by_leg[leg.name]
        to_seller, to_buyer = runs.values_of(leg, mean)
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
            timing=runs.engine.schedule.timing_of(leg.name),
            weights=runs.weights(leg),
        )


def _in_closed_form(priced: PricedLeg) -> PricedLeg:
    """Return a leg with the payments, probability and values of its closed form."""
    closed, payer = priced.closed, priced.leg.payer
    if closed is None or payer is None:
        return priced
    mean = SIGN[payer] * closed.mean_usd
    to_seller, from_buyer = (priced.weights[payer] @ mean).tolist()
    return replace(priced, mean_usd=mean, binding=closed.binding, to_seller_usd=to_seller, to_buyer_usd=-from_buyer)


def _check_greeks(request: ValuationRequest, engine: Engine, moving: Moving | None, months: int) -> None:
    if not request.greeks:
        return
    if moving is None:
        raise TermsError(Fault("greeks", "true, where no price moves", "lognormal or paths, for a clause on a price"))
    runs = 1 + 2 * len(engine.places) + 2 + 2 + 2 * len(engine.legs)
    numbers = moving.sampling.paths * months * len(engine.places) * runs
    if numbers > GREEKS_BUDGET:
        found = f"{runs} valuations of {moving.sampling.paths:,} paths x {months} months"
        allowed = f"at most {GREEKS_BUDGET:,} numbers in all; ask for fewer paths, or without greeks"
        raise TermsError(Fault("greeks", f"{found} = {numbers:,} numbers", allowed))


def _placed(fault: Fault) -> Fault:
    """Return a fault of the engine under its place in the request."""
    return replace(fault, path=f"outlook.{fault.path}") if fault.path in {"paths", "budget"} else fault
