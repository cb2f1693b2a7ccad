"""A settlement as a workbook: cash flows with live totals, terms, fixings, and what all of it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell as cell_at

from serving.contracts.xlsx.book import PLAIN, PRICE, SOFT, Book, Sheet
from serving.contracts.xlsx.cash_flow import WIDTHS, CashFlow, Places
from serving.terminal import Answer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CASH_FLOW, TERMS, FIXINGS, ASSUMPTIONS = "Cash flow", "Terms", "Fixings", "Assumptions"
REFERENCE_HEADS = ("Period", "Reference", "USD/kg", "Settled on", "Fallback step", "How")
FIXING_HEADS = (
    *("Period", "Reference", "Fixing", "Published", "On the VAT basis", "FX per USD", "VAT rate", "Splice factor"),
    "Restated",
)
HOW_LIVE = (
    "Payments are formulas on references, levels and tonnes where a formula comes to the answered cent; references are "
    "read from the sheet Fixings. Change one of them and the totals follow; the terms do not."
)


def settlement_workbook(answer: Answer) -> bytes:
    """Return a settlement's answer as the bytes of an XLSX file; the same answer gives the same bytes."""
    day = date.fromisoformat(answer["as_of"] or answer["settled_through"])
    book = Book(answer["contract"]["name"], day)
    flows = book.sheet(CASH_FLOW, WIDTHS, landscape=True)
    _terms(book.sheet(TERMS, (46, 90)), answer["contract"])
    places = _fixings(book.sheet(FIXINGS, (10, 16, 14, 16, 16, 12, 10, 12, 10)), answer["periods"])
    CashFlow(flows, answer, places).write()
    _assumptions(book.sheet(ASSUMPTIONS, (30, 110)), answer)
    return book.close()


def _terms(sheet: Sheet, contract: Answer) -> None:
    sheet.text(0, 0, "Terms in words", bold=True)
    row = 1
    for word in contract["words"]:
        sheet.text(row, 0, word)
        row += 1
    sheet.heads(row + 1, ("Term", "As it was read"))
    for place, (path, value) in enumerate(_flat(contract["terms"], ""), row + 2):
        sheet.text(place, 0, path)
        _value(sheet, place, 1, value)


def _fixings(sheet: Sheet, periods: list[Answer]) -> Places:
    """Write references and their fixings, and return where each reference stands."""
    sheet.heads(0, REFERENCE_HEADS)
    places: Places = {}
    rows = [(period, one) for period in periods for one in period["references"]]
    for row, (period, one) in enumerate(rows, 1):
        texts = {0: period["period"], 1: one["reference"], 3: one["settled_on"], 5: "; ".join(one["steps"])}
        for column, text in texts.items():
            sheet.text(row, column, text)
        sheet.number(row, 2, one["unrounded_usd_per_kg"], PRICE)
        sheet.number(row, 4, one["fallback_step"], "0")
        places[period["period"], one["reference"]] = f"{FIXINGS}!{cell_at(row, 2, True, True)}"
    below = len(rows) + 3
    sheet.heads(below - 1, FIXING_HEADS)
    for row, (period, reference, one) in enumerate(_used(rows), below):
        for column, text in enumerate((period["period"], reference["reference"], one["fixing"])):
            sheet.text(row, column, text)
        for column, name in enumerate(("published", "amount", "fx_per_usd", "vat_rate", "splice_factor"), 3):
            sheet.number(row, column, one[name], PLAIN)
        sheet.text(row, 8, "restated" if one["restated"] else "")
    return places


def _used(rows: list[tuple[Answer, Answer]]) -> Iterator[tuple[Answer, Answer, Answer]]:
    return ((period, reference, one) for period, reference in rows for one in reference["fixings"])


def _assumptions(sheet: Sheet, answer: Answer) -> None:
    model = answer["model"]
    rows: list[tuple[str, str]] = [
        ("Settlement id", answer["settlement_id"]),
        ("As of", answer["as_of"] or "not stated"),
        ("Settled through", answer["settled_through"]),
        ("Model", "none: every fixing was given" if model is None else f"{model['version']}, bundle {model['bundle']}"),
        ("Data", answer["snapshot"] or "none"),
        ("This file", HOW_LIVE),
        *((f"Flag: {flag['code']}", flag["text"]) for flag in answer["flags"]),
        *((f"Index: {one['index']}", f"{one['basis']}; {one['source']}; {_span(one)}") for one in answer["indices"]),
        *((f"VAT from {one['first_day']}", f"{one['rate']:.2%}; {one['source']}") for one in answer["vat_rates"]),
        *((f"Rule: {name}", text) for name, text in answer["rules"].items()),
    ]
    for row, (name, text) in enumerate(rows):
        sheet.text(row, 0, name, bold=True, font_color=SOFT)
        sheet.text(row, 1, text, text_wrap=True)


def _span(index: Answer) -> str:
    return f"{index['fixings']} fixings" + (f", {index['first']} to {index['last']}" if index["first"] else "")


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the single terms of a contract with their paths."""
    if isinstance(value, Mapping):
        parts = [(f"{path}.{name}" if path else str(name), one) for name, one in value.items()]
    elif isinstance(value, list):
        parts = [(f"{path}.{place}", one) for place, one in enumerate(value)]
    else:
        yield path, value
        return
    for name, part in parts:
        yield from _flat(part, name)


def _value(sheet: Sheet, row: int, column: int, value: Any) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.number(row, column, float(value), PLAIN, align="left")
    else:
        sheet.text(row, column, str(value))
