"""From priced contracts to the answer: rounded once, at the rim, with what everything rests on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.contracts.periods import MONTHS_PER_YEAR, month_number, month_shifted
from pricing.contracts.reference_fixings import windows
from pricing.contracts.valuation.credit import Credit
from pricing.contracts.valuation.estimates import Spread
from serving.book import Book
from serving.contracts.data_used import data_used, model_used
from serving.contracts.outlook.answer import decks_used, outlook_used
from serving.contracts.valuations.numbers import PROBABILITY_DIGITS, usd, usd_each
from serving.contracts.valuations.parties import JANUARY, fiscal_start
from serving.contracts.valuations.payoffs import levels, payoff
from serving.contracts.valuations.priced import SIGN, Priced, PricedLeg
from serving.contracts.valuations.schemas import (
    AppropriationOut,
    ClosedFormOut,
    ContractValued,
    FiscalYearOut,
    GreeksOut,
    LegPeriodOut,
    LegValued,
    PeriodValued,
    SideValued,
    SpreadOut,
    ValuationAnswer,
    YearValued,
)
from serving.contracts.valuations.words import assumptions, fair_prices, flags
from serving.rounding import DIGITS

Floats = np.ndarray
ERROR_DIGITS = 2
KG_PER_TONNE = 1000.0
EITHER, STATED_SUM = "either", "stated"


def valuation_answer(priced: Priced, book: Book | None) -> ValuationAnswer:
    """Return the answer of priced contracts; `book` has the fair price that stands beside it."""
    horizon, moving = priced.laid.horizon, priced.moving
    return ValuationAnswer(
        as_of=horizon.as_of.isoformat(),
        contracts=tuple(_contracts(priced)),
        outlook=outlook_used(priced.request.outlook, moving, horizon),
        values=tuple(_sides(priced)),
        present_value_to_seller_usd=_spread(priced.present_value, priced.values[0].value),
        total_usd=usd(float(sum(leg.mean_usd.sum() for leg in priced.legs))),
        legs=tuple(_leg(leg) for leg in priced.legs),
        periods=tuple(_periods(priced)),
        years=tuple(_years(priced)),
        exposure=tuple(_exposure(priced)),
        closed_form=tuple(_closed(priced)),
        greeks=_greeks(priced),
        decks=tuple(decks_used(priced.laid)),
        parameters=() if moving is None else moving.parameters,
        assumptions=tuple(assumptions(priced)),
        fair_price=fair_prices(priced, book),
        flags=tuple(flags(priced)),
        model=model_used(book),
        snapshot=data_used(book),
    )


def _contracts(priced: Priced) -> Iterator[ContractValued]:
    for laid in priced.laid.contracts:
        legs, terms = [leg for leg in priced.legs if leg.laid is laid], laid.contract
        tonnes = float(sum(own.differences for own in laid.plan.tonnes))
        total = float(sum(leg.mean_usd.sum() for leg in legs))
        yield ContractValued(
            name=terms.name,
            material=terms.material,
            first_day=terms.first_day.isoformat(),
            last_day=terms.last_day.isoformat(),
            settlement=terms.settlement,
            buyer=terms.buyer,
            seller=terms.seller,
            tonnes=round(tonnes, DIGITS),
            mean_usd=usd(total),
            usd_per_kg=round(total / (tonnes * KG_PER_TONNE), DIGITS) + 0.0 if tonnes else 0.0,
            value_to_seller_usd=usd(sum(leg.to_seller_usd for leg in legs)),
            value_to_buyer_usd=usd(sum(leg.to_buyer_usd for leg in legs)),
        )


def _sides(priced: Priced) -> Iterator[SideValued]:
    parties = priced.parties
    sides: tuple[tuple[str, float, Credit], ...] = (
        ("seller", parties.seller_rate, parties.seller),
        ("buyer", parties.buyer_rate, parties.buyer),
    )
    for (side, rate, credit), found in zip(sides, priced.values, strict=True):
        worth, error = usd(found.value), usd(found.standard_error)
        granted = _appropriation(priced) if side == "buyer" else None
        yield SideValued(side, rate, worth, error, credit.hazard_per_year, credit.recovery, granted)


def _appropriation(priced: Priced) -> AppropriationOut | None:
    stated = priced.request.parties.buyer.appropriation
    return None if stated is None else AppropriationOut(float(stated.chance_of_none), stated.lasting)


def _leg(priced: PricedLeg) -> LegValued:
    leg, plan, periods = priced.leg, priced.plan, len(priced.mean_usd)
    kg = np.broadcast_to(np.asarray(getattr(leg, "kg", 0.0), dtype=float), (periods,))
    total = float(priced.mean_usd.sum())
    return LegValued(
        name=leg.name,
        contract=priced.laid.contract.name,
        clause=leg.name.split(" ", 1)[0] if plan is None else plan.clause.KIND,
        side=str(getattr(leg, "side", STATED_SUM)),
        payer=EITHER if leg.payer is None else str(leg.payer),
        reference="" if plan is None else ", ".join(plan.clause.references),
        level_usd_per_kg=levels(leg),
        share=float(np.max(getattr(leg, "share", 1.0))),
        tonnes=round(float(kg.sum()) / KG_PER_TONNE, DIGITS),
        mean_usd=usd(total),
        usd_per_kg=round(float(total / kg.sum()), DIGITS) + 0.0 if kg.any() else 0.0,
        binding_probability=_weighted(priced.binding, kg),
        value_to_seller_usd=usd(priced.to_seller_usd),
        value_to_buyer_usd=usd(priced.to_buyer_usd),
        payoff=() if plan is None else payoff(leg, plan.clause.references, int(np.argmax(kg > 0)), _first_deck(priced)),
    )


def _weighted(binding: Floats | None, kg: Floats) -> float | None:
    """Return the mean probability over the kilograms; None for a price of goods, and for no kilograms."""
    if binding is None or not kg.any():
        return None
    return round(float(binding @ kg / kg.sum()), PROBABILITY_DIGITS)


def _first_deck(priced: PricedLeg) -> dict[str, float]:
    """Return the first expected price of each reference of a clause; a combination has that of its first member."""
    found = {}
    for name in () if priced.plan is None else priced.plan.clause.references:
        decks = [deck for deck in priced.laid.decks if deck.row.reference == name] or list(priced.laid.decks)
        found[name] = next(iter(decks[0].prices.values()))
    return found


def _periods(priced: Priced) -> Iterator[PeriodValued]:
    laid = priced.laid.contracts[0]
    net = usd_each(_net_spreads(priced)).tolist()
    legs = [_leg_periods(leg) for leg in priced.legs]
    names = [leg.leg.name for leg in priced.legs]
    references = _references(priced)
    rules = {(d.row.rule.window, d.row.rule.lag_months): d.row.rule for d in priced.laid.decks}.values()
    over = priced.laid.horizon.last_over
    due_years = np.max([leg.timing.due_years for leg in priced.legs], axis=0)  # of the contract that is paid last
    ahead = np.round(due_years * MONTHS_PER_YEAR).astype(int).tolist()
    for place, (period, label) in enumerate(zip(laid.plan.periods, laid.plan.labels, strict=True)):
        fixings = sorted({month for rule in rules for month in windows(rule, period.months)} or period.months)
        known = month_number(fixings[-1]) <= over
        yield PeriodValued(
            period=label,
            first_day=period.first_day.isoformat(),
            last_day=period.last_day.isoformat(),
            paid_in=month_shifted(_month(over), ahead[place]),
            fixing_months=(fixings[0], fixings[-1]),
            known=known,
            reference_usd_per_kg={name: prices[place] for name, prices in references.items()},
            net_usd=SpreadOut(*(net[place][:1] * 6 if known else net[place])),
            legs={name: one[place] for name, one in zip(names, legs, strict=True)},
        )


def _month(number: int) -> str:
    return f"{number // MONTHS_PER_YEAR:04d}-{number % MONTHS_PER_YEAR + 1:02d}"


def _net_spreads(priced: Priced) -> Floats:
    """Return mean and quantiles of the net payment of each period (P, 6); the mean is the sum of the legs'."""
    rows = np.array([[one.mean, one.p5, one.p10, one.p50, one.p90, one.p95] for one in priced.found.net])
    rows[:, 0] = np.sum([leg.mean_usd for leg in priced.legs], axis=0)
    return rows


