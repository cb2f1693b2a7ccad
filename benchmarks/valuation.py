"""Errors and times of contract valuation: shared Sobol paths against closed forms, on the shipped price process.

    python benchmarks/valuation.py --seeds 16
    python benchmarks/valuation.py --requests-only      whole requests alone, beside numpy and QuantLib

Errors are relative to the closed form (monthly settlement) and to the moment-matched strip (quarterly averages); under
a money cap, where none exists, to the mean of runs with 65,536 paths. Times are CPU seconds of one process; set
OMP_NUM_THREADS=1 for those of one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from contract_requests import print_requests
from quantlib_strips import print_against_quantlib, timed

from features.path_numbers import path_parameters
from pricing.contracts.valuation.book import Book
from pricing.contracts.valuation.closed_form import average, floorlet
from pricing.contracts.valuation.estimates import Estimate
from pricing.contracts.valuation.legs import Leg, Payer, Side
from pricing.contracts.valuation.limits import AnnualCap
from pricing.contracts.valuation.parties import Parties, discount_factors
from pricing.contracts.valuation.schedule import Schedule
from pricing.paths.normals import sobol_normals
from pricing.paths.simulate import Sampling, growths
from pricing.paths.stated import stated_process

MONTHS = 120
YEARS = tuple(month / 12 for month in range(1, MONTHS + 1))
STRIKE, RATE = 110.0, 0.08
PARAMETERS = path_parameters()
ALONE = stated_process(PARAMETERS, ("NdPr",))
DECKS = (80.0, 100.0, 121.0)  # USD/kg
MANY = 65_536
KG = np.array(1.0e5)


def main() -> None:
    """Print errors by kind of settlement and deck, then times."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=16)
    options.add_argument("--repeats", type=int, default=20)
    options.add_argument("--bundle", type=Path, help="whose fair price stands in answers to whole requests")
    options.add_argument("--requests-only", action="store_true")
    chosen = options.parse_args()
    if not chosen.requests_only:
        print_errors(chosen.seeds)
        print_times(chosen.repeats)
        print_against_quantlib(chosen.seeds, chosen.repeats)
    print_requests(chosen.bundle, chosen.repeats)


def print_errors(seeds: int) -> None:
    """Print relative errors in % over seeds, the deviation from seed to seed, and the standard error of an answer."""
    print(f"{'ten years of floors at 110, 4,096 paths':48} deck    rms %    max %  seeds %  stated %")
    for name, build, oracle in (
        ("monthly, closed form", monthly, closed_form),
        ("quarterly averages, moment-matched", quarterly, moment_matched),
        ("floor less share of 30 %, capped, 65,536 paths", capped, many_paths),
    ):
        for deck in DECKS:
            exact = oracle(deck)
            found = [build(deck, Sampling(seed=seed)).worth() for seed in range(seeds)]
            print(f"{name:48} {deck:4.0f} {errors(found, exact)}")


def errors(found: list[Estimate], exact: float) -> str:
    """Return root mean square, largest and spread of the errors and the mean stated one, in % of the exact value."""
    missed = np.array([one.value / exact - 1 for one in found]) * 100
    stated = float(np.mean([one.standard_error / abs(exact) for one in found])) * 100
    rms = np.sqrt((missed**2).mean())
    return f"{rms:8.5f} {np.abs(missed).max():8.5f} {missed.std(ddof=1):8.5f} {stated:8.5f}"


