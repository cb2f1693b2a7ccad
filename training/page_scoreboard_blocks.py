"""The tables of the page on how often we were right, as Markdown, from the files beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from pricing.forecast.scores import LEVELS
from pricing.scoreboard.settings import HEADLINE, POOLED
from training.page_markdown import NONE, interval, money, percent, share, table

FAIR, REVISIONS, MARKET = "scoreboard_fair.csv", "scoreboard_revisions.csv", "scoreboard_market.csv"
MISSES, FORECASTS = "scoreboard_misses.csv", "scoreboard_forecasts.csv"
RECORD, SERIES = "scoreboard_record.csv", "scoreboard_series.csv"
TABLES = (FAIR, REVISIONS, MARKET, MISSES, FORECASTS, RECORD, SERIES)
REGIONS = ("china", "ex_china")
PLACES = {"fob_china": "FOB China", "china_domestic": "China domestic"}
WORST_AHEAD, WORST_REGION = 24, "china"  # of the misses that the page prints
Row = Mapping[str, Any]


def blocks(found: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the tables of the page by the name of their block."""
    rows: dict[str, list[Row]] = {name: list(_rows(frame)) for name, frame in found.items()}
    first = min((str(row["first_origin"]) for row in rows[RECORD]), default="")  # that the headline counts
    return {
        "revisions": _revisions(rows[REVISIONS]),
        "worst-revisions": _worst_revisions(rows[FAIR]),
        **{f"market-{region}": _market([r for r in rows[MARKET] if r["region"] == region]) for region in REGIONS},
        "worst-markets": _worst_markets(rows[MISSES]),
        "coverage": _coverage(rows[RECORD]),
        "worst-forecasts": _worst_forecasts(row for row in rows[FORECASTS] if row["month"] >= first),
        "worst-forecasts-before": _worst_forecasts(row for row in rows[FORECASTS] if row["month"] < first),
        "vintages": _vintages(rows[SERIES]),
    }


def _rows(frame: pd.DataFrame) -> Iterator[Row]:
    for cells in frame.to_dict("records"):
        yield {str(name): cell for name, cell in cells.items()}


def _revisions(rows: Iterable[Row]) -> str:
    head = (
        "material",
        "months",
        "blocks",
        "latest inside first 80 %",
        "band",
        "median",
        "RMS of ln",
        "band",
        "largest",
    )
    return table(
        head,
        [
            [
                _name(row["material"]),
                *(str(row[count]) for count in ("months", "windows")),
                f"{100 * row['inside']:.0f} %",
                _percents(row["inside_low"], row["inside_high"]),
                _off(row["median_ln"]),
                share(row["rms_ln"]),
                _ends(row, "rms"),
                f"{_off(row['largest_ln'])}, {row['largest_material']} {row['largest_month']}",
            ]
            for row in rows
        ],
    )


def _worst_revisions(rows: Iterable[Row]) -> str:
    worst = [row for row in rows if row["worst"]]
    lines = [
        [
            str(row["material"]),
            str(row["month"]),
            interval(row["low80"], row["high80"]),
            interval(row["latest_low80"], row["latest_high80"]),
            _off(row["revision_ln"]),
            _yes(row["inside80"]),
        ]
        for _, own in groupby(worst, key=lambda row: row["material"])
        for row in sorted(own, key=lambda row: -abs(row["revision_ln"]))
    ]
    return table(("material", "month", "80 % as known", "80 % latest", "revised by about", "latest inside"), lines)


def _market(rows: Iterable[Row]) -> str:
    head = ("material, months on", "months", "pairs", "windows", "quoted", "fair price off", "last price off")
    last, mean = ("over last price", "band", "DM", "p"), ("over past mean", "band", "DM", "p", "mean over last price")
    return table(
        (*head, *last, *mean, "nearer after", "slope", "band", "slope of mean", "verdict"),
        [
            [
                f"{_name(row['material'])}, {row['months_ahead']}",
                _window(row),
                *(str(row[count]) for count in ("pairs", "windows")),
                f"{100 * row['quoted']:.0f} %",
                *(share(row[score]) for score in ("rms_fair_ln", "rms_last_ln", "ratio")),
                _ends(row, "ratio"),
                *(share(row[score]) for score in ("dm", "dm_p", "fair_over_mean")),
                _ends(row, "fair_over_mean"),
                *(share(row[score]) for score in ("fair_over_mean_dm", "fair_over_mean_dm_p", "mean_over_last")),
                f"{100 * row['nearer']:.0f} %",
                share(row["slope"]),
                _ends(row, "slope"),
                share(row["mean_slope"]),
                str(row["verdict"]),
            ]
            for row in rows
        ],
    )


