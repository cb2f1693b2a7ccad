"""How far the fair price was measured to move when market prices alone move: what still leaks through the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from pricing.errors import DataError

FILE = Path(__file__).parent / "data" / "measured" / "spot_leak.yaml"


@dataclass(frozen=True, slots=True)
class SpotLeak:
    """One change of market prices with all else as it was, and by material the moves of the fair price, as shares.

    One move for each seed: with other draws the same change moves a price by another share.
    """

    market: str  # china, or both
    rise: float  # share
    months: int
    when: str  # which months were raised
    leak: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class SpotLeaks:
    """Every change that was tried, with which data, method, draws and seeds, and the limit a move has to keep."""

    dataset: str  # digest
    last_month: str
    method: str
    draws: int
    seeds: Sequence[int]
    limit: float  # share
    rows: tuple[SpotLeak, ...]


@cache
def spot_leaks(file: Path = FILE) -> SpotLeaks:
    """Return what was measured. DataError when the file is torn."""
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
        rows = tuple(SpotLeak(**row) for row in found.pop("rows"))
        return SpotLeaks(**found, rows=rows)
    except (OSError, yaml.YAMLError, LookupError, TypeError, AttributeError) as fault:
        msg = f"{file.name} cannot be read: {fault}. Run `python -m training.trials.spot_leak`."
        raise DataError(msg) from fault
