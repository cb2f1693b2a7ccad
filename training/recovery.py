"""The recovery benchmark: a folder of economies whose truth others know, in; fair prices with intervals, out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from joblib import Parallel, delayed, effective_n_jobs

from features.simulated_cloud import simulated_cloud
from pricing.errors import DataError
from pricing.fair.problem import Errors, Search
from pricing.fair.recovery import Calibration, with_likeness
from pricing.market.history import DEMAND, REQUIRED, MarketHistory
from pricing.market.simulated import Smoothing
from pricing.prior import Prior

OBSERVED, FAIR, SCORES = "_observed.csv", "_fair.csv", "misspecification.csv"
MATERIAL = "simulated oxide"
TEXT = "price_basis"
LARGEST_FILE = 16 * 2**20  # bytes
FEWEST_MONTHS = 24
BATCH = 60  # economies searched side by side


@dataclass(frozen=True)
class Recovered:
    """What became of one economy: the fault that kept it from an answer, or how it stands to the simulated cloud."""

    name: str
    fault: str | None = None
    score: float = np.nan  # 1 is ordinary
    share_farther: float = np.nan  # of the simulated economies
    outside: bool = False


def recover_folder(
    economies: Path, out: Path, prior: Path | None, jobs: int, progress: Callable[[float], None]
) -> list[Recovered]:
    """Write NAME_fair.csv for each NAME_observed.csv of a folder; a malformed file is reported and the rest runs.

    How unlike the simulated economies each one is stands beside them in misspecification.csv.
    """
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
    work = Parallel(n_jobs=jobs, return_as="generator")(delayed(_recovered)(batch, belief) for batch in batches)
    found = list(faults)
    for done in work:
        found.extend(_written(answer, out) for answer in done)
        progress(len(found) / len(files))
    found.sort(key=lambda recovered: recovered.name)
    _write_scores([one for one in found if not one.fault], out / SCORES)
    return found


def _write_scores(found: list[Recovered], file: Path) -> None:
    rows = [(one.name, one.score, one.share_farther, int(one.outside)) for one in found]
    table = pd.DataFrame(rows, columns=["name", "score", "share_farther", "outside"])
    table.to_csv(file, index=False, float_format="%.4g")


Named = tuple[str, MarketHistory]


def _read(file: Path) -> Named | Recovered:
    name = file.name.removesuffix(OBSERVED)
    try:
        return name, read_economy(file)
    except DataError as fault:
        return Recovered(name, str(fault))


def _batches(economies: list[Named], most: int) -> list[list[Named]]:
    """Return the economies in batches of the same months and at most `most`, to be searched side by side."""
    batches = []
    for months in sorted({tuple(history.months) for _, history in economies}):
        same = [economy for economy in economies if tuple(economy[1].months) == months]
        batches += [same[start : start + most] for start in range(0, len(same), most)]
    return batches


Answer = tuple[Recovered, pd.DataFrame | None]


def _recovered(batch: list[Named], prior: Prior) -> list[Answer]:
    """Return the answers of a batch; where it fails as a whole each is tried alone, so that one fault is one."""
    names = [name for name, _ in batch]
    try:
        histories = [history for _, history in batch]
        answers, stands = with_likeness(histories, prior, shipped_search(), shipped_calibration())
    except (DataError, ValueError, ArithmeticError, LookupError) as fault:
        if len(batch) == 1:
            return [(Recovered(names[0], f"{names[0]}{OBSERVED}: {fault}"), None)]
        return [done for economy in batch for done in _recovered([economy], prior)]
    scored = zip(names, stands.score.tolist(), stands.farther.tolist(), stands.outside.tolist(), strict=True)
    return [(Recovered(name, None, *stand), answer) for (name, *stand), answer in zip(scored, answers, strict=True)]


def _written(answered: Answer, out: Path) -> Recovered:
    """Write an answer where the one who asked is, and return what became of it; a worker may see no file of his."""
    one, answer = answered
    if answer is None:
        return one
    name = one.name
    wrong = [column for column in answer.columns[1:] if not np.isfinite(answer[column]).all()]
    if wrong:
        return Recovered(name, f"{name}{OBSERVED}: no finite {', '.join(wrong)} was found; nothing is written.")
    answer.to_csv(out / f"{name}{FAIR}", index=False, float_format="%.6g")
    return one


def read_economy(file: Path) -> MarketHistory:
    """Return an observed economy. DataError names the file, the column and the row of its first fault."""
    table = _table(file)
    missing = [column for column in ("month", *REQUIRED, *DEMAND) if column not in table]
    if missing:
        msg = f"{file.name}: missing column {', '.join(missing)}."
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
    frame = _with_costs(file.name, frame)
    try:
        return MarketHistory(MATERIAL, frame)
    except DataError as fault:
        msg = f"{file.name}: {fault}"
        raise DataError(msg) from fault


def _table(file: Path) -> pd.DataFrame:
    """Return the cells of a file as text. DataError where it is no table, too large, too short or says a name twice."""
    if file.stat().st_size > LARGEST_FILE:
        msg = f"{file.name}: {file.stat().st_size} bytes; a history of months is smaller than {LARGEST_FILE}."
        raise DataError(msg)
    try:
        header = pd.read_csv(file, dtype=str, header=None, nrows=1, keep_default_na=False).iloc[0]
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as fault:
        msg = f"{file.name}: {str(fault).splitlines()[0]}; expected a CSV table with a header."
        raise DataError(msg) from fault
    if header.duplicated().any():
        msg = f"{file.name}: column {header[header.duplicated()].iloc[0]} stands twice; keep one."
        raise DataError(msg)
    if len(table) < FEWEST_MONTHS:
        msg = f"{file.name}: {len(table)} months; fewer than {FEWEST_MONTHS} say nothing of lags and costs."
        raise DataError(msg)
    return table


def _with_costs(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with gaps in demand, quota, costs and prices of factors held at the last value seen.

    DataError where a factor lacks its pair, where a whole column is empty, or where a value is not positive.
    """
    names = [str(c) for c in frame.columns if str(c).startswith("factor_") and not str(c).endswith("_evidence")]
    factors = {c.removeprefix("factor_price_").removeprefix("factor_cost_") for c in names}
    pairs = [f"factor_{kind}_{factor}" for factor in sorted(factors) for kind in ("price", "cost")]
    lacking = [column for column in pairs if column not in frame]
    if lacking or not pairs:
        msg = f"{name}: {', '.join(lacking) or 'factor_price_F and factor_cost_F'} missing; every factor needs both."
        raise DataError(msg)
    for column in (*pairs, "mining_quota", *DEMAND):
        seen = frame[column].dropna()
        if seen.empty or (seen <= 0).any():
            found = "nothing" if seen.empty else f"{seen[seen <= 0].iloc[0]:g} in {seen[seen <= 0].index[0]}"
            msg = f"{name}: column {column} holds {found}; expected numbers above zero."
            raise DataError(msg)
    held = [*pairs, "mining_quota", *DEMAND]
    return frame.assign(**{column: frame[column].ffill().bfill() for column in held})


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
        shipped = shipped_prior()
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))
        unknown = sorted({str(row["name"]) for row in rows} - set(shipped.rows))
        if unknown:
            msg = f"{file.name}: unknown parameter {', '.join(unknown)}; known are {', '.join(sorted(shipped.rows))}."
            raise DataError(msg)
        numbers = [{end: float(row[end]) for end in ("low", "central", "high") if end in row} for row in rows]
        named = Prior.from_rows(
            {**asdict(shipped.rows[row["name"]]), **row, **ends} for row, ends in zip(rows, numbers, strict=True)
        )
    except (OSError, ValueError, KeyError, yaml.YAMLError, TypeError, AttributeError) as fault:
        msg = f"{file.name}: {str(fault).splitlines()[0]}; expected a list of rows with name, low, central, high."
        raise DataError(msg) from fault
    prior = Prior({**shipped.rows, **named.rows})
    if not prior.uncertain.any():
        msg = f"{file.name}: every parameter is fixed; leave at least one with low below high."
        raise DataError(msg)
    return prior


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
        value["usual_scale"],
        {level: value[f"interval_half_width_{level}"] for level in (50, 80, 95)},
        value["outside_factor"],
        simulated_cloud(),
    )


def _errors() -> dict[str, float]:
    return {name: float(row["value"]) for name, row in _shipped("benchmark_errors.yaml").items()}


def _shipped(name: str) -> Any:
    return yaml.safe_load((resources.files("features") / "data" / "expert" / name).read_text("utf-8"))
