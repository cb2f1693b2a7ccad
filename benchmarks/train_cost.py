"""Time and memory of `fairprice train` on the shipped dataset: `.venv/bin/python benchmarks/train_cost.py [--draws N]`.

Runs the command on a fresh store and prints wall time, CPU time and the peak memory of all its processes together,
beside the aims. Linux only: memory is read from /proc five times a second; shared pages count once per process.
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
KIB_PER_GIB = 2**20
SAMPLE_SECONDS = 0.2


def measure(draws: int) -> None:
    """Train once and print what it cost."""
    fairprice = Path(sys.executable).with_name("fairprice")
    with tempfile.TemporaryDirectory() as scratch:
        store = f"sqlite:///{scratch}/mlflow.db"
        command = [str(fairprice), "train", "--draws", str(draws), "--tracking-uri", store]
        start = time.perf_counter()
        training = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        peak = 0
        while training.poll() is None:
            peak = max(peak, resident_kib(training.pid))
            time.sleep(SAMPLE_SECONDS)
        seconds = time.perf_counter() - start
    if training.returncode:
        sys.exit(f"fairprice train ended with code {training.returncode}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"draws {draws}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}")
    print(f"wall     {seconds:7.1f} s   (aim under {AIM_SECONDS} s)")
    print(f"CPU      {used.ru_utime + used.ru_stime:7.1f} s")
    print(f"peak RSS {peak / KIB_PER_GIB:7.2f} GiB (aim under {AIM_GIB:.0f} GiB)")


def resident_kib(pid: int) -> int:
    """Return the resident memory of a process and all below it; one that has just ended counts nothing."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        threads = Path(f"/proc/{pid}/task").glob("*/children")
        children = [child for thread in threads for child in thread.read_text(encoding="utf-8").split()]
    except OSError:
        return 0
    own = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)
    return own + sum(resident_kib(int(child)) for child in children)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DEFAULT_DRAWS)
    measure(parser.parse_args().draws)
