"""What lies between an earlier answer and ours: what was said, by which models, and what is not the same in them."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.bundle import Bundle
from serving.book import Book
from serving.explanations.schemas import MonthOut
from serving.quote_ids import BUNDLE_CHARACTERS

REFUSED = "refused"


def is_unchanged(first: MonthOut, last: MonthOut) -> bool:
    """Return whether both ends are one month that says the same."""
    ends = [(one.month, one.status, one.fair.value, one.fair.low, one.fair.high) for one in (first, last)]
    return ends[0] == ends[1]


def unchanged_words(basis: str, last: MonthOut) -> str:
    """Return the one sentence about a quote that is still what it was."""
    return f"Nothing has changed since: still {_amount(last)} for {last.month}, in {basis}."


def between_models(earlier: Book, now: Book, first: MonthOut, last: MonthOut) -> Iterator[str]:
    """Yield what the earlier model said, what ours says where it refuses, and what is not the same; nothing of one."""
    if earlier.model.digest == now.model.digest:
        return
    yield f"Said before: {_amount(first)} for {first.month}, by {_named(earlier)}."
    yield f"Said now: {_amount(last)} for {last.month}, by {_named(now)}."
    differs = list(_differs(earlier.model.bundle, now.model.bundle))
    yield f"Not the same between them: {'; '.join(differs) or 'neither method, data, draws nor seed'}."


def _differs(before: Bundle, after: Bundle) -> Iterator[str]:
    if before.method != after.method:
        yield f"method {before.method}, now {after.method}"
    if before.dataset_digest != after.dataset_digest or before.last_day != after.last_day:
        yield f"data until {before.last_day}, now {_until(before, after)}"
    if before.draws != after.draws:
        yield f"draws {before.draws:,}, now {after.draws:,}"
    if before.seed != after.seed:
        yield f"seed {before.seed}, now {after.seed}"


def _until(before: Bundle, after: Bundle) -> str:
    return f"until {after.last_day}" if before.last_day != after.last_day else "others until the same day"


def _named(book: Book) -> str:
    return f"version {book.model.version}, bundle {book.model.digest[:BUNDLE_CHARACTERS]}"


def _amount(month: MonthOut) -> str:
    """Return a fair price with its 80 % interval, a band alone, or that there is none and why."""
    fair = month.fair
    if month.status == REFUSED or fair.low is None or fair.high is None:
        return f"no fair price ({month.reason})"
    band = f"{fair.low:,.2f} to {fair.high:,.2f}"
    return f"a band and no point, {band}" if fair.value is None else f"{fair.value:,.2f} (80 %: {band})"
