"""Does the market add up? Supply against use year by year, beside what others publish.

`python -m features.history_page` prints the page that stands in docs/market_history.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from features.dataset import Dataset, load_dataset
from features.expert_paths import load_paths
from features.market_history import build_market
from features.supply_outputs import CHINA
from pricing.market.history import MarketHistory
from pricing.market.supply import Market
from pricing.materials import Material, oxide_per_metal_kg

CHECKED_YEAR = "2024"
CUSTOMS = "cn_export_rare_earths_t"
KT_PER_T = 1e-3
APOSTROPHE = "'"
SMALL = 10.0  # below it two decimals are printed
YEARLY = {
    "made in China": "output_china",
    "made outside": "output_ex_china",
    "scrap": "scrap",
    "state stocks": "stockpile_purchase_est",
    "net exports": "exports_china",
    "used in China": "consumption_china",
    "used outside": "consumption_ex_china",
    "called for in China": "physical_demand_china",
    "called for outside": "physical_demand_ex_china",
    "quota": "mining_quota",
    "capacity China": "capacity_china_est",
    "capacity outside": "capacity_ex_china_est",
}


MADE = {
    "mined for China's quota": ("bayan_obo", "sichuan", "southern_clays"),
    "feed from Myanmar and neighbours": ("myanmar_feed",),
    "refined in China": CHINA,
}
SUMS = {
    **{name: tuple(f"output_by_source_{source}" for source in sources) for name, sources in MADE.items()},
    "refined outside China": ("output_ex_china",),
    "from scrap": ("scrap_output_china", "scrap_output_ex_china"),
    "called for": ("physical_demand_china", "physical_demand_ex_china"),
    "used": ("consumption_china", "consumption_ex_china"),
}


@dataclass(frozen=True)
class Check:
    """One sum of ours for 2024 beside the IEA's, kt of the elements Nd, Pr, Dy and Tb."""

    what: str
    ours: float
    published: float

    @property
    def gap(self) -> float:
        """Return ours over theirs, less one."""
        return self.ours / self.published - 1


def yearly_table(history: MarketHistory) -> pd.DataFrame:
    """Return yearly means of quantities, t of this oxide a year, and what was used over what the drivers called for."""
    scrap = history.column("scrap_output_china") + history.column("scrap_output_ex_china")
    frame = history.frame.assign(scrap=scrap)[list(YEARLY.values())]
    table = frame.groupby(frame.index.str[:4]).mean().set_axis(list(YEARLY), axis=1)
    used = table["used in China"] + table["used outside"]
    called = table["called for in China"] + table["called for outside"]
    return table.assign(**{"used / called for": used / called})


def checks(market: Market) -> list[Check]:
    """Return our sums for 2024 beside the IEA's."""
    published = load_paths("supply")
    return [
        Check(what, _elements(market, columns), published[_published(what)].number()) for what, columns in SUMS.items()
    ]


def _published(what: str) -> str:
    return f"iea_{what.lower().replace(' ', '_').replace(APOSTROPHE, '')}_kt"


def customs_share(market: Market, dataset: Dataset) -> pd.Series:
    """Return net exports of the three oxides over customs' tonnage of all rare earths, by published year."""
    rows = dataset.panel.series(CUSTOMS)
    tonnage = pd.Series(rows["value"].to_numpy(dtype=float), index=rows["date"].dt.year.astype(str).to_list())
    sent = pd.Series(0.0, index=tonnage.index)
    for history in market.histories.values():
        yearly = history.frame["exports_china"].groupby(history.frame.index.str[:4]).mean()
        sent = sent.add(yearly.reindex(tonnage.index), fill_value=0.0)
    return sent / tonnage


def _elements(market: Market, columns: Sequence[str]) -> float:
    """Return the mean of 2024 of some columns over all materials, kt of the elements."""
    found = 0.0
    for name, history in market.histories.items():
        inside = history.frame.index.str.startswith(CHECKED_YEAR)
        oxide = sum(float(history.column(column)[inside].mean()) for column in columns)
        found += KT_PER_T * oxide / oxide_per_metal_kg(Material(name))
    return found


def history_page(market: Market, dataset: Dataset) -> str:
    """Return the balance as a Markdown page."""
    parts = [_HEAD, "| what | ours | IEA | gap |\n|---|---|---|---|"]
    parts += [f"| {c.what} | {c.ours:.1f} | {c.published:.1f} | {100 * c.gap:+.0f} % |" for c in checks(market)]
    parts.append(_CUSTOMS)
    parts += ["| " + " | ".join(row) + " |" for row in _customs_rows(customs_share(market, dataset))]
    for name, history in market.histories.items():
        parts.append(f"\n## {name}: t of oxide a year\n\n{_markdown(yearly_table(history))}")
    return "\n".join(parts) + "\n"


def _customs_rows(share: pd.Series) -> list[list[str]]:
    return [list(share.index), ["---"] * len(share), [f"{100 * s:.0f} %" for s in share]]


def _markdown(table: pd.DataFrame) -> str:
    head = "| year | " + " | ".join(table.columns) + " |"
    rows = [
        f"| {year} | " + " | ".join(f"{x:.2f}" if abs(x) < SMALL else f"{x:,.0f}" for x in values) + " |"
        for year, values in zip(table.index, table.to_numpy(), strict=True)
    ]
    return "\n".join([head, "|---" * (len(table.columns) + 1) + "|", *rows])


_HEAD = """# Does the market add up?

Yearly means of the latest vintage, written by `python -m features.history_page`. Use is what a region made and
recovered, less what it sent out and put away; what was called for comes from physical drivers alone, gross of scrap
and before any answer to the price. The two meet only where price and elasticity make them meet, so their ratio is a
finding, not an identity. Bands of 20 to 30 % lie around all of it.

## 2024 beside the IEA, kt of the elements Nd, Pr, Dy and Tb
"""
_CUSTOMS = """
## NdPr, Dy and Tb in all rare earths exported by Chinese customs

Smuggled oxide is in ours and not in theirs, so 2011 to 2014 stand too high. Dy counts from 2013, Tb from 2019.
"""


def main() -> None:
    """Print the page for the shipped dataset."""
    dataset = load_dataset()
    sys.stdout.write(history_page(build_market(dataset, "latest"), dataset))


if __name__ == "__main__":
    main()