def _window(row: Row) -> str:
    return f"{row['first_month']} on" if row["window"] == HEADLINE else str(row["first_month"])[:4]


def _worst_markets(rows: Iterable[Row]) -> str:
    return table(
        (
            *("material", "month", "for", "fair price, 80 %", "market then", "came"),
            *("over the fair price", "over the last price"),
        ),
        [
            [
                *(str(row[name]) for name in ("material", "month", "for_month")),
                interval(row["low80"], row["high80"]),
                *(money(row[name]) for name in ("then", "came")),
                *(NONE if pd.isna(row[name]) else _off(row[name]) for name in ("miss_ln", "last_miss_ln")),
            ]
            for row in rows
            if (row["months_ahead"], row["region"]) == (WORST_AHEAD, WORST_REGION)
        ],
    )


def _coverage(rows: Iterable[Row]) -> str:
    head = ("place, material, months ahead", "forecasts", "windows", "RMSSE", "band", "MAE", "of last quote")
    return table(
        (*head, *(f"{level} %" for level in LEVELS)),
        [
            [
                _which(row),
                *(str(row[count]) for count in ("forecasts", "windows")),
                f"{row['rmsse']:.3f}",
                NONE if np.isnan(row["rmsse_low"]) else f"{row['rmsse_low']:.3f} to {row['rmsse_high']:.3f}",
                *(f"{100 * row[miss]:.0f} %" for miss in ("mae_ln", "mae_ln_last_quote")),
                *(f"{100 * row[f'coverage{level}']:.0f}" for level in LEVELS),
            ]
            for row in rows
        ],
    )


def _worst_forecasts(rows: Iterable[Row]) -> str:
    """Return the largest absolute miss in ln of each place, material and distance."""
    judged: dict[str, list[Row]] = {}
    for row in rows:
        if np.isfinite(row["came"]):
            judged.setdefault(_which(row), []).append(row)
    worst = {which: max(own, key=lambda row: abs(row["miss_ln"])) for which, own in judged.items()}
    head = ("place, material, months ahead", "said", "for", "forecast", "95 % interval", "came", "off by", "held")
    return table(
        head,
        [
            [
                which,
                *(str(row[name]) for name in ("month", "for_month")),
                money(row["point"]),
                interval(row["low95"], row["high95"]),
                money(row["came"]),
                _off(row["miss_ln"]),
                _yes(row["inside95"]),
            ]
            for which, row in worst.items()
        ],
    )


def _vintages(rows: Iterable[Row]) -> str:
    alike: dict[Sequence[str], list[Row]] = {}
    for row in rows:
        key = tuple(_text(row[name]) for name in ("publisher", "rule", "revised", "why"))
        alike.setdefault(key, []).append(row)
    lines = []
    for (publisher, *words), own in alike.items():
        names = ", ".join(f"`{row['name']}`" if publisher else str(row["name"]) for row in own)
        feeds = dict.fromkeys(name for row in own for name in str(row["feeds"]).split(", "))
        lines.append([names, publisher or NONE, *words, ", ".join(feeds).replace("_", " ")])
    return _to_the_left(table(("series", "publisher", "counts as known", "revised", "why", "feeds"), lines))


def _to_the_left(text: str) -> str:
    """Return a table of words, every column read from the left."""
    return text.replace("---:|", "---|", text.partition("\n")[0].count("|"))


def _which(row: Row) -> str:
    return f"{PLACES[row['place']]}, {_name(row['material'])}, {row['months_ahead']}"


def _name(material: object) -> str:
    return "all" if material == POOLED else str(material)


def _off(miss_ln: float) -> str:
    return percent(float(np.exp(miss_ln)))


def _yes(held: object) -> str:
    return "yes" if held in (True, "True", 1.0) else "no"


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""


def _ends(row: Row, name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return NONE if pd.isna(low) else f"{share(low)} to {share(high)}"


def _percents(low: float, high: float) -> str:
    return NONE if pd.isna(low) else f"{100 * low:.0f} to {100 * high:.0f} %"
