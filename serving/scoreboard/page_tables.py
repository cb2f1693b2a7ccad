"""Tables of the page: heads and cells as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pricing.scoreboard.settings import HEADLINE, POOLED
from serving.forecasts.schemas import BadMonth, RecordRow
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
LARGEST = "Largest absolute differences in ln(price), so that a fall to a half is as bad as a rise to the double."
HALVES = {"to": "to {}", "from": "{} on"}  # of the record, by the name of their regime: to_2018, from_2019


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
        ("of", "months", "windows", "inside 80 %", "band", "middle revision", "RMS of ln", "band", "largest", "in"),
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
    """Return whether the market moved towards the fair price, and whether it did more than towards a plain mean."""
    return PageTable(
        "Did the market move towards the fair price?",
        (
            *("market", "months on", "from", "windows", "quoted", "over last price", "band", "p"),
            *("over past mean", "band", "p", "mean over last", "nearer after", "slope", "slope of mean", "verdict"),
        ),
        tuple(
            (
                REGIONS[row.region],
                str(row.months_ahead),
                "2016 on" if row.origins == HEADLINE else row.first_month[:4],
                str(row.windows),
                f"{row.quoted_percent:.0f} %",
                _number(row.ratio),
                _range(row.ratio_low, row.ratio_high, ".2f"),
                _number(row.dm_p),
                _number(row.fair_over_mean),
                _range(row.fair_over_mean_low, row.fair_over_mean_high, ".2f"),
                _number(row.fair_over_mean_dm_p),
                _number(row.mean_over_last),
                f"{row.nearer_percent:.0f} %",
                _number(row.slope),
                _number(row.mean_slope),
                row.verdict,
            )
            for row in rows
        ),
        "Over last price, over past mean: error of the fair price over that of the last price, and over that of the "
        "mean of all past prices; below 1 it was nearer to what came. Slope 1: the market closes the gap; 0: the gap "
        "says nothing; where that of the mean is as large, it says nothing of the model. Nearer is said only where "
        "band and test agree against both, and half of the pairs are quoted at both ends. The fair price is not a "
        "forecast of the market.",
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
                _origins(row),
                str(row.forecasts),
                str(row.windows),
                _number(row.rmsse, ".3f"),
                _range(row.rmsse_low, row.rmsse_high, ".3f"),
                f"{row.mae_percent:.0f} %",
                f"{row.mae_last_quote_percent:.0f} %",
                *(f"{share:.0f}" for share in (row.in_50, row.in_80, row.in_95)),
                row.skill or NONE,
            )
            for one, row in rows
            if row.origins == HEADLINE or row.months_ahead in SHOWN_YEARS
        ),
        "RMSSE: error over that of the last quote; skill: its whole band below 1, a test agrees. Miss: mean absolute "
        "error of ln. 50, 80 and 95 %: outcomes inside the interval, per cent. Single years are the bad times; to 2018 "
        "and 2019 on are the halves of the record.",
    )


def bad_forecasts(scores: Sequence[ForecastScores]) -> Iterator[PageTable]:
    """Yield the largest misses of forecasts that the headline counts, and those of earlier ones."""
    first = scores[0].headline_from
    since = f"forecasts made from {first.removesuffix('-01')} on, which the headline counts"
    yield _bad_forecasts("Forecasts that went badly", f"{LARGEST} Of {since}.", [(s, s.bad_months) for s in scores])
    before = [(one, one.bad_months_before) for one in scores]
    yield _bad_forecasts(f"Forecasts made before {first.removesuffix('-01')} that went badly", LARGEST, before)


def _bad_forecasts(title: str, note: str, found: Sequence[tuple[ForecastScores, Sequence[BadMonth]]]) -> PageTable:
    return PageTable(
        title,
        (
            *("market", "months ahead", "said", "for", "forecast, USD/kg", "95 % interval, USD/kg", "came, USD/kg"),
            *("off by", "held"),
        ),
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
            for one, months in found
            for ahead in SHOWN_BAD
            for bad in [bad for bad in months if bad.months_ahead == ahead][:MOST_BAD]
        ),
        note,
    )


def bad_revisions(rows: Sequence[BadRevision]) -> PageTable:
    """Return the largest revisions."""
    return PageTable(
        "Fair prices revised most",
        ("month", "80 % as known, USD/kg", "80 % latest, USD/kg", "revised by about", "latest inside"),
        tuple(
            (
                row.month,
                _range(row.fair_long_run_p10_usd_per_kg, row.fair_long_run_p90_usd_per_kg, ",.0f"),
                _range(row.latest_long_run_p10_usd_per_kg, row.latest_long_run_p90_usd_per_kg, ",.0f"),
                f"{row.revision_percent:+.0f} %",
                {True: "yes", False: "no", None: NONE}[row.latest_inside_first_80],
            )
            for row in rows
        ),
        "Of months published as a band revisions are in tenths of ln.",
    )


def bad_markets(rows: Sequence[BadMarket]) -> PageTable:
    """Return the months whose fair price lay farthest from the market that came."""
    chosen = [row for row in rows if row.months_ahead in SHOWN_BAD]
    firsts: dict[tuple[str, int], list[BadMarket]] = {}
    for row in chosen:
        firsts.setdefault((row.region, row.months_ahead), []).append(row)
    return PageTable(
        "Markets that went elsewhere",
        (
            *("market", "months on", "month", "for", "fair price, 80 %, USD/kg", "market then, USD/kg", "came, USD/kg"),
            *("over the fair price", "over the last price"),
        ),
        tuple(
            (
                REGIONS[row.region],
                str(row.months_ahead),
                row.month,
                row.for_month,
                _range(row.fair_long_run_p10_usd_per_kg, row.fair_long_run_p90_usd_per_kg, ",.0f"),
                _money(row.market_then_usd_per_kg),
                _money(row.came_usd_per_kg),
                NONE if row.off_by_percent is None else f"{row.off_by_percent:+.0f} %",
                f"{row.last_price_off_by_percent:+.0f} %",
            )
            for group in firsts.values()
            for row in group[:MOST_BAD]
        ),
        "Where the fair price is published as a band there is no per cent over it.",
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


def _origins(row: RecordRow) -> str:
    """Return the months forecast from in words: all from a year on, a half of the record, or the bad years apart."""
    first, last = row.first_origin[:4], row.last_origin[:4]
    if row.origins == HEADLINE:
        return f"{first} on"
    side, _, year = row.origins.rpartition("_")
    if side in HALVES:
        return HALVES[side].format(year)
    return first if first == last else f"{first} to {last}"


def _plain(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names)).replace("_", " ")


def _name(material: str) -> str:
    return "all" if material == POOLED else material


def _money(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _number(value: float | None, form: str = ".2f") -> str:
    return NONE if value is None else format(value, form)


def _range(low: float | None, high: float | None, form: str) -> str:
    return NONE if low is None or high is None else f"{low:{form}} to {high:{form}}"
