"""The scoreboard as an HTML page: the few figures first, then each material with its charts, tables and bad months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pricing.forecast.published import HORIZONS, POOLED
from pricing.scoreboard.board import FairBoard
from pricing.scoreboard.settings import HEADLINE
from serving.book import Book
from serving.forecasts.schemas import RecordRow
from serving.html_file import HTML, html_file, policy_of
from serving.release import release
from serving.scoreboard.answer import scoreboard_answer
from serving.scoreboard.page_charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Plot,
    fair_plot,
    fan_plot,
    held_plot,
    months_apart,
)
from serving.scoreboard.page_tables import (
    PageTable,
    bad_forecasts,
    bad_markets,
    bad_revisions,
    market_table,
    revision_table,
    series_table,
    skill_table,
)
from serving.scoreboard.publications import Publications
from serving.scoreboard.question import FAIR, FORECAST, ScoreboardRequest
from serving.scoreboard.rows import fair_rows_out, forecast_rows_out
from serving.scoreboard.schemas import ForecastScores, ScoreboardAnswer
from serving.scoreboard.words import in_short

__all__ = ["HTML", "policy", "scoreboard_page"]

TEMPLATE, STYLE = "scoreboard_page.html.j2", "scoreboard_page.css"
PLACES = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "bottom": BOTTOM}
CHARTED_PLACE = "fob_china"
TILE_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it says."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Tile:
    """Figures that a reader looks for first, all of one size."""

    label: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What the page says of one material."""

    material: str
    words: tuple[str, ...]
    plots: tuple[Plot, ...]
    tables: tuple[PageTable, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page."""

    title: str
    said: str
    published: str
    tiles: tuple[Tile, ...]
    whole: tuple[PageTable, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    series: PageTable
    foot: tuple[str, ...]


def scoreboard_page(book: Book, board: FairBoard, known: Publications, request: ScoreboardRequest) -> bytes:
    """Return the page of a request as the bytes of an HTML file."""
    answer = _answer(book, board, known, request)
    sections = [
        _section(book, board, known, replace(request, material=material))
        for material in book.materials
        if request.material in (None, material)
    ]
    page = Page(
        title="How often we were right",
        said=answer.said,
        published=_published(known, answer),
        tiles=tuple(_tiles(answer)),
        whole=tuple(table for table in _whole(answer) if table.rows),
        sections=tuple(sections),
        notes=(*(flag.text for flag in answer.flags), *answer.notes),
        series=_folded(series_table(answer.without_vintages or ())),
        foot=(
            f"model {answer.model.version}, bundle {answer.model.bundle[:12]}",
            f"data to {book.last_day.isoformat()}",
            f"release {release()}",
        ),
    )
    return html_file(TEMPLATE, STYLE, {"page": page, **PLACES})


def _answer(book: Book, board: FairBoard, known: Publications, request: ScoreboardRequest) -> ScoreboardAnswer:
    """Return the answer without rows, of the kinds that are asked for."""
    found = scoreboard_answer(book, board, known, replace(request, kind=None))
    fair = found.fair if request.wants(FAIR) else None
    forecasts = found.forecasts if request.wants(FORECAST) else None
    return replace(found, fair=fair, forecasts=forecasts, in_short=tuple(in_short(fair, forecasts or ())))


def policy() -> str:
    """Return the policy of the page."""
    return policy_of(STYLE)


def _published(known: Publications, answer: ScoreboardAnswer) -> str:
    if known.away:
        return "Which months were published at the time is not known now: the registry does not answer."
    days: dict[str, str] = {}
    for (material, month), one in sorted(known.first.items()):
        if answer.material in (None, material):
            days[month] = min(days.get(month, one.at), one.at)
    if not days:
        return "No month here was published as a champion's newest yet, by the record: all are replayed."
    ends = dict.fromkeys((min(days), max(days)))
    told = " to ".join(f"{month}, published {days[month][:10]} ({_delay(month, days[month])})" for month in ends)
    several = f"{len(days)} months are" if len(days) > 1 else "One month is"
    return f"{several} shown as published: {told}; all others are replayed."


def _delay(month: str, at: str) -> str:
    """Return how long after a month something was published.

    >>> _delay("2026-02", "2026-11-26T09:00:00Z"), _delay("2026-02", "2026-03-20T09:00:00Z")
    ('9 months after', '1 month after')
    """
    count = months_apart(month, at)
    return f"{count} month{'s' * (count != 1)} after"


def _tiles(answer: ScoreboardAnswer) -> Iterator[Tile]:
    """Yield forecasts first: they are judged by what came, fair prices only by the same model with more data."""
    for scores in answer.forecasts or ():
        own = [r for r in scores.rows if r.material == scores.material and r.origins == HEADLINE]
        row = next((row for row in own if row.months_ahead == TILE_AHEAD), None)
        if row and scores.place == CHARTED_PLACE:
            yield Tile(
                f"{scores.material} forecast, {TILE_AHEAD} months ahead, FOB",
                (
                    Figure(f"{row.in_80:.0f} %", f"of {row.forecasts} quotes that came lay inside the 80 % interval"),
                    Figure(f"{row.mae_percent:.0f} %", "mean miss of the forecast"),
                    Figure(f"{row.mae_last_quote_percent:.0f} %", "mean miss of the last quote"),
                ),
            )
    for one in answer.fair.revisions if answer.fair else ():
        if one.material != POOLED:
            held = f"of {one.months} first 80 % intervals hold today's figure of the same model; no test of the price"
            yield Tile(
                f"{one.material} fair price, revisions",
                (
                    Figure(f"{one.inside_80_percent:.0f} %", held),
                    Figure(f"{one.largest_percent:+.0f} %", f"largest revision since ({one.largest_month})"),
                ),
            )


def _whole(answer: ScoreboardAnswer) -> Iterator[PageTable]:
    if answer.fair:
        yield revision_table(answer.fair.revisions)
        yield _folded(market_table([row for row in answer.fair.market if row.material == POOLED]))
    if answer.forecasts:
        pooled = {(one.place, row.months_ahead, row.origins): (one, row) for one in answer.forecasts for row in one.rows
                  if row.material == POOLED}  # fmt: skip
        yield from (_folded(table) for table in _skill_tables("Forecasts of all materials", list(pooled.values())))


def _skill_tables(title: str, rows: Sequence[tuple[ForecastScores, RecordRow]]) -> Iterator[PageTable]:
    """Yield the headline FOB, and folded what stands apart: other markets, single years, halves of the record."""
    first = [(one, row) for one, row in rows if row.origins == HEADLINE and one.place == CHARTED_PLACE]
    yield skill_table(f"{title}, FOB China", first)
    apart = skill_table(f"{title}: other markets, bad years and halves", [pair for pair in rows if pair not in first])
    yield _folded(apart)


def _folded(table: PageTable) -> PageTable:
    return replace(table, folded=True)


def _section(book: Book, board: FairBoard, known: Publications, request: ScoreboardRequest) -> Section:
    answer = _answer(book, board, known, request)
    material = str(request.material)
    tables: list[PageTable] = []
    if answer.forecasts:
        own = [(one, row) for one in answer.forecasts for row in one.rows if row.material == material]
        tables += [*_skill_tables("Forecasts: coverage and skill", own), *map(_folded, bad_forecasts(answer.forecasts))]
    if answer.fair:
        tables += [
            _folded(market_table([row for row in answer.fair.market if row.material == material])),
            _folded(bad_revisions(answer.fair.largest_revisions)),
            _folded(bad_markets(answer.fair.largest_market_misses)),
        ]
    plots = _plots(book, board, known, request, answer)
    return Section(material, answer.in_short, tuple(plots), tuple(table for table in tables if table.rows))


def _plots(
    book: Book, board: FairBoard, known: Publications, request: ScoreboardRequest, answer: ScoreboardAnswer
) -> Iterator[Plot]:
    material = str(request.material)
    if request.wants(FAIR):
        rows = [row for row in fair_rows_out(board, known, request) if row.month >= board.settings.first_month]
        if _drawn(row.interval_80 for row in rows):
            yield fair_plot(material, rows)
    if request.wants(FORECAST) and request.place in (None, CHARTED_PLACE):
        at_place = replace(request, place=CHARTED_PLACE)
        told = forecast_rows_out(book.forecasts, known, at_place, HORIZONS)
        said = [row for row in told if row.month >= board.settings.first_month]
        if said:
            yield fan_plot(material, said, {row.month: row.base_usd_per_kg for row in said})
        held = held_plot(material, answer.forecasts or ())
        if held:
            yield held


def _drawn(ends: Iterable[object]) -> bool:
    return any(one is not None for one in ends)
