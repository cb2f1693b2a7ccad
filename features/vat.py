"""The rates of Chinese value-added tax by day, for contracts that take the tax out of an index."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from pricing.errors import DataError

POLICY = Path(__file__).resolve().parent / "data" / "policy.csv"
INSTRUMENT, UNIT = "vat", "%"
PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class VatRate:
    """A rate as a share of the price before tax, and the first day it was in force."""

    first_day: date
    rate: Decimal
    source: str


@cache
def chinese_vat() -> tuple[VatRate, ...]:
    """Return the rates of the shipped policy table in order of time; DataError where it has none.

    >>> [(str(step.first_day), str(step.rate)) for step in chinese_vat()]
    [('1994-01-01', '0.17'), ('2018-05-01', '0.16'), ('2019-04-01', '0.13')]
    """
    with POLICY.open(encoding="utf-8", newline="") as rows:
        steps = [
            VatRate(date.fromisoformat(row["start"]), Decimal(row["value"]) / PERCENT, row["source"])
            for row in csv.DictReader(rows)
            if (row["instrument"], row["unit"]) == (INSTRUMENT, UNIT)
        ]
    if not steps:
        msg = "policy.csv: no rate of VAT. Install the package again, with the data it ships."
        raise DataError(msg)
    return tuple(sorted(steps, key=lambda step: step.first_day))
