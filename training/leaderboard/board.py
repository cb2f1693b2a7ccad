"""The board: every peer on every family, scored with intervals, and what later versions are compared with."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pricing.errors import DataError
from pricing.market.synthetic import Economies
from training.leaderboard.scores import Score, picked
from training.leaderboard.settings import Bootstrap, Size, bootstrap

Floats = np.ndarray

OURS, UNCORRECTED = "our estimator", "our estimator, no correction"
TABLE, RECORD = "leaderboard.csv", "leaderboard.json"
KEY = ["family", "observed", "peer", "score"]
NUMBERS = ["value", "low", "high"]
OWN = "as the family"  # observed as its family says
DIGITS = 5  # decimals of the table
PART_DIGITS = 10  # decimals of what one economy gives: squares of a per cent keep six figures
NO_NAME = r"[^a-zA-Z0-9_]+"  # what MLflow takes in no name


@dataclass(frozen=True)
class Judged:
    """One peer on one set of economies."""

    family: str
    observed: str  # OWN, or the rung of the information ladder
    peer: str
    scores: Mapping[str, Score]


@dataclass(frozen=True)
class Board:
    """The leaderboard as a table, and the scores of our estimator economy by economy."""

    table: pd.DataFrame  # KEY, value, low, high
    ours: Mapping[str, Mapping[str, Score]]  # family -> score -> its parts, with correction
    economies: Mapping[str, str]  # family -> digest of the economies judged
    size: Size

    def value(self, family: str, peer: str, score: str, observed: str = OWN) -> float:
        """Return one score, NaN where the board has none."""
        rows = self.table
        chosen = (rows["family"] == family) & (rows["peer"] == peer)
        found = rows[chosen & (rows["score"] == score) & (rows["observed"] == observed)]["value"]
        return float(found.iloc[0]) if len(found) else float("nan")

    @property
    def families(self) -> list[str]:
        """Return the families judged as they are observed, in their order."""
        return list(self.economies)

    def metrics(self) -> dict[str, float]:
        """Return our scores on every family, and the error of every peer, under flat names for a run's metrics."""
        rows = self.table[self.table["observed"] == OWN]
        kept = rows["peer"].isin([OURS, UNCORRECTED]) | (rows["score"] == "rmse_long_run")
        return {
            f"leaderboard.{row.family}.{re.sub(NO_NAME, '_', row.peer)}.{row.score}": float(row.value)
            for row in rows[kept & np.isfinite(rows["value"])].itertuples(index=False)
        }

    def write(self, folder: Path) -> None:
        """Write the table and the record that a later version is compared with."""
        folder.mkdir(parents=True, exist_ok=True)
        self.table.to_csv(folder / TABLE, index=False, lineterminator="\n")
        (folder / RECORD).write_text(json.dumps(self._record(), separators=(",", ":")) + "\n", encoding="utf-8")

    def _record(self) -> dict[str, Any]:
        plain = {
            family: {name: {"formula": score.formula, "parts": score.parts.tolist()} for name, score in scores.items()}
            for family, scores in self.ours.items()
        }
        rows = self.table.astype(object).where(self.table.notna(), None).to_numpy().tolist()
        return {"size": asdict(self.size), "economies": dict(self.economies), "ours": plain, "table": rows}


def read_board(folder: Path) -> Board:
    """Return a board from where it was written. DataError when its record is missing or torn."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        ours = {
            family: {
                name: Score(score["formula"], np.array(score["parts"], dtype=float)) for name, score in found.items()
            }
            for family, found in record["ours"].items()
        }
        return Board(_table(record["table"]), ours, record["economies"], Size(**record["size"]))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        msg = f"{RECORD}: {str(fault).splitlines()[0]}; expected the record of a leaderboard. Run it again."
        raise DataError(msg) from fault


def board_of(judged: list[Judged], economies: Mapping[str, str], size: Size) -> Board:
    """Return the board of what was judged; `economies` holds each family's digest."""
    rows = [row for one in judged for row in _rows(one, bootstrap())]
    ours = {one.family: _rounded(one.scores) for one in judged if one.peer == OURS and one.observed == OWN}
    return Board(_table(rows), ours, economies, size)


def _rows(judged: Judged, how: Bootstrap) -> Iterator[tuple[str | float, ...]]:
    tail = (1 - how.level) / 2
    for name, score in judged.scores.items():
        samples = score.resampled(picked(score.parts.shape[1], how.samples, how.seed))
        low, high = np.quantile(samples, [tail, 1 - tail])
        numbers = (round(number, DIGITS) for number in (score.value(), float(low), float(high)))
        yield judged.family, judged.observed, judged.peer, name, *numbers


def _rounded(scores: Mapping[str, Score]) -> dict[str, Score]:
    """Return scores whose parts are no longer than a record needs them."""
    return {name: Score(score.formula, np.round(score.parts, PART_DIGITS)) for name, score in scores.items()}


def _table(rows: Sequence[Any]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[*KEY, *NUMBERS])
    return table.astype(dict.fromkeys(NUMBERS, float))


def digest(economies: Economies) -> str:
    """Return what names these economies: the same truths and the same observations give the same digest."""
    found = hashlib.sha256(" ".join(economies.names).encode())
    for values in (economies.fair_long_run, economies.fair_short_run, *map(_seen, sorted(economies.observed.items()))):
        found.update(np.asarray(values, dtype=np.float32).tobytes())  # last digits differ between machines
    return found.hexdigest()


def _seen(column: tuple[str, Floats]) -> Floats:
    return np.asarray(column[1], dtype=float)
