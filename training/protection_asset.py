"""The floor of the MP price protection valued on the day before it began, beside what the company booked for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.contract_templates import load_templates
from features.path_numbers import path_parameters
from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.periods import MONTHS_PER_YEAR, month_number, month_of
from pricing.contracts.valuation.closed_form import average, floorlet, strip
from pricing.parameters import Parameter
from training.protection import BASES, MATERIAL, MONTHS_IN_QUARTER, QUARTERS, TEMPLATE, Payments

AT_THE_FLOOR = "at the floor itself"
BOOKED, RATE = "asset.booked", "asset.discount_rate"
QUARTERS_PER_YEAR = MONTHS_PER_YEAR // MONTHS_IN_QUARTER
BEFORE = -MONTHS_IN_QUARTER  # months from the first quarter to the one before it, all of which was known


@dataclass(frozen=True)
class Asset:
    """The floor alone, one-way, over all its quarters, on flat decks: no share, no default, no first stockpile."""

    payments: Payments

    @property
    def booked(self) -> Parameter:
        """Return what the company booked, in USD."""
        return self.payments.numbers[BOOKED]

    @property
    def rates(self) -> tuple[float, float]:
        """Return the two discount rates, a year."""
        stated = self.payments.numbers[RATE]
        return stated.low, stated.high

    @property
    def volumes(self) -> tuple[float, float]:
        """Return the least and the most tonnes reported for a quarter, as tonnes a year."""
        found = [float(self.payments.tonnes(quarter)[basis]) for quarter in QUARTERS for basis in BASES]
        return min(found) * QUARTERS_PER_YEAR, max(found) * QUARTERS_PER_YEAR

    @cached_property
    def decks(self) -> dict[str, float]:
        """Return flat decks in USD/kg: each index's mean over the last quarter before the agreement, and the floor."""
        known = {index: self.payments.average(index, QUARTERS[0], BEFORE)[0] for index in self.payments.indices}
        return known | {AT_THE_FLOOR: float(self.payments.floor)}

    def usd(self, deck: float, tonnes_per_year: float, rate: float, volatility: float | None = None) -> float:
        """Return the value in USD: quarterly floorlets on a lognormal mean of months (Black 1976; Levy 1992).

        A quarter is paid at its end; `volatility` is by default that of the price paths, without their reversion.
        """
        per_year = self._volatility if volatility is None else volatility
        payoffs = [self._floorlet(deck, per_year, quarter) for quarter in range(self._count)]
        ends = np.arange(1, self._count + 1) / QUARTERS_PER_YEAR
        kg = np.full(self._count, tonnes_per_year * float(KG_PER_TONNE) / QUARTERS_PER_YEAR)
        return strip(np.array(payoffs), kg, (1 + rate) ** -ends)

    def rows(self) -> Iterator[tuple[str, float, float, tuple[float, ...], float]]:
        """Yield deck, USD/kg, rate, values in USD on the two volumes, and the t a year worth what was booked."""
        for index, deck in self.decks.items():
            for rate in self.rates:
                values = tuple(self.usd(deck, volume, rate) for volume in self.volumes)
                yield index, deck, rate, values, self.booked.value / self.usd(deck, 1.0, rate)

    def _floorlet(self, deck: float, volatility: float, quarter: int) -> float:
        years = (quarter * MONTHS_IN_QUARTER + np.arange(1, MONTHS_IN_QUARTER + 1)) / MONTHS_PER_YEAR
        covariance = volatility**2 * np.minimum.outer(years, years)
        forwards = np.full(MONTHS_IN_QUARTER, deck)
        mean, deviation = average(forwards, covariance, [1 / MONTHS_IN_QUARTER] * MONTHS_IN_QUARTER)
        return float(floorlet(mean, deviation, float(self.payments.floor)))

    @property
    def _count(self) -> int:
        terms = load_templates()[TEMPLATE].terms
        months = month_number(month_of(terms["to"])) - month_number(month_of(terms["from"])) + 1
        return months // MONTHS_IN_QUARTER

    @property
    def _volatility(self) -> float:
        return path_parameters()[f"volatility.{MATERIAL}"].value
