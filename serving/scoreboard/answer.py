"""How often we were right, as JSON or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from features.vintage_rules import shipped_without_vintages
from pricing.forecast.published import HORIZONS, SCORED_HORIZONS
from pricing.scoreboard.board import FairBoard
from serving.book import Book
from serving.forecasts.flags import privacy_flags
from serving.price_answer import model_out
from serving.rounding import DIGITS
from serving.schemas import Flag
from serving.scoreboard.publications import Publications, publication_flags
from serving.scoreboard.question import FAIR, FORECAST, ScoreboardRequest
from serving.scoreboard.rows import fair_rows_out, forecast_rows_out
from serving.scoreboard.schemas import FairRowOut, ForecastRowOut, MarketBeside, ScoreboardAnswer, SeriesOut
from serving.scoreboard.scores import fair_scores, forecast_scores
from serving.scoreboard.words import NOTES, SAID, in_short

OFTEN = "often"  # revised


def scoreboard_answer(
    book: Book, board: FairBoard, known: Publications, request: ScoreboardRequest
) -> ScoreboardAnswer:
    """Return scores, bad months and series without vintages; rows where one kind is asked for."""
    fair = fair_scores(board, known, request.material) if request.wants(FAIR) else None
    forecasts = tuple(forecast_scores(book, request, board.settings)) if request.wants(FORECAST) else None
    rows = tuple(fair_rows_out(board, known, request)) if request.kind == FAIR else None
    series = tuple(
        SeriesOut(one.name, one.publisher, one.rule, one.revised, one.why, one.feeds)
        for one in shipped_without_vintages()
    )
    said = forecast_rows_out(book.forecasts, known, request, SCORED_HORIZONS) if request.kind == FORECAST else None
    return ScoreboardAnswer(
        material=request.material,
        first_month=request.first_month,
        last_month=request.last_month,
        in_short=tuple(in_short(fair, forecasts or ())),
        said=SAID,
        fair=fair,
        forecasts=forecasts,
        fair_rows=rows,
        forecast_rows=None if said is None else tuple(said),
        series_without_vintages=len(series),
        series_revised_often=sum(one.revised == OFTEN for one in series),
        without_vintages=series,
        notes=NOTES,
        digits=DIGITS,
        flags=(*privacy_flags(book), *publication_flags(known), *(_cautions(book, request) if forecasts else ())),
        model=model_out(book.model),
        snapshot=book.snapshots.get(book.model.bundle.last_month, ""),
    )


def _cautions(book: Book, request: ScoreboardRequest) -> Iterator[Flag]:
    """Yield what to know of a market that was forecast."""
    for (place, material), (first, text) in (book.forecasts.cautions if book.forecasts else {}).items():
        if request.material in (None, material) and request.place in (None, place):
            yield Flag("caution", f"{material}, from {first} on: {text}")


def scoreboard_csv(book: Book, board: FairBoard, known: Publications, request: ScoreboardRequest) -> bytes:
    """Return the rows of one kind as CSV, forecasts at every horizon; on each row whose it is."""
    kind: type[FairRowOut | ForecastRowOut] = FairRowOut if request.kind == FAIR else ForecastRowOut
    rows: Iterable[FairRowOut | ForecastRowOut] = (
        fair_rows_out(board, known, request)
        if request.kind == FAIR
        else forecast_rows_out(book.forecasts, known, request, HORIZONS)
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    lines = [dict(_cells(row)) for row in rows]
    columns = list(lines[0]) if lines else [field.name for field in fields(kind)]
    writer.writerow([*columns, "bundle"])
    writer.writerows([*(line[name] for name in columns), book.model.digest] for line in lines)
    return out.getvalue().encode()


def _cells(row: Any, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield the cells of a row under names that say all: a market under its region."""
    for field in fields(row):
        value, name = getattr(row, field.name), prefix + field.name
        if isinstance(value, tuple) and value and is_dataclass(value[0]):
            for part in value:
                yield from _cells(part, f"{prefix}{_label(part)}.")
        elif field.name not in ("region", "months_ahead") or not prefix:
            yield name, "" if value is None else value


def _label(part: Any) -> str:
    return part.region if isinstance(part, MarketBeside) else f"after_{part.months_ahead}"
