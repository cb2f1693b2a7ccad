"""Tables of the method page: what is believed before prices are looked at, and the constants of the computation."""

from __future__ import annotations

from typing import Any

from pricing.fair.estimator import LEVELS
from pricing.fair.posterior import YEAR
from pricing.market import clearing, economy, worlds
from pricing.market.distortions import ORDER
from training.page_markdown import table
from training.page_numbers import Numbers


def blocks(numbers: Numbers) -> dict[str, str]:
    """Return the tables by the name of their block."""
    model = numbers.model
    return {
        "priors": priors(model["priors"]),
        "errors": errors(model["inference"]),
        "constants": constants(model["settings"]),
        "distortions": ", ".join(f"`{distortion}`" for distortion in ORDER) + ".",
    }


def priors(rows: list[dict[str, Any]]) -> str:
    """Return the prior of every parameter as 5 %, central and 95 % value."""
    return table(
        ["parameter", "5 %", "central", "95 %", "unit"],
        [[f"`{row['name']}`", *(f"{row[edge]:g}" for edge in ("low", "central", "high")), row["unit"]] for row in rows],
    )


def errors(rows: dict[str, dict[str, Any]]) -> str:
    """Return what is allowed for between the model's market and the observed one."""
    return table(
        ["error", "value", "low", "high", "unit"],
        [
            [f"`{name}`", *(f"{row[edge]:g}" for edge in ("value", "low", "high")), row["unit"]]
            for name, row in rows.items()
        ],
    )


def constants(settings: dict[str, Any]) -> str:
    """Return the constants of the computation, which no prior moves."""
    rows = {
        "draws weighted": f"{settings['draws']:,}",
        "draws kept at each stage of the evidence": f"{settings['kept']}",
        "of these for the parts of the wedge, latest": f"{settings['wedge_draws']}",
        "of these for the parts of the wedge, a stage, as known": f"{settings['wedge_draws_a_stage']}",
        "a stage of the evidence, months": f"{YEAR}",
        "rest before the first month, years": f"{settings['rest_years']:g}",
        "step of the rest, years": f"{worlds.REST_STEP:g}",
        "share of a quota or floor over which it begins to bind": f"{economy.SOFT_BOUND:g}",
        "residual at which a market has cleared, of demand": f"{clearing.TOLERANCE:g}",
        "quantiles published": ", ".join(f"{100 * level:g} %" for level in LEVELS),
        "effective draws below which a month is refused": f"{settings['least_effective']:g}",
        "90 % over 10 % quantile above which a month is a band": f"{settings['widest_point']:g}",
        "posterior over prior spread above which a month is not identified": f"{settings['unmoved']:g}",
    }
    return table(["constant", "value"], rows.items())
