"""The shape of a history: the months of one material."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import ModelOut


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One month of a history; amounts in nominal USD/kg oxide ex VAT."""

    month: str
    known_on: str
    status: str
    fair_long_run_usd_per_kg: float | None
    fair_long_run_p10_usd_per_kg: float | None
    fair_long_run_p90_usd_per_kg: float | None
    fair_short_run_usd_per_kg: float | None
    fair_short_run_p10_usd_per_kg: float | None
    fair_short_run_p90_usd_per_kg: float | None
    market_china_usd_per_kg: float | None
    market_china_low_usd_per_kg: float | None
    market_china_high_usd_per_kg: float | None
    market_china_evidence: str
    market_china_source: str
    market_china_quote_day: str
    market_ex_china_usd_per_kg: float | None
    market_ex_china_low_usd_per_kg: float | None
    market_ex_china_high_usd_per_kg: float | None
    market_ex_china_evidence: str
    market_ex_china_source: str
    market_ex_china_quote_day: str
    wedge_china_usd_per_kg: float | None
    wedge_ex_china_usd_per_kg: float | None
    p_market_below_fair_china: float | None
    p_market_below_fair_ex_china: float | None


@dataclass(frozen=True, slots=True)
class HistoryAnswer:
    """The months of one material, oldest first. `as_known` and `latest` are two histories, never mixed."""

    material: str
    vintage: str
    basis: str
    digits: int
    rows: tuple[HistoryRow, ...]
    model: ModelOut
