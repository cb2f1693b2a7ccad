"""What one training run is asked to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pricing.errors import Fault, InputError

EXPERIMENT = "fairprice"
MODEL_NAME = "fairprice"
CHAMPION = "champion"
PREVIOUS = "previous_champion"
CHALLENGER = "challenger"  # a version of another method, beside the champion
STORE_FOLDER = Path("var")
DEFAULT_DRAWS = 4096
SHORT_WAIT_SECONDS = 10.0  # for a turn to change what serves, which takes a second or two
MIN_DRAWS = 64  # below this the 95 % interval has hardly a draw outside it

Progress = Callable[[str, float], None]  # (stage, share of it done)


def silent(_stage: str, _share: float) -> None:
    """Take progress and show nothing."""


def local_store(folder: Path = STORE_FOLDER) -> str:
    """Return the tracking URI of a SQLite file in a folder; MLflow wants it absolute."""
    return f"sqlite:///{folder.resolve()}/mlflow.db"


@dataclass(frozen=True)
class TrainingConfig:
    """One run: the data it may see, the effort it takes, and where the result goes."""

    dataset: Path | None = None  # folder of a dataset; None is the shipped one
    vintages: Path | None = None  # store of vintages that are read beside it; None reads none
    as_of: date | None = None  # nothing known later is used; None is the dataset's last day
    draws: int = DEFAULT_DRAWS
    seed: int = 1
    tracking_uri: str = field(default_factory=local_store)
    private_data: Path | None = None  # folder of a user's own cards, tables and costs
    private_bundles: Path | None = None  # folder that keeps whole views of fits on private data; None keeps none
    out: Path | None = None  # also write bundle and plots here
    promote: bool = True
    promote_anyway: str | None = None  # why a version may serve that the leaderboard keeps from it
    economies: int | None = None  # per family in the leaderboard; None is the shipped number, 0 is no leaderboard
    jobs: int = -1  # processes of the leaderboard; no number depends on it

    def __post_init__(self) -> None:
        if self.draws < MIN_DRAWS or self.draws.bit_count() != 1:  # Sobol points are balanced in powers of two
            raise InputError(Fault("draws", str(self.draws), f"a power of two from {MIN_DRAWS}"))
        if self.seed < 0:
            raise InputError(Fault("seed", str(self.seed), "a whole number from 0"))
        if self.economies is not None and self.economies < 0:
            raise InputError(Fault("economies", str(self.economies), "a whole number from 0"))
        if self.promote_anyway is not None and not self.promote_anyway.strip():
            raise InputError(Fault("promote_anyway", repr(self.promote_anyway), "a reason in words"))
