"""Signs of every lever where economics fixes them, in few random states; benchmarks/lever_signs.py takes a thousand."""

from __future__ import annotations

import importlib.util
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pricing.levers import Override
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.conditions import conditions
from pricing.scenarios.pushes import pushes
from pricing.scenarios.solve import adjusted, short_run

Pull = Callable[..., Override]
DRAWS, CONDITIONS = 4, 3


def module(name: str) -> Any:
    """Return a module that stands beside this one: it serves a benchmark too."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


signs = module("signs")


def chance(family: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(family.encode()))


@pytest.fixture(scope="module")
def few(base: ScenarioBase) -> ScenarioBase:
    return base.take(np.linspace(0, base.size - 1, DRAWS).astype(int))


@pytest.fixture(scope="module")
def states(few: ScenarioBase) -> Any:
    return signs.States.shaken(few, CONDITIONS, chance("states"))


def pulled(states: Any, family: str) -> Any:
    return signs.Pulled.of(states, family, chance(family))


def test_every_lever_has_a_family_and_every_family_a_lever(base: ScenarioBase) -> None:
    assert {signs.family_of(name) for name in base.levers.rows} == set(signs.FAMILIES)


@pytest.mark.parametrize("family", signs.FAMILIES)
def test_a_lever_moves_as_economics_has_it_at_todays_plants(states: Any, family: str) -> None:
    claims = signs.holds(pulled(states, family), family)
    assert claims
    assert {name for name, right in claims.items() if not right.all()} == set()


def test_no_distortion_moves_a_fair_price_once_plants_have_adjusted(few: ScenarioBase) -> None:
    states = signs.States.shaken(few.take(np.arange(2)), 1, chance("adjusted"))
    cases = {family: pulled(states, family).cases[0] for family in signs.STILL_ADJUSTED}
    logs = adjusted(states.base, [*states.plain, *cases.values()])
    moved = np.abs(logs.fair[1:] - logs.fair[0]).max(axis=(1, 2))
    assert {family for family, by in zip(cases, moved, strict=True) if by > signs.LEFT} == set()


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("wages.australia", "incumbents_ex_china"),
        ("royalty.myanmar", "myanmar_feed"),
        ("energy.power.malaysia", "incumbents_ex_china"),
    ],
)
def test_what_makes_one_source_dearer_never_lowers_the_worth_of_its_basket(
    base: ScenarioBase, pull: Pull, name: str, source: str
) -> None:
    k = base.facts.names.index(source)
    for state in signs.States.shaken(base, 4, chance("dearer")).overrides:
        cases = [conditions(base, pushes(base, rows)) for rows in (state, [*state, pull(name, scale=1.3)])]
        logs, _ = short_run(base, cases)
        worth = np.exp(logs.outside if base.facts.outside[k] else logs.china) @ base.facts.basket[k]
        assert (worth[1] > worth[0] * (1 - signs.LEFT)).all()


@pytest.mark.parametrize(
    ("family", "claim"), [("wages", "cost"), ("stockpiling", "own china"), ("policy_floor", "payment")]
)
def test_a_claim_fails_where_the_lever_went_the_other_way(states: Any, family: str, claim: str) -> None:
    found = pulled(states, family)
    turned = signs.Pulled(states, found.levers, -found.up, found.cases)
    assert not signs.holds(turned, family)[claim].all()
