"""One number of the drift report beside what is allowed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was looked at, what was found, and between which bounds it raises no flag."""

    about: str
    what: str
    found: float
    low: float
    high: float

    @property
    def flagged(self) -> bool:
        """Return whether the number lies outside its bounds."""
        return not self.low <= self.found <= self.high

    @property
    def allowed(self) -> str:
        """Return the bounds in words."""
        return f"{self.low:.3g} to {self.high:.3g}"

    def __str__(self) -> str:
        return f"{self.about}: {self.what} {self.found:.3g}, allowed {self.allowed}"
