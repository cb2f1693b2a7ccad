"""Values add: contracts asked together are worth what each is worth alone, and what is paid already counts no more."""

from __future__ import annotations

import gc
import json
from copy import deepcopy
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.contracts.terms.references import Quotation
from pricing.errors import MissingModelError
from serving.book import Book
from serving.contracts.outlook.model import ModelPrices
from serving.contracts.valuations.desk import valuation_of

PARTIES = {"seller": {"discount_rate": 0.1}, "buyer": {"discount_rate": 0.04}}
ON_PATHS = {"kind": "paths", "deck": {"kind": "given", "flat_usd_per_kg": 100}, "paths": 1024}
STATES = {"kind": "states", "usd_per_kg": [80, 100, 125, 140]}
CAP = {"usd_per_year": 6_000_000, "year_of": "settlement", "partial_year": "whole"}
UNFUNDED = {"chance_of_none": 0.2, "lasting": True}


def no_book() -> Book:
    msg = "no model"
    raise MissingModelError(msg)


NO_MODEL = ModelPrices(no_book, lambda values: b"")


def floor(**change: Any) -> dict[str, Any]:
    """Return a floor of 110 on 100 t a month of 2026."""
    clause = f"floor_{change.get('name', 'one')}".replace(" ", "_")
    return {
        "name": "one",
        "buyer": "B",
        "seller": "S",
        "material": "NdPr",
        "form": "oxide",
        "vat": "excluded",
        "from": "2026-01-01",
        "to": "2026-12-31",
        "settlement": "monthly",
        "volume": {"basis": "sold", "tonnes_per_year": 1200},
        "references": {"b": {"kind": "index", "index": "i", "window": "month", "lag_months": 0}},
        "clauses": [{"kind": "floor", "name": clause, "reference": "b", "floor_usd_per_kg": 110}],
        **change,
    }


def lagged(contract: dict[str, Any], months: int) -> dict[str, Any]:
    found = deepcopy(contract)
    found["references"]["b"]["lag_months"] = months
    return found


def capped(contract: dict[str, Any]) -> dict[str, Any]:
    found = deepcopy(contract)
    found["clauses"][0]["annual_cap"] = CAP
    return found


def fixings(**by_month: float) -> dict[str, Any]:
    history = {"currency": "USD", "unit": "kg", "form": "oxide", "vat": "excluded"}
    return {"i": history | {"fixings": {month[1:].replace("_", "-"): usd for month, usd in by_month.items()}}}


def year_of(year: int, first: float, second: float) -> dict[str, Any]:
    """Return facts at the end of a year whose halves fixed at two prices."""
    months = {f"m{year}_{month:02d}": first if month <= 6 else second for month in range(1, 13)}
    return {"as_of": f"{year}-12-31", "indices": fixings(**months)}


def valued(outlook: dict[str, Any], *contracts: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"contracts": list(contracts), "outlook": outlook, "parties": PARTIES} | more
    return dict(json.loads(valuation_of(json.dumps(body).encode(), NO_MODEL)))


def worths(answer: dict[str, Any]) -> list[float]:
    return [one["value_usd"] for one in answer["values"]]


def test_contracts_paid_at_once_and_a_year_later_are_worth_the_sum_of_both_in_either_order() -> None:
    at_once, later = floor(name="at once", payment_days=0), floor(name="later", payment_days=365)
    alone = [worths(valued(ON_PATHS, one))[0] for one in (at_once, later)]
    assert alone == pytest.approx([21_592_449.98, 19_629_499.98], abs=0.01)
    for order in permutations((at_once, later)):
        together = valued(ON_PATHS, *order)
        assert worths(together)[0] == pytest.approx(sum(alone), abs=0.02)
        told = {one["name"]: one["value_to_seller_usd"] for one in together["contracts"]}
        assert [told["at once"], told["later"]] == pytest.approx(alone, abs=0.01)
        assert together["periods"][0]["paid_in"] == "2027-01"


