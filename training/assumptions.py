"""What the fit believes before it looks: the shipped priors, and the errors it allows between model and market."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import yaml

from pricing.errors import DataError
from pricing.fair.estimator import Settings
from pricing.fair.posterior import Errors
from pricing.materials import Material
from pricing.prior import Prior
from training.config import TrainingConfig

PRIORS, INFERENCE = "priors.yaml", "inference.yaml"


def shipped_prior() -> Prior:
    """Return the prior of the real market. DataError when a row is out of order."""
    return Prior.from_rows(_read(PRIORS))


def settings_for(config: TrainingConfig) -> Settings:
    """Return how the estimate is computed: shipped errors, and the draws and seed that were asked for."""
    rows = _read(INFERENCE)
    errors = Errors(
        price={material.value: _value(rows, f"price_error_{material.lower()}") for material in Material},
        persistence=_value(rows, "price_error_persistence"),
        gap=_value(rows, "gap_error"),
        learning_rate=_value(rows, "learning_rate"),
        freedom=_value(rows, "error_freedom"),
        derived_factor=_value(rows, "derived_price_factor"),
        output=_value(rows, "output_error"),
        output_persistence=_value(rows, "output_error_persistence"),
    )
    return Settings(
        errors,
        draws=config.draws,
        seed=config.seed,
        least_effective=_value(rows, "least_effective_size"),
        widest_point=_value(rows, "widest_point"),
        width_months=round(_value(rows, "width_months")),
        unmoved=_value(rows, "unmoved_spread"),
    )


def stated() -> dict[str, Any]:
    """Return priors and errors as plain values with unit and source, as they go into the bundle."""
    plain: dict[str, Any] = json.loads(
        json.dumps({"priors": _read(PRIORS), "inference": _read(INFERENCE)}, default=str)
    )
    return plain


def _value(rows: dict[str, Any], name: str) -> float:
    if name not in rows:
        msg = f"{INFERENCE}: {name} is missing; found {', '.join(sorted(rows))}. Add it with unit, source and range."
        raise DataError(msg)
    return float(rows[name]["value"])


def _read(name: str) -> Any:
    return yaml.safe_load((resources.files("features") / "data" / "expert" / name).read_text("utf-8"))
