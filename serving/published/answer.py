"""From the archive to the answer: what was published on a day, what became of it, as JSON or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import astuple, fields, replace

from pricing.price import Basis
from serving.book import Book
from serving.price_answer import model_out
from serving.published.archive import Archive, Register
from serving.published.day import Day, day_of
from serving.published.question import PublicationRequest
from serving.published.record import MonthRecord
from serving.published.rows import CHANGE, FIRST, FIRST_READ, NOW, PUBLISHED, REPLAYED, Line, line_of, row_of
from serving.published.schemas import PublicationAnswer, PublicationRow, UnreadOut
from serving.published.words import ESTIMATE, versions_unread, words
from serving.readiness import written
from serving.rounding import DIGITS
from serving.schemas import Flag


def publication_answer(archive: Archive, book: Book, request: PublicationRequest) -> PublicationAnswer:
    """Return what was published of a material on a day, and every other value that its month had."""
    day = day_of(archive, book, request)
    said, earliest, changes, now = _said(day, book), _earliest(day), tuple(_changes(day)), _now(day, book)
    is_first = earliest is not None and earliest.what == FIRST
    return PublicationAnswer(
        material=request.material,
        on=request.on.isoformat(),
        month=day.month,
        basis=f"{Basis(request.material)}, nominal",
        digits=DIGITS,
        corrected=_corrected(day),
        flags=tuple(_flags(day)),
        words=tuple(words(request.material, day, said, earliest, changes, now)),
        on_the_day=said,
        first=earliest if is_first else None,
        first_read=None if is_first else earliest,
        changes=changes,
        now=now,
        unchanged_by=tuple(dict.fromkeys(turn.version for turn in day.record.unchanged)) if day.record else (),
        unread=tuple(_unread(day.record)) if day.record else (),
        model=model_out(book.model),
    )


def publication_csv(answer: PublicationAnswer) -> bytes:
    """Return the rows of an answer as CSV: the day's, the first, each change, and what is in force now."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["material", "on", *(field.name for field in fields(PublicationRow)), "basis"])
    for row in (answer.on_the_day, answer.first or answer.first_read, *answer.changes, answer.now):
        if row is not None:
            writer.writerow([answer.material, answer.on, *map(_cell, astuple(row)), answer.basis])
    return out.getvalue().encode()


def _cell(value: object) -> object:
    """Return a value as a cell of CSV: nothing for null, a list as one text."""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return "" if value is None else value


def _said(day: Day, book: Book) -> PublicationRow | None:
    if day.said is None:
        return None
    if day.published:
        return row_of(line_of(PUBLISHED, day.request.material, day.said.month, day.request.on, day.published))
    return row_of(_replayed(REPLAYED, day, book))


def _replayed(what: str, day: Day, book: Book) -> Line:
    """Return what the model that serves says of the day's month, without a time."""
    return Line(what, day.request.material, day.month or "", day.request.on, day.serving, day.now, book.model.version)


def _earliest(day: Day) -> PublicationRow | None:
    """Return the first value of the month, named `first` only where nothing before it is unread."""
    found = day.record.earliest if day.record else None
    if day.record is None or found is None:
        return None
    what = FIRST if day.record.first else FIRST_READ
    return row_of(line_of(what, day.request.material, day.record.month, day.request.on, found))


def _changes(day: Day) -> Iterator[PublicationRow]:
    if day.record:
        for change in day.record.changes:
            found = change.publication
            yield row_of(line_of(CHANGE, day.request.material, day.record.month, day.request.on, found, change))


def _now(day: Day, book: Book) -> PublicationRow | None:
    """Return what the model that serves says of the month; with its turn where that is the last on record."""
    if day.month is None:
        return None
    line = _replayed(NOW, day, book)
    last = day.register.turns[-1] if day.register.turns else None
    turn = last if last and last.version == line.version else None
    before = day.published.said if day.published else day.said
    return row_of(replace(line, turn=turn, at=turn.since if turn else None, before=before))


def _corrected(day: Day) -> bool | None:
    """Return whether a value published on the day was changed later, by the order of the record; None if unknown."""
    if day.record is None or day.published is None:
        return None
    turn = day.published.turn
    if any(change.publication.turn.place > turn.place for change in day.record.changes):
        return True
    return None if day.record.unread_after(turn) or day.register.last_read else False


def _flags(day: Day) -> Iterator[Flag]:
    if not day.published:
        yield Flag(REPLAYED, f"Nothing published on {day.request.on} is on record: {day.replayed}.")
    yield from _of_the_record(day.register)
    if len(day.turns) > 1:
        told = ", ".join(f"{turn.version} from {turn.since}" for turn in day.turns[1:])
        yield Flag("several_that_day", f"Other versions began to serve that day: {told}.")
    if day.record:
        yield from _not_read(day.record)
    if day.said is None:
        yield Flag("none", f"{day.month or 'No month'}: no fair price could be known on {day.request.on}.")
    elif day.said.status != ESTIMATE:
        yield Flag(day.said.status, f"{day.said.month}: {day.said.reason}.")
    elif day.said.reason:
        yield Flag("caution", f"{day.said.month}: {day.said.reason}.")  # as a price's answer says it


def _of_the_record(register: Register) -> Iterator[Flag]:
    """Yield what is doubtful about who served when."""
    if register.away:
        yield Flag("registry_away", f"What served when is not known now. {register.away}")
    if register.last_read:
        read, away = written(register.last_read.read), written(register.last_read.away)
        told = f"The record as read at {read}; the registry is away since {away}"
        yield Flag("registry_away", f"{told}, and what was promoted since is not known.")
    if not register.agrees:
        named = f"version {register.champion}, the last promotion on record version {register.turns[-1].version}"
        yield Flag("record_and_alias_differ", f"The registry names {named}: a promotion was cut short.")
    yield from (Flag("record_altered", altered) for altered in register.altered)
    yield from (Flag("gap_in_the_record", gap) for gap in register.gaps)


def _not_read(record: MonthRecord) -> Iterator[Flag]:
    """Yield what is not known because bundles of the past cannot be read."""
    if record.earliest and not record.first:
        why = versions_unread(record, record.earliest.turn)
        yield Flag("first_unread", f"When {record.month} was first published is not known: {why}.")
    for turn, unread in record.unread:
        yield Flag("unread", f"What version {turn.version} published is not known. {unread.why}")


def _unread(record: MonthRecord) -> Iterator[UnreadOut]:
    for turn, unread in record.unread:
        yield UnreadOut(turn.version, turn.bundle, turn.since, turn.until, unread.why)
