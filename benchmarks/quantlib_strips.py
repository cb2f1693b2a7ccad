"""Ten years of floors valued by QuantLib's Monte Carlo at the error of our shared Sobol paths: how much more it works.

    python benchmarks/valuation.py            prints this table after its own

Both see one lognormal price of volatility 30 % around 100, floors at 110, 8 % a year. QuantLib values each payment by
an engine of its own, all in C++, on pseudo-random paths of its own, so that the errors of a strip average out, in its
favour. Pseudo-random paths for our error follow from their error at 4,096 (it falls with the root of the paths), Sobol
paths by doubling up to 65,535 and from there as if the error fell with the paths. Our error is the root mean square
over seeds. Floors on single months say little: our paths are matched to the lognormal month by month, which makes them
as good as the closed form. Ratios are CPU time over ours: warm, with paths already made for the process and months, and
on a first request that makes them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813 - as its own pages write it

from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.closed_form import floorlet
from pricing.contracts.valuation.legs import Leg, Payer, Side
from pricing.contracts.valuation.parties import Parties, discount_factors
from pricing.contracts.valuation.schedule import Schedule
from pricing.paths.process import PriceProcess, TwoFactor
from pricing.paths.simulate import Sampling, keep_no_growths

VOLATILITY, FORWARD, FLOOR, RATE = 0.3, 100.0, 110.0, 0.08
MONTHS, DAYS_A_MONTH = 120, 30  # whole days, as QuantLib's fixings are
YEARS = tuple(DAYS_A_MONTH * month / 365 for month in range(1, MONTHS + 1))
WALK = PriceProcess(("one",), (TwoFactor(1.0, 0.0, VOLATILITY),), ((1.0,),))
FIRST, MOST = 4096, 65_536
TODAY = ql.Date(1, 1, 2026)
PSEUDO, SOBOL = "pseudorandom", "lowdiscrepancy"


@dataclass(frozen=True)
class Run:
    """A value in USD/kg with the CPU seconds it took."""

    value: float
    seconds: float


@dataclass(frozen=True)
class Strip:
    """Floors on months, or on the averages of quarters: exact value, ours by sampling, QuantLib's by kind and paths."""

    name: str
    exact: float
    ours: Callable[[Sampling], Book]
    theirs: Callable[[str, int, int, bool], Run]
    reduction: str  # of variance, by QuantLib


def print_against_quantlib(seeds: int, repeats: int) -> None:
    """Print, for floors on months and on quarters, what QuantLib needs for our error."""
    print(f"\n{'QuantLib at our error':60} our rms %  its paths a payment  CPU / ours warm, first")
    for strip in (months(), quarters()):
        error = rms([strip.ours(Sampling(seed=seed)).worth().value for seed in range(seeds)], strip.exact)
        warm, first = our_seconds(strip, repeats)
        for label, paths, seconds in theirs_at(strip, error, seeds):
            ratios = f"{seconds / warm:10.3g} {seconds / first:10.3g}"
            print(f"{f'{strip.name}, {label}':60} {error * 100:9.5f} {paths:20.3g} {ratios}")


def theirs_at(strip: Strip, error: float, seeds: int) -> Iterator[tuple[str, float, float]]:
    """Yield each of QuantLib's ways with the paths a payment and the CPU seconds a strip that give an error."""
    for reduced in (False, True):
        runs = [strip.theirs(PSEUDO, FIRST, seed + 1, reduced) for seed in range(seeds)]
        times = (rms([run.value for run in runs], strip.exact) / error) ** 2
        label = "pseudo-random" + (f", {strip.reduction}" if reduced else "")
        yield label, FIRST * times, min(run.seconds for run in runs) * times
    paths = FIRST
    run = strip.theirs(SOBOL, paths - 1, 1, False)
    while rms([run.value], strip.exact) > error and paths < MOST:
        paths *= 2
        run = strip.theirs(SOBOL, paths - 1, 1, False)
    times = max(1.0, rms([run.value], strip.exact) / error)
    yield "Sobol" + (", extrapolated" if times > 1 else ""), paths * times, run.seconds * times


def rms(values: Sequence[float], exact: float) -> float:
    """Return the root mean square of relative errors."""
    return float(np.sqrt(np.mean((np.array(values) / exact - 1) ** 2)))


