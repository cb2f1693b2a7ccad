"""Source cards: written from the rows a source gave, so that the checksum is of what was kept."""

from __future__ import annotations

from typing import Any

import pandas as pd

from features.catalogue import Card, rows_digest
from features.sources.recipe import Recipe

PRICE_BASIS = {
    "fob_china": "FOB China, in effect with VAT that is not refunded",
    "china_domestic": "delivered or ex works in China",
    "ex_china": "delivered outside China",
    "cif_rotterdam": "CIF Rotterdam",
    "realised_mp": "realised by the producer",
    "realised_lynas": "realised by the producer",
    "world_consumption_weighted": "weighted by world consumption",
    "china_export_unit_value": "customs unit value",
}


def panel_cards(series: pd.DataFrame, panel: pd.DataFrame, licences: dict[str, str], recipe: Recipe) -> list[Card]:
    """Return one card per publisher of series."""
    described = {entry["id"]: entry for entry in recipe.sources["panel"]}
    cards = []
    for source, group in series.groupby("source"):
        rows = panel[panel["series"].isin(group["series"])].reset_index(drop=True)
        entry = described[str(source)]
        cards.append(
            Card(
                id=str(source), publisher=entry["publisher"], licence=_licence(licences[str(source)]),
                units=_distinct(group["unit"]), basis=entry["basis"],
                publication_lag_days=tuple(sorted({int(lag) for lag in group["publication_lag_days"]})),
                quality=_quality(group["quality"]), citation=_distinct(group["citation"]),
                rows=len(rows), sha256=rows_digest(rows),
            )
        )  # fmt: skip
    return cards


def price_cards(
    monthly: pd.DataFrame, anchors: pd.DataFrame, citations: dict[str, tuple[str, ...]], recipe: Recipe
) -> list[Card]:
    """Return one card per publisher of prices; `citations` holds the addresses its quotes were read at."""
    described: dict[str, dict[str, Any]] = {entry["id"]: entry for entry in recipe.sources["quotes"]}
    described |= recipe.sources["tables"]
    named = sorted({name for table in (monthly, anchors) for cell in table["source"] for name in cell.split(";")})
    licence = recipe.sources["quote_licence"]
    return [
        _price_card(name, described[name], price_rows(name, monthly, anchors), citations.get(name, ()), licence)
        for name in named
    ]


def price_rows(source: str, monthly: pd.DataFrame, anchors: pd.DataFrame) -> pd.DataFrame:
    """Return the price rows a source had a part in, monthly figures first."""
    parts = [table[[source in cell.split(";") for cell in table["source"]]] for table in (monthly, anchors)]
    return pd.concat(parts, ignore_index=True)


def _price_card(
    name: str, entry: dict[str, Any], rows: pd.DataFrame, citations: tuple[str, ...], licence: dict[str, Any]
) -> Card:
    return Card(
        id=name, publisher=entry["publisher"], licence=licence,
        units=_distinct(rows["currency"] + "/" + rows["unit"]),
        basis="; ".join(PRICE_BASIS[basis] for basis in _distinct(rows["basis"])),
        publication_lag_days=(1,), quality=_quality(rows["quality"]),
        citation=tuple(entry.get("citation", ())) + citations, rows=len(rows), sha256=rows_digest(rows),
    )  # fmt: skip


def _licence(name: str) -> dict[str, Any]:
    return {"name": name, "redistribute": True}


def _distinct(values: pd.Series[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values.dropna())))


def _quality(values: pd.Series[str]) -> str:
    return "; ".join(f"{word} {count}" for word, count in sorted(values.value_counts().items()))
