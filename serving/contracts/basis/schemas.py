"""The shape of an answer about basis risk: prices, correlations and ratios to four decimals, USD to the cent."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import Flag, ModelOut


@dataclass(frozen=True, slots=True)
class SpreadRange:
    """Cargo less contract over the last months, USD/kg: the last one, the mean, the least and the most."""

    first_month: str
    last_month: str
    last_usd_per_kg: float
    mean_usd_per_kg: float
    low_usd_per_kg: float
    high_usd_per_kg: float


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """What a month leaves open, one standard deviation: per kg and on the position."""

    usd_per_kg: float
    usd: float


@dataclass(frozen=True, slots=True)
class BasisRiskAnswer:
    """How the index of a contract and that of a cargo move together, and what stays unhedged.

    `unhedged` is the cargo alone; `one_to_one` hedged kilogram for kilogram, so that the spread is left;
    `at_hedge_ratio` with so many kg of contract per kg of cargo, which leaves the least. `left_out_months` lie inside
    the overlap and lack a price. `as_of` is the day on which series were read, null where none was stated; `model` and
    `snapshot`, the digest of the data, are null where every fixing was given.
    """

    contract_index: str
    cargo_index: str
    basis: str
    as_of: str | None
    tonnes: float
    months: int
    changes: int
    left_out_months: tuple[str, ...]
    correlation_of_changes: float
    correlation_of_log_changes: float
    hedge_ratio: float
    spread: SpreadRange
    unhedged: LeftOpen
    one_to_one: LeftOpen
    at_hedge_ratio: LeftOpen
    worst_month: str
    worst_month_usd_per_kg: float
    worst_month_usd: float
    says: str
    rules: dict[str, str]
    flags: tuple[Flag, ...]
    model: ModelOut | None
    snapshot: str | None
