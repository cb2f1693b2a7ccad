"""How much of a market history was observed, derived or prior: per material, year and column.

`python -m features.evidence` prints the page that stands in docs/evidence.md.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from features.dataset import load_dataset
from features.market_history import build_market
from pricing.market.history import Evidence, MarketHistory
from pricing.market.supply import Market

KINDS = tuple(kind.value for kind in Evidence)
COLUMNS = ("material", "year", "column", *KINDS)
_SUFFIX = "_evidence"
_LETTER = dict(zip(KINDS, "odp", strict=True))


def evidence_shares(market: Market) -> pd.DataFrame:
    """Return the share of each year's months in which a column was observed, derived or prior.

    One row per material, year and column. The three shares add up to one, less the months without a value.
    """
    return pd.concat([_of_history(history) for history in market.histories.values()], ignore_index=True)


def _of_history(history: MarketHistory) -> pd.DataFrame:
    years = history.frame.index.str[:4].astype(int)
    rows = []
    for marked in history.frame.columns[history.frame.columns.str.endswith(_SUFFIX)]:
        column = marked.removesuffix(_SUFFIX)
        there = np.isfinite(history.column(column))
        shares = {kind: (there & (history.evidence(column) == kind)) for kind in KINDS}
        yearly = pd.DataFrame(shares).groupby(years).mean()
        rows.append(yearly.rename_axis("year").reset_index().assign(material=history.material, column=column))
    return pd.concat(rows, ignore_index=True)[list(COLUMNS)]


def evidence_page(shares: pd.DataFrame) -> str:
    """Return the shares as a Markdown page: a table per material, one row per column, one cell per year."""
    parts = [_HEAD]
    for material, rows in shares.groupby("material", sort=False):
        cells = rows.assign(cell=[_cell(row) for row in rows[list(KINDS)].to_numpy()])
        table = cells.pivot_table(index="column", columns="year", values="cell", aggfunc="first", sort=False)
        parts.append(f"## {material}\n\n{_markdown(table)}\n\n{_summary(rows)}\n")
    return "\n".join(parts)


_HEAD = """# What the market histories stand on

Each cell says how a column of MarketHistory came about in the months of a year: **o** observed, **d** derived from
observed series by a stated rule, **p** prior (expert number, recollection or a value carried on). A mixed year gives
per cent of months; what is missing to 100 has no value. Vintage: latest.
Written by `python -m features.evidence`.
"""


def _cell(shares: np.ndarray) -> str:
    percent = np.round(100 * shares).astype(int)
    present = [(kind, p) for kind, p in zip(KINDS, percent, strict=True) if p > 0]
    if len(present) == 1 and present[0][1] == 100:
        return _LETTER[present[0][0]]
    return " ".join(f"{_LETTER[kind]}{p}" for kind, p in present) or "-"


def _markdown(table: pd.DataFrame) -> str:
    head = "| column | " + " | ".join(str(year) for year in table.columns) + " |"
    rule = "|---" * (len(table.columns) + 1) + "|"
    lines = [f"| {name} | " + " | ".join(row) + " |" for name, row in zip(table.index, table.to_numpy(), strict=True)]
    return "\n".join([head, rule, *lines])


def _summary(rows: pd.DataFrame) -> str:
    mean = 100 * rows[list(KINDS)].mean()
    return (
        f"All columns and years: {mean['observed']:.0f} % observed, "
        f"{mean['derived']:.0f} % derived, {mean['prior']:.0f} % prior."
    )


def main() -> None:
    """Print the page for the shipped dataset."""
    sys.stdout.write(evidence_page(evidence_shares(build_market(load_dataset(), "latest"))))


if __name__ == "__main__":
    main()
