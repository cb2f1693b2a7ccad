"""Ex-China incentive price: what the marginal new tonne must earn for the required return, as a step curve by tonnage.

A project's incentive price is its normal value per kg NdPr oxide: operating cost, capital charge with overrun,
construction money, tax and ramp, royalty and environment, less by-products, less Dy and Tb at given values. Projects
line up from cheap to dear; the price of a supply is that of the project that completes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pricing.costs.factors import FactorPrices
from pricing.costs.model import CostModel
from pricing.costs.normal_value import Variant, normal_value
from pricing.costs.price_paths import Drivers
from pricing.costs.route import Route
from pricing.errors import ThinDataError
from pricing.materials import Material
from pricing.parameters import ParameterSet

Floats = np.ndarray
Heavy = Mapping[Material, Floats]


@dataclass(frozen=True)
class Project:
    """One plant to be built outside China."""

    name: str
    title: str
    route: Route
    tonnes_ndpr: float  # t NdPr oxide a year


@dataclass(frozen=True)
class IncentiveCurve:
    """What each project must earn, nominal USD/kg NdPr oxide: arrays (P, T), with `tonnes` (P,) a year."""

    names: tuple[str, ...]
    tonnes: Floats
    price: Floats  # with Dy and Tb credited
    heavy_credit: Floats  # of that, what Dy and Tb take off
    low: Floats
    high: Floats

    def without_heavy_credit(self) -> IncentiveCurve:
        """Return the curve where Dy and Tb fetch nothing, its bands moved along."""
        shift = self.heavy_credit
        moved = {field: getattr(self, field) + shift for field in ("price", "low", "high")}
        return replace(self, **moved, heavy_credit=np.zeros_like(shift))

    def marginal(self, tonnes: float) -> np.ndarray:
        """Return the index of the project that completes a supply of so many tonnes a year, by month (T,)."""
        if not 0 < tonnes <= self.tonnes.sum():
            msg = f"Incentive price for {tonnes:g} t a year: the projects hold {self.tonnes.sum():g} t. Ask for less."
            raise ThinDataError(msg)
        order = np.argsort(self.price, axis=0, kind="stable")
        supplied = np.cumsum(self.tonnes[order], axis=0)
        place = np.argmax(supplied >= tonnes - 1e-9, axis=0)
        return np.asarray(np.take_along_axis(order, place[None], axis=0)[0])

    def at(self, tonnes: float, field: str = "price") -> Floats:
        """Return a field of the marginal project for a supply of so many tonnes a year (T,)."""
        return np.asarray(np.take_along_axis(getattr(self, field), self.marginal(tonnes)[None], axis=0)[0])


def project_names(model: CostModel) -> tuple[str, ...]:
    """Return the names of the projects of the curve."""
    return tuple(model.structure["projects"])


def project_parameters(model: CostModel, name: str) -> ParameterSet:
    """Return a project's own numbers: those of its route, overridden by its own, with tonnes and operating level."""
    stated = model.parameters.under(f"projects.{name}")
    own = dict(stated.under("overrides"))
    route = model.parameters.under(f"routes.{model.structure['projects'][name]['route']}.parameters")
    shared = [own.get(key, parameter) for key, parameter in route.items()]
    return ParameterSet([*shared, stated["tonnes"], stated["opex_level"]])


def build_project(model: CostModel, name: str, own: ParameterSet) -> Project:
    """Return a project from its own numbers."""
    shape = model.structure["projects"][name]
    route = model.assemble(name, model.structure["routes"][shape["route"]], own, shape["finance"])
    route = replace(route, title=shape["title"], opex_level=own.value("opex_level"))
    return Project(name, shape["title"], route, own.value("tonnes"))


def incentive_price(project: Project, model: CostModel, prices: FactorPrices, heavy: Heavy) -> tuple[Floats, Floats]:
    """Return a project's incentive price and its Dy and Tb credit (T,), nominal USD/kg NdPr oxide."""
    stack = normal_value(project.route, prices, Variant.UNDISTORTED, model.support(), model.by_product_values())
    basket = project.route.basket
    credit = sum(basket[m] * heavy[m] for m in (Material.DY, Material.TB)) / basket[Material.NDPR]
    return stack.total / basket[Material.NDPR] - credit, credit * np.ones_like(stack.total)


def incentive_curve(model: CostModel, drivers: Drivers, heavy: Heavy | None = None) -> IncentiveCurve:
    """Return the curve month by month; without `heavy` (nominal USD/kg, (T,)) Dy and Tb stand at reference values.

    Low and high take each parameter of `band_over` to its own low and high, one at a time, and add in quadrature.
    """
    here = World.of(model, drivers, heavy)
    shared = [here.moved(drivers, name, heavy) for name in model.structure["band_over"]["shared"]]
    names = project_names(model)
    rows = [_priced(name, here, shared) for name in names]
    price, credit, low, high = (np.array([row[i] for row in rows]) for i in range(4))
    tonnes = np.array([project_parameters(model, name).value("tonnes") for name in names])
    return IncentiveCurve(names, tonnes, price, credit, low, high)


@dataclass(frozen=True)
class World:
    """One reading of the shared numbers: the model, its factor prices and the values of Dy and Tb (T,)."""

    model: CostModel
    prices: FactorPrices
    heavy: Heavy

    @classmethod
    def of(cls, model: CostModel, drivers: Drivers, heavy: Heavy | None) -> World:
        """Return the world of a model; without `heavy` Dy and Tb stand at the model's reference values."""
        prices = model.factor_prices(drivers)
        stated = {material: value * prices.price_level for material, value in model.reference_values().items()}
        return cls(model, prices, stated if heavy is None else heavy)

    def moved(self, drivers: Drivers, name: str, heavy: Heavy | None) -> tuple[World, World]:
        """Return the worlds with one parameter at its low and at its high."""
        low, high = self.model.parameters[name].low, self.model.parameters[name].high
        below, above = (World.of(self.model.with_values({name: value}), drivers, heavy) for value in (low, high))
        return below, above

    def price(self, name: str, own: ParameterSet) -> tuple[Floats, Floats]:
        """Return incentive price and heavy credit (T,) of a project with these numbers of its own."""
        return incentive_price(build_project(self.model, name, own), self.model, self.prices, self.heavy)


def _priced(name: str, here: World, shared: Sequence[tuple[World, World]]) -> tuple[Floats, Floats, Floats, Floats]:
    own = project_parameters(here.model, name)
    price, credit = here.price(name, own)
    moves = [tuple(world.price(name, own)[0] for world in worlds) for worlds in shared]
    for wide in here.model.structure["band_over"]["own"]:
        ends = (own[wide].low, own[wide].high)
        moves.append(tuple(here.price(name, own.replace({wide: end}))[0] for end in ends))
    below = sum(np.minimum(np.minimum(a, b) - price, 0) ** 2 for a, b in moves)
    above = sum(np.maximum(np.maximum(a, b) - price, 0) ** 2 for a, b in moves)
    return price, credit, price - np.sqrt(below), price + np.sqrt(above)
