"""The sheet of cash flows: a row per clause and period, payments and totals as formulas with their values."""

from __future__ import annotations

from dataclasses import dataclass, field

from xlsxwriter.utility import xl_rowcol_to_cell as cell_at

from serving.contracts.xlsx.book import MONEY, PLAIN, PRICE, SOFT, TONNES, Sheet
from serving.contracts.xlsx.legs import LegCells, numbers_of, paid_per_kg
from serving.contracts.xlsx.live import KG_PER_TONNE, Live, no_more_than, to_the_cent
from serving.contracts.xlsx.totals import BEFORE, CLAUSE, LEFT, PAYMENT, PER_KG, YEAR, Totals
from serving.terminal import Answer

HEADS = (
    "Period", "Year", "From", "To", "Due", "Clause", "Kind", "Reference", "Reference USD/kg", "Level USD/kg",
    "Second level", "Share", "Added USD/kg", "USD/kg", "Tonnes", "Before cap USD", "Left of cap USD", "Payment USD",
    "Who pays",
)  # fmt: skip
WIDTHS = (9, 6, 11, 11, 11, 14, 11, 13, 12, 11, 11, 8, 9, 12, 11, 16, 15, 17, 17)
NUMBERS = {"level": 9, "second": 10, "share": 11, "added": 12}
REFERENCE, TONNES_AT, WHO_PAYS = 8, 14, 18
DAYS = {2: "first_day", 3: "last_day", 4: "due_day"}
DIRECTION = 'IF({paid}>0,"buyer pays seller",IF({paid}<0,"seller pays buyer","nobody pays"))'
FIRST_ROW = 6  # of the table, below title and heads
CLOSE = 1e-9  # a formula and the answer agree when no further apart, relative to the larger
Places = dict[tuple[str, str], str]  # the cell on the sheet of fixings by period and reference
TYPED = "Some cells are numbers: a formula would not come to the answered cent, or the clause needs more than its row."


@dataclass
class CashFlow:
    """The sheet while it is written; `references` says where each reference stands on the sheet of fixings."""

    sheet: Sheet
    answer: Answer
    references: Places
    row: int = FIRST_ROW
    left: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)  # cap: cells of left and payment above
    typed: int = 0

    def write(self) -> None:
        """Write title, table and totals."""
        contract = self.answer["contract"]
        self.sheet.text(0, 0, contract["name"], bold=True, font_size=14)
        self.sheet.text(1, 0, f"{contract['seller']} to {contract['buyer']}; {contract['basis']}", font_color=SOFT)
        said = f"Positive: buyer pays seller; negative: seller pays buyer. {self.answer['settlement_id']}"
        self.sheet.text(2, 0, said, font_color=SOFT)
        self.sheet.heads(FIRST_ROW - 1, HEADS)
        self.sheet.keep_above(FIRST_ROW)
        clauses = {clause["name"]: clause for clause in contract["terms"].get("clauses", [])}
        for period in self.answer["periods"]:
            for leg in period["legs"]:
                self._leg(period, leg, clauses.get(leg["clause"], {}))
        Totals(self.sheet, self.answer, (FIRST_ROW, max(self.row - 1, FIRST_ROW))).write()
        if self.typed:
            self.sheet.text(3, 0, TYPED, font_color=SOFT)

    def _leg(self, period: Answer, leg: Answer, terms: Answer) -> None:
        row, sheet = self.row, self.sheet
        references = ", ".join(leg["references_usd_per_kg"])
        texts = {0: period["period"], CLAUSE: leg["clause"], 6: leg["kind"], 7: references}
        for column, text in texts.items():
            sheet.text(row, column, text)
        for column, name in DAYS.items():
            sheet.day(row, column, period[name])
        sheet.words(row, WHO_PAYS, DIRECTION.format(paid=self._at(PAYMENT)), leg["who_pays"])
        sheet.number(row, YEAR, int(period["last_day"][:4]), "0")
        sheet.number(row, TONNES_AT, leg["tonnes"], TONNES)
        per_kg = self._per_kg(period, leg, terms)
        before = to_the_cent(per_kg * Live(self._at(TONNES_AT), leg["tonnes"]) * KG_PER_TONNE)
        self._money(BEFORE, before, leg["usd_before_cap"])
        due = Live(self._at(BEFORE), leg["usd_before_cap"])
        self._money(PAYMENT, due if leg["cap_year"] is None else no_more_than(due, self._cap(leg)), leg["usd"])
        self.row += 1

    def _per_kg(self, period: Answer, leg: Answer, terms: Answer) -> Live:
        """Write what is paid per kg, as a formula where it comes to the answered amount, and return its cell."""
        cells: dict[str, Live | None] = dict.fromkeys(("reference", *NUMBERS))
        if len(leg["references_usd_per_kg"]) == 1:
            cells["reference"] = self._reference(period, leg)
        for name, value in numbers_of(leg).items():
            if value is not None:
                self.sheet.number(self.row, NUMBERS[name], value, PLAIN)
                cells[name] = Live(self._at(NUMBERS[name]), value)
        made, answered = paid_per_kg(leg, terms, LegCells(**cells)), float(leg["unrounded_usd_per_kg"])
        if made is not None and abs(made.value - answered) <= CLOSE * max(1.0, abs(answered)):
            self.sheet.formula(self.row, PER_KG, made, PRICE)
            return Live(self._at(PER_KG), made.value)
        self.typed += 1
        self.sheet.number(self.row, PER_KG, answered, PRICE)
        return Live(self._at(PER_KG), answered)

    def _reference(self, period: Answer, leg: Answer) -> Live:
        (name, price), place = next(iter(leg["references_usd_per_kg"].items())), self._at(REFERENCE)
        stands = self.references.get((period["period"], name))
        if stands is None and leg["tonnes"]:
            self.sheet.number(self.row, REFERENCE, price, PRICE)
        elif stands is None:  # nothing to price: an empty cell counts as nought
            self.sheet.number(self.row, REFERENCE, None)
        else:
            self.sheet.formula(self.row, REFERENCE, Live(stands, price), PRICE)
        return Live(place, price)

    def _cap(self, leg: Answer) -> Live:
        """Write what is left of the year's cap before a payment, and return its cell."""
        key, value = (leg["clause"], leg["cap_year"]), leg["cap_left_usd"] + abs(leg["usd"])
        if key in self.left:
            left, paid = self.left[key]
            self.sheet.formula(self.row, LEFT, Live(f"{left}-ABS({paid})", value))
        else:
            self.sheet.number(self.row, LEFT, value, MONEY)
        self.left[key] = (self._at(LEFT), self._at(PAYMENT))
        return Live(self._at(LEFT), value)

    def _money(self, column: int, live: Live, answered: float) -> None:
        """Write money as a formula where it comes to the answered cent, as a number elsewhere."""
        if live.value == answered:
            self.sheet.formula(self.row, column, live)
        else:
            self.typed += 1
            self.sheet.number(self.row, column, answered, MONEY)

    def _at(self, column: int) -> str:
        return cell_at(self.row, column)
