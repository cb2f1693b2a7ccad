"""Laws against an independent library: QuantLib's Black formula, its greeks, and its averages of fixings."""

from __future__ import annotations

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - as its own pages write it
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.closed_form import average, caplet, floorlet, strip, vega
from pricing.contracts.valuation.legs import Leg, Payer, Side
from pricing.contracts.valuation.parties import Parties, discount_factors
from pricing.contracts.valuation.schedule import Schedule
from pricing.paths.process import PriceProcess, TwoFactor
from pricing.paths.simulate import Sampling

EXACT = 1e-8
PRICES = st.floats(10.0, 400.0)
DEVIATIONS = st.floats(0.01, 2.0)
VOLATILITY, FORWARD, FLOOR, RATE = 0.3, 100.0, 110.0, 0.08
TODAY = ql.Date(1, 1, 2026)
DAYS = ql.Actual365Fixed()
MONTH = 30  # days, so that fixings fall on whole days
MONTHS = 24
YEARS = tuple(MONTH * month / 365 for month in range(1, MONTHS + 1))
WALK = PriceProcess(("NdPr",), (TwoFactor(1.0, 0.0, VOLATILITY),), ((1.0,),))  # one factor: Black and Scholes's


def black(kind: int, strike: float, forward: float, deviation: float) -> ql.BlackCalculator:
    return ql.BlackCalculator(ql.PlainVanillaPayoff(kind, strike), forward, deviation)


@settings(deadline=None)
@given(forward=PRICES, deviation=DEVIATIONS, strike=PRICES)
def test_floorlets_caplets_and_their_slopes_are_those_of_quantlib(
    forward: float, deviation: float, strike: float
) -> None:
    put, call = (black(kind, strike, forward, deviation) for kind in (ql.Option.Put, ql.Option.Call))
    assert floorlet(forward, deviation, strike) == pytest.approx(put.value(), abs=EXACT)
    assert caplet(forward, deviation, strike) == pytest.approx(call.value(), abs=EXACT)
    assert vega(forward, deviation, strike) == pytest.approx(put.vega(1.0), abs=EXACT)  # over one year


@settings(deadline=None)
@given(forward=PRICES, deviation=DEVIATIONS, floor=PRICES, width=st.floats(0.0, 200.0), share=st.floats(0.0, 1.0))
def test_a_collar_that_shares_the_upside_is_quantlibs_put_less_a_share_of_its_call(
    forward: float, deviation: float, floor: float, width: float, share: float
) -> None:
    ours = floorlet(forward, deviation, floor) - share * caplet(forward, deviation, floor + width)
    put, call = (
        black(*each, forward, deviation).value() for each in ((ql.Option.Put, floor), (ql.Option.Call, floor + width))
    )
    assert ours == pytest.approx(put - share * call, abs=EXACT)


def test_a_discounted_strip_is_the_sum_of_quantlibs_european_puts() -> None:
    years = np.array(YEARS)
    ours = strip(floorlet(FORWARD, VOLATILITY * np.sqrt(years), FLOOR), np.ones(MONTHS), discount_factors(RATE, years))
    theirs = 0.0
    for month, year in enumerate(YEARS, start=1):
        option = ql.VanillaOption(
            ql.PlainVanillaPayoff(ql.Option.Put, FLOOR), ql.EuropeanExercise(TODAY + MONTH * month)
        )
        option.setPricingEngine(ql.AnalyticEuropeanEngine(market()))
        theirs += option.NPV() * (1 + RATE) ** -year
    assert ours == pytest.approx(theirs, abs=EXACT)


def test_the_moment_matched_average_is_turnbull_and_wakemans_and_near_the_exact_one_after_a_quarter() -> None:
    covariance = WALK.covariance(np.array(YEARS))
    for place, (matched, exact) in enumerate(zip(quarters(ql.TurnbullWakemanAsianEngine), quarters(), strict=True)):
        own = slice(3 * place, 3 * place + 3)
        ours = float(floorlet(*average(np.full(3, FORWARD), covariance[own, own], [1 / 3] * 3), FLOOR))
        assert ours == pytest.approx(matched, abs=EXACT)
        assert ours == pytest.approx(exact, rel=1e-3 if place == 0 else 1e-4)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_simulated_quarterly_averages_are_within_five_hundredths_of_a_percent_of_quantlibs(seed: int) -> None:
    schedule = Schedule.regular(MONTHS, 3)
    leg = Leg("floor", Payer.BUYER, Side.BELOW, np.array(FLOOR), np.array(1.0))
    deck = np.full((1, MONTHS), FORWARD)
    book = Book(WALK, deck, YEARS, (leg,), schedule, Parties(RATE, RATE), Sampling(seed=seed))
    exact = np.array(quarters()) @ discount_factors(RATE, schedule.due_years)
    assert book.worth().value == pytest.approx(exact, rel=5e-4)


def test_quantlibs_own_sobol_paths_agree_with_ours_within_their_error() -> None:
    def engine(process: ql.BlackScholesMertonProcess) -> ql.PricingEngine:
        return ql.MCDiscreteArithmeticAPEngine(process, "lowdiscrepancy", requiredSamples=4095, seed=3)

    schedule = Schedule.regular(MONTHS, 3)
    leg = Leg("floor", Payer.BUYER, Side.BELOW, np.array(FLOOR), np.array(1.0))
    book = Book(WALK, np.full((1, MONTHS), FORWARD), YEARS, (leg,), schedule, Parties(0.0, 0.0))
    assert book.value().by_leg["floor"] == pytest.approx(np.array(quarters(engine)), rel=3e-3)


def market() -> ql.BlackScholesMertonProcess:
    """Forward 100 at all times, nothing discounted, volatility 30 %."""
    ql.Settings.instance().evaluationDate = TODAY
    still = ql.YieldTermStructureHandle(ql.FlatForward(TODAY, 0.0, DAYS))
    surface = ql.BlackConstantVol(TODAY, ql.NullCalendar(), VOLATILITY, DAYS)
    return ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(FORWARD)), still, still, ql.BlackVolTermStructureHandle(surface)
    )


def quarters(engine: object = ql.ChoiAsianEngine) -> list[float]:
    """QuantLib's floors on the averages of three fixings each, by quarter; Choi's series is exact to ten digits."""
    found = []
    for first in range(1, MONTHS, 3):
        fixings = [TODAY + MONTH * month for month in range(first, first + 3)]
        payoff = ql.PlainVanillaPayoff(ql.Option.Put, FLOOR)
        option = ql.DiscreteAveragingAsianOption(
            ql.Average.Arithmetic, fixings, payoff, ql.EuropeanExercise(fixings[-1])
        )
        option.setPricingEngine(engine(market()))  # type: ignore[operator]
        found.append(option.NPV())
    return found
