"""How many errors the rules would find: `python -m features.intake.slip_trial`.

The last values of every monthly series and price line are spoilt one at a time, each by a slip that is common, and
judged beside the history before them. A share found of 100 % would need rules that hold back good rows too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import log
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from features.dataset import Dataset, load_dataset
from features.intake.joined import stated_tables
from features.intake.kinds import PANEL, PRICES
from features.intake.peers import DOMESTIC
from features.intake.price_lines import Lines
from features.intake.price_moves import Move, last_move, price_doubts
from features.intake.rows import Entry
from features.intake.series_moves import Histories, SeriesCard, value_doubts
from features.rules import intake_rules, quality_rules

SLIPS = {
    "none": 1.0,
    "VAT of 13 % in": 1.13,
    "VAT of 13 % out": 1 / 1.13,
    "pounds for kilograms": 1 / 2.2046,
    "yuan for dollars": 7.0,
    "a decimal place": 10.0,
    "t for kg": 1000.0,
}
PLACES = {"fob_china": "FOB", DOMESTIC: "domestic"}
SINCE = "2018-01"
LAST_VALUES = 24  # of each monthly series
DENSE = 80  # months of a price line


def found_in_prices(dataset: Dataset) -> Iterator[tuple[str, str, bool]]:
    """Yield line, slip and whether it is held back, for every month from 2018 of the price lines on trial.

    These are dense lines, and all domestic ones that are judged beside others of their month, short as they are.
    """
    lines = Lines.of(dataset, [])
    judged_by_others = list(intake_rules()["prices"]["peers"]["of"])
    for name in sorted(set(lines.frame["line"])):
        rows = lines.line(name)
        first = rows.iloc[0]
        short = first["basis"] == DOMESTIC and first["material"] in judged_by_others
        for row in rows[rows["month"] >= SINCE].to_dict("records") if short or len(rows) >= DENSE else ():
            move = last_move(row, lines)
            for slip, factor in SLIPS.items() if move or short else ():
                yield f"{row['material']} {PLACES[row['basis']]}", slip, _found(row, move, factor, lines)


def _found(row: Mapping[Any, Any], move: Move | None, factor: float, lines: Lines) -> bool:
    """Return whether a price times a factor is held back."""
    by = log(factor)
    spoilt = {
        **{str(name): cell for name, cell in row.items()},
        "mean": row["mean"] * factor,
        "log_mean": row["log_mean"] + by,
        "level": row["level"] + by,
    }
    span = quality_rules()["oxide_prices"][row["material"]][row["currency"]]
    entry = Entry("trial", 0, PRICES, spoilt)
    own, beside = price_doubts(entry, spoilt, replace(move, own=move.own + by) if move else None, lines)
    return not span[0] <= spoilt["mean"] <= span[1] or any(one.rule != "stale" for one in (*own, *beside))


def found_in_series(dataset: Dataset) -> Iterator[tuple[str, str, bool]]:
    """Yield group, slip and whether it is held back, for the last values of every monthly series."""
    rows = stated_tables(dataset, [])["panel"]
    series = dataset.catalogue.series
    yuan = Histories(dataset, rows).yuan_per_usd
    for name in series.index[series["frequency"] == "month"]:
        mine = rows[rows["series"] == name]
        card = SeriesCard(series.loc[name].to_dict(), yuan)
        low, high = quality_rules()["units"][card.row["unit"]]
        for place in range(max(len(mine) - LAST_VALUES, 0), len(mine)):
            usual = Histories(dataset, mine.iloc[:place]).usual(str(name))
            row = mine.iloc[place]
            for slip, factor in SLIPS.items():
                values = {"series": name, "date": row["date"].date(), "known_at": row["known_at"].date()}
                entry = Entry("trial", 0, PANEL, {**values, "value": row["value"] * factor})
                held = not low <= row["value"] * factor <= high or any(value_doubts(entry, None, usual, card))
                yield f"series: {card.row['group']}", slip, held


def main() -> None:
    """Print the shares found."""
    dataset = load_dataset()
    found = pd.DataFrame([*found_in_prices(dataset), *found_in_series(dataset)], columns=["what", "slip", "held"])
    shares = 100 * found.pivot_table(index="what", columns="slip", values="held", sort=True)
    counts = found[found["slip"] == "none"].groupby("what").size()
    table = Table("line or group", "values", *SLIPS, title="Held back, % of values spoilt", title_justify="left")
    for what, row in shares.iterrows():
        table.add_row(str(what), str(counts.get(str(what), 0)), *(f"{row[slip]:.0f}" for slip in SLIPS))
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