@settings(max_examples=25, deadline=None)
@given(
    days=st.lists(st.sampled_from([0, 30, 45, 365]), min_size=3, max_size=3),
    lags=st.lists(st.sampled_from([0, 1, 6]), min_size=3, max_size=3),
    caps=st.lists(st.booleans(), min_size=3, max_size=3),
    start=st.sampled_from([1, 4, 10]),
    swap=st.randoms(use_true_random=False),
)
def test_values_exposure_and_years_of_several_contracts_are_sums_of_single_calls(
    days: list[int], lags: list[int], caps: list[bool], start: int, swap: Any
) -> None:
    contracts = [
        lagged(floor(name=f"c{n}", payment_days=day), lag) for n, (day, lag) in enumerate(zip(days, lags, strict=True))
    ]
    contracts = [capped(one) if cap else one for one, cap in zip(contracts, caps, strict=True)]
    buyer = {"discount_rate": 0.04, "fiscal_year_starts_in_month": start, "appropriation": UNFUNDED}
    parties = PARTIES | {"buyer": buyer}
    singles = [valued(STATES, one, parties=parties) for one in contracts]
    swap.shuffle(contracts)
    together = valued(STATES, *contracts, parties=parties)
    assert worths(together) == pytest.approx([sum(pair) for pair in zip(*map(worths, singles), strict=True)], abs=0.05)
    for name, label, money in (("exposure", "fiscal_year", "mean_usd"), ("years", "year", "net_usd")):
        summed: dict[int, float] = {}
        for single in singles:
            for row in single[name]:
                amount = row[money]["mean"] if isinstance(row[money], dict) else row[money]
                summed[row[label]] = summed.get(row[label], 0.0) + amount
        found = {
            row[label]: row[money]["mean"] if isinstance(row[money], dict) else row[money] for row in together[name]
        }
        assert found == pytest.approx(dict(sorted(summed.items())), abs=0.05)


def test_greeks_and_values_are_those_of_a_contract_that_begins_where_the_paid_part_ends() -> None:
    whole, rest = floor(to="2027-12-31"), floor(**{"from": "2027-01-01", "to": "2027-12-31"})
    paid = valued(ON_PATHS, whole, facts=year_of(2026, 90, 90), greeks=True)
    ahead = valued(ON_PATHS, rest, facts={"as_of": "2026-12-31"}, greeks=True)
    assert worths(paid) == worths(ahead)
    assert paid["greeks"] == ahead["greeks"]
    assert paid["greeks"]["delta"]["NdPr"] == pytest.approx(-661_727.67, abs=0.01)
    assert paid["present_value_to_seller_usd"] == ahead["present_value_to_seller_usd"]


@pytest.mark.parametrize("appropriation", [None, UNFUNDED, UNFUNDED | {"lasting": False}])
def test_what_both_sides_paid_counts_no_more_whichever_way_it_went(appropriation: dict[str, Any] | None) -> None:
    both_ways = {"kind": "difference", "name": "d", "reference": "b", "strike_usd_per_kg": 100, "direction": "two_way"}
    clauses = [both_ways | {"annual_cap": CAP | {"usd_per_year": 1e9, "year_of": "delivery"}}]
    parties = PARTIES | {"buyer": {"discount_rate": 0.04} | ({"appropriation": appropriation} if appropriation else {})}
    whole = floor(to="2027-12-31", clauses=clauses)
    paid = valued(ON_PATHS, whole, facts=year_of(2026, 60, 150), parties=parties)
    rest = valued(ON_PATHS, whole | {"from": "2027-01-01"}, facts={"as_of": "2026-12-31"}, parties=parties)
    assert worths(paid) == worths(rest)
    assert paid["legs"][0]["value_to_seller_usd"] == rest["legs"][0]["value_to_seller_usd"]


@pytest.mark.parametrize(("as_of", "granted"), [("2026-12-31", 0.8**4), ("2029-12-31", 0.8), ("2030-06-30", 0.8)])
def test_a_lasting_appropriation_counts_the_years_that_must_still_be_granted(as_of: str, granted: float) -> None:
    contract = floor(**{"from": "2030-01-01", "to": "2030-12-31"})
    months = {f"m2030_{month:02d}": 90.0 for month in range(1, 7)} if as_of > "2030" else {"m2025_01": 90.0}
    facts = {"as_of": as_of, "indices": fixings(**months)}
    unfunded = PARTIES | {"buyer": {"discount_rate": 0.04, "appropriation": UNFUNDED}}
    flat = {"kind": "states", "usd_per_kg": [90]}
    sure, perhaps = (worths(valued(flat, contract, facts=facts, parties=by))[0] for by in (PARTIES, unfunded))
    assert perhaps / sure == pytest.approx(granted, rel=1e-6)


def test_nothing_counts_in_a_year_before_its_last_fixing() -> None:
    # a floor of 110 on states of 100: 100 t x 10 USD/kg = 1,000,000 a month; with a lag of 3 the last three months of
    # 2026 fix and pay in 2027
    found = valued({"kind": "states", "usd_per_kg": [100]}, lagged(floor(), 3))
    assert {row["fiscal_year"]: row["mean_usd"] for row in found["exposure"]} == {2026: 9e6, 2027: 3e6}
    assert {row["year"]: row["net_usd"]["mean"] for row in found["years"]} == {2026: 9e6, 2027: 3e6}


def test_no_name_of_an_index_is_kept_after_the_answer() -> None:
    secret = "an_index_nobody_else_knows"
    valued(STATES, floor(references={"b": {"kind": "index", "index": secret, "window": "month", "lag_months": 0}}))
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, Quotation) and one.index == secret]
