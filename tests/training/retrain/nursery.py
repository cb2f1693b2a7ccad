"""Jobs as processes of their own, forked from one that has imported everything.

`run PLACE STOP WAIT CANDIDATE` begins one, `wait PID` ends with it.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import tiny_job

from features.dataset import load_dataset


def born(place: str, stop_at: str, wait: str, candidate: str) -> int:
    """Fork a job and return its process."""
    pid = os.fork()
    if pid:
        return pid
    with (Path(place) / f"said-{os.getpid()}").open("w") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        code = 1
        try:
            code = tiny_job.as_process(Path(place), int(stop_at), float(wait), int(candidate))
        except BaseException:  # noqa: BLE001 - a fork must not run on as its parent
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)


def _say(answer: object) -> None:
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def main() -> None:
    load_dataset()
    tiny_job.judged(1.05)
    _say("ready")
    for line in sys.stdin:
        asked, *words = line.split()
        answer = born(*words) if asked == "run" else os.waitstatus_to_exitcode(os.waitpid(int(words[0]), 0)[1])
        _say(answer)


if __name__ == "__main__":
    main()
