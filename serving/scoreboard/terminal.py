"""The scoreboard as a person reads it: the few lines a negotiator wants first, then scores and worst months."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from serving.terminal import NONE, of_range, origin
from serving.terminal_tables import new_table

Answer = dict[str, Any]
HEADLINE, POOLED = "headline", "all"
PLACES = {"fob_china": "FOB", "china_domestic": "domestic"}
REGIONS = {"china": "China", "ex_china": "outside"}
SHOWN_BAD = (1, 12, 24)  # months ahead
MOST_BAD = 2  # of each kind; --kind with --json has all
LARGEST = "Largest absolute differences in ln(price), so that a fall to a half is as bad as a rise to the double."


def scoreboard(answer: Answer) -> RenderableType:
    """Return the scoreboard for the screen."""
    title = f"[b]How often we were right[/b]: {answer['material'] or 'NdPr, Dy and Tb'}"
    lines = (Text(f"- {one}") for one in answer["in_short"])
    parts: list[RenderableType] = [title, *lines, Text(answer["said"], style="dim")]
    if answer["fair"]:
        parts += [_revisions(answer["fair"]), _market(answer["fair"])]
    if answer["forecasts"]:
        parts.append(_forecasts(answer["forecasts"]))
    parts += [_worst(answer), *_worst_before(answer), *_rows(answer), Text(_series(answer), style="dim")]
    parts += [Text(note, style="dim") for note in answer["notes"]]
    return Group(
        *parts, *(Text(f"! {one['text']}", style="yellow") for one in answer["flags"]), origin(answer["model"])
    )


def _revisions(fair: Answer) -> RenderableType:
    table = new_table(
        "Fair prices: latest value against the first one",
        *("of", "months", "inside 80 %", "band", "middle", "RMS ln", "largest", "in"),
        words=1,
    )
    for row in fair["revisions"]:
        table.add_row(
            row["material"],
            str(row["months"]),
            f"{row['inside_80_percent']:.0f} %",
            of_range(row["inside_80_low"], row["inside_80_high"], _whole),
            f"{row['median_percent']:+.1f} %",
            f"{row['rms_ln']:.2f}",
            f"{row['largest_percent']:+.0f} %",
            row["largest_month"],
        )
    return table


def _market(fair: Answer) -> RenderableType:
    table = new_table(
        "Did the market move towards the fair price?",
        *("of", "market", "on", "windows", "quoted", "/last", "band", "p", "/mean", "band", "p", "mean/last"),
        *("slope", "of mean", "verdict"),
        words=3,
    )
    for row in fair["market"]:
        if row["origins"] == HEADLINE:
            table.add_row(
                row["material"],
                REGIONS[row["region"]],
                str(row["months_ahead"]),
                str(row["windows"]),
                f"{row['quoted_percent']:.0f} %",
                _two(row["ratio"]),
                of_range(row["ratio_low"], row["ratio_high"], _two),
                _two(row["dm_p"]),
                _two(row["fair_over_mean"]),
                of_range(row["fair_over_mean_low"], row["fair_over_mean_high"], _two),
                _two(row["fair_over_mean_dm_p"]),
                _two(row["mean_over_last"]),
                _two(row["slope"]),
                _two(row["mean_slope"]),
                row["verdict"],
            )
    table.caption = (
        "/last, /mean: error of the fair price over that of the last price, and of the mean of all past prices. "
        "Slope 1 closes the gap to the fair price, or to that mean."
    )
    return table


def _forecasts(forecasts: list[Answer]) -> RenderableType:
    table = new_table(
        "Forecasts: coverage in per cent, and skill",
        *("of", "market", "ahead", "n", "RMSSE", "band", "miss", "50 %", "80 %", "95 %"),
        words=2,
    )
    for one in forecasts:
        for row in one["rows"]:
            if row["material"] != POOLED and row["origins"] == HEADLINE:
                table.add_row(
                    row["material"],
                    PLACES[one["place"]],
                    str(row["months_ahead"]),
                    str(row["forecasts"]),
                    _three(row["rmsse"]),
                    of_range(row["rmsse_low"], row["rmsse_high"], _three),
                    f"{row['mae_percent']:.0f} %",
                    *(f"{row[f'in_{level}']:.0f}" for level in (50, 80, 95)),
                )
    table.caption = "RMSSE: error over that of the last quote; skill: band below 1, test agrees. n: forecasts judged."
    return table


def _worst(answer: Answer) -> RenderableType:
    table = new_table("Worst months", "of", "what", "said", "for", "off by", words=2)
    fair = answer["fair"] or {"largest_revisions": [], "largest_market_misses": []}
    for material in dict.fromkeys(row["material"] for row in fair["largest_revisions"]):
        own = [row for row in fair["largest_revisions"] if row["material"] == material]
        for row in own[:MOST_BAD]:
            table.add_row(material, "fair price, revised", row["month"], "", f"{row['revision_percent']:+.0f} %")
    for cells in _bad_forecasts(answer, "bad_months"):
        table.add_row(*cells)
    table.caption = f"{LARGEST} Forecasts: of those that the headline counts."
    return table


def _worst_before(answer: Answer) -> Iterator[RenderableType]:
    """Yield the worst forecasts made before those that the headline counts."""
    rows = list(_bad_forecasts(answer, "bad_months_before"))
    if rows:
        first = answer["forecasts"][0]["headline_from"].removesuffix("-01")
        table = new_table(f"Worst forecasts made before {first}", "of", "what", "said", "for", "off by", words=2)
        for cells in rows:
            table.add_row(*cells)
        yield table


def _bad_forecasts(answer: Answer, name: str) -> Iterator[tuple[str, ...]]:
    for one in answer["forecasts"] or []:
        for ahead in SHOWN_BAD:
            for row in [bad for bad in one[name] if bad["months_ahead"] == ahead][:MOST_BAD]:
                what = f"forecast {PLACES[one['place']]}, {ahead} month{'s' * (ahead > 1)}" + (
                    "" if row["inside_95"] else ", outside 95 %"
                )
                yield one["material"], what, row["origin"], row["month"], f"{row['off_by_percent']:+.0f} %"


def _rows(answer: Answer) -> Iterator[RenderableType]:
    if answer["fair_rows"]:
        table = new_table(
            "Fair prices, USD/kg",
            "of",
            "month",
            "said",
            "80 % as known",
            "80 % latest",
            "revised",
            "inside",
            "China",
            words=3,
        )
        for row in answer["fair_rows"]:
            market = next(one for one in row["markets"] if one["region"] == "china")["market_usd_per_kg"]
            table.add_row(
                row["material"],
                row["month"],
                row["said"],
                _ends(row, "fair_long_run_p10", "fair_long_run_p90"),
                _ends(row, "latest_long_run_p10", "latest_long_run_p90"),
                NONE if row["revision_percent"] is None else f"{row['revision_percent']:+.0f} %",
                {True: "yes", False: "no", None: NONE}[row["latest_inside_first_80"]],
                NONE if market is None else _price(market),
            )
        yield table
    if answer["forecast_rows"]:
        table = new_table(
            "Forecasts, USD/kg", "of", "market", "from", "said", "for", "forecast", "80 %", "came", "off by", words=4
        )
        for row in answer["forecast_rows"]:
            table.add_row(
                row["material"],
                PLACES[row["place"]],
                row["month"],
                row["said"],
                row["for_month"],
                _price(row["forecast_usd_per_kg"]),
                _ends(row, "low_80", "high_80"),
                row["state"] if row["came_usd_per_kg"] is None else _price(row["came_usd_per_kg"]),
                NONE if row["off_by_percent"] is None else f"{row['off_by_percent']:+.0f} %",
            )
        yield table


def _series(answer: Answer) -> str:
    return (
        f"{answer['series_without_vintages']} series and kinds of figures have no true vintages, "
        f"{answer['series_revised_often']} of them are revised often: --kind fair --json lists them."
    )


def _ends(row: Answer, low: str, high: str) -> str:
    return of_range(row[f"{low}_usd_per_kg"], row[f"{high}_usd_per_kg"], _price)


def _price(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _two(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def _three(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"
