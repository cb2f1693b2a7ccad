"""A workbook whose text stays text and whose formulas carry their values, the same bytes for the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from serving.contracts.xlsx.live import Live

MONEY, PRICE, TONNES, PLAIN = "#,##0.00;[Red]-#,##0.00", "#,##0.00######", "#,##0.0##", "0.##########"
DAY = "yyyy-mm-dd"
INK, SOFT, LINE = "#1F2A36", "#66717D", "#C9D0D6"
AS_TEXT = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
CREATED_AT = (12, 0)  # hour and minute: of no meaning, the same in every file


class Book:
    """A workbook being written. Text is quoted, so that a cell that begins with = stays text when it is copied."""

    def __init__(self, title: str, day: date) -> None:
        self._bytes = BytesIO()
        self._book = xlsxwriter.Workbook(self._bytes, AS_TEXT)
        self._book.set_calc_mode("auto")
        self._book.set_properties({"title": title, "created": datetime(day.year, day.month, day.day, *CREATED_AT)})  # noqa: DTZ001 - a day
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def sheet(self, name: str, widths: Sequence[int], landscape: bool = False) -> Sheet:
        """Return a new sheet that prints on pages one sheet wide."""
        made = self._book.add_worksheet(name)
        made.hide_gridlines(2)
        made.set_paper(9)  # A4
        made.fit_to_pages(1, 0)
        made.set_footer("&L&A&RPage &P of &N")
        if landscape:
            made.set_landscape()
        for column, width in enumerate(widths):
            made.set_column(column, column, width)
        return Sheet(self, made)

    def format(self, **properties: Any) -> Format:
        """Return a format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "top"}
            self._formats[key] = self._book.add_format(base | properties)
        return self._formats[key]

    def close(self) -> bytes:
        """Return the finished file."""
        self._book.close()
        return self._bytes.getvalue()


class Sheet:
    """A sheet being written, cell by cell; rows and columns count from 0."""

    def __init__(self, book: Book, sheet: Worksheet) -> None:
        self._book, self._sheet = book, sheet

    def text(self, row: int, column: int, text: str, **look: Any) -> None:
        """Write text that nothing turns into a formula, a link or a number."""
        self._sheet.write_string(row, column, text, self._book.format(quote_prefix=True, **look))

    def number(self, row: int, column: int, value: float | None, kind: str = PLAIN, **look: Any) -> None:
        """Write a number; None leaves the cell empty."""
        if value is not None:
            self._sheet.write_number(row, column, value, self._book.format(num_format=kind, **look))

    def formula(self, row: int, column: int, live: Live, kind: str = MONEY, **look: Any) -> None:
        """Write a formula of our own making with its value, which viewers show that do not compute."""
        self._sheet.write_formula(row, column, f"={live.text}", self._book.format(num_format=kind, **look), live.value)

    def words(self, row: int, column: int, formula: str, told: str) -> None:
        """Write a formula of our own making that comes to words."""
        self._sheet.write_formula(row, column, f"={formula}", self._book.format(), told)

    def day(self, row: int, column: int, day: str | None) -> None:
        """Write a day YYYY-MM-DD as a date; None leaves the cell empty."""
        if day is not None:
            self._sheet.write_datetime(row, column, date.fromisoformat(day), self._book.format(num_format=DAY))

    def heads(self, row: int, heads: Sequence[str]) -> None:
        """Write the heads of a table and repeat them on every printed page."""
        look = {"bold": True, "bottom": 1, "bottom_color": LINE, "text_wrap": True}
        for column, head in enumerate(heads):
            self.text(row, column, head, **look)

    def keep_above(self, row: int) -> None:
        """Keep the rows above one in sight, on the screen and on every page."""
        self._sheet.freeze_panes(row, 1)
        self._sheet.repeat_rows(row - 1)
