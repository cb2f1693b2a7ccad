"""A lever without effect anywhere is a defect: each moves a price or a payment, by what it says it moves."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from features.levers import load_levers
from pricing.levers import Lever, Override, Way
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.conditions import Conditions, conditions
from pricing.scenarios.landed import Passage
from pricing.scenarios.plain import from_plain
from pricing.scenarios.pushes import baselines, pushes
from pricing.scenarios.solve import Logs, adjusted, short_run
from pricing.stages.ladder import ONE, ZERO, Conversion, Ladder, Stage

FILE = Path(__file__).parents[1] / "scenarios" / "base.json"
EACH = 2  # draws of each kind: those in which permits bind, and in which China exports each oxide
PAID_ALONE = [name for name in load_levers().rows if name.startswith("policy_floor_paid.")]
LANDED_ALONE = [
    name
    for name in load_levers().rows
    if name.startswith(("tariff.united_states.", "tariff.elsewhere.")) and not name.endswith("oxide.china")
]
UNPRICED = {*PAID_ALONE, *LANDED_ALONE}  # levers that move no price of oxide
HUNDRED = Decimal(100)  # USD/kg oxide
LADDER = Ladder({stage: Conversion(ONE) for stage in (Stage.METAL, Stage.ALLOY, Stage.MAGNET)})
MOVES = 1e-6  # of a log price: more than a solver leaves


@cache
def base() -> ScenarioBase:
    """Return the base of the tests of scenarios, with those of its draws in which something may move."""
    whole = from_plain(json.loads(FILE.read_text(encoding="utf-8")))
    tight = np.argsort(whole.draws["limit_factor.china"])[:EACH]
    exporting = np.argsort(whole.exports, axis=0)[-EACH:]
    return whole.take(np.unique([*tight, *exporting.ravel()]))


@cache
def stands() -> dict[str, float]:
    """Return the baseline of every lever."""
    return baselines(base(), load_levers())


def edges(lever: Lever) -> list[Override]:
    """Return a lever at both edges of its evidence; where they are one, at the most that makes sense."""
    baseline = stands()[lever.name]
    low, high = lever.range(baseline)
    values = (low, high) if low < high else (lever.bounds(baseline)[1],)
    return [Override(lever, Way.SET, value, baseline) for value in values]


def largest(solve: Callable[[Sequence[Conditions]], Logs], overrides: Sequence[Override]) -> dict[str, float]:
    """Return the largest log move of any price under each lever alone."""
    cases = [conditions(base(), {}), *(conditions(base(), pushes(base(), [one])) for one in overrides)]
    found = solve(cases)
    logs = np.stack([found.china, found.outside, found.fair])
    moved = np.abs(logs[:, 1:] - logs[:, :1]).max(axis=(0, 2, 3))
    by_name: dict[str, float] = {}
    for override, move in zip(overrides, moved, strict=True):
        by_name[override.lever.name] = max(by_name.get(override.lever.name, 0.0), float(move))
    return by_name


@cache
def moves() -> dict[str, float]:
    """Return the largest move under each lever: at today's plants, and where none moves, once plants have adjusted."""
    levers = [lever for name, lever in load_levers().rows.items() if name not in UNPRICED]
    now = largest(lambda cases: short_run(base(), cases)[0], [edges(lever)[-1] for lever in levers])
    still = [lever for lever in levers if now[lever.name] <= MOVES]
    return now | largest(lambda cases: adjusted(base(), cases), [o for lever in still for o in edges(lever)])


def test_every_lever_stands_at_a_number_within_its_bounds() -> None:
    for name, lever in load_levers().rows.items():
        assert lever.sensible(stands()[name], stands()[name]), name


@pytest.mark.parametrize("name", [name for name in load_levers().rows if name not in UNPRICED])
def test_every_lever_moves_a_price(name: str) -> None:
    assert moves()[name] > MOVES


@pytest.mark.parametrize("name", PAID_ALONE)
def test_a_floor_that_draws_no_supply_moves_payments_and_no_fact(name: str) -> None:
    lever = load_levers().rows[name]
    case = conditions(base(), pushes(base(), [Override(lever, Way.SET, 110.0, 0.0)]))
    assert case.floor_paid.sum() == pytest.approx(110.0)
    assert np.array_equal(case.facts.floor, base().facts.floor)


@pytest.mark.parametrize("name", LANDED_ALONE)
def test_a_tariff_beyond_oxide_from_china_moves_its_own_landed_price_and_no_fact(name: str) -> None:
    lever = load_levers().rows[name]
    case = conditions(base(), pushes(base(), [Override(lever, Way.SET, 0.5, stands()[name])]))
    place = name.removeprefix("tariff.")
    importer, stage, origin = place.split(".")
    before, after = (
        Passage(importer, origin, Stage(stage), Decimal(repr(rates[place])), ZERO, ZERO, ONE).landed(HUNDRED, LADDER)
        for rates in (base().tariffs, case.tariffs)
    )
    assert after is not None
    assert before is not None
    assert after > before
    assert {other: rate for other, rate in case.tariffs.items() if other != place} == {
        other: rate for other, rate in base().tariffs.items() if other != place
    }
    assert np.array_equal(case.facts.tariff, base().facts.tariff)


def of(name: str, way: Way, amount: float) -> Override:
    return Override(load_levers().rows[name], way, amount, stands()[name])


def test_a_yuan_five_per_cent_stronger_is_a_rate_a_twenty_first_lower() -> None:
    yuan = of("fx.cny", Way.SCALE, 1.05)
    rate = float(base().drivers.series["usd_cny"][0])
    assert yuan.baseline == pytest.approx(1 / rate)
    moved = pushes(base(), [yuan])["series", "usd_cny"]
    assert moved.on(rate) == pytest.approx(rate * 20 / 21)


def test_uses_add_up_to_all_of_demand_whatever_is_saved_beside() -> None:
    halved = [of(f"demand.{use}", Way.SCALE, 0.5) for use in ("ev", "wind", "other")]
    saved = of("thrifting.Dy", Way.SET, 0.9)
    target = ("demand", "china", "Dy")
    assert pushes(base(), halved)[target].on(100.0) == pytest.approx(50.0)
    assert pushes(base(), [*halved, saved])[target].on(100.0) == pytest.approx(5.0)
    assert pushes(base(), [saved, *halved])[target] == pushes(base(), [*halved, saved])[target]
