"""Preset: overrides under a name, with their source and what is assumed; a caller may send them as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pricing.errors import DataError


@dataclass(frozen=True, slots=True)
class Preset:
    """A named scenario. `overrides` are plain rows, such as {"lever": "wages.united_states", "scale": 1.1}."""

    name: str
    title: str
    overrides: tuple[Mapping[str, str | float], ...]
    source: str
    as_of: str
    note: str  # what is assumed to turn the event into numbers

    def __post_init__(self) -> None:
        if not self.overrides or not all((self.name, self.title, self.source, self.as_of, self.note)):
            msg = f"Preset {self.name or '?'}: states name, title, source, as_of, note and at least one override."
            raise DataError(msg)
