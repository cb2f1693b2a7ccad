"""Book: a bundle opened for questions, with every row found by material and day and no table touched per request."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from pricing.contracts.index import Fixing, ReferenceIndex
from pricing.errors import BundleError
from pricing.forecast.published import read_forecasts
from pricing.market.history import Evidence
from pricing.materials import Material
from pricing.price import Currency, FxRate, Vat
from serving.model_store import PublishedModel

Row = Mapping[str, object]
VINTAGES = {"as_known": "history_as_known", "latest": "history_latest"}
_VAT = {"included": Vat.INCLUDED, "excluded": Vat.EXCLUDED, "none": Vat.EXCLUDED, "not refunded": Vat.NOT_REFUNDED}


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of one material in a history; numbers that are not available are None."""

    month: str
    known_on: date  # the day the month's figures were complete
    values: Row

    def number(self, column: str) -> float | None:
        """Return a number of the row."""
        value = self.values.get(column)
        return value if isinstance(value, float) else None

    def text(self, column: str) -> str:
        """Return a text of the row; empty where there is none."""
        value = self.values.get(column)
        return value if isinstance(value, str) else ""


class Book:
    """Every answerable row of one published model; `currencies` are those that some month has a rate of, and USD."""

    def __init__(self, model: PublishedModel) -> None:
        bundle = model.bundle
        self.model = model
        self.last_day = bundle.last_day
        self.forecasts = read_forecasts(bundle.forecasts)
        self.histories = {name: _histories(bundle.table(table)) for name, table in VINTAGES.items()}
        self.materials = tuple(m for m in Material if self.histories["as_known"].get(m))
        if not self.materials:
            msg = "bundle: its history holds no row of NdPr, Dy or Tb. Train a model on a complete dataset."
            raise BundleError(msg)
        self._known_on = {m: [row.known_on for row in self.histories["as_known"][m]] for m in self.materials}
        self.snapshots = {str(row["month"]): str(row["snapshot"]) for row in _rows(bundle.snapshots)}
        self._stacks = _MonthsOf(bundle.cost_stacks)
        self.incentive = _grouped(bundle.incentive, "month")
        self.evidence = _grouped(bundle.evidence, "material")
        self.assumptions = _grouped(bundle.assumption_range, "material")
        self._explained = {
            tuple(str(row[name]) for name in ("vintage", "material", "month")): row
            for row in _rows(bundle.explanations)
        }
        self._tornado = _grouped(bundle.tornado, "material")
        self._fx = _grouped(bundle.fx, "month")
        self._references = _grouped(bundle.references, "material")
        quoted = {str(row["currency"]) for rows in self._fx.values() for row in rows}
        self.currencies = (Currency.USD.value, *(c.value for c in Currency if c.value in quoted))

    def first_day(self, material: Material | None = None) -> date:
        """Return the first day a material (or any of them) can be priced for."""
        chosen = self.materials if material is None else (material,)
        return min(self._known_on[m][0] for m in chosen)

    def on(self, material: Material, day: date) -> MonthRow:
        """Return the last month of a material whose figures were known on a day."""
        position = bisect_right(self._known_on[material], day) - 1
        return self.histories["as_known"][material][position]

    def age_days(self, material: Material, as_of: date, asked_on: date | None) -> int:
        """Return the days since the figures priced were known: from the day of asking, else from as_of."""
        return max(0, ((asked_on or as_of) - self.on(material, as_of).known_on).days)

    def months(self, material: Material | None = None) -> tuple[str, str]:
        """Return the first and last month of a material's history, or of all."""
        rows = [self.histories["as_known"][m] for m in (self.materials if material is None else (material,))]
        return min(r[0].month for r in rows), max(r[-1].month for r in rows)

    def row(self, vintage: str, material: Material, month: str) -> MonthRow | None:
        """Return a month of a material's history; None where there is none."""
        rows = self.histories[vintage].get(material, [])
        return next((row for row in rows if row.month == month), None)

    def explained(self, vintage: str, material: Material, month: str) -> MonthRow | None:
        """Return what a month's fair price is made of; None where the model does not say."""
        found, row = self._explained.get((vintage, material, month)), self.row(vintage, material, month)
        return None if found is None or row is None else MonthRow(month, row.known_on, found)

    def doubt(self, vintage: str, material: str) -> tuple[list[MonthRow], list[MonthRow]]:
        """Return what a material's last month owes to each prior, and its price under other assumptions."""
        priors, assumptions = (
            [MonthRow(self.model.bundle.last_month, self.last_day, row) for row in rows.get(material, [])]
            for rows in (self._tornado, self.assumptions)
        )
        return [r for r in priors if r.text("vintage") == vintage], [
            r for r in assumptions if r.text("vintage") == vintage
        ]

    def assumed(self, material: Material, year: int) -> dict[str, float]:
        """Return, by input, the share of a year's months in which it was a prior."""
        rows = (MonthRow("", self.last_day, row) for row in self.evidence.get(material, []))
        found = {row.text("column"): row.number("prior") for row in rows if row.number("year") == year}
        return {column: share for column, share in found.items() if share is not None}

    def stacks(self, month: str) -> list[Row]:
        """Return the parts of every cost stack in a month."""
        return self._stacks.rows(month)

    def fx(self, currency: Currency, month: str, known_on: date) -> FxRate | None:
        """Return a month's rate, if it was known on a day."""
        for row in self._fx.get(month, []):
            if row["currency"] == currency and _known(row, known_on):
                return FxRate(currency, float(str(row["per_usd"])), month)
        return None

    def reference_names(self, material: Material | None = None) -> tuple[str, ...]:
        """Return the indices that contracts on a material (or any) can settle on."""
        chosen = self.materials if material is None else (material,)
        return tuple(dict.fromkeys(str(row["basis"]) for m in chosen for row in self._references.get(m, [])))

    def reference(self, material: Material, name: str, known_on: date) -> ReferenceIndex:
        """Return an index with the fixings that were known on a day."""
        rows = self._reference_rows(material, name, known_on)
        return ReferenceIndex(name, {str(row["month"]): _fixing(row, "price_usd_per_kg") for row in rows})

    def last_quote(self, material: Material, name: str, known_on: date) -> tuple[Fixing, str] | None:
        """Return an index's last quote known on a day, and the day of the quote."""
        rows = sorted(self._reference_rows(material, name, known_on), key=lambda row: str(row["month"]))
        if not rows:
            return None
        last = rows[-1]
        column = "price_usd_per_kg" if last["last_usd_per_kg"] is None else "last_usd_per_kg"
        return _fixing(last, column), str(last["last_day"]) or str(last["month"])

    def _reference_rows(self, material: Material, name: str, known_on: date) -> list[Row]:
        rows = self._references.get(material, [])
        return [r for r in rows if r["basis"] == name and _known(r, known_on) and r["price_usd_per_kg"] is not None]


