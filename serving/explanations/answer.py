"""From the rows of the book to an explanation: what a fair price is made of, why it moved, how far the market is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pricing.bundle_tables import change_column, cost_column, fair_column
from pricing.explain.lines import CHANGES, COSTS, MARGIN, MODEL_VERSION
from pricing.market.supply import Region
from pricing.price import Basis
from serving.book import Book, MonthRow
from serving.explanations.between import between_models, is_unchanged, unchanged_words
from serving.explanations.doubt import doubt_out
from serving.explanations.gap import region_out
from serving.explanations.question import ExplainRequest
from serving.explanations.schemas import ExplanationAnswer, Line, MonthOut
from serving.explanations.titles import CHANGE_TITLES, COST_TITLES, FAIR_PRICE, INTERVAL
from serving.explanations.words import doubt_words, redrawn, words
from serving.fair_answer import HEADLINE_HORIZON, HEADLINE_SET, headline
from serving.flags import price_flags, wedge_flags
from serving.history_answer import VINTAGE_WORDS
from serving.price_answer import model_out
from serving.private_flags import private_flags, withholds_costs
from serving.questions import PriceRequest
from serving.rounding import DIGITS, rounded, rounded_parts
from serving.schemas import Flag

MEAN, LOW, HIGH = (fair_column(HEADLINE_HORIZON, HEADLINE_SET, statistic) for statistic in ("mean", "p10", "p90"))
CHANGE = "change"
REDRAWN = Flag(
    "redrawn",
    "Draws were weighed anew between these months: the change of one item of a gap holds the noise of drawing.",
)


def explanation_answer(book: Book, request: ExplainRequest) -> ExplanationAnswer:
    """Return why the fair price of a material moved between two months, in USD/kg oxide."""
    ends = _Ends(book, request)
    parts = tuple(ends.parts_of_change())
    first, last, change = ends.month(ends.said), ends.month(ends.last), ends.change()
    markets = {region.value: region_out(book, request.material, region, ends.first, ends.last) for region in Region}
    doubt = doubt_out(book, request.vintage, ends.last)
    basis = f"{Basis(request.material)}, nominal"
    unchanged = request.quoted is not None and is_unchanged(first, last)
    change_words, *more = words(request.material, basis, first, last, change, parts, markets)
    models = tuple(between_models(request.earlier, book, first, last)) if request.earlier else ()
    said = (change_words, *models, *more, *doubt_words(doubt))
    return ExplanationAnswer(
        material=request.material,
        vintage=f"{request.vintage}: {VINTAGE_WORDS[request.vintage]}",
        basis=basis,
        digits=DIGITS,
        flags=(*ends.flags(), *([REDRAWN] if redrawn(parts) else [])),
        words=(unchanged_words(basis, last), *models) if unchanged else said,
        unchanged=unchanged,
        first=first,
        last=last,
        change=change,
        parts_of_change=parts,
        markets=markets,
        doubt=doubt,
        said_by=model_out(request.earlier.model) if request.earlier else None,
        said_in=request.quoted.quote_id if request.quoted else None,
        model=model_out(book.model),
    )


class _Ends:
    """The two ends of a span: `said` is the first as it was said, by the earlier model where one is named."""

    def __init__(self, book: Book, request: ExplainRequest) -> None:
        self.book, self.request = book, request
        self.first = self._row(book, request.first_month)
        self.last = self._row(book, request.last_month)
        self.said = self._row(request.earlier or book, request.first_month)
        self.pointed = all(row.text("status") == "estimate" for row in (self.first, self.last, self.said))
        self.refused = any(row.text("status") == "refused" for row in (self.first, self.last, self.said))

    def _row(self, book: Book, month: str) -> MonthRow:
        found = book.row(self.request.vintage, self.request.material, month)
        if found is None:
            msg = f"a month that was read must be in the book: {month}"
            raise AssertionError(msg)
        return found

    def change(self) -> Line:
        """Return the whole change, as both prices are shown."""
        title = "change of the fair price"
        if self.refused:
            return Line(CHANGE, title, None, None, None)
        total, low, high = (
            _difference(rounded(self.last.number(column)), rounded(self.said.number(column)))
            for column in (MEAN, LOW, HIGH)
        )
        return Line(CHANGE, title, total, None, None) if self.pointed else Line(CHANGE, title, None, low, high)

    def parts_of_change(self) -> Iterator[Line]:
        """Yield the lines of the change; nothing where the model holds none, or gives no price."""
        steps = [self._running(row) for row in (self.first, self.last)]
        if self.refused or None in steps:
            return
        before, after = (step for step in steps if step is not None)
        parts = [self._line(line, CHANGE_TITLES[line], _difference(after[line], before[line])) for line in CHANGES]
        if self.request.earlier:
            moved = _difference(rounded(self.first.number(MEAN)), rounded(self.said.number(MEAN)))
            parts.append(self._line(MODEL_VERSION, self._version_title(), moved))
        yield from parts
        if not self.pointed:
            yield self._interval(parts)

    def _interval(self, parts: Sequence[Line]) -> Line:
        """Return what each end moved by beside the lines, which are sizes at the ends of the last month's interval."""
        whole = self.change()
        ends = (_rest(whole.low, (part.low for part in parts)), _rest(whole.high, (part.high for part in parts)))
        return Line(INTERVAL, CHANGE_TITLES[INTERVAL], None, *ends)

    def _version_title(self) -> str:
        earlier = self.request.earlier
        same = earlier is not None and (earlier.model.bundle.dataset_digest == self.book.model.bundle.dataset_digest)
        return CHANGE_TITLES[MODEL_VERSION] + ("" if same else " and the data it was trained on")

    def _running(self, row: MonthRow) -> dict[str, float | None] | None:
        """Return the running sums of a month, rounded so that they add up to its price; None where there are none."""
        found, price = self.book.explained(self.request.vintage, self.request.material, row.month), row.number(MEAN)
        if found is None or price is None:
            return None
        sums = {line: found.number(change_column(line)) for line in CHANGES}
        known = [value for value in sums.values() if value is not None]
        sums[MARGIN] = price - (sum(known) - (sums[MARGIN] or 0.0))  # with the first month's price, where sums begin
        return rounded_parts(price, sums, MARGIN, 1.0, rounded(price))

    def _line(self, item: str, title: str, value: float | None) -> Line:
        """Return a line of the change: its value, or without a point its size at the ends of the 80 % interval.

        Draws of the change itself are not kept, so a value stands without a band.
        """
        if self.pointed:
            return Line(item, title, value, None, None)
        return _scaled(item, title, value, self.last, pointed=False, refused=self.refused)

    def month(self, row: MonthRow) -> MonthOut:
        """Return one end of the span."""
        book = self.request.earlier if row is self.said and self.request.earlier else self.book
        found = book.explained(self.request.vintage, self.request.material, row.month)
        point = headline(row)
        today = book.row("latest", self.request.material, row.month)
        later = headline(today) if today else None
        refused = row.text("status") == "refused"
        return MonthOut(
            month=row.month,
            known_on=row.known_on.isoformat(),
            status=row.text("status"),
            reason=row.text("reason"),
            fair=Line(FAIR_PRICE, "fair price", point.value, point.low, point.high),
            cost_stack=() if found is None or refused else tuple(_stack(row, found)),
            demand_t=None if found is None or refused else rounded(found.number("demand_t")),
            capacity_t=None if found is None or refused else rounded(found.number("capacity_t")),
            known_today=Line(
                FAIR_PRICE,
                "the same month by all figures known today",
                *((later.value, later.low, later.high) if later else (None, None, None)),
            ),
        )

    def flags(self) -> Iterator[Flag]:
        """Yield what to know first: of the last month all, of the first what keeps it from being a point."""
        asked = PriceRequest(self.request.material, self.last.known_on)
        quoted = self.request.quoted
        if quoted and not quoted.is_on_our_basis:
            told = f"{quoted.request.currency}/{quoted.request.unit} of {quoted.request.form}"
            yield Flag("quoted_otherwise", f"The quote was in {told}; its month is explained in USD/kg of oxide.")
        if self.said.text("status") != "estimate" and self.said.month != self.last.month:
            yield Flag(self.said.text("status"), f"{self.said.month}: {self.said.text('reason')}.")
        for month in dict.fromkeys((self.first.month, self.last.month)):
            yield from private_flags(self.book, self._row(self.book, month), self.request.vintage, Region)
        if not self.refused and self._running(self.last) is None and not withholds_costs(self.book):
            yield Flag("no_explanation", "This model holds no month-by-month account; train again with this version.")
        yield from price_flags(self.last, asked, 0)
        yield from wedge_flags(self.last, asked)


