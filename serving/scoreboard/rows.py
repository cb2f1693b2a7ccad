"""From the rows of the board to those of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp

from pricing.forecast.published import Forecasts
from pricing.scoreboard.board import FairBoard
from pricing.scoreboard.fair_rows import Fair, FairRow, MarketSince, months_later
from pricing.scoreboard.forecast_rows import ForecastRow, forecast_rows
from serving.forecasts.answer import MODELS, stands_out
from serving.rounding import rounded
from serving.scoreboard.publications import Publications
from serving.scoreboard.question import JUDGED_PLACES, ScoreboardRequest
from serving.scoreboard.schemas import FairRowOut, ForecastRowOut, MarketBeside, MarketLater


def fair_rows_out(board: FairBoard, known: Publications, request: ScoreboardRequest) -> Iterator[FairRowOut]:
    """Yield the months of a request, material by material, oldest first."""
    for row in board.rows:
        if request.material in (None, row.material) and request.first_month <= row.month <= request.last_month:
            yield _fair_row(known.fair_row(row), board, known)


def forecast_rows_out(
    found: Forecasts | None, known: Publications, request: ScoreboardRequest, horizons: Sequence[int]
) -> Iterator[ForecastRowOut]:
    """Yield the forecasts of a request at some horizons, place by place, oldest first."""
    if found is None:
        return
    for place, material in found.targets:
        if request.material in (None, material) and request.place in (None, place) and place in JUDGED_PLACES:
            for row in forecast_rows(found, place, material, horizons, known.of_place(place, material)):
                if request.first_month <= row.month <= request.last_month:
                    yield _forecast_row(row, known)


def off_by_percent(miss_ln: float | None) -> float | None:
    """Return a difference of ln(price) in per cent.

    >>> off_by_percent(0.6931472)
    100.0
    """
    return None if miss_ln is None else round(100 * (exp(miss_ln) - 1), 1) + 0.0


def _fair_row(row: FairRow, board: FairBoard, publications: Publications) -> FairRowOut:
    known, latest = row.known, row.latest or _NOTHING
    said, at, version = publications.said(row.material, row.month)
    return FairRowOut(
        material=row.material,
        month=row.month,
        known_on=row.known_on,
        said=said,
        published_at=at,
        published_by=version,
        scored=row.month >= board.settings.first_month and row.revision_ln is not None,
        status=known.status,
        fair_long_run_usd_per_kg=rounded(known.point),
        fair_long_run_p10_usd_per_kg=rounded(known.low),
        fair_long_run_p90_usd_per_kg=rounded(known.high),
        fair_short_run_usd_per_kg=rounded(known.short_point),
        fair_short_run_p10_usd_per_kg=rounded(known.short_low),
        fair_short_run_p90_usd_per_kg=rounded(known.short_high),
        latest_status=latest.status,
        latest_long_run_usd_per_kg=rounded(latest.point),
        latest_long_run_p10_usd_per_kg=rounded(latest.low),
        latest_long_run_p90_usd_per_kg=rounded(latest.high),
        revision_percent=off_by_percent(row.told_revision_ln),
        latest_inside_first_80=row.inside,
        markets=tuple(_beside(row, market, board.settings.months_ahead) for market in row.markets),
    )


def _beside(row: FairRow, market: MarketSince, months_ahead: Sequence[int]) -> MarketBeside:
    has_point = row.known.point is not None
    return MarketBeside(
        region=market.region,
        fair_long_run_usd_per_kg=rounded(market.fair) if has_point else None,
        market_usd_per_kg=rounded(market.then),
        evidence=market.evidence,
        past_mean_usd_per_kg=rounded(market.past_mean),
        later=tuple(
            MarketLater(
                months_ahead=ahead,
                month=months_later(row.month, ahead),
                market_usd_per_kg=rounded(came),
                evidence=evidence,
                off_by_percent=_over(came, market.fair) if has_point else None,
            )
            for ahead, came, evidence in zip(months_ahead, market.later, market.later_evidence, strict=True)
        ),
    )


def _over(came: float | None, fair: float | None) -> float | None:
    return None if came is None or fair is None else round(100 * (came / fair - 1), 1) + 0.0


def _forecast_row(row: ForecastRow, publications: Publications) -> ForecastRowOut:
    said, at, version = publications.forecast_said(row.place, row.material, row.month)
    inside: Sequence[bool | None] = row.inside or (None, None, None)
    fifty, eighty, ninety_five = ((rounded(low) or 0.0, rounded(high) or 0.0) for low, high in row.ends)
    return ForecastRowOut(
        material=row.material,
        place=row.place,
        month=row.month,
        known_on=row.known_on,
        said=said,
        published_at=at,
        published_by=version,
        months_ahead=row.months_ahead,
        for_month=row.for_month,
        base_usd_per_kg=row.base,
        forecast_usd_per_kg=row.point,
        low_50_usd_per_kg=fifty[0],
        high_50_usd_per_kg=fifty[1],
        low_80_usd_per_kg=eighty[0],
        high_80_usd_per_kg=eighty[1],
        low_95_usd_per_kg=ninety_five[0],
        high_95_usd_per_kg=ninety_five[1],
        served=MODELS if row.models else stands_out(mean_base=row.mean_base),
        state=row.state,
        came_usd_per_kg=rounded(row.came),
        off_by_percent=off_by_percent(row.miss_ln),
        inside_50=inside[0],
        inside_80=inside[1],
        inside_95=inside[2],
    )


_NOTHING = Fair("", None, None, None, None, None, None)
