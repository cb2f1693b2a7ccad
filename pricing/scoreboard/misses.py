"""Months whose fair price stands beside the market that came later, and how far it lay off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from pricing.market.supply import Region
from pricing.scoreboard.fair_rows import FairRow, months_later
from pricing.scoreboard.revisions import Ends
from pricing.scoreboard.settings import Settings


@dataclass(frozen=True, slots=True)
class Miss:
    """A month's fair price, the market then and the one that came, USD/kg oxide on the market's basis.

    `fair` is the middle, published as a point where `has_point`; `interval` is its 80 % interval on the same basis.
    """

    material: str
    region: str
    months_ahead: int
    month: str
    for_month: str
    fair: float
    has_point: bool
    interval: Ends
    then: float
    past_mean: float
    came: float

    @property
    def miss_ln(self) -> float:
        """Return ln(came / fair)."""
        return log(self.came / self.fair)

    @property
    def told_miss_ln(self) -> float | None:
        """Return the miss where the fair price is published as a point: elsewhere it would give the point away."""
        return self.miss_ln if self.has_point else None

    @property
    def last_miss_ln(self) -> float:
        """Return ln(came / then), the miss of the last price."""
        return log(self.came / self.then)

    @property
    def mean_miss_ln(self) -> float:
        """Return ln(came / past_mean), the miss of the mean of all past prices."""
        return log(self.came / self.past_mean)


def miss_of(row: FairRow, region: str, place: int, ahead: int) -> Miss | None:
    """Return a month beside the market of a region at a place among the months ahead; None without a price of each."""
    market = row.market(region)
    fair, then, mean, came = market.fair, market.then, market.past_mean, market.later[place]
    if fair is None or then is None or mean is None or came is None:
        return None
    return Miss(
        material=row.material,
        region=region,
        months_ahead=ahead,
        month=row.month,
        for_month=months_later(row.month, ahead),
        fair=fair,
        has_point=row.known.point is not None,
        interval=_interval(row, fair),
        then=then,
        past_mean=mean,
        came=came,
    )


def worst_misses(rows: Sequence[FairRow], settings: Settings) -> tuple[Miss, ...]:
    """Return, by material, region and months ahead, the months whose fair price was farthest from what came."""
    scored = [row for row in rows if row.month >= settings.first_month]
    found: list[Miss] = []
    for material in dict.fromkeys(row.material for row in scored):
        for region in Region:
            for place, ahead in enumerate(settings.months_ahead):
                own = [row for row in scored if row.material == material]
                misses = [miss for row in own if (miss := miss_of(row, region.value, place, ahead))]
                found += sorted(misses, key=lambda miss: -abs(miss.miss_ln))[: settings.worst_months]
    return tuple(found)


def _interval(row: FairRow, fair: float) -> Ends:
    """Return the interval moved to the market's basis by as much as the middle."""
    known = row.known
    if known.low is None or known.high is None or known.middle is None:
        return None
    freight = fair - known.middle
    return known.low + freight, known.high + freight