def _leg_periods(priced: PricedLeg) -> list[LegPeriodOut]:
    means = usd_each(priced.mean_usd).tolist()
    if priced.binding is None:
        return [LegPeriodOut(mean, None) for mean in means]
    binding = np.round(priced.binding, PROBABILITY_DIGITS).tolist()
    return [LegPeriodOut(*pair) for pair in zip(means, binding, strict=True)]


def _references(priced: Priced) -> dict[str, list[float]]:
    """Return each reference on the expected prices, by period."""
    deck = priced.laid.prices()[list(priced.engine.places)]
    found = np.round(priced.schedule.references(deck[:, :, None])[:, :, 0], DIGITS).tolist()
    several = len(priced.laid.contracts) > 1
    names = [f"{contract}: {name}" if several else name for contract, name in priced.engine.references]
    return dict(zip(names, found, strict=True))


def _years(priced: Priced) -> Iterator[YearValued]:
    for year, spread in priced.found.by_cap_year.items():
        mean = sum(float(leg.mean_usd[leg.timing.cap_years == year].sum()) for leg in priced.legs)
        paying = {leg.leg.name: round(leg.paying[year], PROBABILITY_DIGITS) for leg in priced.legs}
        yield YearValued(year, _spread(spread, mean), paying)


def _exposure(priced: Priced) -> Iterator[FiscalYearOut]:
    start = fiscal_start(priced.request.parties)
    for year, (mean, most) in priced.found.exposure.items():
        yield FiscalYearOut(year + (start > JANUARY), usd(mean), usd(most))


