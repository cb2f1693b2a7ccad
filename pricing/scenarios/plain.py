"""A base as plain values for a bundle, and back: numbers to the last bit, nothing that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from pricing.costs.model import CostModel
from pricing.costs.price_paths import Drivers
from pricing.errors import BundleError, OlderModelError
from pricing.levers import Levers
from pricing.market.facts import Facts
from pricing.parameters import Parameter, ParameterSet
from pricing.prior import Draws
from pricing.scenarios.base import NewUse, Published, ScenarioBase, Standing

STANDINGS = ("now", "now_fair", "rest", "rest_fair")
ENDLESS, NO_PRICE = "endless", None
TARIFFS = "tariffs"  # by importer, stage and origin: bundles of schema 3 have none


def to_plain(base: ScenarioBase) -> dict[str, Any]:
    """Return a base as mappings, lists, text and finite numbers."""
    return {
        "month": base.month,
        "facts": {field.name: _plain(getattr(base.facts, field.name)) for field in fields(Facts)},
        "draws": {name: values.tolist() for name, values in base.draws.values.items()},
        "parameters": [asdict(parameter) for parameter in base.costs.parameters.values()],
        "structure": _plain(base.costs.structure),
        "drivers": {"months": list(base.drivers.months), "series": _plain(base.drivers.series)},
        **{name: {k: _plain(v) for k, v in asdict(getattr(base, name)).items()} for name in STANDINGS},
        "exports": _plain(base.exports),
        "uses": _plain(base.uses),
        "new_uses": {name: asdict(use) for name, use in base.new_uses.items()},
        "china_share": base.china_share,
        TARIFFS: dict(base.tariffs),
        "importer_shares": dict(base.importer_shares),
        "published": {material: _plain(asdict(found)) for material, found in base.published.items()},
        "levers": base.levers.plain(),
    }


def from_plain(plain: Mapping[str, Any]) -> ScenarioBase:
    """Return the base of plain values; OlderModelError where it is older, BundleError where a part is odd or gone."""
    if TARIFFS not in plain:
        msg = (
            "scenario base: the bundle is older than tariffs by importer, stage and origin; it answers prices and no "
            "scenarios. Train again with this version for these."
        )
        raise OlderModelError(msg)
    try:
        return _base(plain)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        msg = f"scenario base: {type(fault).__name__} at {fault}; train again with this version."
        raise BundleError(msg) from fault


def _base(plain: Mapping[str, Any]) -> ScenarioBase:
    drivers = plain["drivers"]
    draws = {name: np.array(values, dtype=float) for name, values in plain["draws"].items()}
    return ScenarioBase(
        month=plain["month"],
        facts=_facts(plain["facts"]),
        draws=Draws(draws, len(next(iter(draws.values())))),
        costs=CostModel(ParameterSet([Parameter(**row) for row in plain["parameters"]]), plain["structure"]),
        drivers=Drivers(tuple(drivers["months"]), {k: _array(v) for k, v in drivers["series"].items()}),
        **{name: Standing(**{k: _array(v) for k, v in plain[name].items()}) for name in STANDINGS},
        exports=_array(plain["exports"]),
        uses={name: _array(values) for name, values in plain["uses"].items()},
        new_uses={name: NewUse(**use) for name, use in plain["new_uses"].items()},
        china_share=plain["china_share"],
        tariffs=dict(plain[TARIFFS]),
        importer_shares=dict(plain["importer_shares"]),
        published={material: _published(found) for material, found in plain["published"].items()},
        levers=Levers.from_rows(plain["levers"]),
    )


def _facts(plain: Mapping[str, Any]) -> Facts:
    found: dict[str, Any] = {name: tuple(plain[name]) for name in ("materials", "names")}
    found["step"] = plain["step"]
    found |= {field.name: _array(plain[field.name]) for field in fields(Facts) if field.name not in found}
    return Facts(**found)


def _published(plain: Mapping[str, Any]) -> Published:
    def price(found: float | None) -> float:
        return np.nan if found is NO_PRICE else float(found)

    runs = {run: tuple(plain[run]) for run in ("fair_long_run", "fair_short_run")}
    return Published(
        market={region: price(found) for region, found in plain["market"].items()},
        market_range={region: (price(ends[0]), price(ends[1])) for region, ends in plain["market_range"].items()},
        freight=plain["freight"],
        **runs,
        status=plain["status"],
    )


def _plain(value: Any) -> Any:
    """Return arrays as nested lists, mappings with text as names, an endless number by a word and no number as null."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return ENDLESS if value > 0 else NO_PRICE
    return value


def _array(plain: Any) -> np.ndarray:
    """Return nested lists as an array."""
    found = np.array(plain)
    if found.dtype.kind in "OU":
        numbers = [np.inf if x == ENDLESS else np.nan if x is NO_PRICE else float(x) for x in found.ravel()]
        return np.array(numbers).reshape(found.shape)
    return found
