"""Joint products: what a kg of one oxide costs when a kg REO yields several.

Co-product method: the other oxides are credited at stated values and the rest falls on one. Value-share method:
every oxide bears the cost in proportion to its stated value. Neither uses a market price; the gap between the two
is uncertainty, not error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from pricing.costs.route import Route
from pricing.costs.stack import Component, CostStack, Stage
from pricing.materials import Material

Floats = np.ndarray


def per_kg_ndpr(stack: CostStack, route: Route, reference: Mapping[Material, float], price_level: Floats) -> CostStack:
    """Return a stack per kg REO as one per kg NdPr oxide, Dy and Tb credited at reference values (co-product method).

    On clays the credits can exceed the cost: there NdPr is itself the by-product, and the total may be negative.
    """
    heavy = sum(route.basket[m] * reference[m] for m in (Material.DY, Material.TB))
    key = (Stage.WHOLE, Component.BY_PRODUCT_CREDIT)
    credited = {**stack.parts, key: stack.parts.get(key, 0.0) - heavy * price_level}
    per_kg = {where: value / route.basket[Material.NDPR] for where, value in credited.items()}
    return replace(stack, unit_of="NdPr oxide", parts=per_kg)


def value_share_cost(stack: CostStack, route: Route, material: Material, reference: Mapping[Material, float]) -> Floats:
    """Return the cost of one oxide (T,), USD/kg, bearing cost in proportion to stated value (value-share method)."""
    total_value = sum(kg * reference[m] for m, kg in route.basket.items())
    return stack.total * reference[material] / total_value
