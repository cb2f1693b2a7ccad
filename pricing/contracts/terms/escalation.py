"""How a level moves with time: by a fixed share a year, or with a published price index."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pricing.contracts.terms.schema import Term, month, named, number, share, stated, whole


class Steps(StrEnum):
    """When an escalated level is struck anew."""

    YEAR = "year"  # once a contract year
    PERIOD = "period"  # every settlement period


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedEscalator(Term):
    """A level that rises by the same share every contract year from a stated year on; 2 means the second year is first.

    >>> rise = FixedEscalator(share_per_year=Decimal("0.02"), first_escalation_year=2)
    >>> round(140 * rise.times(5), 2)
    Decimal('151.54')
    """

    KIND: ClassVar[str] = "fixed"
    share_per_year: Decimal = number("a share a year: 0.02 is 2 %", low=Decimal("-0.5"), high=Decimal(1))
    first_escalation_year: int = whole("contract year of the first rise", low=1, high=100)

    def times(self, contract_year: int) -> Decimal:
        """Return what the level is multiplied by in a contract year, counted from 1."""
        return (1 + self.share_per_year) ** max(0, contract_year - self.first_escalation_year + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEscalator(Term):
    """A level that follows a published price index from a base month, in part or in whole."""

    KIND: ClassVar[str] = "index"
    price_index: str = named()
    base_month: str = month()
    lag_months: int = whole("months", high=36)
    pass_through_share: Decimal = share(above=True)
    struck_every: Steps = stated()

    def times(self, level: Decimal, base: Decimal) -> Decimal:
        """Return what the level is multiplied by at a level of the index."""
        return 1 + self.pass_through_share * (level / base - 1)


Escalator = FixedEscalator | IndexEscalator
