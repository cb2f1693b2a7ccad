"""What may keep a due payment from arriving: default of a party, and money that a budget never grants.

All of it is taken as independent of the price. A buyer who fails because prices are low is worse than this says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.errors import Fault, TermsError

Floats = np.ndarray


@dataclass(frozen=True, slots=True)
class Credit:
    """A party's chance of default per year (a hazard rate) and the share of its dues recovered after it."""

    hazard_per_year: float = 0.0
    recovery: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.hazard_per_year < np.inf and 0 <= self.recovery <= 1):
            found = f"hazard {self.hazard_per_year}, recovery {self.recovery}"
            raise TermsError(Fault("credit", found, "a hazard rate from 0 per year, a recovery from 0 to 1"))

    def survival(self, years: Floats) -> Floats:
        """Return the probability of no default before years ahead (P,)."""
        return np.exp(-self.hazard_per_year * np.maximum(years, 0.0))


@dataclass(frozen=True, slots=True)
class Appropriation:
    """A chance, each fiscal year, that no money is granted; `lasting`: nothing is granted after the first such year."""

    chance_of_none: float = 0.0
    lasting: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.chance_of_none <= 1:
            raise TermsError(Fault("appropriation.chance_of_none", str(self.chance_of_none), "0 to 1 a year"))

    def granted(self, fiscal_years: Floats, first: int) -> Floats:
        """Return the probability that money is there in each period (P,), by its fiscal year.

        `first` is the fiscal year whose money is granted next; that of years before it was granted.
        """
        years = np.maximum(fiscal_years - first + 1, 0) if self.lasting else np.ones(len(fiscal_years))
        granted: Floats = (1.0 - self.chance_of_none) ** years
        return granted


SURE = Credit()


def arriving_share(payer: Credit, other: Credit, due_years: Floats) -> Floats:
    """Return the expected share (P,) of the payer's dues that arrives.

    A default of the other side ends the contract; the payer's own default leaves a claim on its recovery.
    """
    alive = payer.survival(due_years)
    return other.survival(due_years) * (alive + (1 - alive) * payer.recovery)
