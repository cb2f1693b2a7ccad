"""What a retrain job is asked to do, where it works, and what makes the parts of a candidate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from features.dataset import Dataset
from features.intake.intake import Order
from pricing.bundle import Bundle
from pricing.errors import Fault, InputError
from training.config import Progress, TrainingConfig
from training.fit import fit_prices
from training.forecast.publish import forecasts
from training.leaderboard.board import Board
from training.pipeline import scored
from training.plot_tornado import draw_tornados
from training.plots import draw_plots
from training.retrain.lock import JOB, Turn, check_wait, lock_of, work_folder


@dataclass(frozen=True)
class Request:
    """One job. `intake` says how files are taken in, and is there whenever files are."""

    config: TrainingConfig
    now: datetime
    files: tuple[Path, ...] = ()
    intake: Order | None = None
    work: Path | None = None  # folder of the stages' results; None is beside the store
    wait_seconds: float = 0.0  # for another job to end
    first: bool = False  # a first version is wanted, though there are traces of an earlier champion

    def __post_init__(self) -> None:
        if self.config.private_data:
            allowed = "no private data: fit on them with `fairprice train`, which keeps a whole view for their owner"
            raise InputError(Fault("private_data", str(self.config.private_data), allowed))
        check_wait(self.wait_seconds)

    @property
    def place(self) -> Path:
        """Return the folder of the stages' results."""
        return work_folder(self.config.tracking_uri, self.work)

    @property
    def lock(self) -> Path:
        """Return the file that one job at a time holds."""
        return lock_of(JOB, self.config.tracking_uri, self.work)

    @property
    def turn(self) -> Turn:
        """Return the job's turn to change which version serves, which it takes at its end."""
        return Turn(self.now, work=self.work)


def draw(bundle: Bundle, folder: Path) -> None:
    """Draw the plots of a bundle."""
    draw_plots(bundle, folder)
    draw_tornados(bundle.tornado, folder)


@dataclass(frozen=True)
class Makers:
    """What makes the parts of a candidate. A test hands in quick ones, or damaged ones."""

    prices: Callable[[Dataset, TrainingConfig, Progress], Bundle] = fit_prices
    market: Callable[[Dataset, Progress, int], dict[str, Any]] = forecasts
    board: Callable[[TrainingConfig, Progress], Board] = scored
    plots: Callable[[Bundle, Path], None] = draw
