"""Every forecast of the market beside the quote that came. The scores stand in the record, which is made with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from types import MappingProxyType

from pricing.forecast.published import Forecasts, Said, Skill
from pricing.forecast.scores import LEVELS
from pricing.scoreboard.fair_rows import months_later

JUDGED, OPEN, STALE, UNQUOTED = "judged", "open", "stale base", "not quoted"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said at one origin, and the verdict that went with it."""

    said: Said
    skill: Skill


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """What was said of one month to come, USD/kg oxide, and the quote that came.

    `state` is judged; open: the month has not come; stale base: the month forecast from had no quote of this market;
    not quoted: the month that came had none. `ends` and `inside` are of the 50, 80 and 95 % intervals.
    """

    place: str
    material: str
    month: str
    known_on: str
    months_ahead: int
    for_month: str
    base: float
    point: float
    ends: tuple[tuple[float, float], ...]
    models: bool  # were served, not the base
    mean_base: bool  # the base is a month's mean, no last quote
    state: str
    came: float | None
    inside: tuple[bool, ...] | None

    @property
    def miss_ln(self) -> float | None:
        """Return ln(came / forecast)."""
        return None if self.came is None else log(self.came / self.point)


def forecast_rows(
    found: Forecasts,
    place: str,
    material: str,
    horizons: Sequence[int],
    published: Mapping[str, Spoken] = MappingProxyType({}),
) -> Iterator[ForecastRow]:
    """Yield every forecast of a material at a place, oldest first; nothing where there is none.

    `published` holds, by origin, what was said at the time: it stands instead of the replay.
    """
    target = found.targets.get((place, material))
    if target is None:
        return
    quotes = {one.month: one for one in target.said}
    last = target.said[-1].month
    for replayed in target.said:
        spoken = published.get(replayed.month) or Spoken(replayed, found.skill[place][replayed.month])
        for horizon in horizons:
            yield _row(spoken, (place, material, last), quotes, horizon)


def _row(spoken: Spoken, which: tuple[str, str, str], quotes: Mapping[str, Said], horizon: int) -> ForecastRow:
    said, (place, material, last) = spoken.said, which
    month = months_later(said.month, horizon)
    then = quotes.get(month)
    state = _state(said, then, month, last)
    came = then.base if then and state == JUDGED else None
    return ForecastRow(
        place=place,
        material=material,
        month=said.month,
        known_on=said.known_on,
        months_ahead=horizon,
        for_month=month,
        base=said.base,
        point=said.point[horizon - 1],
        ends=tuple(said.interval(level, horizon) for level in LEVELS),
        models=spoken.skill.used[horizon - 1],
        mean_base=said.mean_base,
        state=state,
        came=came,
        inside=None if came is None else _inside(said, came, horizon),
    )


def _state(said: Said, then: Said | None, month: str, last: str) -> str:
    if month > last:
        return OPEN
    if not said.quoted:
        return STALE
    return JUDGED if then and then.quoted else UNQUOTED


def _inside(said: Said, came: float, horizon: int) -> tuple[bool, ...]:
    miss = abs(log(came) - log(said.point[horizon - 1]))
    return tuple(miss <= said.half[number][horizon - 1] for number, _ in enumerate(LEVELS))
