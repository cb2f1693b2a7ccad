"""Tables no wider than the terminal: one too wide is told as several, each with the columns that name its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich import box
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Column, Table

LEAST_WIDTH = 80  # columns; a narrower terminal wraps the lines itself
WIDEST = 150  # columns; a wider table is harder to read across
UNWRAPPED = 1_000  # columns no table reaches, to ask how many it needs at least
MOST_HEAD = 24  # letters of a column's head before it is folded
CONTINUED = ", continued"


def width_of(console: Console) -> int:
    """Return the columns an answer may take: the terminal's, but no fewer than LEAST_WIDTH and no more than WIDEST."""
    return max(min(console.width, WIDEST), LEAST_WIDTH)


def fitted(console: Console, answer: RenderableType, width: int) -> RenderableType:
    """Return an answer whose tables are no wider than so many columns."""
    if isinstance(answer, Group):
        return Group(*(fitted(console, part, width) for part in answer.renderables))
    if not isinstance(answer, Table):
        return answer
    return answer if _held(console, answer) <= width else Group(*_split(console, answer, width))


def new_table(title: str, *columns: str, words: int = 2) -> Table:
    """Return an empty table; all but the first `words` columns hold numbers."""
    table = _empty(title)
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position < words else "right", no_wrap=position > 0 or words > 1)
    return table


def _empty(title: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, collapse_padding=True)
    table.caption_justify, table.caption_style = "left", "dim"
    return table


@dataclass(frozen=True, slots=True)
class _Part:
    """Some columns of a table, with how wide those of words may be."""

    table: Table
    columns: tuple[Column, ...]
    most_words: int

    def told(self, title: str) -> Table:
        """Return the columns as a table of their own."""
        found = _empty(title)
        for column in self.columns:
            is_words = column.justify == "left"
            most = self.most_words if is_words else MOST_HEAD
            folded = _longest(column) > most
            found.add_column(
                column.header,
                justify=column.justify,
                no_wrap=not folded,
                overflow="fold",
                min_width=min(_longest(column), most) if is_words else None,
                max_width=most if folded else None,
            )
        for row in zip(*(column.cells for column in self.columns), strict=True):
            found.add_row(*row)
        return found


def _split(console: Console, table: Table, width: int) -> Iterator[Table]:
    """Yield tables of as many columns as fit, each with those that name the rows; the caption stands below the last."""
    names = tuple(column for column in table.columns if column.justify == "left")
    most_words = width // (2 * max(1, len(names)))
    parts = [_Part(table, names, most_words)]
    for column in table.columns:
        if column in names:
            continue
        wider = replace(parts[-1], columns=(*parts[-1].columns, column))
        if len(parts[-1].columns) == len(names) or _held(console, wider.told("")) <= width:
            parts[-1] = wider
        else:
            parts.append(_Part(table, (*names, column), most_words))
    found = [part.told(f"{table.title}{CONTINUED if place else ''}") for place, part in enumerate(parts)]
    found[-1].caption = table.caption
    yield from found


def _held(console: Console, table: Table) -> int:
    """Hold the columns of numbers at the width of their longest cell; return the least width of the whole table."""
    for column in table.columns:
        if column.no_wrap:
            column.min_width = _longest(column)
    return Measurement.get(console, console.options.update(max_width=UNWRAPPED), table).minimum


def _longest(column: Column) -> int:
    texts: Sequence[object] = (column.header, *column.cells)
    return max(len(str(text)) for text in texts)
