"""Charts of the printed page as coordinates: lines, bands, bars and ticks, for a template to draw as SVG.

A picture of one's own keeps the page free of inline styles, so that its policy can forbid them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 340.0, 172.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 8.0, 10.0, 30.0
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
TICKS = 5
MOST_LABELS = 8
EDGE = 14.0  # a label this near to the right end stands left of its place
TINY = 1e-9  # keeps a scale open where all values are one
Numbers = Sequence[float]


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it stands, what it says, which part of the text stands there."""

    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Line:
    """A line or a filled area; `look` is its class in the style sheet."""

    points: str
    look: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from nought to a value."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its axes; `zero` is where nought lies, `legend` the lines that have a name."""

    title: str
    x_name: str
    y_name: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    zero: float | None
    lines: tuple[Line, ...] = ()
    areas: tuple[Line, ...] = ()
    bars: tuple[Bar, ...] = ()

    @property
    def legend(self) -> tuple[Line, ...]:
        """Return what the chart shows by name."""
        return tuple(one for one in (*self.areas, *self.lines) if one.name)


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to a place between two ends."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 2)


@dataclass(frozen=True, slots=True)
class Axes:
    """The two scales of a chart."""

    x: Scale
    y: Scale

    @classmethod
    def over(cls, xs: Numbers, ys: Numbers) -> Axes:
        """Return axes that hold every value, the upright one with nought and a little room."""
        low, high = min(*ys, 0.0), max(*ys, 0.0)
        room = 0.06 * (high - low) or 1.0
        upright = Scale(low - (room if low < 0 else 0.0), high + (room if high > 0 else 0.0), HEIGHT - BOTTOM, TOP)
        if low == high == 0.0:
            upright = Scale(-1.0, 1.0, HEIGHT - BOTTOM, TOP)
        return cls(Scale(min(xs), max(*xs, min(xs) + TINY), LEFT, WIDTH - RIGHT), upright)

    def line(self, xs: Numbers, ys: Numbers, look: str, name: str = "") -> Line:
        """Return a line through points."""
        return Line(self._joined(xs, ys), look, name)

    def area(self, xs: Numbers, low: Numbers, high: Numbers, look: str, name: str = "") -> Line:
        """Return the area between two lines."""
        return Line(f"{self._joined(xs, high)} {self._joined(xs[::-1], low[::-1])}", look, name)

    def bars(self, xs: Numbers, ys: Numbers, width: float) -> tuple[Bar, ...]:
        """Return bars from nought, of a class for each sign."""
        found = []
        for x, y in zip(xs, ys, strict=True):
            top, bottom = sorted((self.y(y), self.y(0.0)))
            look = "paid" if y >= 0 else "got"
            found.append(Bar(round(self.x(x) - width / 2, 2), top, round(width, 2), round(bottom - top, 2), look))
        return tuple(found)

    def y_ticks(self) -> tuple[Tick, ...]:
        """Return the marks of the upright axis."""
        return tuple(Tick(self.y(value), told(value)) for value in round_numbers(self.y.low, self.y.high))

    def x_ticks(self) -> tuple[Tick, ...]:
        """Return the marks of the lower axis, for numbers."""
        return tuple(Tick(self.x(value), told(value)) for value in round_numbers(self.x.low, self.x.high))

    def x_labels(self, xs: Numbers, names: Sequence[str]) -> tuple[Tick, ...]:
        """Return some of the names below their places, evenly chosen."""
        step = max(1, math.ceil(len(names) / MOST_LABELS))
        places = [(self.x(xs[place]), names[place]) for place in range(0, len(names), step)]
        return tuple(Tick(at, name, "end" if at > WIDTH - RIGHT - EDGE else "middle") for at, name in places)

    @property
    def zero(self) -> float | None:
        """Return where nought lies, None where it is not in sight."""
        return self.y(0.0) if self.y.low <= 0.0 <= self.y.high else None

    def _joined(self, xs: Numbers, ys: Numbers) -> str:
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in zip(xs, ys, strict=True))


def round_numbers(low: float, high: float) -> list[float]:
    """Return round numbers within a span, a handful of them.

    >>> round_numbers(0.0, 47.0), round_numbers(-0.3, 0.3)
    ([0.0, 10.0, 20.0, 30.0, 40.0], [-0.2, 0.0, 0.2])
    """
    rough = (high - low) / TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next((size * one for one in STEPS if size * one >= rough * (1 - 1e-9)), 10.0 * size)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(place * step, 10) + 0.0 for place in range(first, last + 1)]


def told(value: float) -> str:
    """Return a mark as text.

    >>> told(1500.0), told(2.5), told(0.0)
    ('1,500', '2.5', '0')
    """
    return f"{value:,.10g}" if abs(value) >= 1 or value == 0 else f"{value:.3g}"
