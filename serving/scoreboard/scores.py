"""From the scores of the board and the record of forecasts to those of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pricing.forecast.published import SCORED_HORIZONS
from pricing.scoreboard.board import FairBoard
from pricing.scoreboard.fair_rows import FairRow
from pricing.scoreboard.forecast_rows import ForecastRow, forecast_rows
from pricing.scoreboard.misses import Miss
from pricing.scoreboard.revisions import Ends, RevisionScore, revision_scores
from pricing.scoreboard.settings import POOLED, Settings
from pricing.scoreboard.toward import TowardScore
from pricing.scoreboard.worst_forecasts import headline_from, worst_forecasts
from serving.book import Book
from serving.forecasts.question import RecordRequest
from serving.forecasts.record import record_answer
from serving.forecasts.schemas import BadMonth, RecordRow
from serving.rounding import rounded
from serving.scoreboard.publications import Publications
from serving.scoreboard.question import JUDGED_PLACES, ScoreboardRequest
from serving.scoreboard.rows import off_by_percent
from serving.scoreboard.schemas import (
    BadMarket,
    BadRevision,
    FairScores,
    ForecastScores,
    MarketScores,
    RevisionScores,
)

LN_DECIMALS = 4
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


def forecast_scores(book: Book, request: ScoreboardRequest, settings: Settings) -> Iterator[ForecastScores]:
    """Yield the record of each material and place asked for; bands need as many windows as those of fair prices."""
    first = headline_from(book.forecasts)
    for place in JUDGED_PLACES if request.place is None else (request.place,):
        for material in book.materials if request.material is None else (request.material,):
            found = record_answer(book, RecordRequest(material, place, "json"))
            said = forecast_rows(book.forecasts, place, material, SCORED_HORIZONS) if book.forecasts else ()
            worst = worst_forecasts(said, first, settings.worst_months)
            yield ForecastScores(
                material=found.material,
                place=found.place,
                basis=found.basis,
                status=found.status,
                reason=found.reason,
                headline_from=first,
                rows=tuple(_banded(row, settings.least_windows) for row in found.rows),
                bad_months=tuple(_bad_forecast(row) for row in worst.headline),
                bad_months_before=tuple(_bad_forecast(row) for row in worst.before),
            )


def _banded(row: RecordRow, least_windows: int) -> RecordRow:
    """Return a row of the record, without bands where too few windows lie side by side."""
    if row.windows >= least_windows:
        return row
    return replace(row, rmsse_low=None, rmsse_high=None, interval_score_ratio_low=None, interval_score_ratio_high=None)


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
    ratio, mean = _ends(one.ratio_band), _ends(one.fair_over_mean_band)
    slope, nearer = _ends(one.slope_band), _percent_ends(one.nearer_band)
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
        rms_past_mean_ln=_ln(one.rms_mean_ln),
        verdict=one.verdict,
        ratio=_maybe(one.ratio),
        ratio_low=ratio[0],
        ratio_high=ratio[1],
        dm=_maybe(one.dm),
        dm_p=_maybe(one.dm_p),
        mean_over_last=_maybe(one.mean_over_last),
        fair_over_mean=_maybe(one.fair_over_mean),
        fair_over_mean_low=mean[0],
        fair_over_mean_high=mean[1],
        fair_over_mean_dm=_maybe(one.fair_over_mean_dm),
        fair_over_mean_dm_p=_maybe(one.fair_over_mean_dm_p),
        nearer_percent=percent(one.nearer),
        nearer_low=nearer[0],
        nearer_high=nearer[1],
        slope=_maybe(one.slope),
        slope_low=slope[0],
        slope_high=slope[1],
        mean_slope=_maybe(one.mean_slope),
    )


def _bad_forecast(row: ForecastRow) -> BadMonth:
    (low, high), held = row.ends[-1], row.inside
    return BadMonth(
        months_ahead=row.months_ahead,
        origin=row.month,
        month=row.for_month,
        forecast_usd_per_kg=_ln(row.point),
        low_95_usd_per_kg=_ln(low),
        high_95_usd_per_kg=_ln(high),
        came_usd_per_kg=_ln(row.came or 0.0),
        off_by_percent=off_by_percent(row.miss_ln) or 0.0,
        inside_95=bool(held and held[-1]),
    )


def _bad_revision(row: FairRow) -> BadRevision:
    latest = row.latest
    return BadRevision(
        material=row.material,
        month=row.month,
        known_on=row.known_on,
        fair_long_run_p10_usd_per_kg=rounded(row.known.low),
        fair_long_run_p90_usd_per_kg=rounded(row.known.high),
        latest_long_run_p10_usd_per_kg=rounded(latest.low) if latest else None,
        latest_long_run_p90_usd_per_kg=rounded(latest.high) if latest else None,
        revision_percent=off_by_percent(row.told_revision_ln) or 0.0,
        latest_inside_first_80=row.inside,
    )


def _bad_market(one: Miss) -> BadMarket:
    low, high = one.interval or (None, None)
    return BadMarket(
        material=one.material,
        region=one.region,
        months_ahead=one.months_ahead,
        month=one.month,
        for_month=one.for_month,
        fair_long_run_p10_usd_per_kg=rounded(low),
        fair_long_run_p90_usd_per_kg=rounded(high),
        market_then_usd_per_kg=_ln(one.then),
        came_usd_per_kg=_ln(one.came),
        off_by_percent=off_by_percent(one.told_miss_ln),
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
