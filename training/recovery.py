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
from joblib import Parallel, delayed, effective_n_jobs

from pricing.errors import DataError
from pricing.fair.recovery import Calibration, Errors, Search, recover
from pricing.market.history import DEMAND, REQUIRED, MarketHistory
from pricing.market.simulated import Smoothing
from pricing.prior import Prior

OBSERVED, FAIR = "_observed.csv", "_fair.csv"
MATERIAL = "simulated oxide"
TEXT = "price_basis"
LARGEST_FILE = 16 * 2**20  # bytes
BATCH = 60  # economies searched side by side


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
    belief = shipped_prior() if prior is None else read_prior(prior)
    out.mkdir(parents=True, exist_ok=True)
    read = [_read(file) for file in files]
    faults = [fault for fault in read if isinstance(fault, Recovered)]
    readable = [economy for economy in read if not isinstance(economy, Recovered)]
    batches = _batches(readable, min(BATCH, -(-len(readable) // effective_n_jobs(jobs))))
    work = Parallel(n_jobs=jobs, return_as="generator")(delayed(_recovered)(batch, out, belief) for batch in batches)
    found = list(faults)
    for done in work:
        found.extend(done)
        progress(len(found) / len(files))
    return sorted(found, key=lambda recovered: recovered.name)


Named = tuple[str, MarketHistory]


def _read(file: Path) -> Named | Recovered:
    name = file.name.removesuffix(OBSERVED)
    try:
        return name, read_economy(file)
    except DataError as fault:
        return Recovered(name, str(fault))


def _batches(economies: list[Named], most: int) -> list[list[Named]]:
    """Return the economies in batches of equal length and at most `most`, to be searched side by side."""
    batches = []
    for length in sorted({len(history.frame) for _, history in economies}):
        same = [economy for economy in economies if len(economy[1].frame) == length]
        batches += [same[start : start + most] for start in range(0, len(same), most)]
    return batches


def _recovered(batch: list[Named], out: Path, prior: Prior) -> list[Recovered]:
    """Write the answers of a batch; where it fails as a whole each economy is tried alone, so that one fault is one."""
    names = [name for name, _ in batch]
    try:
        answers = recover([history for _, history in batch], prior, shipped_search(), shipped_calibration())
    except DataError as fault:
        if len(batch) == 1:
            return [Recovered(names[0], f"{names[0]}{OBSERVED}: {fault}")]
        return [done for economy in batch for done in _recovered([economy], out, prior)]
    for name, answer in zip(names, answers, strict=True):
        answer.to_csv(out / f"{name}{FAIR}", index=False, float_format="%.6g")
    return [Recovered(name) for name in names]


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


def shipped_search() -> Search:
    """Return how an economy is searched, with the shipped errors."""
    value = _errors()
    errors = Errors(
        price=value["price_error"],
        gap=value["gap_error"],
        capacity=value["capacity_error"],
        price_persistence=value["price_error_persistence"],
        capacity_persistence=value["capacity_error_persistence"],
        freedom=value["error_freedom"],
        learning_rate=value["learning_rate"],
        scale_weight=value["scale_weight"],
    )
    months = (int(value[f"{name}_smoothing"]) for name in ("capacity", "demand", "rent"))
    return Search(errors, Smoothing(*months))


def shipped_calibration() -> Calibration:
    """Return the width of intervals as calibrated on simulated economies."""
    value = _errors()
    return Calibration(
        value["interval_least"],
        value["interval_unseen"],
        {level: value[f"interval_half_width_{level}"] for level in (50, 80, 95)},
    )


def _errors() -> dict[str, float]:
    return {name: float(row["value"]) for name, row in _shipped("benchmark_errors.yaml").items()}


def _shipped(name: str) -> Any:
    return yaml.safe_load((resources.files("features") / "data" / "expert" / name).read_text("utf-8"))
