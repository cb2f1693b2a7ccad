"""The bundle as an MLflow pyfunc: `loader_module="serving.pyfunc"` and the bundle's folder as `data_path`.

Loads with pickle off and without importing MLflow; digests are checked first. The columns are documented in
mlflow/README.md and stated as the model's signature in training/tracking.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from pricing.bundle import read_bundle
from pricing.errors import DataError, Fault, InputError
from pricing.market.supply import Region
from serving.bodies import read_body
from serving.book import Book
from serving.fault_words import shown
from serving.model_store import PublishedModel
from serving.price_answer import price_answer
from serving.questions import read_price
from serving.reading import refuse_if_any
from serving.rights import need_published
from serving.scenarios.desk import ScenarioDesk
from serving.scenarios.kept import MemoryAnswers
from serving.scenarios.question import FLOOR

NEEDED, SCENARIO = ("material", "as_of"), "scenario"
NUMBERS = ("fair", "low80", "high80", *(f"market_{region}" for region in Region))
TEXTS = ("flags", "quote_id", "scenario_id", "answer", "error")
INVALID = "invalid"  # status of a row that cannot be answered
NOTHING = {"month": "", "status": INVALID, **dict.fromkeys(NUMBERS), **dict.fromkeys(TEXTS, "")}
DIGEST = "bundle_digest"  # of the bundle that was logged, in the model's configuration

Row = dict[str, object]


class FairPriceModel:
    """Fair and market prices, nominal USD/kg oxide ex VAT, for rows of material, day and scenario."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._scenarios = ScenarioDesk(lambda: book, lambda _: book, lambda: book.last_day, MemoryAnswers())

    def predict(self, model_input: pd.DataFrame, params: dict[str, object] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Return one row per input row: month, status, fair price with its 80 % interval, both markets, flags, error.

        A row that cannot be answered has the status `invalid` and says why; the others are answered. InputError when a
        column is missing.
        """
        refuse_if_any([Fault(name, "no such column", _columns()) for name in NEEDED if name not in model_input])
        asked = model_input.reindex(columns=[*NEEDED, SCENARIO])
        rows = [self._row(*map(_written, row)) for row in asked.itertuples(index=False, name=None)]
        # of objects, so that what is not available stays None, null in JSON: MLflow writes a NaN as no JSON knows it
        return pd.DataFrame(rows, columns=[*NEEDED, *NOTHING], dtype=object)

    def _row(self, material: str, as_of: str, scenario: str) -> Row:
        asked: Row = {"material": material, "as_of": as_of}
        told, faults, sound = asked | NOTHING, [], asked
        try:
            told |= self._baseline(material, as_of)
        except (InputError, DataError) as fault:
            faults, sound = [str(fault)], {}
        try:
            told |= self._moved(sound, scenario) if scenario else {}
        except (InputError, DataError) as fault:
            faults.append(str(fault))
        return asked | NOTHING | {"error": "\n".join(faults)} if faults else told

    def _baseline(self, material: str, as_of: str) -> Row:
        """Return what `GET /v1/prices` answers."""
        request = read_price(self._book, material, [("as_of", as_of)], self._book.last_day)
        answer = price_answer(self._book, request)
        fair = answer.fair.headline
        return {
            "month": answer.month,
            "status": answer.status,
            **dict(zip(NUMBERS[:3], (fair.value, fair.low, fair.high), strict=True)),
            **{f"market_{region}": answer.markets[region].market.value for region in Region},
            "flags": _codes(flag.code for flag in answer.flags),
            "quote_id": answer.quote_id,
        }

    def _moved(self, asked: Row, scenario: str) -> Row:
        """Return what `POST /v1/scenarios` answers where it differs; for a floor alone, no price does.

        `asked` is empty where the row's own columns are at fault: then the scenario is read for its faults.
        """
        said = self._asked(asked, scenario)
        answer: dict[str, Any] = orjson.loads(said)
        told: Row = {"flags": _codes(flag["code"] for flag in answer["flags"]), "answer": said.decode()}
        if "materials" not in answer or not asked:
            return told
        found = next(moved for moved in answer["materials"] if moved["material"] == asked["material"])
        fair = found["fair_long_run"][SCENARIO]
        return told | {
            "month": answer["month"],
            "status": found["status"],
            **dict(zip(NUMBERS[:3], (fair["value"], fair["low"], fair["high"]), strict=True)),
            **{f"market_{region}": found["market"][region][SCENARIO]["value"] for region in Region},
            "quote_id": "",  # of the baseline, whose numbers these are not
            "scenario_id": answer["scenario_id"],
        }

    def _asked(self, asked: Row, scenario: str) -> bytes:
        """Return the answer's bytes; one scenario for several materials is solved once, unless it holds a floor."""
        try:
            body = read_body(scenario.encode())
            refuse_if_any([_twice(name, body, asked) for name in asked if body.get(name, asked[name]) != asked[name]])
            needed = {name: value for name, value in asked.items() if name == "as_of" or FLOOR in body}
            return self._scenarios.ask_values({**body, **needed}).body
        except InputError as refused:
            raise InputError(*(replace(f, path=f"{SCENARIO}.{f.path}") for f in refused.faults)) from refused


def _twice(name: str, body: Mapping[str, object], asked: Row) -> Fault:
    return Fault(name, shown(body[name]), f"{asked[name]}, as in the row's own column; or nothing")


def _codes(codes: Iterable[str]) -> str:
    return " ".join(codes)


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
