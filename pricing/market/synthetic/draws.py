"""Chance, economy by economy: what economy i of a family draws depends on the family's name, the seed and i alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from pricing.market.synthetic.family import FACTORS, PARAMETERS, REGIONS, Family

Floats = np.ndarray

MONTHS = 190  # from 2011-01
SHOCKS = (*FACTORS, "common", *REGIONS, "subsidy")  # normals of the economy, month by month
CHANCES = ("burst", "length", "panic")  # uniforms of the economy, month by month
NOISES = (
    *(f"price_{region}" for region in REGIONS),
    *(f"capacity_{region}" for region in REGIONS),
    *(f"demand_{region}" for region in REGIONS),
    *(f"drivers_{region}" for region in REGIONS),
    *(f"factor_{factor}" for factor in FACTORS),
    "exports",
    "subsidy",
    "illegal",
)  # normals of observation, month by month
SIGHTS = ("ex_china_price", "exports", "illegal", "stockpile", "stockpile_known", "derived")  # uniforms of observation
LASTING = (
    *(f"factor_{factor}" for factor in FACTORS),
    *(f"capacity_{region}" for region in REGIONS),
    *(f"demand_{region}" for region in REGIONS),
    *(f"drivers_{region}" for region in REGIONS),
    "level",
    "flat_subsidy",
    "quota",
)  # normals of observation, once
_ECONOMY, _OBSERVATION = 0, 1  # two streams, so that the truth never depends on how it is seen


@dataclass(frozen=True)
class Draws:
    """What N economies drew; months lead, economies come last, so that a month's numbers lie side by side."""

    value: Mapping[str, Floats]  # (N,) parameters
    curve: Floats  # (N,) place in the family's curves
    scheme: Floats  # (N,) place in the family's schemes
    shock: Mapping[str, Floats]  # (T, N)
    chance: Mapping[str, Floats]  # (T, N)
    noise: Mapping[str, Floats]  # (T, N)
    sight: Mapping[str, Floats]  # (T, N)
    lasting: Mapping[str, Floats]  # (N,)

    def repeat(self, times: int) -> Draws:
        """Return the draws with every economy `times` in a row, for its twins."""
        return Draws(
            value=_repeat(self.value, times),
            curve=np.repeat(self.curve, times),
            scheme=np.repeat(self.scheme, times),
            shock=_repeat(self.shock, times),
            chance=_repeat(self.chance, times),
            noise=_repeat(self.noise, times),
            sight=_repeat(self.sight, times),
            lasting=_repeat(self.lasting, times),
        )


def draw(family: Family, seed: int, numbers: range) -> Draws:
    """Return what the economies with these numbers drew."""
    places = {name: place for place, name in enumerate(PARAMETERS)}
    uniform = np.empty((len(PARAMETERS) + 1, len(numbers)))
    shock, chance = _months(SHOCKS, numbers), _months(CHANCES, numbers)
    noise, sight = _months(NOISES, numbers), _months(SIGHTS, numbers)
    lasting, scheme = np.empty((len(LASTING), len(numbers))), np.empty(len(numbers))
    for n, number in enumerate(numbers):
        own = _stream(family.name, seed, number, _ECONOMY)
        uniform[:, n] = own.random(len(uniform))
        shock[..., n] = own.standard_normal(shock.shape[:2])
        chance[..., n] = own.random(chance.shape[:2])
        seen = _stream(family.name, seed, number, _OBSERVATION)
        scheme[n] = seen.random()
        lasting[:, n] = seen.standard_normal(len(lasting))
        noise[..., n] = seen.standard_normal(noise.shape[:2])
        sight[..., n] = seen.random(sight.shape[:2])
    value = {name: low + (high - low) * uniform[places[name]] for name, (low, high) in family.ranges.items()}
    return Draws(
        value=value,
        curve=_place(uniform[-1], len(family.curves)),
        scheme=_place(scheme, len(family.schemes)),
        shock=dict(zip(SHOCKS, shock, strict=True)),
        chance=dict(zip(CHANCES, chance, strict=True)),
        noise=dict(zip(NOISES, noise, strict=True)),
        sight=dict(zip(SIGHTS, sight, strict=True)),
        lasting=dict(zip(LASTING, lasting, strict=True)),
    )


def _stream(family: str, seed: int, number: int, purpose: int) -> np.random.Generator:
    entropy = [crc32(family.encode()), seed, number, purpose]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def _months(names: tuple[str, ...], numbers: range) -> Floats:
    return np.empty((len(names), MONTHS, len(numbers)))


def _place(uniform: Floats, options: int) -> Floats:
    return np.minimum((uniform * options).astype(int), options - 1)


def _repeat(drawn: Mapping[str, Floats], times: int) -> dict[str, Floats]:
    return {name: np.repeat(values, times, axis=-1) for name, values in drawn.items()}
