"""Charts of the page as coordinates for a template to draw as SVG: prices over time, fans, and shares by horizon."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pricing.forecast.scores import LEVELS
from serving.contracts.page.charts import Line, Scale, Tick
from serving.scoreboard.schemas import FairRowOut, ForecastRowOut, ForecastScores

WIDTH, HEIGHT = 640.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 50.0, 10.0, 8.0, 22.0
ROUND = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0), tuple(1.0 + n / 4 for n in range(36)))
TICKS = 4  # at least, on an axis in logarithms
ROOM = 1.05  # above the highest and below the lowest price
FANS_EVERY = 24  # months: fans of a whole horizon do not overlap
YEAR_STEP = 8  # from so many years on every second one is marked
Points = Sequence[tuple[float, float | None]]
Ends = Sequence[tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark at a place; `look` is its class in the style sheet."""

    x: float
    y: float
    look: str


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend: its class, its words, and its shape."""

    look: str
    name: str
    shape: str  # line, area or dot


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart with its axes."""

    title: str
    note: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    areas: tuple[Line, ...]
    lines: tuple[Line, ...]
    dots: tuple[Dot, ...]
    legend: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Plane:
    """Months across, prices upwards in logarithms."""

    first: str
    x: Scale
    y: Scale

    @classmethod
    def over(cls, months: Sequence[str], prices: Sequence[float]) -> Plane:
        """Return a plane that holds every month and price."""
        first, last = min(months), max(months)
        low, high = math.log(min(prices) / ROOM), math.log(max(prices) * ROOM)
        span = max(months_apart(first, last), 1)
        return cls(first, Scale(0, span, LEFT, WIDTH - RIGHT), Scale(low, high, HEIGHT - BOTTOM, TOP))

    def at(self, month: str) -> float:
        """Return where a month stands, in months since the first."""
        return float(months_apart(self.first, month))

    def lines(self, points: Points, look: str) -> Iterator[Line]:
        """Yield a line for each unbroken run of points."""
        for known, run in groupby(points, key=lambda point: point[1] is not None):
            told = [f"{self.x(x)},{self.y(math.log(y))}" for x, y in run if y is not None]
            if known and len(told) > 1:
                yield Line(" ".join(told), look)

    def area(self, ends: Ends, look: str) -> Line:
        """Return the area between lows and highs."""
        there = [f"{self.x(x)},{self.y(math.log(high))}" for x, _, high in ends]
        back = [f"{self.x(x)},{self.y(math.log(low))}" for x, low, _ in reversed(ends)]
        return Line(" ".join((*there, *back)), look)

    def x_ticks(self) -> tuple[Tick, ...]:
        """Return a mark at the January of each year, or of every second."""
        start, last = int(self.first[:4]) + (self.first[5:7] != "01"), int(self.first[:4]) + int(self.x.high / 12) + 1
        every = 2 if last - start > YEAR_STEP else 1
        places = [(year, self.at(f"{year}-01")) for year in range(start, last + 1, every)]
        return tuple(Tick(self.x(at), str(year)) for year, at in places if at <= self.x.high)

    def y_ticks(self) -> tuple[Tick, ...]:
        """Return marks at round prices."""
        low, high = math.exp(self.y.low), math.exp(self.y.high)
        tens = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        found: list[float] = []
        for marks in ROUND:
            found = [one for ten in tens for mark in marks if low <= (one := mark * 10.0**ten) <= high]
            if len(found) >= TICKS:
                break
        return tuple(Tick(self.y(math.log(one)), f"{one:,.10g}") for one in found)


def ends_at(row: ForecastRowOut, level: int) -> tuple[float, float]:
    """Return the ends of a forecast's interval of a level in per cent."""
    return getattr(row, f"low_{level}_usd_per_kg"), getattr(row, f"high_{level}_usd_per_kg")


def months_apart(first: str, last: str) -> int:
    """Return how many months lie between two."""
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7])


