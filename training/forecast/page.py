"""The page on forecasts: its tables and its plot, filled from a backtest; the prose around them is a person's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pricing.forecast.published import HEADLINE, PLACE_WORDS, POOLED, SCORED_HORIZONS
from pricing.forecast.scores import LEVELS
from training.forecast.backtest import PLACES, Backtest
from training.forecast.judge import by_freshness, halves, how_banded
from training.forecast.plot import draw_past_fans
from training.page_markdown import NONE, filled, interval, money, percent, share, table

PAGE, TABLES, PLOTS = "forecasts.md", "tables", "plots"
RECORD, BAD_MONTHS, PEERS = "forecast_record.csv", "forecast_bad_months.csv", "forecast_peers.csv"
SHOWN_BAD = (1, 12)  # months ahead; the table beside the page has all
Row = Mapping[str, Any]


def write_forecasts(found: Backtest, said: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write record, bad months and plot below a folder, and fill its page where it has one; return the files."""
    tables, page = folder / TABLES, folder / PAGE
    tables.mkdir(parents=True, exist_ok=True)
    written = [tables / RECORD, tables / BAD_MONTHS]
    for path, rows in zip(written, (said["record"], said["bad_months"]), strict=True):
        pd.DataFrame(list(rows)).to_csv(path, index=False, lineterminator="\n")
    written += draw_past_fans(said, folder / PLOTS)
    if page.is_file():
        peers = tables / PEERS
        text = filled(page.read_text(encoding="utf-8"), blocks(found, said, peers if peers.is_file() else None))
        page.write_text(text, encoding="utf-8")
        written.append(page)
    return written


def blocks(found: Backtest, said: Mapping[str, Any], peers: Path | None) -> dict[str, str]:
    """Return the tables of the page by the name of their block."""
    record = said["record"]
    return {
        "headline": "\n\n".join(_titled(place, _skill(_kept(record, place, HEADLINE, (POOLED,)))) for place in PLACES),
        "coverage": "\n\n".join(_titled(place, _held(_kept(record, place, HEADLINE, (POOLED,)))) for place in PLACES),
        "halves": "\n\n".join(_titled(place, _halves(record, place)) for place in PLACES),
        "materials": "\n\n".join(_titled(place, _by_material(_kept(record, place, HEADLINE))) for place in PLACES),
        "regimes": "\n\n".join(_titled(place, _by_regime(record, place)) for place in PLACES),
        "freshness": _fresh(by_freshness(found)),
        "bad-months": "\n\n".join(_titled(place, _bad(said["bad_months"], place)) for place in PLACES),
        "quotes": _quotes(found),
        "peers": _peers(peers),
    }


def printed(said: Mapping[str, Any]) -> str:
    """Return the record for the screen: pooled skill and coverage by place."""
    record, how = said["record"], how_banded()
    parts = [f"Bands: {100 * how.level:.0f} % of {how.samples} block-bootstrap samples over origin months."]
    for place in PLACES:
        rows = _kept(record, place, HEADLINE, (POOLED,))
        parts += [f"{PLACE_WORDS[place]}, pooled", _skill(rows), _held(rows)]
    return "\n\n".join(parts)


def _kept(record: Iterable[Row], place: str, regime: str, materials: Sequence[str] = ()) -> list[Row]:
    rows = [row for row in record if row["place"] == place and row["regime"] == regime]
    return [row for row in rows if row["material"] in materials or (not materials and row["material"] != POOLED)]


def _titled(place: str, text: str) -> str:
    return f"{PLACE_WORDS[place]}:\n\n{text}"


def _skill(rows: Sequence[Row]) -> str:
    head = ("months ahead", "origins", "forecasts", "windows", "block", "models served", "RMSSE", "band", "DM", "p")
    return table(
        head,
        [
            [
                str(row["horizon"]),
                f"{row['first_origin']} to {row['last_origin']}",
                *(str(row[name]) for name in ("forecasts", "windows", "block_months")),
                f"{100 * row['models_used']:.0f} %",
                _three(row["rmsse"]),
                _band(row, "rmsse"),
                _number(row["dm"]),
                _number(row["dm_p"]),
            ]
            for row in rows
        ],
    )


def _held(rows: Sequence[Row]) -> str:
    head = ("months ahead", "in 50 %", "in 80 %", "in 95 %", "pinball", "interval score", "over Gaussian walk", "band")
    return table(
        head,
        [
            [
                str(row["horizon"]),
                *(f"{100 * row[f'coverage{level}']:.1f}" for level in LEVELS),
                _three(row["pinball"]),
                _number(row["interval_score"]),
                _three(row["interval_score_ratio"]),
                _band(row, "interval_score_ratio"),
            ]
            for row in rows
        ],
    )


