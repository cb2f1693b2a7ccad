"""From the scores of the board and the record of forecasts to those of an answer."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.scoreboard.board import FairBoard
from pricing.scoreboard.fair_rows import FairRow
from pricing.scoreboard.revisions import Ends, RevisionScore, revision_scores
from pricing.scoreboard.settings import POOLED
from pricing.scoreboard.toward import Miss, TowardScore
from serving.book import Book
from serving.forecasts.question import RecordRequest
from serving.forecasts.record import record_answer
from serving.scoreboard.publications import Publications
from serving.scoreboard.question import JUDGED_PLACES, ScoreboardRequest
from serving.scoreboard.rows import interval, off_by_percent
from serving.scoreboard.schemas import (
    BadMarket,
    BadRevision,
    FairScores,
    ForecastScores,
    MarketScores,
    RevisionScores,
)

NEARER, FARTHER, NO_DIFFERENCE, TOO_FEW = "nearer", "farther", "no difference", "too few windows"
LN_DECIMALS = 4
MOST_P = 0.1  # of a test of equal errors: as wide as the bands, which hold 90 %
BASIS = "USD/kg oxide ex VAT, nominal; fair prices delivered outside China, markets at works in China or delivered"


def fair_scores(board: FairBoard, known: Publications, material: str | None) -> FairScores:
    """Return the scores of fair prices: of all materials, or of one with those of all beside it."""

    def asked(name: str) -> bool:
        return material is None or name in (POOLED, material)

    published = [known.fair_row(row) for row in board.rows if (row.material, row.month) in known.first]

    return FairScores(
        basis=BASIS,
        scored_from=board.settings.first_month,
        revisions=tuple(_revision(one) for one in board.revisions if asked(one.material)),
        published=tuple(_revision(one) for one in revision_scores(published, board.settings) if asked(one.material)),
        largest_revisions=tuple(_bad_revision(one) for one in board.worst_revisions if asked(one.material)),
        market=tuple(_market(one) for one in board.towards if asked(one.material)),
        largest_market_misses=tuple(_bad_market(one) for one in board.worst_misses if asked(one.material)),
    )


def forecast_scores(book: Book, request: ScoreboardRequest) -> Iterator[ForecastScores]:
    """Yield the record of each material and place asked for."""
    for place in JUDGED_PLACES if request.place is None else (request.place,):
        for material in book.materials if request.material is None else (request.material,):
            found = record_answer(book, RecordRequest(material, place, "json"))
            yield ForecastScores(
                found.material, found.place, found.basis, found.status, found.reason, found.rows, found.bad_months
            )


def verdict(ratio_band: Ends, dm_p: float | None) -> str:
    """Return what a band of error ratios and a test of equal errors allow to say: both have to agree.

    >>> verdict((0.6, 0.9), 0.04), verdict((0.6, 0.9), 0.3), verdict((1.1, 1.3), 0.04), verdict(None, None)
    ('nearer', 'no difference', 'farther', 'too few windows')
    """
    if ratio_band is None:
        return TOO_FEW
    low, high = ratio_band
    if dm_p is None or dm_p > MOST_P:
        return NO_DIFFERENCE
    return NEARER if high < 1.0 else FARTHER if low > 1.0 else NO_DIFFERENCE


def _revision(one: RevisionScore) -> RevisionScores:
    inside, rms = _percent_ends(one.inside_band), _ends(one.rms_band)
    return RevisionScores(
        material=one.material,
        first_month=one.first_month,
        last_month=one.last_month,
        months=one.months,
        block_months=one.block_months,
        windows=one.windows,
        inside_80_percent=percent(one.inside),
        inside_80_low=inside[0],
        inside_80_high=inside[1],
        median_percent=off_by_percent(one.median_ln) or 0.0,
        median_size_percent=off_by_percent(one.median_size_ln) or 0.0,
        rms_ln=_ln(one.rms_ln),
        rms_ln_low=rms[0],
        rms_ln_high=rms[1],
        largest_percent=off_by_percent(one.largest_ln) or 0.0,
        largest_month=one.largest_month,
        largest_material=one.largest_material,
    )


def _market(one: TowardScore) -> MarketScores:
    ratio, slope, nearer = _ends(one.ratio_band), _ends(one.slope_band), _percent_ends(one.nearer_band)
    return MarketScores(
        material=one.material,
        region=one.region,
        months_ahead=one.months_ahead,
        origins=one.window,
        first_month=one.first_month,
        last_month=one.last_month,
        pairs=one.pairs,
        windows=one.windows,
        block_months=one.block_months,
        quoted_percent=percent(one.quoted),
        rms_fair_ln=_ln(one.rms_fair_ln),
        rms_last_price_ln=_ln(one.rms_last_ln),
        ratio=_maybe(one.ratio),
        ratio_low=ratio[0],
        ratio_high=ratio[1],
        verdict=verdict(one.ratio_band, one.dm_p),
        dm=_maybe(one.dm),
        dm_p=_maybe(one.dm_p),
        nearer_percent=percent(one.nearer),
        nearer_low=nearer[0],
        nearer_high=nearer[1],
        slope=_maybe(one.slope),
        slope_low=slope[0],
        slope_high=slope[1],
    )


def _bad_revision(row: FairRow) -> BadRevision:
    latest = row.latest
    return BadRevision(
        material=row.material,
        month=row.month,
        known_on=row.known_on,
        interval_80=interval(row.known.low, row.known.high),
        latest_interval_80=interval(latest.low, latest.high) if latest else None,
        revision_percent=off_by_percent(row.revision_ln) or 0.0,
        latest_inside_first_80=row.inside,
    )


def _bad_market(one: Miss) -> BadMarket:
    return BadMarket(
        material=one.material,
        region=one.region,
        months_ahead=one.months_ahead,
        month=one.month,
        for_month=one.for_month,
        market_then_usd_per_kg=_ln(one.then),
        came_usd_per_kg=_ln(one.came),
        off_by_percent=off_by_percent(one.miss_ln) or 0.0,
        last_price_off_by_percent=off_by_percent(one.last_miss_ln) or 0.0,
    )


def percent(share: float) -> float:
    """Return a share in per cent."""
    return round(100 * share, 1) + 0.0


def _percent_ends(ends: Ends) -> tuple[float | None, float | None]:
    return (None, None) if ends is None else (percent(ends[0]), percent(ends[1]))


def _ends(ends: Ends) -> tuple[float | None, float | None]:
    return (None, None) if ends is None else (_ln(ends[0]), _ln(ends[1]))


def _maybe(value: float | None) -> float | None:
    return None if value is None else _ln(value)


def _ln(value: float) -> float:
    return round(value, LN_DECIMALS) + 0.0
