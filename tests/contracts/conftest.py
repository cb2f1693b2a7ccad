"""Contracts and facts of the worked cases."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.reading import read

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "worked_cases/contracts.yaml").read_text())
VAT = [
    {"from": "1994-01-01", "rate": Decimal("0.17")},
    {"from": "2018-05-01", "rate": Decimal("0.16")},
    {"from": "2019-04-01", "rate": Decimal("0.13")},
]


def contract_row(**change: Any) -> dict[str, Any]:
    return {**CASES["base"], **change}


def contract(**change: Any) -> Contract:
    return read(contract_row(**change), Contract)


def months(prices: Mapping[Any, Any]) -> dict[str, Any]:
    """Fixings by month: a year stands for each of its months."""
    found = {}
    for key, price in prices.items():
        keys = [f"{key}-{month:02d}" for month in range(1, 13)] if len(str(key)) == 4 else [str(key)]
        found |= dict.fromkeys(keys, price)
    return found


def facts(given: Mapping[Any, Any], basis: Mapping[str, str] | None = None, **more: Any) -> Facts:
    index = {**(basis or CASES["flat"]), "fixings": months(given), **more.pop("index", {})}
    others = {name: {**row, "fixings": months(row["fixings"])} for name, row in more.pop("indices", {}).items()}
    rates = {name: {"per_usd": months(row["per_usd"])} for name, row in more.pop("fx", {}).items()}
    return read({"indices": {"given": index, **others}, "fx": rates, "vat": VAT, **more}, Facts)
