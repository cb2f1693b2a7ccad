"""The bundle as an MLflow pyfunc: `loader_module="serving.pyfunc"` and the bundle's folder as `data_path`.

Loads with pickle off and without importing MLflow; digests are checked first. The columns are documented in
mlflow/README.md and stated as the model's signature in training/tracking.py.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from serving.reading import refuse_if_any, shown
from serving.rights import need_published
from serving.rounding import rounded

NEEDED, SCENARIO = ("material", "as_of"), "scenario"
QUESTION = (*NEEDED, SCENARIO)
NUMBERS = ("fair", "low80", "high80", *(f"market_{region}" for region in Region))
INVALID = "invalid"  # status of a row that cannot be answered
NOTHING = {"month": "", "status": INVALID, **dict.fromkeys(NUMBERS)}
DIGEST = "bundle_digest"  # of the bundle that was logged, in the model's configuration

Row = dict[str, object]


class FairPriceModel:
    """Fair and market prices, nominal USD/kg oxide ex VAT, for rows of material, day and scenario."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def predict(self, model_input: pd.DataFrame, params: dict[str, object] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Return one row per input row: month, status, fair price with its 80 % interval, both markets, error.

        A row that cannot be answered has the status `invalid` and says why; the others are answered. InputError when a
        column is missing.
        """
        refuse_if_any([Fault(name, "no such column", _columns()) for name in NEEDED if name not in model_input])
        asked = model_input.reindex(columns=list(QUESTION))
        rows = [self._row(*map(_written, row)) for row in asked.itertuples(index=False, name=None)]
        return pd.DataFrame(rows, columns=[*QUESTION, *NOTHING, "error"])

    def _row(self, material: str, as_of: str, scenario: str) -> Row:
        asked: Row = {"material": material, "as_of": as_of, SCENARIO: scenario}
        try:
            return asked | self._answer(material, as_of, scenario) | {"error": ""}
        except InputError as fault:
            return asked | NOTHING | {"error": str(fault)}

    def _answer(self, material: str, as_of: str, scenario: str) -> Row:
        request = read_price(self._book, material, [("as_of", as_of)], self._book.last_day)
        if scenario:
            raise InputError(Fault(SCENARIO, shown(scenario), "an empty text; ask POST /v1/scenarios for scenarios"))
        row = self._book.on(request.material, request.as_of)
        fair = headline(row)
        return {
            "month": row.month,
            "status": row.text("status"),
            "fair": fair.value,
            "low80": fair.low,
            "high80": fair.high,
            **{f"market_{region}": rounded(row.number(f"market.{region}")) for region in Region},
        }


def _columns() -> str:
    return f"columns {', '.join(NEEDED)} and, if wanted, {SCENARIO}"


def _written(value: object) -> str:
    """Return a cell as text: days as YYYY-MM-DD, missing or blank cells as an empty text."""
    if value is None or value is pd.NaT or value != value:  # noqa: PLR0124  NaN alone differs from itself
        return ""
    text = value.isoformat()[:10] if isinstance(value, date) else str(value)
    return text if text.strip() else ""


def _load_pyfunc(data_path: str, model_config: Mapping[str, object] | None = None) -> FairPriceModel:
    """Return the model in a bundle's folder; MLflow calls this by name.

    `model_config` holds the digest of the bundle that was logged; BundleError when the folder holds another one.
    """
    logged = (model_config or {}).get(DIGEST)
    bundle = read_bundle(Path(data_path), None if logged is None else str(logged))
    return FairPriceModel(Book(need_published(PublishedModel(bundle, bundle.digest[:12], "pyfunc"))))
