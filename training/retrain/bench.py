"""Where a job works: each stage runs once, as a run of its own below the job's, and leaves its result behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from training.config import Progress
from training.retrain.journal import Journal
from training.retrain.request import Makers, Request
from training.retrain.work import Result, Work


@dataclass(frozen=True)
class Bench:
    """A job at work, with the results of its stages in order."""

    request: Request
    makers: Makers
    progress: Progress
    journal: Journal
    work: Work
    done: list[Result] = field(default_factory=list)

    def once(self, stage: str, key: str, make: Callable[[Path], None]) -> Result:
        """Return the result of a stage, made by `make` in a folder where no earlier job left it."""
        self.progress(stage, 0.0)
        with self.journal.stage(stage) as run_id:
            result = self.work.once(stage, key, make)
            self.journal.note(run_id, result)
        self.done.append(result)
        self.progress(stage, 1.0)
        return result

    @contextmanager
    def every_time(self, stage: str) -> Iterator[None]:
        """Run a stage whose result depends on which version serves, so that none is kept."""
        self.progress(stage, 0.0)
        began = time.monotonic()
        with self.journal.stage(stage) as run_id:
            yield
            result = Result(stage, self.work.folder, round(time.monotonic() - began, 3), reused=False)
            self.journal.note(run_id, result)
        self.done.append(result)
        self.progress(stage, 1.0)
