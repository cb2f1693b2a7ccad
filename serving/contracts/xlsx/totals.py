"""The rows below the cash flows: sums of them by period, clause and year, yearly reckonings, true-ups, invoices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlsxwriter.utility import xl_rowcol_to_cell as cell_at

from pricing.contracts.settlement_table import TRUE_UPS
from serving.contracts.xlsx.book import MONEY, PRICE, SOFT, TONNES, Sheet
from serving.contracts.xlsx.live import Live
from serving.terminal import Answer

YEAR, CLAUSE, REFERENCES, PER_KG, BEFORE, LEFT, PAYMENT = 1, 5, 7, 13, 15, 16, 17  # columns of the table
Rows = tuple[int, int]  # first and last


@dataclass
class Totals:
    """The rows while they are written; `table` are the rows of the cash flows."""

    sheet: Sheet
    answer: Answer
    table: Rows
    row: int = 0

    def write(self) -> None:
        """Write the whole first, checked against the answered one, then what it is made of."""
        self.row, totals = self.table[1] + 2, self.answer["totals"]
        whole = self.row
        self.row += 2  # the whole and its check stand first and are sums of what follows
        parts = [self._total("All periods", _sum(self.table), totals["periods_usd"])]
        reckoned = (self.row + 1, self.row + len(self.answer["years"]))
        parts += self._years(reckoned)
        first = self.row + 1
        parts += self._true_ups()
        trued_up = (first, first + len(self.answer["true_ups"]) - 1)
        below, self.row = self.row, whole
        total = self._total("Total", "+".join(parts), totals["usd"])
        self._total("Check: total less the answered one", f"{total}-{totals['usd']!r}", 0.0)
        self.row = below
        tables = [self.table, *([reckoned] if self.answer["years"] else [])]
        tables += [trued_up] if self.answer["true_ups"] else []
        self._by("By clause, yearly reckonings and true-ups", totals["by_clause_usd"], CLAUSE, tables)
        self._by("By calendar year of delivery", totals["by_year_usd"], YEAR, tables)
        self._invoices()

    def _total(self, label: str, formula: str, value: float) -> str:
        self.sheet.text(self.row, 0, label, bold=True)
        self.sheet.formula(self.row, PAYMENT, Live(f"ROUND({formula},2)", value), bold=True)
        self.row += 1
        return cell_at(self.row - 1, PAYMENT)

    def _years(self, rows: Rows) -> Iterator[str]:
        """Write the yearly reckonings and yield the cell of their sum."""
        if not self.answer["years"]:
            return
        self._title("Yearly reckonings")
        for one in self.answer["years"]:
            self.sheet.number(self.row, YEAR, one["year"], "0")
            self.sheet.text(self.row, CLAUSE, one["kind"])
            self.sheet.text(
                self.row, REFERENCES, "; ".join(f"{name} {value:,}" for name, value in one["parts"].items())
            )
            self.sheet.number(self.row, PAYMENT, one["usd"], MONEY)
            self.row += 1
        yield self._total("All years", _sum(rows), self.answer["totals"]["years_usd"])

    def _true_ups(self) -> Iterator[str]:
        """Write what restated indices change and yield the cell of their sum."""
        if not self.answer["true_ups"]:
            return
        self._title("True-ups of restated indices: before, after, still due")
        first = self.row
        for one in self.answer["true_ups"]:
            self.sheet.text(self.row, 0, one["period"])
            self.sheet.number(self.row, YEAR, int(one["period"].partition("-")[0]), "0")
            self.sheet.text(self.row, CLAUSE, TRUE_UPS)
            self.sheet.number(self.row, BEFORE, one["before_usd"], MONEY)
            self.sheet.number(self.row, LEFT, one["after_usd"], MONEY)
            change = f"ROUND({cell_at(self.row, LEFT)}-{cell_at(self.row, BEFORE)},2)"
            self.sheet.formula(self.row, PAYMENT, Live(change, one["usd"]))
            self.row += 1
        yield self._total("All true-ups", _sum((first, self.row - 1)), self.answer["totals"]["true_ups_usd"])

    def _by(self, title: str, amounts: dict[str, float], column: int, tables: list[Rows]) -> None:
        """Write sums by the names of a column, over the tables that have it."""
        self._title(title)
        for name, usd in amounts.items():
            if column == YEAR:
                self.sheet.number(self.row, column, int(name), "0")
            else:
                self.sheet.text(self.row, column, name)
            at = cell_at(self.row, column)
            matched = "+".join(f"SUMIF({_range(rows, column)},{at},{_range(rows, PAYMENT)})" for rows in tables)
            self.sheet.formula(self.row, PAYMENT, Live(f"ROUND({matched},2)", usd))
            self.row += 1

    def _invoices(self) -> None:
        if not self.answer["invoices"]:
            return
        self._title("Invoices: USD/kg provisional and final, tonnes, USD provisional and final")
        for one in self.answer["invoices"]:
            self.sheet.text(self.row, 0, one["period"])
            self.sheet.number(self.row, PER_KG - 1, one["provisional_usd_per_kg"], PRICE)
            self.sheet.number(self.row, PER_KG, one["final_usd_per_kg"], PRICE)
            self.sheet.number(self.row, PER_KG + 1, one["tonnes"], TONNES)
            self.sheet.number(self.row, BEFORE, one["provisional_usd"], MONEY)
            self.sheet.number(self.row, PAYMENT, one["final_usd"], MONEY)
            self.row += 1

    def _title(self, title: str) -> None:
        self.sheet.text(self.row, 0, title, bold=True, font_color=SOFT)
        self.row += 1


def _range(rows: Rows, column: int) -> str:
    first, last = (cell_at(row, column, True, True) for row in rows)
    return f"{first}:{last}"


def _sum(rows: Rows) -> str:
    return f"SUM({_range(rows, PAYMENT)})"