def _closed(priced: Priced) -> Iterator[ClosedFormOut]:
    """Yield the closed form of each leg that has one, and of the whole where all have."""
    pairs = [(leg, priced.closed_value_usd(leg)) for leg in priced.legs]
    found = [(leg, closed) for leg, closed in pairs if closed is not None]
    whole = len(found) == len(pairs)
    for leg, closed in found if len(pairs) > 1 or not whole else ():
        mean = SIGN[leg.leg.payer] * priced.found.by_leg[leg.leg.name]
        simulated = priced.simulated_value_usd(leg, mean)
        yield _compared(f"value of {leg.leg.name} to the seller", closed, simulated, None, leg.is_exact)
    if whole and found:
        total, simulated_whole = sum(closed for _, closed in found), priced.simulated[0]
        exact = all(leg.is_exact for leg, _ in found)
        what = "value of all legs to the seller"
        yield _compared(what, total, float(simulated_whole.value), float(simulated_whole.standard_error), exact)


def _compared(what: str, closed: float, simulated: float, error: float | None, exact: bool) -> ClosedFormOut:
    gap = simulated - closed
    errors = round(gap / error, ERROR_DIGITS) + 0.0 if error and usd(error) else None
    return ClosedFormOut(what, usd(closed), usd(simulated), usd(gap), errors, exact)


def _greeks(priced: Priced) -> GreeksOut | None:
    found = priced.moves
    if found is None:
        return None
    delta, gamma, strike = ({name: usd(v) for name, v in m.items()} for m in (found.delta, found.gamma, found.strike))
    return GreeksOut(delta, gamma, usd(found.vega), usd(found.rho), strike)


def _spread(found: Spread, mean: float) -> SpreadOut:
    return SpreadOut(usd(mean), usd(found.p5), usd(found.p10), usd(found.p50), usd(found.p90), usd(found.p95))
