"""Simulated economies side by side: what an analyst would see of them, and the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pricing.market.history import DEMAND, OPTIONAL, REQUIRED, MarketHistory
from pricing.market.synthetic.family import FACTORS

Floats = np.ndarray

MATERIAL = "simulated oxide"
DERIVED = "derived:china"
OBSERVED = "observed"
COLUMNS = (*REQUIRED, *DEMAND, *(f"{kind}_{factor}" for factor in FACTORS for kind in ("factor_price", "factor_cost")))


@dataclass(frozen=True)
class Economies:
    """N economies over T months: observed columns of a MarketHistory, and the prices that only a simulator knows."""

    family: str
    names: tuple[str, ...]  # (N,)
    months: tuple[str, ...]  # (T,)
    observed: Mapping[str, Floats]  # column -> (N, T), NaN where nothing was observed
    derived: Floats  # (N, T) whether the ex-China price was derived from the Chinese one
    fair_long_run: Floats  # (N, T) USD/kg
    fair_short_run: Floats  # (N, T) USD/kg
    market: Mapping[str, Floats]  # noiseless china_price, ex_china_price (N, T) USD/kg
    base: Floats  # (N,) place of the economy this one is a twin of, its own place when it is none
    twin: tuple[str, ...]  # (N,) the distortion this twin has more of, "" for none

    def __len__(self) -> int:
        return len(self.names)

    def history(self, i: int) -> MarketHistory:
        """Return what an analyst would see of one economy; columns nobody observes there are left out."""
        columns = {name: values[i] for name, values in self.observed.items()}
        seen = {name: values for name, values in columns.items() if name not in OPTIONAL_COLUMNS or _any(values)}
        frame = pd.DataFrame(seen, index=pd.Index(self.months, name="month"))
        if self.derived[i].any():
            frame = frame.assign(price_basis=np.where(self.derived[i], DERIVED, OBSERVED))
        return MarketHistory(MATERIAL, frame)

    def truth(self, i: int) -> pd.DataFrame:
        """Return the fair prices of one economy, by month."""
        columns = {"fair_long_run": self.fair_long_run[i], "fair_short_run": self.fair_short_run[i]}
        return pd.DataFrame(columns, index=pd.Index(self.months, name="month"))

    def take(self, rows: Sequence[int] | Floats) -> Economies:
        """Return some economies, by place; a twin whose base is left out becomes its own."""
        rows = np.asarray(rows, dtype=int)
        place = {old: new for new, old in enumerate(rows.tolist())}
        base = [place.get(int(old), new) for new, old in enumerate(self.base[rows])]
        return replace(
            self,
            names=tuple(self.names[row] for row in rows),
            observed={name: values[rows] for name, values in self.observed.items()},
            derived=self.derived[rows],
            fair_long_run=self.fair_long_run[rows],
            fair_short_run=self.fair_short_run[rows],
            market={name: values[rows] for name, values in self.market.items()},
            base=np.array(base, dtype=int),
            twin=tuple(self.twin[row] for row in rows),
        )

    @classmethod
    def join(cls, parts: Sequence[Economies]) -> Economies:
        """Return the economies of several parts of one family, in order."""
        first = parts[0]
        offsets = np.cumsum([0, *(len(part) for part in parts[:-1])])
        return replace(
            first,
            names=tuple(name for part in parts for name in part.names),
            observed={name: np.concatenate([part.observed[name] for part in parts]) for name in first.observed},
            derived=np.concatenate([part.derived for part in parts]),
            fair_long_run=np.concatenate([part.fair_long_run for part in parts]),
            fair_short_run=np.concatenate([part.fair_short_run for part in parts]),
            market={name: np.concatenate([part.market[name] for part in parts]) for name in first.market},
            base=np.concatenate([part.base + offset for part, offset in zip(parts, offsets, strict=True)]),
            twin=tuple(twin for part in parts for twin in part.twin),
        )


OPTIONAL_COLUMNS = frozenset((*OPTIONAL, "consumption_china", "consumption_ex_china"))


def _any(values: Floats) -> bool:
    return bool(np.isfinite(values).any())
