"""What a request costs is counted before it is done, greeks and the cells of a comparison with it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from pricing.errors import InputError
from serving.contracts.comparisons.desk import compared
from serving.contracts.valuations.budget import MOST_STEPS
from serving.contracts.valuations.desk import prepared

from .test_values_add import CAP, NO_MODEL, ON_PATHS, PARTIES, STATES, floor, valued

PAGE = Path(__file__).parents[3] / "docs/contracts_value.md"
MONTHS, PATHS = 120, 4096
SHARES = [
    {"kind": "share", "name": f"share{n}", "reference": "b", "above_usd_per_kg": 110 + n, "share_above": 0.01}
    for n in range(29)
]
STARTED = {"starts_above": {"average_usd_per_kg": 100, "over_periods": 3}}
CAPPED = {"annual_cap": CAP | {"year_of": "delivery"}}


def request(*more: dict[str, Any], paths: int = PATHS, **asked: Any) -> dict[str, Any]:
    contract = floor(to="2035-12-31")
    contract["clauses"] += more
    return {"contract": contract, "outlook": ON_PATHS | {"paths": paths}, "parties": PARTIES} | asked


def steps(body: dict[str, Any]) -> int:
    return prepared(body, NO_MODEL).steps


def refused(body: dict[str, Any]) -> dict[str, str]:
    started = time.process_time()
    with pytest.raises(InputError) as told:
        valued(body["outlook"], body["contract"], greeks=body.get("greeks"))
    assert time.process_time() - started < 1
    return {fault.path: fault.found for fault in told.value.faults}


def test_steps_are_those_of_payments_references_and_paths() -> None:
    # one floor: 120 months drawn, read and paid once; a number of the paths is 3 + 120 / 20 steps; 120^3 / 8 to draw
    assert steps(request()) == PATHS * (MONTHS + MONTHS + MONTHS) + PATHS * MONTHS * 9 + 120**3 // 8
    capped, started = SHARES[0] | CAPPED, SHARES[0] | CAPPED | STARTED
    assert steps(request(capped)) - steps(request()) == PATHS * MONTHS * 2
    assert steps(request(started)) - steps(request()) == PATHS * MONTHS * 5


def test_greeks_count_as_many_valuations_as_they_make() -> None:
    # a base, and price, volatility, rate and level up and down: nine valuations and two more draws
    plain = steps(request())
    assert steps(request(greeks=True)) - plain == 9 * PATHS * 3 * MONTHS + 2 * (PATHS * MONTHS * 9 + 120**3 // 8)


def test_thirty_legs_with_greeks_are_refused_before_anything_is_simulated() -> None:
    told = refused(request(*(share | CAPPED | STARTED for share in SHARES), greeks=True))
    assert "valuations" in told["greeks"]


def test_a_request_within_its_budget_takes_three_seconds_of_one_core_at_most() -> None:
    dear = request(*(share | CAPPED | STARTED for share in SHARES), paths=16_384)
    assert 0.6 * MOST_STEPS < steps(dear) < MOST_STEPS
    started = time.process_time()
    valued(dear["outlook"], dear["contract"])
    assert time.process_time() - started < 6  # twice as much on a slow machine


def test_cells_are_counted_together_before_any_is_valued() -> None:
    terms = [{"name": f"terms {n}", "contract": request(*SHARES)["contract"]} for n in range(10)]
    outlooks = [{"name": f"seed {n}", "outlook": ON_PATHS | {"paths": PATHS, "seed": n}} for n in range(3)]
    started = time.process_time()
    with pytest.raises(InputError, match="budget: found"):
        compared({"terms": terms, "outlooks": outlooks, "parties": PARTIES}, NO_MODEL)
    assert time.process_time() - started < 4
    few = json.loads(compared({"terms": terms[:2], "outlooks": outlooks[:2], "parties": PARTIES}, NO_MODEL))
    assert few["answered"] == 4


def test_a_few_states_cost_little() -> None:
    assert steps(request(outlook=STATES)) == 4 * 3 * MONTHS


def test_three_materials_with_two_legs_each_take_what_the_page_says() -> None:
    contracts = [floor(to="2035-12-31") | {"name": name, "material": name} for name in ("NdPr", "Dy", "Tb")]
    decks = {contract["name"]: ON_PATHS["deck"] for contract in contracts}
    for place, contract in enumerate(contracts):
        name, legs = contract["name"], [*contract["clauses"], SHARES[place]]
        contract["references"] = {name: contract["references"]["b"]}
        contract["clauses"] = [leg | {"name": f"{leg['kind']}{place}", "reference": name} for leg in legs]
    outlook = {"kind": "paths", "paths": PATHS, "decks": decks}
    found = steps({"contracts": contracts, "outlook": outlook, "parties": PARTIES})
    assert f"are {found / 1e6:.0f} million steps." in " ".join(PAGE.read_text(encoding="utf-8").split())
