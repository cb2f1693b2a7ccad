"""The recovery benchmark: a folder of economies whose truth others know, in; fair prices with intervals, out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from joblib import Parallel, delayed

from pricing.errors import DataError
from pricing.fair.posterior import Errors
from pricing.fair.recovery import Population, recover
from pricing.market.history import DEMAND, REQUIRED, MarketHistory
from pricing.prior import Prior

OBSERVED, FAIR = "_observed.csv", "_fair.csv"
MATERIAL = "simulated oxide"
TEXT = "price_basis"
LARGEST_FILE = 16 * 2**20  # bytes


@dataclass(frozen=True)
class Recovered:
    """What became of one economy: its file, and the fault that kept it from an answer."""

    name: str
    fault: str | None = None


def recover_folder(
    economies: Path, out: Path, prior: Path | None, jobs: int, progress: Callable[[float], None]
) -> list[Recovered]:
    """Write NAME_fair.csv for each NAME_observed.csv of a folder; a malformed file is reported and the rest runs."""
    files = sorted(economies.glob(f"*{OBSERVED}"))
    if not files:
        msg = f"{economies.name}: no file *{OBSERVED} found; name the folder that holds the observed economies."
        raise DataError(msg)
    belief, how = shipped_prior() if prior is None else read_prior(prior), shipped_population()
    out.mkdir(parents=True, exist_ok=True)
    work = Parallel(n_jobs=jobs, return_as="generator")(delayed(_one)(file, out, belief, how) for file in files)
    found = []
    for done in work:
        found.append(done)
        progress(len(found) / len(files))
    return found


def _one(file: Path, out: Path, prior: Prior, how: Population) -> Recovered:
    name = file.name.removesuffix(OBSERVED)
    try:
        answer = recover(read_economy(file), prior, how)
    except DataError as fault:
        return Recovered(name, str(fault))
    answer.to_csv(out / f"{name}{FAIR}", index=False, float_format="%.6g")
    return Recovered(name)


def read_economy(file: Path) -> MarketHistory:
    """Return an observed economy. DataError names the file, the column and the row of its first fault."""
    if file.stat().st_size > LARGEST_FILE:
        msg = f"{file.name}: {file.stat().st_size} bytes; a history of months is smaller than {LARGEST_FILE}."
        raise DataError(msg)
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as fault:
        msg = f"{file.name}: {str(fault).splitlines()[0]}; expected a CSV table with a header."
        raise DataError(msg) from fault
    missing = [column for column in ("month", *REQUIRED, *DEMAND) if column not in table]
    if missing or table.empty:
        msg = f"{file.name}: missing column {', '.join(missing)}." if missing else f"{file.name}: no rows."
        raise DataError(msg)
    numbers = {
        c: _numbers(file.name, table[c])
        for c in map(str, table.columns)
        if c not in {"month", TEXT} and not c.endswith("_evidence")
    }
    frame = pd.DataFrame(numbers).assign(month=table["month"]).set_index("month")
    for column in ("china_price", "capacity_china_est", "capacity_ex_china_est", *DEMAND):
        if frame[column].isna().all():
            msg = f"{file.name}: column {column} holds no number; an economy without it cannot be recovered."
            raise DataError(msg)
    try:
        return MarketHistory(MATERIAL, frame)
    except DataError as fault:
        msg = f"{file.name}: {fault}"
        raise DataError(msg) from fault


def _numbers(name: str, cells: pd.Series) -> np.ndarray:
    values = pd.to_numeric(cells.replace("", "nan"), errors="coerce").to_numpy(dtype=float)
    wrong = np.flatnonzero(np.isnan(values) & ~cells.str.lower().isin(["", "nan"]).to_numpy())
    if len(wrong):
        row = int(wrong[0])
        msg = f"{name}: column {cells.name}, row {row + 1} holds {cells.iloc[row]!r}; expected a number or nothing."
        raise DataError(msg)
    return values


def shipped_prior() -> Prior:
    """Return the benchmark's analyst prior."""
    return Prior.from_rows(_shipped("benchmark_prior.yaml"))


def read_prior(file: Path) -> Prior:
    """Return a prior from a YAML or JSON file of rows; names it leaves out keep the shipped rows."""
    try:
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))
        named = Prior.from_rows(rows)
    except (OSError, yaml.YAMLError, TypeError, AttributeError) as fault:
        msg = f"{file.name}: {str(fault).splitlines()[0]}; expected a list of rows with name, low, central, high."
        raise DataError(msg) from fault
    shipped = shipped_prior()
    unknown = sorted(set(named.rows) - set(shipped.rows))
    if unknown:
        msg = f"{file.name}: unknown parameter {', '.join(unknown)}; known are {', '.join(sorted(shipped.rows))}."
        raise DataError(msg)
    return Prior({**shipped.rows, **named.rows})


def shipped_population() -> Population:
    """Return how an economy is searched, with the shipped errors."""
    value = {name: float(row["value"]) for name, row in _shipped("benchmark_errors.yaml").items()}
    errors = Errors(
        price={MATERIAL: value["price_error"]},
        persistence=value["price_error_persistence"],
        gap=value["gap_error"],
        learning_rate=value["learning_rate"],
        freedom=value["error_freedom"],
        derived_factor=1.0,
        output=float("inf"),
        output_persistence=0.0,
        capacity=value["capacity_error"],
        capacity_persistence=value["capacity_error_persistence"],
    )
    return Population(errors, narrowing=value["interval_narrowing"])


def _shipped(name: str) -> Any:
    return yaml.safe_load((resources.files("features") / "data" / "expert" / name).read_text("utf-8"))
