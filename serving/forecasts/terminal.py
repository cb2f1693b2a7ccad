"""Forecasts and their record as a person reads them."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from pricing.forecast.scores import LEVELS
from serving.terminal import NONE, of_range, origin
from serving.terminal_tables import new_table

Answer = dict[str, Any]
SHOWN = (1, 2, 3, 6, 9, 12, 18, 24)  # months; --json has all


def forecast(answer: Answer) -> RenderableType:
    """Return a forecast for the screen."""
    title = f"[b]{answer['material']} oxide[/b] as of {answer['as_of']}: {answer['basis']}"
    if answer["status"] == "none":
        return Group(title, Text(f"No forecast: {answer['reason']}.", style="yellow"), _origin(answer))
    base = answer["base"]
    table = new_table("", "ahead", "month", "point", "50 %", "80 %", "95 %", "held 80", "served", "skill", words=2)
    rows = answer["horizons"]
    for row in [one for one in rows if one["months_ahead"] in SHOWN] or rows:
        held = row["past_coverage"]
        table.add_row(
            str(row["months_ahead"]),
            row["month"],
            _price(row["point"]),
            *(of_range(low, high, _price) for low, high in (row[f"interval_{level}"] for level in LEVELS)),
            NONE if held["in_80"] is None else f"{held['in_80']:.0f} % of {held['resolved']}",
            row["served"],
            row["skill"] or NONE,
        )
    what = "the last quote" if base["day"] else "the mean of a month whose last quote is not known"
    from_quote = (
        f"From {what}, {base['usd_per_kg']:,.2f} of {base['day'] or base['month']} ({base['evidence']}), "
        f"known for {answer['data_age_days']} days."
    )
    return Group(title, from_quote, table, *_says(rows), *_flags(answer), _origin(answer))


def record(answer: Answer) -> RenderableType:
    """Return the record of forecasts for the screen, worst months last."""
    title = f"[b]{answer['material']} oxide[/b], {answer['basis']}: how often forecasts were right"
    if answer["status"] == "none":
        return Group(title, Text(f"No record: {answer['reason']}.", style="yellow"), _origin(answer))
    table = new_table("", "of", "origins", "ahead", "n", "RMSSE", "band", "50 %", "80 %", "95 %", "skill", words=2)
    for row in answer["rows"]:
        table.add_row(
            row["material"],
            row["origins"].replace("_", " "),
            str(row["months_ahead"]),
            str(row["forecasts"]),
            _ratio(row["rmsse"]),
            of_range(row["rmsse_low"], row["rmsse_high"], _ratio),
            *(f"{row[f'in_{level}']:.0f}" for level in LEVELS),
            row["skill"] or NONE,
        )
    table.caption = "RMSSE: error over that of the last quote; 50, 80, 95 %: outcomes inside, per cent; -: too short."
    notes = (Text(note, style="dim") for note in answer["notes"])
    return Group(title, table, _bad(answer), *notes, *_flags(answer), _origin(answer))


def _bad(answer: Answer) -> RenderableType:
    table = new_table("Worst months", "ahead", "from", "for", "forecast", "95 %", "came", "off by", words=3)
    for row in answer["bad_months"]:
        table.add_row(
            str(row["months_ahead"]),
            row["origin"],
            row["month"],
            _price(row["forecast_usd_per_kg"]),
            of_range(row["low_95_usd_per_kg"], row["high_95_usd_per_kg"], _price),
            _price(row["came_usd_per_kg"]),
            f"{row['off_by_percent']:+.0f} %",
        )
    return table


def _says(rows: list[Answer]) -> list[Text]:
    spans: dict[str, list[int]] = {}
    for row in rows:
        spans.setdefault(row["says"], []).append(row["months_ahead"])
    ahead = {says: f"{_spans(months)} month{'s' * (months != [1])} ahead" for says, months in spans.items()}
    return [Text(f"{when}: {says}.", style="dim") for says, when in ahead.items()]


def _spans(months: list[int]) -> str:
    """Return months with runs written short: 1, 3 to 24."""
    starts = [month for month in months if month - 1 not in months]
    ends = [month for month in months if month + 1 not in months]
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in zip(starts, ends, strict=True))


def _flags(answer: Answer) -> list[Text]:
    return [Text(f"! {flag['text']}", style="yellow") for flag in answer["flags"]]


def _origin(answer: Answer) -> Text:
    """Return which model answered, with the method of forecasts: that of prices is another."""
    method = f"{answer['method']} of forecasts" if answer["method"] else answer["model"]["method"]
    return origin(answer["model"] | {"method": method})


def _price(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _ratio(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"
