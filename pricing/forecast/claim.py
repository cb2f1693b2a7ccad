"""What a record allows one to claim: skill only where it is long enough, its band lies below 1 and a test agrees."""

from __future__ import annotations

from dataclasses import dataclass

from pricing.forecast.scores import independent_windows

SKILL, NO_SKILL = "skill", "no skill"


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """The months resolved and independent windows below which there is no verdict, and the highest p-value."""

    least_months: int
    least_windows: int
    below_p: float

    def banded(self, months: int, horizon: int) -> bool:
        """Return whether resolved months hold enough windows for a band to mean anything."""
        return independent_windows(months, horizon) >= self.least_windows

    def verdict(self, months: int, horizon: int, high: float, dm: tuple[float, float]) -> bool | None:
        """Return whether skill may be claimed; None where the record is too short for a verdict.

        `high` is the upper end of the band of error over the last quote's, `dm` Diebold and Mariano's statistic and its
        p-value, below 0 in favour of the forecast; NaN claims nothing. Of a record of twelve months a band lies below 1
        one time in four without any skill, of 60 months one in thirteen (docs/forecasts.md).

        >>> rule = ClaimRule(least_months=36, least_windows=4, below_p=0.1)
        >>> rule.verdict(11, 1, 0.9, (-3.0, 0.01)), rule.verdict(60, 1, 0.9, (-3.0, 0.01))
        (None, True)
        >>> rule.verdict(60, 1, 0.9, (-1.0, 0.3)), rule.verdict(60, 24, 0.9, (-3.0, 0.01))
        (False, None)
        """
        if months < self.least_months or not self.banded(months, horizon):
            return None
        return bool(high < 1.0 and dm[0] < 0 and dm[1] < self.below_p)