def print_times(repeats: int) -> None:
    """Print CPU times of paths and of whole answers, the best of several where an answer is warm."""
    normals = timed(lambda: sobol_normals(MONTHS, MANY, 1))
    paths = timed(lambda: growths(ALONE, YEARS, Sampling(MANY, 1)))
    print(f"{'65,536 paths x 120 months: normals':56} {normals * 1e3:8.1f} ms, once per seed")
    print(f"{'65,536 paths x 120 months: paths from normals':56} {paths * 1e3:8.1f} ms")
    print(f"{'together':56} {(normals + paths) * 1e3:8.1f} ms")
    for name, legs in (("3 floors", 1), ("3 floors, 3 capped shares", 2)):
        contract = three_materials(legs)
        first = timed(lambda contract=contract: contract.value())
        warm = min(timed(lambda contract=contract: contract.value()) for _ in range(repeats))
        label = f"what-if, 120 months, 3 materials, 4,096 paths, {name}"
        print(f"{label:56} {warm * 1e3:8.1f} ms warm, {first * 1e3:.0f} ms first")
    whole = timed(lambda: [three_materials(1, shift).value() for shift in np.linspace(0.9, 1.1, 50)])
    print(f"{'50 what-ifs with 3 floors each':56} {whole * 1e3:8.1f} ms")
    strip = min(timed(lambda: closed_form(100.0)) for _ in range(repeats))
    print(f"{'strip of 120 floors in closed form':56} {strip * 1e6:8.1f} us")


def monthly(deck: float, sampling: Sampling) -> Book:
    """Return a floor settled every month."""
    return contract(deck, sampling, Schedule.regular(MONTHS, 1), (floor(0, STRIKE),))


def quarterly(deck: float, sampling: Sampling) -> Book:
    """Return a floor settled on quarterly averages."""
    return contract(deck, sampling, Schedule.regular(MONTHS, 3), (floor(0, STRIKE),))


def capped(deck: float, sampling: Sampling) -> Book:
    """Return a quarterly floor less a share of the upside of at most a million a calendar year."""
    legs = (floor(0, STRIKE), share(0, STRIKE, 1.0e6))
    return contract(deck, sampling, Schedule.regular(MONTHS, 3), legs)


def contract(deck: float, sampling: Sampling, schedule: Schedule, legs: tuple[Leg, ...]) -> Book:
    """Return legs on NdPr around a flat deck."""
    return Book(ALONE, np.full((1, MONTHS), deck), YEARS, legs, schedule, Parties(RATE, RATE), sampling)


def three_materials(legs_each: int, shift: float = 1.0) -> Book:
    """Return monthly floors, and capped shares for two legs each, on all three materials."""
    decks, items = np.array([121.0, 180.0, 780.0]), ("NdPr", "Dy", "Tb")
    floors = tuple(floor(row, shift * deck) for row, deck in enumerate(decks))
    shares = tuple(share(row, 1.2 * deck, 1.0e7) for row, deck in enumerate(decks)) if legs_each > 1 else ()
    deck = np.repeat(decks[:, None], MONTHS, axis=1)
    return Book(
        stated_process(PARAMETERS, items),
        deck,
        YEARS,
        floors + shares,
        Schedule.regular(MONTHS, 1),
        Parties(RATE, RATE),
    )


def floor(row: int, strike: float) -> Leg:
    """Return a floor on one item."""
    return Leg(f"floor {row}", Payer.BUYER, Side.BELOW, np.array(strike), KG, reference=row)


def share(row: int, strike: float, cap_usd: float) -> Leg:
    """Return a capped share of 30 % of the upside of one item."""
    return Leg(f"share {row}", Payer.SELLER, Side.ABOVE, np.array(strike), KG, np.array(0.3), row, AnnualCap(cap_usd))


def closed_form(deck: float) -> float:
    """Return the value of the monthly strip (Black 1976)."""
    years = np.array(YEARS)
    return float(floorlet(deck, ALONE.factors[0].deviation(years), STRIKE) @ discount_factors(RATE, years) * KG)


def moment_matched(deck: float) -> float:
    """Return the value of the quarterly strip, each average as the lognormal of its first two moments."""
    covariance = ALONE.covariance(np.array(YEARS))
    value = 0.0
    for start in range(0, MONTHS, 3):
        quarter = slice(start, start + 3)
        forward, deviation = average(np.full(3, deck), covariance[quarter, quarter], [1 / 3] * 3)
        value += float(floorlet(forward, deviation, STRIKE) * discount_factors(RATE, np.array(YEARS[start + 2])) * KG)
    return value


def many_paths(deck: float) -> float:
    """Return the value of the capped contract on 65,536 paths, the mean of three seeds of its own."""
    return float(np.mean([capped(deck, Sampling(MANY, seed)).worth().value for seed in (1001, 1002, 1003)]))


if __name__ == "__main__":
    main()
