"""Rows of what was published: figures, what the record says of them, and the quote that gives them again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from pricing.materials import Material
from serving.published.editions import Edition, Figure, QuoteSaid, Said
from serving.published.record import Change, Publication
from serving.published.schemas import PublicationRow
from serving.published.turns import Turn
from serving.questions import PriceRequest
from serving.quote_ids import price_quote_id
from serving.rounding import rounded

PUBLISHED, REPLAYED, CHANGE, NOW = "published", "replayed", "change", "now"
FIRST, FIRST_READ = "first", "first that can be read"
_NO_FIGURE, _NO_QUOTE = Figure(None, None, None), QuoteSaid(None, "", "", "")


@dataclass(frozen=True, slots=True)
class Line:
    """What a row tells: a month as an edition gives it, `turn` and `at` where it is on record, and what was before."""

    what: str
    material: Material
    month: str
    day: date  # of the question
    edition: Edition
    said: Said | None
    version: str
    turn: Turn | None = None
    at: str | None = None
    kind: str = ""
    differs: tuple[str, ...] = ()
    before: Said | None = None


def line_of(
    what: str, material: Material, month: str, day: date, found: Publication, change: Change | None = None
) -> Line:
    """Return the line of a publication, or of a change."""
    line = Line(what, material, month, day, found.edition, found.said, found.turn.version, found.turn, found.at)
    if change is None:
        return line
    return replace(line, kind=change.kind, differs=change.differs, before=change.before.said)


def row_of(line: Line) -> PublicationRow:
    """Return a line as it is answered."""
    said, turn = line.said, line.turn
    long_run, short_run = (said.long_run, said.short_run) if said else (_NO_FIGURE, _NO_FIGURE)
    was_long, was_short = (line.before.long_run, line.before.short_run) if line.before else (_NO_FIGURE, _NO_FIGURE)
    china, ex_china = (said.china, said.ex_china) if said else (_NO_QUOTE, _NO_QUOTE)
    moved = _difference(long_run.value, was_long.value)
    return PublicationRow(
        what=line.what,
        kind=line.kind,
        at=line.at,
        version=line.version,
        by=turn.by if turn else "",
        because=turn.because if turn else "",
        gate=turn.gate if turn else "",
        against=turn.against if turn else None,
        promoted_anyway=turn.promoted_anyway if turn else None,
        withdrawn=turn.withdrawn if turn else "",
        differs=", ".join(line.differs),
        month=line.month,
        known_on=said.known_on.isoformat() if said else None,
        status=said.status if said else "",
        reason=said.reason if said else "",
        fair_long_run_usd_per_kg=long_run.value,
        fair_long_run_p10_usd_per_kg=long_run.low,
        fair_long_run_p90_usd_per_kg=long_run.high,
        fair_short_run_usd_per_kg=short_run.value,
        fair_short_run_p10_usd_per_kg=short_run.low,
        fair_short_run_p90_usd_per_kg=short_run.high,
        change_long_run_usd_per_kg=moved,
        change_long_run_percent=rounded(100 * moved / was_long.value) if moved is not None and was_long.value else None,
        change_long_run_p10_usd_per_kg=_difference(long_run.low, was_long.low),
        change_long_run_p90_usd_per_kg=_difference(long_run.high, was_long.high),
        change_short_run_usd_per_kg=_difference(short_run.value, was_short.value),
        market_china_usd_per_kg=china.value,
        market_china_source=china.basis,
        market_china_quote_day=china.quote_day,
        market_ex_china_usd_per_kg=ex_china.value,
        market_ex_china_source=ex_china.basis,
        market_ex_china_quote_day=ex_china.quote_day,
        method=line.edition.method,
        data_until=line.edition.last_day.isoformat(),
        bundle=line.edition.digest,
        snapshot=said.snapshot if said else "",
        quote_id=quote_of(line.edition, line.material, said, line.day) if said else None,
    )


def quote_of(edition: Edition, material: Material, said: Said, day: date) -> str:
    """Return the id of the quote that gives a month: as of a day if that asks for it, else as of its first day."""
    asked = min(day, edition.last_day)
    as_of = asked if edition.on(material, asked) == said else said.known_on
    return price_quote_id(PriceRequest(material, as_of), edition, said.snapshot)


def _difference(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else rounded(after - before)
