"""The fan of a forecast: recent last quotes, the point, and intervals of 50, 80 and 95 %; drawn once per answer."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from pricing.forecast.claim import SKILL
from pricing.forecast.scores import LEVELS
from serving.book import Book
from serving.forecasts.answer import MODELS
from serving.forecasts.schemas import ForecastAnswer
from serving.terminal import NONE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
PAST_MONTHS = 36
KEPT_PLOTS = 64
DOTS_PER_INCH = 110
INK, QUOTES = "#1b6ca8", "#c0392b"
SHADES = dict(zip(LEVELS, (0.36, 0.22, 0.12), strict=True))
STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "fairprice",  # names inside an SVG: the same answer gives the same bytes
    "svg.fonttype": "none",
}
_DRAWING = Lock()  # matplotlib's settings are shared by all threads


@dataclass(frozen=True, slots=True)
class Fan:
    """All that a plot shows, hashable: what is the same is drawn once."""

    title: str
    note: str
    quotes: tuple[tuple[str, float], ...]  # month, USD/kg
    points: tuple[tuple[str, float], ...]
    bands: tuple[tuple[int, tuple[float, ...], tuple[float, ...]], ...]  # level, lows, highs


def fan_of(book: Book, answer: ForecastAnswer) -> Fan:
    """Return the fan of an answer."""
    title = f"{answer.material} oxide, {answer.basis.split(', ', 1)[1].split(';')[0]}, USD/kg"
    if answer.base is None or answer.month is None or book.forecasts is None:
        return Fan(title, f"No forecast: {answer.reason}.", (), (), ())
    start = (answer.month, answer.base.usd_per_kg)
    intervals = [(one.interval_50, one.interval_80, one.interval_95) for one in answer.horizons]
    return Fan(
        title=title,
        note=_note(answer),
        quotes=tuple(book.forecasts.quotes(answer.place, answer.material, answer.month)[-PAST_MONTHS:]),
        points=(start, *((one.month, one.point) for one in answer.horizons)),
        bands=tuple(
            (
                level,
                (start[1], *(ends[place][0] for ends in intervals)),
                (start[1], *(ends[place][1] for ends in intervals)),
            )
            for place, level in enumerate(LEVELS)
        ),
    )


@lru_cache(maxsize=KEPT_PLOTS)
def drawn(fan: Fan, kind: str) -> bytes:
    """Return the plot as SVG or PNG; the same fan gives the same bytes."""
    import matplotlib as mpl  # noqa: PLC0415 - half a second that only plots need

    out = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    with _DRAWING, mpl.rc_context(STYLE):
        _figure(fan).savefig(out, format=kind, dpi=DOTS_PER_INCH, metadata=metadata)
    return out.getvalue()


def _figure(fan: Fan) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    figure = Figure(figsize=(9, 4.8), layout="constrained")
    axes = figure.subplots()
    axes.set_title(fan.title, loc="left", fontsize=10)
    if not fan.points:
        axes.text(0.5, 0.5, fan.note, transform=axes.transAxes, ha="center", va="center", wrap=True)
        axes.set_axis_off()
        return figure
    _draw(axes, fan)
    figure.supxlabel(fan.note, fontsize=8, x=0.01, ha="left")
    return figure


def _draw(axes: Axes, fan: Fan) -> None:
    import numpy as np  # noqa: PLC0415 - as above

    ahead = np.array([month for month, _ in fan.points], dtype="datetime64[M]")
    for level, low, high in reversed(fan.bands):
        axes.fill_between(ahead, low, high, color=INK, alpha=SHADES[level], lw=0, label=f"{level} %")
    axes.plot(ahead, [value for _, value in fan.points], color=INK, lw=1.6, label="forecast")
    past = np.array([month for month, _ in fan.quotes], dtype="datetime64[M]")
    axes.plot(past, [v for _, v in fan.quotes], color=QUOTES, lw=1.3, marker=".", ms=4, label="last quote of the month")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.legend(fontsize=8, loc="upper left", frameon=False)


def _note(answer: ForecastAnswer) -> str:
    modelled = [str(one.months_ahead) for one in answer.horizons if one.served == MODELS]
    skilled = [str(one.months_ahead) for one in answer.horizons if one.skill == SKILL]
    stands = answer.horizons[0].served  # of all horizons, where no models are served
    served = f"models served at {', '.join(modelled)} months" if modelled else f"the {stands} is served"
    skill = f"skill at {', '.join(skilled)}" if skilled else "no skill to claim"
    over = [one.month for one in answer.horizons if one.month_over]
    known = f" Already over, as said before: {', '.join(over)}." if over else ""
    origin = f"Bundle {answer.model.bundle[:12]}, data {(answer.snapshot or NONE)[:12]}"
    return f"As known on {answer.as_of}; {_base(answer)}; {served}, {skill}.{known} {origin}."


def _base(answer: ForecastAnswer) -> str:
    base = answer.base
    if base is None:
        return ""
    return f"base quote of {base.day}" if base.day else f"base: the mean of {base.month}, its last quote is not known"
