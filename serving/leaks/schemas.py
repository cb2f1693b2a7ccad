"""The shape of a measured leak."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import Flag, Headline, ModelOut


@dataclass(frozen=True, slots=True)
class LeakRow:
    """One change of market prices, all else as it was, and how far the fair price moved when the method was refitted.

    `market` is `china` (the Chinese price alone) or `both`; `when` says which months were raised. `within_limit` is
    false where the move, up or down, is larger than `limit_percent`. `fair` is the last month's fair price so moved.
    """

    market: str
    rise_percent: float
    when: str
    leak_percent: float
    limit_percent: float
    within_limit: bool
    fair: Headline


@dataclass(frozen=True, slots=True)
class MeasuredOn:
    """What the leak was measured on, and whether that is what the serving model rests on."""

    dataset: str
    last_month: str
    method: str
    draws: int
    seed: int
    same_data: bool
    same_method: bool


@dataclass(frozen=True, slots=True)
class LeakAnswer:
    """What a fair price does when market prices alone move: nothing by definition, through the weights this much."""

    material: str
    month: str
    basis: str
    digits: int
    status: str
    flags: tuple[Flag, ...]
    words: tuple[str, ...]
    fair: Headline
    rows: tuple[LeakRow, ...]
    measured_on: MeasuredOn
    model: ModelOut
