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

PERCENT_DIGITS = 1  # seeds differ by more than a tenth
WITHIN, MISSED, OPEN = "within", "missed", "cannot be told"
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
        *(found.dataset, found.last_month, found.method, found.draws, tuple(found.seeds)),
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
    leaks = one.leak[material]
    mean = sum(leaks) / len(leaks)
    return LeakRow(
        market=one.market,
        rise_percent=_percent(one.rise),
        when=one.when,
        leak_percent=_percent(mean),
        leak_low_percent=_percent(min(leaks)),
        leak_high_percent=_percent(max(leaks)),
        limit_percent=_percent(limit),
        verdict=_verdict(leaks, limit),
        fair=headline(last, 1 + mean),
    )


def _verdict(leaks: Sequence[float], limit: float) -> str:
    kept = {abs(leak) <= limit for leak in leaks}
    return OPEN if len(kept) > 1 else (WITHIN if True in kept else MISSED)


def _flags(rows: Sequence[LeakRow], measured: MeasuredOn) -> Iterator[Flag]:
    limit = f"The limit of {rows[0].limit_percent:g} %"
    for code, verdict, told in (
        ("leak_beyond_limit", MISSED, f"{limit} is missed"),
        ("leak_cannot_be_told", OPEN, f"{limit} is kept with some seeds and missed with others"),
    ):
        found = [row for row in rows if row.verdict == verdict]
        if found:
            listed = "; ".join(f"{row.market} {row.rise_percent:+g} % ({row.when}): {_move(row)}" for row in found)
            yield Flag(code, f"{told}: {listed}.")
    if not (measured.same_data and measured.same_method):
        text = (
            f"Measured on dataset {measured.dataset[:12]} to {measured.last_month} by method {measured.method} with "
            f"{measured.draws:,} draws and seeds {', '.join(map(str, measured.seeds))}"
        )
        yield Flag("measured_on_another_model", f"{text}, which is not the model that answers.")


def _words(row: LeakRow, material: str) -> str:
    verdict = {
        WITHIN: f"within the limit of {row.limit_percent:g} %",
        MISSED: f"BEYOND the limit of {row.limit_percent:g} %",
        OPEN: f"whether it keeps the limit of {row.limit_percent:g} % cannot be told: seeds disagree",
    }[row.verdict]
    return (
        f"{MARKETS[row.market]} {row.rise_percent:+g} %, {row.when}: the fair price of {material} moves by "
        f"{_move(row)}, {verdict}."
    )


def _move(row: LeakRow) -> str:
    """Return the mean over seeds and how far apart they are."""
    return f"{row.leak_percent:+.1f} % ({row.leak_low_percent:+.1f} to {row.leak_high_percent:+.1f} by seed)"


def _percent(share: float) -> float:
    return round(100 * share, PERCENT_DIGITS) + 0.0
