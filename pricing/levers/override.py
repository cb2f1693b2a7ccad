"""An override: one lever at another value, for good or between two months."""

from __future__ import annotations

from dataclasses import dataclass

from pricing.levers.lever import Lever, Way


@dataclass(frozen=True, slots=True)
class Override:
    """A lever that was read and found sensible. Without months it holds for good; `first` and `last` are included."""

    lever: Lever
    way: Way
    amount: float
    baseline: float
    first: str | None = None  # YYYY-MM
    last: str | None = None  # YYYY-MM, None with `first`: for good from then on

    @property
    def value(self) -> float:
        """Return the lever's value, in its unit."""
        return self.lever.value(self.way, self.amount, self.baseline)

    @property
    def dated(self) -> bool:
        """Return whether it begins or ends."""
        return self.first is not None or self.last is not None
