"""The numbers that price paths rest on, for callers who do not state their own."""

from __future__ import annotations

from functools import cache

from features.expert import FOLDER, load_expert
from pricing.parameters import ParameterSet

FILE = FOLDER / "paths.yaml"


@cache
def path_parameters() -> ParameterSet:
    """Return the shipped parameters of price paths, each with range and source; DataError when the file is damaged."""
    return load_expert(FILE)[0]
