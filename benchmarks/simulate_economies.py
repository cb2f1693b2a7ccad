"""Time and memory of simulated economies: `.venv/bin/python benchmarks/simulate_economies.py [--count N] [--family F]`.

Makes the economies on every core, 190 months each, and prints wall time, CPU time and peak memory beside the aim.
"""

from __future__ import annotations

import argparse
import os
import resource
import time

from joblib.externals.loky import get_reusable_executor

from pricing.market.synthetic.draws import MONTHS
from training.simulate import family_named, in_parallel

AIM_SECONDS = 180
KIB_PER_GIB = 2**20


def measure(family: str, count: int, jobs: int) -> None:
    """Simulate once and print what it cost."""
    chosen = family_named(family)
    start = time.perf_counter()
    made = in_parallel(chosen, count, seed=1, jobs=jobs)
    seconds = time.perf_counter() - start
    get_reusable_executor().shutdown(wait=True)  # a process counts once it has ended
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cores = len(os.sched_getaffinity(0))
    print(f"{len(made)} economies of {family}, {MONTHS} months, {cores} cores, load {os.getloadavg()[0]:.1f}")
    print(f"wall     {seconds:7.1f} s   (aim under {AIM_SECONDS} s for 10,000)")
    print(f"CPU      {sum(one.ru_utime + one.ru_stime for one in spent):7.1f} s")
    print(f"peak RSS {spent[0].ru_maxrss / KIB_PER_GIB:7.2f} GiB in the process that collects them")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--family", default="training_mix")
    parser.add_argument("--jobs", type=int, default=-1)
    asked = parser.parse_args()
    measure(asked.family, asked.count, asked.jobs)
