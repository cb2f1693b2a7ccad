"""Levers: what a scenario may change, in which ways, and how far the evidence reaches."""

from pricing.levers.lever import Lever, Levers, Through, Way
from pricing.levers.override import Override
from pricing.levers.preset import Preset
from pricing.levers.reading import plain, read_overrides

__all__ = ["Lever", "Levers", "Override", "Preset", "Through", "Way", "plain", "read_overrides"]
