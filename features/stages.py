"""What the evidence says about the steps between stages, for callers who do not state it themselves."""

from __future__ import annotations

from functools import cache

from features.expert import FOLDER, load_expert
from pricing.materials import Material
from pricing.parameters import Parameter, ParameterSet

FILE = "stages.yaml"


@cache
def stage_numbers() -> ParameterSet:
    """Return every sourced number of the steps between stages; DataError when the file is damaged."""
    return load_expert(FOLDER / FILE)[0]


def stage_number(step: str, name: str, material: Material, place: str) -> Parameter | None:
    """Return a step's number: the material's at a place, else the material's, else one for all; None without a source.

    >>> stage_number("reduction", "toll", Material.NDPR, "china").value
    3.2
    >>> stage_number("reduction", "toll", Material.DY, "china") is None
    True
    """
    numbers = stage_numbers()
    keys = (f"{step}.{material}.{name}.{place}", f"{step}.{material}.{name}", f"{step}.{name}")
    return next((numbers[key] for key in keys if key in numbers), None)
