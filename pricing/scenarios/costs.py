"""What a scenario does to normal values and to the incentive price outside China."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from pricing.costs.allocation import per_kg_ndpr, value_share_cost
from pricing.costs.incentive import (
    IncentiveCurve,
    build_project,
    incentive_price,
    project_names,
    project_parameters,
)
from pricing.costs.normal_value import normal_value, variants_of
from pricing.costs.stack import Component, CostStack
from pricing.materials import Material
from pricing.scenarios.conditions import CostsNow, staged
from pricing.scenarios.found import IncentiveMove, NormalValueMove

Floats = np.ndarray
NormalValues = Mapping[tuple[str, str], tuple[CostStack, float]]  # by route and variant, per kg NdPr oxide: by
# co-products, and by value share


def normal_value_moves(old: NormalValues, new: NormalValues) -> tuple[NormalValueMove, ...]:
    """Return every route and variant whose normal value moves, in the order of the routes."""
    found = []
    for key, (stack, shared) in new.items():
        was, was_shared = old[key]
        change = {c.value: float((stack.component(c) - was.component(c))[0]) for c in Component}
        if any(change.values()):
            moved = {name: by for name, by in change.items() if by}
            found.append(NormalValueMove(*key, float(was.total[0]), float(stack.total[0]), moved, was_shared, shared))
    return tuple(found)


def normal_values(costs: CostsNow) -> NormalValues:
    """Return the normal value of every route and variant."""
    model, found = costs.model, {}
    for name in model.route_names:
        route = costs.route(name)
        for variant in variants_of(route):
            stack = normal_value(route, costs.prices, variant, model.support(), model.by_product_values())
            share = value_share_cost(stack, route, Material.NDPR, model.reference_values())
            per_kg = per_kg_ndpr(stack, route, model.reference_values(), costs.prices.price_level)
            found[name, variant.value] = (per_kg, float(share[0]))
    return found


def incentive_moves(
    before: CostsNow, after: CostsNow, heavy: tuple[Mapping[Material, float], Mapping[Material, float]]
) -> tuple[IncentiveMove, ...]:
    """Return the incentive price of each supply before and after, Dy and Tb credited at the fair prices of each."""
    old, new = _curve(before, heavy[0]), _curve(after, heavy[1])
    found = []
    for tonnes in before.model.structure["incentive_tonnes"]:
        was, now = int(old.marginal(tonnes)[0]), int(new.marginal(tonnes)[0])
        found.append(
            IncentiveMove(tonnes, old.names[was], new.names[now], float(old.price[was, 0]), float(new.price[now, 0]))
        )
    return tuple(found)


def _curve(costs: CostsNow, heavy: Mapping[Material, float]) -> IncentiveCurve:
    model, credited = costs.model, {material: np.array([price]) for material, price in heavy.items()}
    prices, taken_off, tonnes = [], [], []
    for name in project_names(model):
        project = build_project(model, name, project_parameters(model, name))
        project = replace(project, route=staged(project.route, costs.stages))
        price, credit = incentive_price(project, model, costs.prices, credited)
        prices.append(price)
        taken_off.append(credit)
        tonnes.append(project.tonnes_ndpr)
    price = np.array(prices)
    return IncentiveCurve(project_names(model), np.array(tonnes), price, np.array(taken_off), price, price)
