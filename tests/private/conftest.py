"""A folder of private data that is allowed, for tests to read, to break, and to look for in what leaves the machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from features.dataset import Dataset, load_dataset

CARD = """\
id: paid_feed
publisher: A paid agency
licence:
  name: subscription, internal use only
  private: true
units:
- USD/kg
- CNY per USD
basis: delivered outside China
publication_lag_days:
- 1
quality: real
citation: []
series:
- usd_cny
"""
PRICE = {
    "material": "NdPr", "form": "oxide", "month": "2011-03", "basis": "ex_china", "publisher_class": "private feed",
    "source": "paid_feed", "vat": "none", "currency": "USD", "unit": "kg", "mean": "173.319771", "low": "", "high": "",
    "last": "174.218553", "last_day": "2011-03-30", "count": "22", "quality": "real", "known_at": "2011-04-01",
}  # fmt: skip
RATE = {"series": "usd_cny", "date": "2011-03-01", "known_at": "2011-04-01", "value": "6.719773"}
COST = """\
routes.mountain_pass.parameters.life:
  value: 17.31977
  low: 15
  high: 25
  unit: years
  source: our own plan
"""


@dataclass
class Feed:
    """A folder of private data, written as it is asked for."""

    folder: Path
    card: str = CARD
    prices: list[dict[str, str]] = field(default_factory=lambda: [PRICE])
    rates: list[dict[str, str]] = field(default_factory=list)
    costs: str = ""

    def write(self) -> Path:
        """Write the files and return the folder."""
        self.put("cards/paid.yaml", self.card)
        for name, rows in (("prices", self.prices), ("rates", self.rates)):
            if rows:
                self.put(f"tables/{name}.csv", table(rows))
        if self.costs:
            self.put("costs.yaml", self.costs)
        return self.folder

    def put(self, name: str, text: str) -> None:
        """Write one file below the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def table(rows: list[dict[str, str]]) -> str:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    return Feed(tmp_path / "feed")


@pytest.fixture(scope="session")
def shipped() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="session")
def examples() -> dict[str, dict[str, str]]:
    """Return an allowed row of each table."""
    return {"price": PRICE, "rate": RATE}


@pytest.fixture(scope="session")
def own_cost() -> str:
    return COST