class _MonthsOf:
    """A long table whose rows are turned into plain values month by month, when first asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._places = frame.groupby("month").indices
        self._rows: dict[str, list[Row]] = {}

    def rows(self, month: str) -> list[Row]:
        """Return the rows of a month."""
        if month not in self._rows:
            self._rows[month] = list(_rows(self._frame.iloc[self._places.get(month, [])]))
        return self._rows[month]


def _histories(frame: pd.DataFrame) -> dict[str, list[MonthRow]]:
    found: dict[str, list[MonthRow]] = defaultdict(list)
    for row in _rows(frame):
        known_on = date.fromisoformat(str(row["vintage_day"]))
        found[str(row["material"])].append(MonthRow(str(row["month"]), known_on, row))
    return {material: sorted(rows, key=lambda row: row.month) for material, rows in found.items()}


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield rows as plain values: float or None for numbers, str for text."""
    for record in frame.to_dict(orient="records"):
        yield {str(name): _plain(value) for name, value in record.items()}


def _plain(value: object) -> object:
    if isinstance(value, (int, float)):
        return float(value) if value == value else None  # noqa: PLR0124  NaN alone differs from itself
    return str(value)


def _grouped(frame: pd.DataFrame, column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(frame):
        found[str(row[column])].append(row)
    return dict(found)


def _known(row: Row, day: date) -> bool:
    return str(row["known_at"]) <= day.isoformat()


def _fixing(row: Row, column: str) -> Fixing:
    rate = row["vat_rate"]
    return Fixing(
        amount=Decimal(str(row[column])),
        vat=_VAT.get(str(row["vat"])),
        vat_rate=Decimal(0 if rate is None else str(rate)),
        source=str(row["source"]),
        derived=row["evidence"] != Evidence.OBSERVED,
    )
