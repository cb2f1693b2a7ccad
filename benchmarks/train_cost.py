"""Time and memory of `fairprice train` on the shipped dataset: `.venv/bin/python benchmarks/train_cost.py [--draws N]`.

Runs the command in a process of its own on a fresh store and prints wall time, CPU time and peak memory, with the aims.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from training.config import DEFAULT_DRAWS

AIM_SECONDS, AIM_GIB = 180, 2.0
KIB_PER_GIB = 2**20  # Linux counts peak memory in KiB


def measure(draws: int) -> None:
    """Train once and print what it cost."""
    fairprice = Path(sys.executable).with_name("fairprice")
    with tempfile.TemporaryDirectory() as scratch:
        store = f"sqlite:///{scratch}/mlflow.db"
        start = time.perf_counter()
        command = [str(fairprice), "train", "--draws", str(draws), "--tracking-uri", store]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"draws {draws}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}")
    print(f"wall     {seconds:7.1f} s   (aim under {AIM_SECONDS} s)")
    print(f"CPU      {used.ru_utime + used.ru_stime:7.1f} s")
    print(f"peak RSS {used.ru_maxrss / KIB_PER_GIB:7.2f} GiB (aim under {AIM_GIB:.0f} GiB)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DEFAULT_DRAWS)
    measure(parser.parse_args().draws)
