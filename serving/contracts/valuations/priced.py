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
from pricing.paths.normals import check_budget
from pricing.paths.simulate import check_kept
from serving.contracts.outlook.process import Moving
from serving.contracts.outlook.terms import LognormalOutlook, state_count
from serving.contracts.valuations.budget import check_steps, steps_of
from serving.contracts.valuations.closed import ClosedLeg, closed_legs
from serving.contracts.valuations.engine import Engine
from serving.contracts.valuations.laid import Laid, LaidOut
from serving.contracts.valuations.runs import Runs, runs_of
from serving.contracts.valuations.terms import ValuationRequest

Floats = np.ndarray
SIGN = {Payer.BUYER: 1.0, Payer.SELLER: -1.0, None: 1.0}


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


@dataclass(frozen=True, eq=False)
class Ready:
    """A request whose engine is laid out and whose steps are counted; nothing was simulated yet."""

    request: ValuationRequest
    runs: Runs
    steps: int


def ready(request: ValuationRequest, laid: LaidOut) -> Ready:
    """Return a request ready to be priced; TermsError for what paths cannot carry, beyond the steps of one request."""
    try:
        runs = runs_of(request, laid)
        if request.greeks and runs.moving is None:
            allowed = "lognormal or paths, for a clause on a price"
            raise TermsError(Fault("greeks", "true, where no price moves", allowed))
        steps = _checked_steps(runs, with_greeks=bool(request.greeks))
    except InputError as fault:
        raise TermsError(*(_placed(one, with_greeks=bool(request.greeks)) for one in fault.faults)) from fault
    return Ready(request, runs, steps)


def _checked_steps(runs: Runs, *, with_greeks: bool) -> int:
    """Return the steps of a request; InputError where they, or the numbers of its paths, are too many."""
    months, items = len(runs.laid.horizon.months), len(runs.engine.places)
    if runs.moving is not None:
        check_budget(runs.moving.sampling.paths, months, items)
        if with_greeks:
            check_kept(runs.moving.sampling.paths, months, items)
    steps = steps_of(runs.engine, runs.moving or state_count(runs.outlook), months, with_greeks=with_greeks)
    check_steps(steps)
    return steps


def price(asked: Ready) -> Priced:
    """Return a request priced; TermsError for what cannot be valued."""
    request, runs, laid = asked.request, asked.runs, asked.runs.laid
    engine, moving = runs.engine, runs.moving
    try:
        found = runs.valuation
        legs = tuple(_legs(runs, laid))
    except InputError as fault:
        raise TermsError(*fault.faults) from fault
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


def _placed(fault: Fault, *, with_greeks: bool) -> Fault:
    """Return a fault of the engine under its place in the request."""
    if fault.path not in {"paths", "budget"}:
        return fault
    return replace(fault, path="greeks" if with_greeks and fault.path == "budget" else f"outlook.{fault.path}")
