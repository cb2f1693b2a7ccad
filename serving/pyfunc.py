"""The bundle as an MLflow pyfunc: `loader_module="serving.pyfunc"` and the bundle's folder as `data_path`.

Loads with pickle off and without importing MLflow; digests are checked first.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from pricing.bundle import read_bundle
from pricing.errors import Fault, InputError
from pricing.market.supply import Region
from serving.book import Book
from serving.model_store import PublishedModel
from serving.price_answer import headline
from serving.questions import read_price
from serving.rounding import rounded

INPUTS = ("material", "as_of")


class FairPriceModel:
    """Fair and market prices, nominal USD/kg oxide ex VAT, for rows of material and day."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def predict(self, model_input: pd.DataFrame, params: dict[str, object] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Return one row per input row: month, status, fair price with its 80 % interval, both markets.

        InputError lists the faults of the first row that cannot be answered.
        """
        missing = [name for name in INPUTS if name not in model_input]
        if missing:
            raise InputError(*(Fault(name, "no such column", f"columns {', '.join(INPUTS)}") for name in missing))
        rows = zip(model_input["material"], model_input["as_of"], strict=True)
        return pd.DataFrame([self._row(str(material), _written(day)) for material, day in rows])

    def _row(self, material: str, as_of: str) -> dict[str, object]:
        request = read_price(self._book, material, [("as_of", as_of)], self._book.last_day)
        row = self._book.on(request.material, request.as_of)
        fair = headline(row)
        return {
            "material": material,
            "as_of": as_of,
            "month": row.month,
            "status": row.text("status"),
            "fair": fair.value,
            "low80": fair.low,
            "high80": fair.high,
            **{f"market_{region}": rounded(row.number(f"market.{region}")) for region in Region},
        }


def _written(day: object) -> str:
    return day.isoformat()[:10] if isinstance(day, date) else str(day)


def _load_pyfunc(data_path: str) -> FairPriceModel:
    """Return the model in a bundle's folder; MLflow calls this by name."""
    bundle = read_bundle(Path(data_path))
    return FairPriceModel(Book(PublishedModel(bundle, bundle.digest[:12], "pyfunc")))
