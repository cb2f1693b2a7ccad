"""Private observations: the columns of the panel, for series that the catalogue knows and a private card claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from features.catalogue import Catalogue
from features.panel import COLUMNS
from features.private.cards import PrivateCard
from features.private.cells import Row
from features.private.faults import Faults
from features.private.prices import FIRST_DAY
from features.rules import quality_rules

LAST_DATE = date(2100, 12, 31)  # a step may be announced before it is in force
ANY = (float("-inf"), float("inf"))


def sources_of(cards: Mapping[str, PrivateCard], catalogue: Catalogue, faults: Faults) -> dict[str, str]:
    """Return the card that gives each private series; a series of the panel keeps its name and unit."""
    found: dict[str, str] = {}
    known = [str(name) for name in catalogue.series.index]
    for card in cards.values():
        for name in card.series:
            place = f"cards/{card.id}, series"
            if not faults.word(place, name, known):
                continue
            if catalogue.unit(name) not in card.units:
                faults.note(place, f"{name} without its unit among the card's units", catalogue.unit(name))
            if name in found:
                faults.note(place, f"{name}, which another card gives", "one card per series")
            found[name] = card.id
    return found


def private_observations(
    rows: Sequence[Row], sources: Mapping[str, str], catalogue: Catalogue, last_day: date
) -> pd.DataFrame:
    """Return checked rows of the panel; `last_day` is the dataset's: nothing may be known later."""
    spans = quality_rules()["units"]
    seen: set[tuple[str, ...]] = set()
    kept = []
    for row in rows:
        before = len(row.faults.found)
        series = row.word("series", sources)
        low, high = spans.get(catalogue.unit(series), ANY) if series in sources else ANY
        values = {
            "series": series,
            "date": row.day("date", FIRST_DAY, LAST_DATE),
            "known_at": row.day("known_at", FIRST_DAY, last_day),
            "value": row.number("value", low, high),
        }
        key = tuple(row.cells[column] for column in ("series", "date", "known_at"))
        if key in seen:
            row.note("series", "the same series, date and day known as a row above", "each once")
        seen.add(key)
        if len(row.faults.found) == before:
            kept.append(values)
    table = pd.DataFrame(kept, columns=list(COLUMNS)).astype({"value": float})
    days = {column: pd.to_datetime(table[column]).astype("datetime64[s]") for column in ("date", "known_at")}
    return table.assign(**days)
