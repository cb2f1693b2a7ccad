"""Tables of the page: heads and cells as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pricing.scoreboard.settings import HEADLINE, POOLED
from serving.forecasts.schemas import RecordRow
from serving.schemas import Interval
from serving.scoreboard.schemas import (
    BadMarket,
    BadRevision,
    ForecastScores,
    MarketScores,
    RevisionScores,
    SeriesOut,
)

NONE = "-"
REGIONS = {"china": "China", "ex_china": "outside"}
PLACES = {"fob_china": "FOB", "china_domestic": "domestic"}
SHOWN_BAD = (1, 12, 24)  # months ahead; the JSON answer has all
SHOWN_YEARS = (1, 12)  # months ahead at which bad years stand apart
MOST_BAD = 3  # of each kind on the page


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table; the first `words` columns hold words."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    words: int = 1
    folded: bool = False  # shown on request; paper shows all


def revision_table(rows: Sequence[RevisionScores]) -> PageTable:
    """Return how latest values lie to first ones."""
    return PageTable(
        "Fair prices: how far they moved once more was known",
        ("", "months", "windows", "inside 80 %", "band", "middle revision", "RMS of ln", "band", "largest", "in"),
        tuple(
            (
                _name(row.material),
                str(row.months),
                str(row.windows),
                f"{row.inside_80_percent:.0f} %",
                _range(row.inside_80_low, row.inside_80_high, ".0f"),
                f"{row.median_percent:+.1f} %",
                f"{row.rms_ln:.2f}",
                _range(row.rms_ln_low, row.rms_ln_high, ".2f"),
                f"{row.largest_percent:+.0f} %",
                row.largest_month if row.material != POOLED else f"{row.largest_material} {row.largest_month}",
            )
            for row in rows
        ),
        "The latest value is no truth: it is the same model with more data.",
    )


def market_table(rows: Sequence[MarketScores]) -> PageTable:
    """Return whether the market moved towards the fair price."""
    return PageTable(
        "Did the market move towards the fair price?",
        (
            *("market", "months on", "from", "pairs", "windows", "fair price off", "last price off"),
            *("ratio", "band", "p", "nearer after", "slope", "band"),
        ),
        tuple(
            (
                REGIONS[row.region],
                str(row.months_ahead),
                "2016 on" if row.origins == HEADLINE else row.first_month[:4],
                str(row.pairs),
                str(row.windows),
                f"{row.rms_fair_ln:.2f}",
                f"{row.rms_last_price_ln:.2f}",
                _number(row.ratio),
                _range(row.ratio_low, row.ratio_high, ".2f"),
                _number(row.dm_p),
                f"{row.nearer_percent:.0f} %",
                _number(row.slope),
                _range(row.slope_low, row.slope_high, ".2f"),
            )
            for row in rows
        ),
        "Off: RMS of ln. Ratio below 1: the fair price was nearer to what came than the last price. Slope 1: the "
        "market closes the gap; 0: the gap says nothing. The fair price is not a forecast of the market.",
    )


def skill_table(title: str, rows: Iterable[tuple[ForecastScores, RecordRow]]) -> PageTable:
    """Return coverage and skill by place, months ahead and time of origin."""
    return PageTable(
        title,
        (
            *("market", "months ahead", "from", "forecasts", "windows", "RMSSE", "band", "miss", "last quote"),
            *("50 %", "80 %", "95 %", "skill"),
        ),
        tuple(
            (
                PLACES[one.place],
                str(row.months_ahead),
                f"{row.first_origin[:4]} on" if row.origins == HEADLINE else _years(row),
                str(row.forecasts),
                str(row.windows),
                _number(row.rmsse, ".3f"),
                _range(row.rmsse_low, row.rmsse_high, ".3f"),
                f"{row.mae_percent:.0f} %",
                f"{row.mae_last_quote_percent:.0f} %",
                *(f"{share:.0f}" for share in (row.in_50, row.in_80, row.in_95)),
                row.skill,
            )
            for one, row in rows
            if row.origins == HEADLINE or row.months_ahead in SHOWN_YEARS
        ),
        "RMSSE: error over that of the last quote; its whole band below 1 is skill. Miss: mean absolute error of ln. "
        "50, 80 and 95 %: outcomes inside the interval, per cent. Single years are the bad times.",
    )


def bad_forecasts(scores: Sequence[ForecastScores]) -> PageTable:
    """Return the largest misses of forecasts."""
    return PageTable(
        "Forecasts that went badly",
        ("market", "months ahead", "said", "for", "forecast", "95 % interval", "came", "off by", "held"),
        tuple(
            (
                PLACES[one.place],
                str(bad.months_ahead),
                bad.origin,
                bad.month,
                _money(bad.forecast_usd_per_kg),
                _range(bad.low_95_usd_per_kg, bad.high_95_usd_per_kg, ",.0f"),
                _money(bad.came_usd_per_kg),
                f"{bad.off_by_percent:+.0f} %",
                "yes" if bad.inside_95 else "no",
            )
            for one in scores
            for ahead in SHOWN_BAD
            for bad in [bad for bad in one.bad_months if bad.months_ahead == ahead][:MOST_BAD]
        ),
    )


def bad_revisions(rows: Sequence[BadRevision]) -> PageTable:
    """Return the largest revisions."""
    return PageTable(
        "Fair prices revised most",
        ("month", "80 % as known", "80 % latest", "revised by", "latest inside"),
        tuple(
            (
                row.month,
                _ends(row.interval_80),
                _ends(row.latest_interval_80),
                f"{row.revision_percent:+.0f} %",
                {True: "yes", False: "no", None: NONE}[row.latest_inside_first_80],
            )
            for row in rows
        ),
    )


def bad_markets(rows: Sequence[BadMarket]) -> PageTable:
    """Return the months whose fair price lay farthest from the market that came."""
    chosen = [row for row in rows if row.months_ahead in SHOWN_BAD]
    firsts: dict[tuple[str, int], list[BadMarket]] = {}
    for row in chosen:
        firsts.setdefault((row.region, row.months_ahead), []).append(row)
    return PageTable(
        "Markets that went elsewhere",
        ("market", "months on", "month", "for", "market then", "came", "over the fair price", "over the last price"),
        tuple(
            (
                REGIONS[row.region],
                str(row.months_ahead),
                row.month,
                row.for_month,
                _money(row.market_then_usd_per_kg),
                _money(row.came_usd_per_kg),
                f"{row.off_by_percent:+.0f} %",
                f"{row.last_price_off_by_percent:+.0f} %",
            )
            for group in firsts.values()
            for row in group[:MOST_BAD]
        ),
    )


def series_table(rows: Sequence[SeriesOut]) -> PageTable:
    """Return what has no true vintage, a publisher's series of one kind together."""
    alike: dict[tuple[str, ...], list[SeriesOut]] = {}
    for row in rows:
        alike.setdefault((row.publisher or row.name, row.day_of_knowledge, row.revised, row.why), []).append(row)
    return PageTable(
        f"Series without true vintages: {len(rows)}",
        ("publisher", "series", "counts as known", "revised", "why", "feeds"),
        tuple(
            (
                key[0],
                _plain(row.name for row in group if row.publisher),
                *key[1:],
                _plain(name for row in group for name in row.feeds),
            )
            for key, group in alike.items()
        ),
        "Of each figure the value known at the dataset's last day is stored. Where figures are revised, a replay knows "
        "more than anyone knew then.",
        words=6,
    )


def _years(row: RecordRow) -> str:
    first, last = row.first_origin[:4], row.last_origin[:4]
    return first if first == last else f"{first} to {last}"


def _plain(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names)).replace("_", " ")


def _name(material: str) -> str:
    return "all" if material == POOLED else material


def _money(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _number(value: float | None, form: str = ".2f") -> str:
    return NONE if value is None else format(value, form)


def _ends(ends: Interval | None) -> str:
    return NONE if ends is None else _range(*ends, ",.0f")


def _range(low: float | None, high: float | None, form: str) -> str:
    return NONE if low is None or high is None else f"{low:{form}} to {high:{form}}"
