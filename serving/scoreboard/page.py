"""The scoreboard as an HTML page: the few figures first, then each material with its charts, tables and bad months."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pricing.forecast.published import HORIZONS, POOLED
from pricing.scoreboard.board import FairBoard
from pricing.scoreboard.settings import HEADLINE
from serving.book import Book
from serving.html_file import HTML, html_file, policy_of
from serving.release import release
from serving.scoreboard.answer import scoreboard_answer
from serving.scoreboard.page_charts import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH, Plot, fair_plot, fan_plot, held_plot
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
from serving.scoreboard.schemas import ScoreboardAnswer

__all__ = ["HTML", "policy", "scoreboard_page"]

TEMPLATE, STYLE = "scoreboard_page.html.j2", "scoreboard_page.css"
PLACES = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "bottom": BOTTOM}
CHARTED_PLACE = "fob_china"
TILE_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that a reader looks for first."""

    label: str
    value: str
    note: str


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
    answer = scoreboard_answer(book, board, known, replace(request, kind=None))
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
        whole=tuple(_whole(answer)),
        sections=tuple(sections),
        notes=(*(flag.text for flag in answer.flags), *answer.notes),
        series=series_table(answer.without_vintages),
        foot=(
            f"model {answer.model.version}, bundle {answer.model.bundle[:12]}",
            f"data to {book.last_day.isoformat()}",
            f"release {release()}",
        ),
    )
    return html_file(TEMPLATE, STYLE, {"page": page, **PLACES})


def policy() -> str:
    """Return the policy of the page."""
    return policy_of(STYLE)


def _published(known: Publications, answer: ScoreboardAnswer) -> str:
    if known.away:
        return "Which months were published at the time is not known now: the registry does not answer."
    months = sorted({month for material, month in known.first if answer.material in (None, material)})
    if not months:
        return "No month here was published as a champion's newest yet, by the record: all are replayed."
    several = f"{len(months)} months" if len(months) > 1 else "One month"
    return f"{several} published at the time, {months[0]} to {months[-1]}; all others are replayed."


def _tiles(answer: ScoreboardAnswer) -> Iterator[Tile]:
    for one in answer.fair.revisions if answer.fair else ():
        if one.material != POOLED:
            yield Tile(
                f"{one.material} fair price",
                f"{one.inside_80_percent:.0f} %",
                f"of {one.months} months: latest value inside the first 80 % interval; "
                f"largest revision {one.largest_percent:+.0f} %, {one.largest_month}",
            )
    for scores in answer.forecasts or ():
        own = [r for r in scores.rows if r.material == scores.material and r.origins == HEADLINE]
        row = next((row for row in own if row.months_ahead == TILE_AHEAD), None)
        if row and scores.place == CHARTED_PLACE:
            yield Tile(
                f"{scores.material} forecast, {TILE_AHEAD} months",
                f"{row.in_80:.0f} %",
                f"of {row.forecasts} inside the 80 % interval; typical miss {row.mae_percent:.0f} %, "
                f"last quote {row.mae_last_quote_percent:.0f} %",
            )


def _whole(answer: ScoreboardAnswer) -> Iterator[PageTable]:
    if answer.fair:
        yield revision_table(answer.fair.revisions)
        yield market_table([row for row in answer.fair.market if row.material == POOLED])
    if answer.forecasts:
        pooled = {(one.place, row.months_ahead, row.origins): (one, row) for one in answer.forecasts for row in one.rows
                  if row.material == POOLED}  # fmt: skip
        yield skill_table("All materials pooled", pooled.values())


def _section(book: Book, board: FairBoard, known: Publications, request: ScoreboardRequest) -> Section:
    answer = scoreboard_answer(book, board, known, replace(request, kind=None))
    material = str(request.material)
    tables: list[PageTable] = []
    if answer.forecasts:
        own = [(one, row) for one in answer.forecasts for row in one.rows if row.material == material]
        tables += [skill_table("Forecasts: coverage and skill", own), bad_forecasts(answer.forecasts)]
    if answer.fair:
        tables += [
            market_table([row for row in answer.fair.market if row.material == material]),
            bad_revisions(answer.fair.largest_revisions),
            bad_markets(answer.fair.largest_market_misses),
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