def fair_plot(material: str, rows: Sequence[FairRowOut]) -> Plot:
    """Return the fair price as known beside the latest one and the market in China; there has to be a row."""
    market = [next(one for one in row.markets if one.region == "china").market_usd_per_kg for row in rows]
    known, latest = ([row.interval_80 for row in rows], [row.latest_interval_80 for row in rows])
    prices = [end for ends in (*known, *latest) if ends for end in ends] + [one for one in market if one]
    plane = Plane.over([row.month for row in rows], prices or [1.0])
    at = [plane.at(row.month) for row in rows]
    band = [(x, *ends) for x, ends in zip(at, known, strict=True) if ends]
    lines: list[Line] = []
    for end in (0, 1):
        lines += plane.lines([(x, ends[end] if ends else None) for x, ends in zip(at, latest, strict=True)], "edge")
    lines += plane.lines([(x, row.latest_long_run_usd_per_kg) for x, row in zip(at, rows, strict=True)], "latest")
    lines += plane.lines([(x, row.fair_long_run_usd_per_kg) for x, row in zip(at, rows, strict=True)], "fair")
    lines += plane.lines(list(zip(at, market, strict=True)), "market")
    has_points = any(row.fair_long_run_usd_per_kg is not None for row in rows)
    points = (Key("fair", "fair price as known", "line"), Key("latest", "latest", "line")) if has_points else ()
    return Plot(
        title=f"{material} oxide: fair price as known, what all data say now, and the market",
        note="USD/kg ex VAT, nominal, logarithmic; the market at works in China"
        + ("." if has_points else ". A band: no point is published."),
        x_ticks=plane.x_ticks(),
        y_ticks=plane.y_ticks(),
        areas=(plane.area(band, "band"),) if band else (),
        lines=tuple(lines),
        dots=(),
        legend=(
            Key("band", "80 % as known", "area"),
            Key("edge", "80 % latest", "line"),
            *points,
            Key("market", "market, China", "line"),
        ),
    )


def fan_plot(material: str, rows: Sequence[ForecastRowOut], quotes: Mapping[str, float]) -> Plot:
    """Return every second year's fan beside the quotes that came; there has to be a row."""
    last = max(row.month for row in rows)
    chosen = [row for row in rows if months_apart(row.month, last) % FANS_EVERY == 0]
    prices = [*quotes.values(), *(end for row in chosen for end in ends_at(row, 95))]
    plane = Plane.over([*quotes, *(row.for_month for row in chosen)], prices)
    areas: list[Line] = []
    lines: list[Line] = []
    for month, fan in groupby(chosen, key=lambda row: row.month):
        ahead = list(fan)
        start = (plane.at(month), ahead[0].base_usd_per_kg)
        for level in reversed(LEVELS):
            ends = [(plane.at(row.for_month), *ends_at(row, level)) for row in ahead]
            areas.append(plane.area([(start[0], start[1], start[1]), *ends], f"fan{level}"))
        lines += plane.lines([start, *((plane.at(row.for_month), row.forecast_usd_per_kg) for row in ahead)], "said")
    came = list(plane.lines([(plane.at(month), quotes.get(month)) for month in sorted(quotes)], "came"))
    return Plot(
        title=f"{material} oxide FOB China: what was forecast every second year, and what came",
        note="USD/kg, nominal, logarithmic; last quote of each month.",
        x_ticks=plane.x_ticks(),
        y_ticks=plane.y_ticks(),
        areas=tuple(areas),
        lines=(*lines, *came),
        dots=(),
        legend=(
            *(Key(f"fan{level}", f"{level} %", "area") for level in LEVELS),
            Key("said", "forecast", "line"),
            Key("came", "what came", "line"),
        ),
    )


def held_plot(material: str, scores: Sequence[ForecastScores]) -> Plot | None:
    """Return the share of outcomes inside each interval by months ahead, FOB filled and domestic hollow."""
    ahead = sorted({row.months_ahead for one in scores for row in one.rows})
    if not ahead:
        return None
    x = Scale(-0.5, len(ahead) - 0.5, LEFT, WIDTH - RIGHT)
    y = Scale(0.0, 100.0, HEIGHT - BOTTOM, TOP)
    dots = []
    for one in scores:
        look, shift = ("filled", -0.09) if one.place == "fob_china" else ("hollow", 0.09)
        for row in one.rows:
            if row.material == material and row.origins == "headline":
                held = zip(LEVELS, (row.in_50, row.in_80, row.in_95), strict=True)
                dots += [
                    Dot(x(ahead.index(row.months_ahead) + shift), y(share), f"{look} of{level}")
                    for level, share in held
                ]
    if not dots:
        return None
    return Plot(
        title=f"{material}: share of outcomes inside the interval, by months ahead",
        note="Per cent. A dot on its line is as it should be; below it intervals were too narrow.",
        x_ticks=tuple(Tick(x(place), str(months)) for place, months in enumerate(ahead)),
        y_ticks=tuple(Tick(y(mark), f"{mark:g}") for mark in (0.0, 25.0, 50.0, 75.0, 100.0)),
        areas=(),
        lines=tuple(Line(f"{LEFT},{y(level)} {WIDTH - RIGHT},{y(level)}", f"due of{level}") for level in LEVELS),
        dots=tuple(dots),
        legend=(
            *(Key(f"filled of{level}", f"{level} %", "dot") for level in LEVELS),
            Key("filled", "FOB China", "dot"),
            Key("hollow", "China domestic", "dot"),
        ),
    )
