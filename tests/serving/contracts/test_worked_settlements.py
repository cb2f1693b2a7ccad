"""Every worked case of contracts is answered the same, to the cent, over HTTP and on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .conftest import Door, worked

FILE = worked("contracts.yaml")
CASES: list[dict[str, Any]] = FILE["cases"]


def by_month(prices: Mapping[str, Any]) -> dict[str, Any]:
    """Return fixings by month or day; a year stands for each of its months."""
    found = {}
    for key, price in prices.items():
        keys = [f"{key}-{month:02d}" for month in range(1, 13)] if len(key) == 4 else [key]
        found |= dict.fromkeys(keys, price)
    return found


def body_of(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request of a worked case; rates of VAT are left to the dataset."""
    index = {**case.get("basis", FILE["flat"]), "fixings": by_month(case.get("given", {})), **case.get("index", {})}
    told = dict(case.get("facts", {}))
    others = {name: {**row, "fixings": by_month(row["fixings"])} for name, row in told.pop("indices", {}).items()}
    rates = {name: {"per_usd": by_month(row["per_usd"])} for name, row in told.pop("fx", {}).items()}
    facts = {"indices": {"given": index, **others}, **({"fx": rates} if rates else {}), **told}
    return {"contract": {**FILE["base"], **case.get("change", {})}, "facts": facts}


def cents(usd: float) -> str:
    return f"{usd + 0.0:.2f}"


def legs_of(found: Mapping[str, Any], clause: str, field: str = "usd") -> list[str]:
    return [cents(leg[field]) for one in found["periods"] for leg in one["legs"] if leg["clause"] == clause]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_worked_case_is_answered_to_the_cent(door: Door, case: dict[str, Any]) -> None:
    found = door("settlement", body_of(case))
    for field, of in (("usd", "legs"), ("usd_before_cap", "before_cap"), ("cap_left_usd", "cap_left")):
        assert {name: legs_of(found, name, field) for name in case.get(of, {})} == case.get(of, {})
    for name, expected in case.get("references", {}).items():
        shown = {cents(r["usd_per_kg"]) for p in found["periods"] for r in p["references"] if r["reference"] == name}
        assert shown == {expected}
    expected_years = case.get("years", {})
    assert {str(one["year"]): cents(one["usd"]) for one in found["years"] if expected_years} == expected_years
    assert [cents(one["usd"]) for one in found["true_ups"]] == case.get("true_up", [])
    assert_totals(found, case)


def assert_totals(found: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    totals = found["totals"]
    if "total" in case:
        assert cents(totals["usd"]) == case["total"]
    if "net_usd_per_kg" in case:
        assert cents(totals["net_usd_per_kg"]) == case["net_usd_per_kg"]
    if "who" in case:
        assert [one["who_pays"] for one in found["periods"]] == case["who"]
    if "invoice" in case:
        (one,) = found["invoices"]
        told = {"change": one["change_usd_per_kg"], "provisional": one["provisional_usd"], "final": one["final_usd"]}
        assert {name: cents(usd) for name, usd in told.items()} == case["invoice"]
    parts = totals["periods_usd"] + totals["years_usd"] + totals["true_ups_usd"]
    assert cents(parts) == cents(totals["usd"])
    assert cents(sum(totals["by_clause_usd"].values())) == cents(totals["usd"])
    assert cents(sum(totals["by_year_usd"].values())) == cents(totals["usd"])