def _stack(row: MonthRow, found: MonthRow) -> Iterator[Line]:
    """Yield the costs and the margin of a month, which add up to its fair price as shown."""
    parts = {line: found.number(cost_column(line)) for line in (*COSTS, MARGIN)}
    price = row.number(MEAN)
    shown = rounded_parts(price, parts, MARGIN, 1.0, rounded(price))
    pointed = row.text("status") == "estimate"
    costs = [_scaled(line, COST_TITLES[line], shown[line], row, pointed=pointed, refused=False) for line in COSTS]
    yield from costs
    margin = _scaled(MARGIN, COST_TITLES[MARGIN], shown[MARGIN], row, pointed=pointed, refused=False)
    low, high = (rounded(row.number(column)) for column in (LOW, HIGH))
    ends = _rest(low, (cost.low for cost in costs)), _rest(high, (cost.high for cost in costs))
    yield margin if margin.low is None else replace(margin, low=ends[0], high=ends[1])


def _scaled(item: str, title: str, value: float | None, row: MonthRow, *, pointed: bool, refused: bool) -> Line:
    """Return a line as it is at the low and the high end of a month's 80 % interval; without a point, that alone."""
    mean, low, high = (row.number(column) for column in (MEAN, LOW, HIGH))
    if value is None or refused or mean is None or low is None or high is None:
        return Line(item, title, None, None, None)
    return Line(item, title, value if pointed else None, rounded(value * low / mean), rounded(value * high / mean))


def _rest(total: float | None, parts: Iterable[float | None]) -> float | None:
    return None if total is None else rounded(total - sum(part or 0.0 for part in parts))


def _difference(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else rounded(after - before)
