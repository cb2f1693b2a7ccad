"""From what was measured to the answer to "the spot price alone moves: what does the fair price do?"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from features.spot_leaks import SpotLeak, SpotLeaks
from pricing.materials import Material
from pricing.price import Basis
from serving.book import Book, MonthRow
from serving.fair_answer import headline
from serving.leaks.schemas import LeakAnswer, LeakRow, MeasuredOn
from serving.price_answer import model_out
from serving.rounding import DIGITS
from serving.schemas import Flag

PERCENT_DIGITS = 2
MARKETS = {"china": "The Chinese price alone", "both": "The price in China and outside"}
LAW = (
    "A market price is an observation and no input of the fair price: the economy is simulated without it. It only "
    "weighs the simulations, by how well each explains what was observed; what leaks that way is measured by fitting "
    "again."
)


def leak_answer(book: Book, found: SpotLeaks, material: Material) -> LeakAnswer:
    """Return what the last month's fair price does when market prices alone move, each move beside its limit."""
    bundle = book.model.bundle
    last = book.histories["latest"][material][-1]
    rows = tuple(_row(one, last, material, found.limit) for one in found.rows)
    measured = MeasuredOn(
        *(found.dataset, found.last_month, found.method, found.draws, found.seed),
        same_data=found.dataset == bundle.dataset_digest,
        same_method=found.method == bundle.method,
    )
    return LeakAnswer(
        material=material,
        month=last.month,
        basis=f"{Basis(material)}, nominal",
        digits=DIGITS,
        status=last.text("status"),
        flags=tuple(_flags(rows, measured)),
        words=(LAW, *(_words(row, material) for row in rows)),
        fair=headline(last),
        rows=rows,
        measured_on=measured,
        model=model_out(book.model),
    )


def _row(one: SpotLeak, last: MonthRow, material: Material, limit: float) -> LeakRow:
    leak = one.leak[material]
    return LeakRow(
        market=one.market,
        rise_percent=_percent(one.rise),
        when=one.when,
        leak_percent=_percent(leak),
        limit_percent=_percent(limit),
        within_limit=abs(leak) <= limit,
        fair=headline(last, 1 + leak),
    )


def _flags(rows: Sequence[LeakRow], measured: MeasuredOn) -> Iterator[Flag]:
    beyond = [row for row in rows if not row.within_limit]
    if beyond:
        told = "; ".join(
            f"{row.market} {row.rise_percent:+g} % ({row.when}): {row.leak_percent:+.2f} %" for row in beyond
        )
        yield Flag("leak_beyond_limit", f"The limit of {rows[0].limit_percent:g} % is missed: {told}.")
    if not (measured.same_data and measured.same_method):
        text = f"Measured on dataset {measured.dataset[:12]} to {measured.last_month} by method {measured.method}"
        yield Flag("measured_on_another_model", f"{text}, which is not that of the model that answers.")


def _words(row: LeakRow, material: str) -> str:
    verdict = "within" if row.within_limit else "BEYOND"
    return (
        f"{MARKETS[row.market]} {row.rise_percent:+g} %, {row.when}: the fair price of {material} moves by "
        f"{row.leak_percent:+.2f} %, {verdict} the limit of {row.limit_percent:g} %."
    )


def _percent(share: float) -> float:
    return round(100 * share, PERCENT_DIGITS) + 0.0
