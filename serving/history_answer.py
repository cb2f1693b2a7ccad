"""From the rows of the book to a history, as JSON or CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, fields

from pricing.market.supply import Region
from serving.book import Book, MonthRow
from serving.fair_answer import headline, short_run_headline
from serving.history_schemas import HistoryAnswer, HistoryRow
from serving.market_answer import gap_shown
from serving.price_answer import model_out
from serving.questions import HistoryRequest
from serving.rounding import DIGITS, rounded

VINTAGE_WORDS = {
    "as_known": "each month as first known, by today's method",
    "latest": "all months by all figures known today",
}


def history_answer(book: Book, request: HistoryRequest) -> HistoryAnswer:
    """Return the months of a request, oldest first."""
    rows = book.histories[request.vintage].get(request.material, [])
    return HistoryAnswer(
        material=request.material,
        vintage=f"{request.vintage}: {VINTAGE_WORDS[request.vintage]}",
        basis=f"USD/kg {request.material} oxide ex VAT, nominal; fair prices delivered outside China",
        digits=DIGITS,
        rows=tuple(_row(row) for row in rows if request.first_month <= row.month <= request.last_month),
        model=model_out(book.model),
    )


def history_csv(answer: HistoryAnswer) -> bytes:
    """Return a history as CSV: units in the names, empty where there is no number, and on every row whose it is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["material", "vintage", *(field.name for field in fields(HistoryRow)), "basis", "method", "bundle"])
    first = (answer.material, answer.vintage.partition(":")[0])
    last = (answer.basis, answer.model.method, answer.model.bundle)
    writer.writerows(
        [*first, *("" if value is None else value for value in astuple(row)), *last] for row in answer.rows
    )
    return out.getvalue().encode()


def _row(row: MonthRow) -> HistoryRow:
    long_run, short_run = headline(row), short_run_headline(row)
    refused = row.text("status") == "refused"
    return HistoryRow(
        month=row.month,
        known_on=row.known_on.isoformat(),
        status=row.text("status"),
        fair_long_run_usd_per_kg=long_run.value,
        fair_long_run_p10_usd_per_kg=long_run.low,
        fair_long_run_p90_usd_per_kg=long_run.high,
        fair_short_run_usd_per_kg=short_run.value,
        fair_short_run_p10_usd_per_kg=short_run.low,
        fair_short_run_p90_usd_per_kg=short_run.high,
        market_china_usd_per_kg=rounded(row.number("market.china")),
        market_china_low_usd_per_kg=rounded(row.number("market.china.low")),
        market_china_high_usd_per_kg=rounded(row.number("market.china.high")),
        market_china_evidence=row.text("market.china.evidence"),
        market_china_source=row.text("market.china.basis"),
        market_china_quote_day=row.text("market.china.quote_day"),
        market_ex_china_usd_per_kg=rounded(row.number("market.ex_china")),
        market_ex_china_low_usd_per_kg=rounded(row.number("market.ex_china.low")),
        market_ex_china_high_usd_per_kg=rounded(row.number("market.ex_china.high")),
        market_ex_china_evidence=row.text("market.ex_china.evidence"),
        market_ex_china_source=row.text("market.ex_china.basis"),
        market_ex_china_quote_day=row.text("market.ex_china.quote_day"),
        wedge_china_usd_per_kg=gap_shown(row, Region.CHINA)[1],
        wedge_ex_china_usd_per_kg=gap_shown(row, Region.EX_CHINA)[1],
        p_market_below_fair_china=None if refused else rounded(row.number("p_market_below_fair.china")),
        p_market_below_fair_ex_china=None if refused else rounded(row.number("p_market_below_fair.ex_china")),
    )
