"""Contract templates from expert data: public terms with their sources, open ones as questions."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from features.expert import FOLDER
from pricing.contracts.settlement_exposure import most_tonnes
from pricing.contracts.template import Most, PublicFact, Question, Template
from pricing.errors import DataError

TEMPLATES = FOLDER / "contract_templates"
ORDER = ("mp_price_protection", "mp_10x_guarantee", "lynas_jare", "lynas_dow", "australian_collar")
SHOWN_DECIMALS = 1  # of tonnes that a sum buys
Row = dict[str, Any]


@cache
def load_templates() -> dict[str, Template]:
    """Return the shipped templates by name; DataError names the file that is incomplete."""
    files = sorted(TEMPLATES.glob("*.yaml"), key=lambda path: (_place(path.stem), path.stem))
    return {path.stem: _template(path) for path in files}


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _template(path: Path) -> Template:
    try:
        row: Row = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Template(
            name=path.stem,
            title=row["title"],
            parties=row["parties"],
            status=row["status"],
            about=row["about"],
            public=tuple(PublicFact(**fact) for fact in row["public"]),
            questions={name: Question(name, **question) for name, question in row["inputs"].items()},
            needs=tuple(row["needs"]),
            terms=row["terms"],
            bounds=tuple(_bound(bound) for bound in row.get("bounds", ())),
            says_only={name: tuple(words) for name, words in row.get("says_only", {}).items()},
        )
    except (KeyError, TypeError, yaml.YAMLError) as fault:
        msg = f"{path.name}: {fault}; a template has title, parties, status, about, public, inputs, needs and terms."
        raise DataError(msg) from fault


def _bound(row: Row) -> Most:
    """Return the tonnes a year that a public sum buys at most at a floor."""
    total = most_tonnes(Decimal(row["usd"]), Decimal(row["at_usd_per_kg"]))
    per_year = round(total / row["years"], SHOWN_DECIMALS)
    why = f"{row['why']}: {round(total, SHOWN_DECIMALS)} t in all"
    return Most(row["input"], per_year, row["where"], why)
