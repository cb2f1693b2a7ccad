"""How often forecasts were right, as JSON or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from pricing.forecast.published import POOLED, Forecasts
from serving.book import Book
from serving.forecasts.answer import NO_FORECAST, OLDER_BUNDLE, basis, claim_out
from serving.forecasts.flags import privacy_flags
from serving.forecasts.question import RecordRequest
from serving.forecasts.schemas import BadMonth, RecordAnswer, RecordRow
from serving.price_answer import model_out

RECORD = "record"
NOTES = (
    "Replayed: each month is forecast again by today's method from what was known on the 20th of the next month.",
    "Series without stored vintages (risk and policy indices, Kilian, PPI, World Bank, dollar) stand as known today.",
    "RMSSE, pinball and interval scores: errors of ln(price) over known volatility times root of the horizon.",
    "Skill may be claimed where the whole band of RMSSE lies below 1 and Diebold and Mariano's p below .1 agrees.",
    "Records under 36 months or 4 independent windows, as of single years, have no verdict; under 4 windows no band.",
    "Models are served by another rule: where by then they had missed by less than the last quote, materials pooled.",
    "MAE: mean absolute error of ln(price), in per cent. Long horizons have few windows that do not overlap.",
)


def record_answer(book: Book, request: RecordRequest) -> RecordAnswer:
    """Return the record of a material at a place; rows of all materials pooled stand beside its own."""
    found = book.forecasts
    rows = _rows(found, request) if found else ()
    return RecordAnswer(
        material=request.material,
        place=request.place,
        basis=basis(request.material, request.place),
        status=RECORD if rows else NO_FORECAST,
        reason="" if rows else _why_none(found, request),
        rows=rows,
        bad_months=_bad_months(found, request) if found else (),
        notes=NOTES,
        method=found.method if found else "",
        flags=tuple(privacy_flags(book)),
        model=model_out(book.model),
        snapshot=book.snapshots.get(book.model.bundle.last_month, ""),
    )


def record_csv(answer: RecordAnswer) -> bytes:
    """Return the rows of a record as CSV; empty where there is no number."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [field.name for field in fields(RecordRow)]
    writer.writerow(["place", *names, "method", "bundle", "snapshot"])
    for row in answer.rows:
        cells = ["" if value is None else value for value in asdict(row).values()]
        writer.writerow([answer.place, *cells, answer.method, answer.model.bundle, answer.snapshot])
    return out.getvalue().encode()


def _why_none(found: Forecasts | None, request: RecordRequest) -> str:
    if found is None:
        return OLDER_BUNDLE
    return found.refused.get((request.place, request.material), "no forecast of this market is resolved yet")


def _rows(found: Forecasts, request: RecordRequest) -> tuple[RecordRow, ...]:
    if (request.place, request.material) not in found.targets:
        return ()
    wanted = (request.material, POOLED)
    kept = [row for row in found.record if row["place"] == request.place and row["material"] in wanted]
    return tuple(_row(row) for row in sorted(kept, key=lambda row: row["material"] == POOLED))


def _row(row: Mapping[str, Any]) -> RecordRow:
    same = (
        *("material", "first_origin", "last_origin", "forecasts", "months", "windows", "block_months"),
        *("rmsse", "rmsse_low", "rmsse_high", "pinball", "interval_score", "interval_score_ratio"),
        *("interval_score_ratio_low", "interval_score_ratio_high", "dm", "dm_p"),
    )
    return RecordRow(
        **{name: row[name] for name in same},
        months_ahead=row["horizon"],
        origins=row["regime"],
        models_served_percent=_percent(row["models_used"]),
        skill=claim_out(row.get("skill")),  # bundles of methods before the third do not say
        mae_percent=_percent(row["mae_ln"]),
        mae_last_quote_percent=_percent(row["mae_ln_last_quote"]),
        in_50=_percent(row["coverage50"]),
        in_80=_percent(row["coverage80"]),
        in_95=_percent(row["coverage95"]),
    )


def _bad_months(found: Forecasts, request: RecordRequest) -> tuple[BadMonth, ...]:
    return tuple(
        BadMonth(
            months_ahead=row["horizon"],
            origin=row["origin"],
            month=row["month"],
            forecast_usd_per_kg=row["forecast_usd_per_kg"],
            low_95_usd_per_kg=row["low95_usd_per_kg"],
            high_95_usd_per_kg=row["high95_usd_per_kg"],
            came_usd_per_kg=row["came_usd_per_kg"],
            off_by_percent=_percent(row["came_usd_per_kg"] / row["forecast_usd_per_kg"] - 1),
            inside_95=row["inside95"],
        )
        for row in found.bad_months
        if row["place"] == request.place and row["material"] == request.material
    )


def _percent(share: float) -> float:
    return round(100 * share, 1) + 0.0