def _halves(record: Iterable[Row], place: str) -> str:
    """Return coverage and interval scores of origins on which intervals were developed, and of those after them."""
    held = [f"in {level} %" for level in LEVELS]
    head = ("origins, months ahead", "forecasts", "windows", *held, "over Gaussian walk", "band")
    rows = [row for half in halves() for row in _kept(record, place, half, (POOLED,))]
    return table(
        head,
        [
            [
                f"{row['regime'].replace('_', ' ')}, {row['horizon']}",
                str(row["forecasts"]),
                str(row["windows"]),
                *(f"{100 * row[f'coverage{level}']:.1f}" for level in LEVELS),
                _three(row["interval_score_ratio"]),
                _band(row, "interval_score_ratio"),
            ]
            for row in rows
        ],
    )


def _by_material(rows: Sequence[Row]) -> str:
    head = ("material, months ahead", "forecasts", "windows", "RMSSE", "band", "MAE", "of last quote", "50 %", "80 %")
    return table((*head, "95 %"), [[f"{row['material']}, {row['horizon']}", *_scores(row)] for row in _sorted(rows)])


def _by_regime(record: Iterable[Row], place: str) -> str:
    whole = (HEADLINE, *halves())
    rows = [r for r in record if r["place"] == place and r["material"] == POOLED and r["regime"] not in whole]
    head = ("origins in, months ahead", "forecasts", "windows", "RMSSE", "band", "MAE", "of last quote", "50 %", "80 %")
    ordered = sorted(rows, key=lambda row: (row["first_origin"][:4], row["horizon"]))
    return table((*head, "95 %"), [[f"{row['first_origin'][:4]}, {row['horizon']}", *_scores(row)] for row in ordered])


def _scores(row: Row) -> list[str]:
    return [
        str(row["forecasts"]),
        str(row["windows"]),
        _three(row["rmsse"]),
        _band(row, "rmsse"),
        *(f"{100 * row[name]:.1f} %" for name in ("mae_ln", "mae_ln_last_quote")),
        *(f"{100 * row[f'coverage{level}']:.0f}" for level in LEVELS),
    ]


def _sorted(rows: Sequence[Row]) -> list[Row]:
    order = list(dict.fromkeys(row["material"] for row in rows))
    return sorted(rows, key=lambda row: (order.index(row["material"]), row["horizon"]))


def _fresh(rows: Sequence[Row]) -> str:
    head = ("last quote before the month's end", "forecasts", "RMSSE, 1 month", "band")
    return table(
        head, [[row["group"], str(row["forecasts"]), _three(row["rmsse"]), _band(row, "rmsse")] for row in rows]
    )


def _bad(rows: Iterable[Row], place: str) -> str:
    head = ("material, months ahead", "from", "for", "forecast", "95 % interval", "came", "off by", "held")
    return table(
        head,
        [
            [
                f"{row['material']}, {row['horizon']}",
                row["origin"],
                row["month"],
                money(row["forecast_usd_per_kg"]),
                interval(row["low95_usd_per_kg"], row["high95_usd_per_kg"]),
                money(row["came_usd_per_kg"]),
                percent(row["came_usd_per_kg"] / row["forecast_usd_per_kg"]),
                "yes" if row["inside95"] else "no",
            ]
            for row in rows
            if row["place"] == place and row["horizon"] in SHOWN_BAD
        ],
    )


def _quotes(found: Backtest) -> str:
    """Return in how many months a target has a dated quote, or a mean alone, and the pairs that judge each horizon."""
    lines = []
    for place in PLACES:
        for number, row in enumerate(found.served[place, 1].rows):
            quotes = found.examples.quotes[row]
            months = [m for m, known in zip(found.examples.months, quotes.quoted, strict=True) if known]
            means = str(sum(bool(source) and not day for source, day in zip(quotes.source, quotes.day, strict=True)))
            pairs = [
                str(int(pd.notna(found.served[place, h].change[number, found.first :]).sum())) for h in SCORED_HORIZONS
            ]
            lines.append(
                [f"{PLACE_WORDS[place]}, {quotes.name}", str(len(months)), months[0], months[-1], means, *pairs]
            )
    return table(
        ("target", "months quoted", "first", "last", "a mean alone", *(f"pairs, {h}" for h in SCORED_HORIZONS)), lines
    )


def _peers(path: Path | None) -> str:
    if path is None:
        return "Not run: see benchmarks/forecast_peers."
    rows = pd.read_csv(path, dtype=str).fillna(NONE)
    return table([str(name) for name in rows.columns], [[str(cell) for cell in row] for row in rows.to_numpy()])


def _band(row: Row, name: str) -> str:
    ends = [_three(row[f"{name}_{end}"]) for end in ("low", "high")]
    return NONE if NONE in ends else " to ".join(ends)


def _three(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def _number(value: float | None) -> str:
    return NONE if value is None else share(value)
