"""What a price that is not indexed is worth in today's money."""

from __future__ import annotations

import math

from pricing.errors import Fault, TermsError


def real_price(price: float, inflation: float, years: float) -> float:
    """Return a nominal price of some years ahead in today's money.

    >>> round(real_price(110.0, 0.025, 10), 2)
    85.93
    """
    return price / (1 + inflation) ** years


def years_until_below(price: float, inflation: float, level: float) -> float:
    """Return after how many years a price is below a level in today's money; infinite where it never is.

    >>> round(years_until_below(110.0, 0.025, 100.0), 2)
    3.86
    """
    if not (price > 0 and level > 0 and inflation > -1):
        found = f"price {price}, level {level}, inflation {inflation}"
        raise TermsError(Fault("real_terms", found, "a price and a level above zero, inflation above -1"))
    if price < level:
        return 0.0
    return math.log(price / level) / math.log1p(inflation) if inflation > 0 else math.inf
