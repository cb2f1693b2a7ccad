"""A settlement as a workbook: what its formulas compute is what was answered, and no text becomes a formula."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from openpyxl.cell.cell import Cell
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from serving.contracts.settlements.desk import settlement_of
from serving.contracts.settlements.documentation import QUARTER
from serving.contracts.xlsx.workbook import CASH_FLOW, FIXINGS, TERMS, settlement_workbook

from .conftest import worked
from .test_worked_settlements import body_of

CASES: list[dict[str, Any]] = worked("contracts.yaml")["cases"]
TEXTS = ("=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(0)", "'=1", "<b>x</b>", "https://x.test")
RANGE = re.compile(r"(?:(\w+)!)?(\$?[A-Z]{1,2}\$?\d+)(?::(\$?[A-Z]{1,2}\$?\d+))?")


def one_of_each() -> list[dict[str, Any]]:
    """Return the first worked case of each mix of clauses and of what stands beside them."""
    found: dict[str, dict[str, Any]] = {}
    for case in CASES:
        change = case.get("change", {})
        clauses = [(one["kind"], one.get("discount_rule"), "annual_cap" in one) for one in change.get("clauses", ())]
        beside = sorted(set(change) - {"from", "to", "name", "settlement", "clauses", "volume"})
        found.setdefault(str([clauses, beside, "true_up" in case]), case)
    return list(found.values())


def answered(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(settlement_of(json.dumps(body, default=float).encode(), pytest.fail))
    return found


def opened(content: bytes, values: bool = False) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(content), data_only=values)


def computed(book: openpyxl.Workbook, sheet: str, text: str) -> Any:
    """Return what a formula comes to: the few functions that the workbook uses, on cells computed the same way."""

    def value(cell: Cell) -> Any:
        found = cell.value
        return computed(book, cell.parent.title, found) if cell.data_type == "f" else found

    def area(of: Worksheet, name: str) -> list[Any]:
        left, top, right, bottom = range_boundaries(name)
        rows = of.iter_rows(top, bottom, left, right)
        return [value(cell) for row in rows for cell in row]

    def put(found: re.Match[str]) -> str:
        of, first, last = found[1] or sheet, found[2].replace("$", ""), (found[3] or found[2]).replace("$", "")
        if found[3] is None:
            return repr(value(book[of][first]) or 0.0)
        return repr(area(book[of], f"{first}:{last}"))

    def rounded(number: float, digits: int) -> float:
        return float(Decimal(repr(float(number))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))

    def matched(keys: list[Any], wanted: Any, amounts: list[Any]) -> float:
        return sum(amount for key, amount in zip(keys, amounts, strict=True) if key == wanted and amount is not None)

    known = {
        "ROUND": rounded,
        "SUM": lambda numbers: sum(one for one in numbers if one is not None),
        "SUMIF": matched,
        "MAX": max,
        "MIN": min,
        "ABS": abs,
        "IF": lambda test, yes, no: yes if test else no,
        "SIGN": lambda number: (number > 0) - (number < 0),
    }
    return eval(RANGE.sub(put, text.removeprefix("=")), {"__builtins__": {}}, known)


def formulas(book: openpyxl.Workbook) -> list[Cell]:
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("case", one_of_each(), ids=lambda case: case["name"])
def test_every_formula_comes_to_its_value_and_every_value_is_the_answered_one(case: dict[str, Any]) -> None:
    answer = answered(body_of(case))
    content = settlement_workbook(answer)
    book, shown = opened(content), opened(content, values=True)
    for cell in (found := formulas(book)):
        stands = shown[cell.parent.title][cell.coordinate].value
        assert computed(book, cell.parent.title, cell.value) == pytest.approx(stands, abs=1e-9), cell.value
    assert found
    legs = [(period["period"], leg["clause"], leg["usd"]) for period in answer["periods"] for leg in period["legs"]]
    rows = [[cell.value for cell in row] for row in shown[CASH_FLOW].iter_rows(min_row=7)]
    assert [(row[0], row[5], row[17]) for row in rows[: len(legs)]] == legs
    totals = {row[0]: row[17] for row in rows[len(legs) :]}
    assert totals["Total"] == answer["totals"]["usd"]
    assert totals["Check: total less the answered one"] == 0


def test_the_floors_of_the_worked_cases_are_live_and_not_typed_in() -> None:
    """Question 1: =MAX(0,110-68) a kg on 1,006 t; the reference is read from the sheet of fixings."""
    row = [cell.value for cell in opened(settlement_workbook(answered(QUARTER)))[CASH_FLOW][7]]
    assert (row[8], row[13]) == (f"={FIXINGS}!$C$2", "=MAX(0,J7-I7)")
    assert (row[15], row[17]) == ("=ROUND(N7*O7*1000,2)", "=P7")


def test_days_are_dates_and_who_pays_follows_the_payment() -> None:
    row = opened(settlement_workbook(answered(QUARTER)))[CASH_FLOW][7]
    assert [cell.value.isoformat()[:10] for cell in row[2:4]] == ["2026-01-01", "2026-03-31"]
    assert all(cell.is_date for cell in row[2:4])
    assert row[18].value == '=IF(R7>0,"buyer pays seller",IF(R7<0,"seller pays buyer","nobody pays"))'


def test_an_index_with_a_discount_and_no_bounds_is_written_without_terms_that_cancel() -> None:
    price = {"kind": "indexed", "name": "price", "reference": "benchmark", "discount_share": 0.03,
             "discount_rule": "undiscounted_index"}  # fmt: skip
    body = QUARTER | {"contract": QUARTER["contract"] | {"clauses": [price]}}
    row = [cell.value for cell in opened(settlement_workbook(answered(body)))[CASH_FLOW][7]]
    assert row[13] == "=I7*L7+M7"


def test_a_changed_reference_moves_payment_and_total() -> None:
    book = opened(settlement_workbook(answered(QUARTER)))
    book[FIXINGS]["C2"] = 100.0
    cells = [cell for cell in book[CASH_FLOW]["R"] if cell.data_type == "f"]
    assert {computed(book, CASH_FLOW, cell.value) for cell in cells} == {10_060_000.0, 10_060_000.0 - 42_252_000.0}


def test_a_capped_share_is_cut_by_a_formula_on_what_is_left() -> None:
    case = next(case for case in CASES if case["name"] == "an upside share meets its yearly cap")
    book = opened(settlement_workbook(answered(body_of(case))))
    paid = [row[17].value for row in book[CASH_FLOW].iter_rows(min_row=7) if row[5].value == "rebate" and row[0].value]
    assert len(paid) == 4
    assert paid[1] == "=SIGN(P10)*MIN(ABS(P10),Q10)"
    assert book[CASH_FLOW]["Q10"].value == "=Q8-ABS(R8)"


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_a_caller_never_becomes_a_formula_a_link_or_a_number(text: str) -> None:
    body = QUARTER | {"contract": QUARTER["contract"] | {"name": text, "buyer": text, "seller": text}}
    book = opened(settlement_workbook(answered(body)))
    assert book[CASH_FLOW]["A1"].value == text
    for sheet in book:
        for cell in [cell for row in sheet.iter_rows() for cell in row]:
            assert cell.data_type != "f" or text not in str(cell.value)
            assert cell.hyperlink is None
            if cell.value == text:
                assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert text in [cell.value for cell in book[TERMS]["B"]]


def test_the_same_answer_gives_the_same_bytes() -> None:
    answer = answered(QUARTER)
    assert settlement_workbook(answer) == settlement_workbook(orjson.loads(orjson.dumps(answer)))


def test_the_file_is_dated_by_the_answer_and_not_by_the_clock() -> None:
    created = opened(settlement_workbook(answered(QUARTER))).properties.created
    assert created is not None
    assert created.date().isoformat() == "2026-03-31"


def test_a_contract_without_clauses_still_has_its_years() -> None:
    case = next(case for case in CASES if case["name"].startswith("take or pay, nothing"))
    answer = answered(body_of(case))
    cells = [cell.value for cell in opened(settlement_workbook(answer), values=True)[CASH_FLOW]["R"]]
    assert answer["years"][0]["usd"] == 45_760_000
    assert cells.count(45_760_000) == 5  # the year, all years, its kind, its calendar year, the total


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no office programme on this machine")
def test_an_office_programme_computes_the_same(tmp_path: Path) -> None:
    content = settlement_workbook(answered(QUARTER))
    (tmp_path / "flows.xlsx").write_bytes(content)
    again = [
        "soffice",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(tmp_path / "again"),
    ]
    subprocess.run([*again, str(tmp_path / "flows.xlsx")], check=True, capture_output=True, timeout=120)
    recomputed = opened((tmp_path / "again" / "flows.xlsx").read_bytes(), values=True)
    for cell in formulas(opened(content)):
        stands = opened(content, values=True)[cell.parent.title][cell.coordinate].value
        assert recomputed[cell.parent.title][cell.coordinate].value == pytest.approx(stands)
