"""CostModel: expert parameters and the structure around them, turned into routes and monthly factor prices."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pricing.costs.capital import Build, real_return
from pricing.costs.factors import Factor, FactorPrices
from pricing.costs.normal_value import CHINA
from pricing.costs.price_paths import CPI, Drivers, change, price_path
from pricing.costs.route import Route, Step
from pricing.costs.stack import Stage
from pricing.costs.support import Support
from pricing.errors import Fault, InputError
from pricing.materials import Material
from pricing.parameters import ParameterSet

Floats = np.ndarray
MONEY_YEAR = "2024"  # of every stated figure in USD
BASE_MONTH = "2026-02"  # of real money
BAA_YIELD = "us_baa_yield"  # derived: see features/cost_drivers.py


@dataclass(frozen=True)
class CostModel:
    """What experts state about costs; `structure` holds steps, what prices follow, which routes stand for a source."""

    parameters: ParameterSet
    structure: Mapping[str, Any]

    def with_values(self, values: Mapping[str, float]) -> CostModel:
        """Return the model with the named parameters at other values; an unknown name is an InputError."""
        return replace(self, parameters=self.parameters.replace(values))

    def under_assumption(self, name: str) -> CostModel:
        """Return the model under a named assumption set; an unknown name is an InputError with the nearest one."""
        sets = self.structure["assumption_sets"]
        if name not in sets:
            nearest = difflib.get_close_matches(name, sets, n=1)
            raise InputError(Fault("assumption", name, ", ".join(sets), nearest[0] if nearest else None))
        return self.with_values(sets[name])

    @property
    def series(self) -> tuple[str, ...]:
        """Return the names of the series that prices follow, each once."""
        rules = [r for countries in self.structure["follows"].values() for rs in countries.values() for r in rs]
        named = [rule[key] for rule in rules for key in ("series", "fx") if key in rule]
        return tuple(dict.fromkeys([CPI, *named]))

    @property
    def route_names(self) -> tuple[str, ...]:
        """Return the names of all routes."""
        return tuple(self.structure["routes"])

    def route(self, name: str) -> Route:
        """Return a route with its steps, plant and basket."""
        shape = self.structure["routes"][name]
        return self.assemble(name, shape, self.parameters.under(f"routes.{name}.parameters"))

    def route_tonnes(self, source: str) -> list[float]:
        """Return what each route of a supply source weighs, t REO a year; one route alone weighs one."""
        parts, stated = self.structure["market_sources"][source], self.parameters.under(f"market_sources.{source}")
        return [stated.value(part) for part in parts] if len(parts) > 1 else [1.0]

    def assemble(self, name: str, shape: Mapping[str, Any], own: ParameterSet, finance: str | None = None) -> Route:
        """Return a route of this shape (steps, royalty, by-products) from its own parameters."""
        steps = tuple(self._step(own, step) for step in shape["steps"])
        return Route(
            name=name,
            title=shape["title"],
            finance_country=finance,
            royalty_country=shape["royalty"],
            steps=steps,
            basket=self._basket(own),
            by_products={product: own.value(product) for product in shape["by_products"]},
            plant_life=round(own.value("life")),
            build=self._build(own, finance or steps[-1].country),
            sga=self._value("overhead.sga"),
            working_capital=self._value("overhead.working_capital"),
            utilisation=self._value("overhead.utilisation"),
        )

    def support(self) -> Support:
        """Return what the Chinese state takes off cost."""
        own = self.parameters.under("support")
        return Support(
            explicit=own.value("explicit"),
            broad=own.value("explicit") + own.value("financing"),
            credit_part=own.value("credit_part"),
            energy_part=own.value("energy_part"),
            plant_cost_ratio=own.value("plant_cost_ratio"),
            skill_part=own.value("skill_part"),
        )

    def by_product_values(self) -> dict[str, float]:
        """Return the stated value of every other product, USD of the money year per kg."""
        return {name: parameter.value for name, parameter in self.parameters.under("values").items()}

    def reference_values(self) -> dict[Material, float]:
        """Return the stated values of NdPr, Dy and Tb oxide for value shares, USD of the money year per kg."""
        return {material: self._value(f"reference.{material.value}") for material in Material}

    def deflator(self, drivers: Drivers) -> Floats:
        """Return the US price level over that of the base month of real money (T,)."""
        return change(CPI, BASE_MONTH, self.structure["bases"], drivers)

    def factor_prices(self, drivers: Drivers) -> FactorPrices:
        """Return factor prices, required returns, royalties and unpaid abatement by month (T,)."""
        countries = self.parameters.under("country_risk")
        return FactorPrices(
            prices=self._prices(drivers),
            price_level=change(CPI, MONEY_YEAR, self.structure["bases"], drivers),
            required_return={country: self.required_return(country, drivers) for country in countries},
            royalty_rate=self._royalties(drivers),
            environment_unpaid=self._unpaid(tuple(countries), drivers),
            state_return=np.full_like(drivers.years, self._state_return()),
        )

    def required_return(self, country: str, drivers: Drivers) -> Floats:
        """Return the required return of a country (T,), real and after tax.

        Nominal base + weight x country risk premium + part of the move of the Baa yield since the base was stated,
        made real with long-run inflation.
        """
        own = self.parameters.under("required_return")
        moved = drivers.series[BAA_YIELD] - own.value("base_bond_yield")
        risk = own.value("country_risk_weight") * self._value(f"country_risk.{country}")
        nominal = own.value("base_nominal") + risk + own.value("follow_bond_yield") * moved
        return real_return(nominal, own.value("inflation"))

    def _value(self, name: str) -> float:
        return self.parameters.value(name)

    def _state_return(self) -> float:
        own = self.parameters.under("required_return")
        return float(real_return(own.value("china_state_nominal"), own.value("inflation")))

    def _basket(self, own: ParameterSet) -> dict[Material, float]:
        light, heavy = self._value("shared.recovery"), self._value("shared.heavy_recovery")
        return {
            Material.NDPR: own.value("ndpr") * light,
            Material.DY: own.value("dy") * heavy,
            Material.TB: own.value("tb") * heavy,
        }

    def _build(self, own: ParameterSet, country: str) -> Build:
        return Build(
            overrun=own.value("overrun"),
            construction_years=round(own.value("construction")),
            ramp=(self._value("ramp.first_year"), self._value("ramp.second_year")),
            tax=self._value(f"tax.{country}"),
            inflation=self._value("required_return.inflation"),
        )

    def _step(self, own: ParameterSet, step: Mapping[str, Any]) -> Step:
        stage, country = Stage(step["stage"]), step["country"]
        scale = own.value("enters_extraction") if stage is Stage.SEPARATION else 1.0
        inputs: dict[Factor, float] = {}
        capex = own.value(f"capex.{step['capex']}")
        spent = capex * (self._value("support.plant_cost_ratio") if country == CHINA else 1.0)
        other = self._value("overhead.maintenance") * spent
        for operation in step["operations"]:
            for name, parameter in self.parameters.under(f"processes.{operation}").items():
                if name == "other":
                    other += scale * parameter.value
                else:
                    inputs[Factor(name)] = inputs.get(Factor(name), 0.0) + scale * parameter.value
        abatement = self._value(f"shared.environment.{step['environment']}") if "environment" in step else 0.0
        return Step(stage, country, inputs, other, abatement, capex, self._damage(step))

    def _damage(self, step: Mapping[str, Any]) -> float:
        if "damage" not in step:
            return 0.0
        return self._value("external_damage.counted") * self._value(f"external_damage.{step['damage']}")

    def _prices(self, drivers: Drivers) -> dict[tuple[str, Factor], Floats]:
        found: dict[tuple[str, Factor], Floats] = {}
        for factor in Factor:
            for country, rules in self.structure["follows"][factor.value].items():
                stated = self._value(f"prices.{factor.value}.{country}")
                found[country, factor] = price_path(stated, rules, self.structure["bases"], drivers)
        return found

    def _royalties(self, drivers: Drivers) -> dict[str, Floats]:
        rates = {name: np.full_like(drivers.years, p.value) for name, p in self.parameters.under("royalty").items()}
        for name in self.structure["resource_tax"]:
            taxed = self._value(f"taxed_share.{self.structure['taxed_as'][name]}")
            rates[name] = taxed * self._in_force(f"resource_tax.{name}", drivers)
        return rates

    def _unpaid(self, countries: tuple[str, ...], drivers: Drivers) -> dict[str, Floats]:
        dated = self.structure["environment_unpaid"]
        none = np.zeros_like(drivers.years)
        return {c: self._in_force(f"environment_unpaid.{c}", drivers) if c in dated else none for c in countries}

    def _in_force(self, prefix: str, drivers: Drivers) -> Floats:
        """Return the dated value in force on the first day of each month (T,)."""
        dated = self.parameters.under(prefix)
        days = sorted(dated)
        index = [max(sum(day <= f"{month}-01" for day in days) - 1, 0) for month in drivers.months]
        return np.array([dated.value(days[i]) for i in index])