def our_seconds(strip: Strip, repeats: int) -> tuple[float, float]:
    """Return the CPU seconds of our value, warm and with paths made anew from shared normals."""
    strip.ours(Sampling()).worth()
    warm = min(timed(strip.ours(Sampling()).worth) for _ in range(repeats))
    first = []
    for _ in range(3):
        keep_no_growths()
        first.append(timed(strip.ours(Sampling()).worth))
    return warm, min(first)


def months() -> Strip:
    """Return floors on single months."""
    years = np.array(YEARS)
    exact = float(floorlet(FORWARD, VOLATILITY * np.sqrt(years), FLOOR) @ discount_factors(RATE, years))
    options = [ql.VanillaOption(payoff(), ql.EuropeanExercise(fixing(month))) for month in range(1, MONTHS + 1)]
    process, discount = market(), discount_factors(RATE, years)

    def theirs(kind: str, paths: int, seed: int, reduced: bool) -> Run:
        engines = [
            ql.MCEuropeanEngine(
                process,
                kind,
                timeSteps=1,
                antitheticVariate=reduced,
                requiredSamples=paths,
                seed=seed * len(options) + place,
            )
            for place in range(len(options))
        ]
        return summed(options, engines, discount)

    return Strip("floors on months", exact, lambda sampling: book(1, sampling), theirs, "antithetic")


def quarters() -> Strip:
    """Return floors on the averages of three months; Choi's series is the exact value."""
    starts = range(1, MONTHS, 3)
    options = [averaged([fixing(month) for month in range(start, start + 3)]) for start in starts]
    process, discount = market(), discount_factors(RATE, Schedule.regular(MONTHS, 3).due_years)

    def theirs(kind: str, paths: int, seed: int, reduced: bool) -> Run:
        engines = [
            ql.MCDiscreteArithmeticAPEngine(
                process, kind, controlVariate=reduced, requiredSamples=paths, seed=seed * len(options) + place
            )
            for place in range(len(options))
        ]
        return summed(options, engines, discount)

    exact = summed(options, [ql.ChoiAsianEngine(process)] * len(options), discount).value
    return Strip("floors on quarters", exact, lambda sampling: book(3, sampling), theirs, "geometric control")


def averaged(fixings: list[ql.Date]) -> ql.DiscreteAveragingAsianOption:
    """Return a floor on the average of some fixings."""
    return ql.DiscreteAveragingAsianOption(ql.Average.Arithmetic, fixings, payoff(), ql.EuropeanExercise(fixings[-1]))


def summed(options: Sequence[ql.Option], engines: Sequence[ql.PricingEngine], discount: np.ndarray) -> Run:
    """Return the discounted sum of options under an engine each."""
    before = time.process_time()
    values = []
    for option, engine in zip(options, engines, strict=True):
        option.setPricingEngine(engine)
        values.append(option.NPV())
    return Run(float(np.array(values) @ discount), time.process_time() - before)


def book(months_per_period: int, sampling: Sampling) -> Book:
    """Return a kilogram a period of our floors."""
    leg = Leg("floor", Payer.BUYER, Side.BELOW, np.array(FLOOR), np.array(1.0))
    schedule, deck = Schedule.regular(MONTHS, months_per_period), np.full((1, MONTHS), FORWARD)
    if months_per_period == 1:  # paid when fixed, to the day, as QuantLib's options are
        schedule = Schedule(schedule.fixing_months, np.array(YEARS), schedule.cap_years, schedule.fiscal_years)
    return Book(WALK, deck, YEARS, (leg,), schedule, Parties(RATE, RATE), sampling)


def payoff() -> ql.PlainVanillaPayoff:
    """Return the payoff of a floor."""
    return ql.PlainVanillaPayoff(ql.Option.Put, FLOOR)


def fixing(month: int) -> ql.Date:
    """Return the day a month fixes."""
    return TODAY + DAYS_A_MONTH * month


def market() -> ql.BlackScholesMertonProcess:
    """Return the lognormal price; discounting is ours for both."""
    ql.Settings.instance().evaluationDate = TODAY
    days = ql.Actual365Fixed()
    still = ql.YieldTermStructureHandle(ql.FlatForward(TODAY, 0.0, days))
    surface = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(TODAY, ql.NullCalendar(), VOLATILITY, days))
    return ql.BlackScholesMertonProcess(ql.QuoteHandle(ql.SimpleQuote(FORWARD)), still, still, surface)


def timed(call: Callable[[], object]) -> float:
    """Return the CPU seconds of a call."""
    before = time.process_time()
    call()
    return time.process_time() - before
