"""A series whose specification changes: where it is joined, by which factor, and what each symbol holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from pricing.contracts.terms.schema import (
    MONTH,
    MONTH_WANTED,
    Span,
    Spec,
    Term,
    keyed,
    named,
    number,
    placed,
    stated,
    stated_all,
)
from pricing.errors import Fault

MOST_FACTOR = Decimal(10)  # beyond it the two symbols are not one series
MOST_OVERLAP = 60  # months
QUOTE = Span(Decimal(0), Decimal(10) ** 9, "above zero, in the money and unit of the index", above=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Splice(Term):
    """From a month on the index is another symbol, times a factor that keeps it on the specification before.

    The factor is stated, or the mean of the old symbol over the mean of the new one in the months that have both.

    >>> both = {"2026-03": Decimal(102), "2026-04": Decimal(106)}, {"2026-03": Decimal(100), "2026-04": Decimal(100)}
    >>> Splice(from_month="2026-05", symbol_before="pr22", symbol_after="pr20", source="the publisher",
    ...     overlap_before=both[0], overlap_after=both[1]).ratio
    Decimal('1.04')
    """

    from_month: str = stated(Spec(shape=MONTH, wanted=MONTH_WANTED, row_name="from"))
    symbol_before: str = named()
    symbol_after: str = named()
    source: str = stated()
    factor: Decimal | None = number("old symbol per new one", above=True, high=MOST_FACTOR, required=False)
    overlap_before: Mapping[str, Decimal] = keyed(MONTH, MONTH_WANTED, QUOTE, most=MOST_OVERLAP)
    overlap_after: Mapping[str, Decimal] = keyed(MONTH, MONTH_WANTED, QUOTE, most=MOST_OVERLAP)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a factor stated not at all or twice, months with one symbol alone, and a symbol after itself."""
        if stated_all(found, "symbol_before", "symbol_after") and found["symbol_before"] == found["symbol_after"]:
            yield Fault("symbol_after", found["symbol_after"], "another symbol than symbol_before")
        before, after = found.get("overlap_before"), found.get("overlap_after")
        if before is None or after is None or "factor" not in found:
            return
        if (found["factor"] is None) == (not before and not after):
            told = "nothing" if found["factor"] is None else "factor and overlap"
            yield Fault("factor", told, "either factor, or overlap_before and overlap_after in the same months")
        for month in sorted(before.keys() ^ after.keys()):
            missing = "overlap_after" if month in before else "overlap_before"
            yield Fault(f"{missing}.{month}", "nothing", "both symbols in every month of the overlap")

    @property
    def ratio(self) -> Decimal:
        """Return what the new symbol is multiplied by."""
        if self.factor is not None:
            return self.factor
        return sum(self.overlap_before.values(), Decimal(0)) / sum(self.overlap_after.values(), Decimal(0))

    def told(self, version: int) -> str:
        """Return the splice in words, under the version of the method that it begins."""
        shared = f"mean of {len(self.overlap_before)} months with both" if self.factor is None else "as stated"
        joined = f"{self.symbol_before} to {self.symbol_after} from {self.from_month}"
        return f"method version {version}: {joined}, spliced at {self.ratio:.6f} ({shared}; {self.source})"


def splice_faults(splices: tuple[Splice | None, ...]) -> Iterator[Fault]:
    """Yield splices out of order, and one that does not begin with the symbol that the one before ended with."""
    known = list(placed(splices))
    for (_, one), (place, other) in pairwise(known):
        if one.from_month and other.from_month and other.from_month <= one.from_month:
            yield Fault(f"{place}.from", other.from_month, f"a month after {one.from_month}, that of the one before")
        if one.symbol_after and other.symbol_before and other.symbol_before != one.symbol_after:
            yield Fault(f"{place}.symbol_before", other.symbol_before, f"{one.symbol_after}, the symbol in force")
