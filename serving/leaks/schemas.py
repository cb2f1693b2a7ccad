"""The shape of a measured leak."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import Flag, Headline, ModelOut


@dataclass(frozen=True, slots=True)
class LeakRow:
    """One change of market prices, all else as it was, and how far the fair price moved when the method was refitted.

    `market` is `china` (the Chinese price alone) or `both`; `when` says which months were changed. `leak_percent` is
    the mean over seeds, `leak_low_percent` and `leak_high_percent` the smallest and the largest. `verdict` is `within`
    or `missed` (larger than `limit_percent`, up or down) where all seeds agree, else `cannot be told`. `fair` is the
    last month's fair price moved by the mean.
    """

    market: str
    rise_percent: float
    when: str
    leak_percent: float
    leak_low_percent: float
    leak_high_percent: float
    limit_percent: float
    verdict: str
    fair: Headline


@dataclass(frozen=True, slots=True)
class MeasuredOn:
    """What the leak was measured on, and whether that is what the serving model rests on."""

    dataset: str
    last_month: str
    method: str
    draws: int
    seeds: tuple[int, ...]
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
