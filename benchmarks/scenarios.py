"""CPU of scenarios at the service's door, and whether any request changes the next.

    python benchmarks/scenarios.py --scenarios 1000
    python benchmarks/scenarios.py --bundle var/bundle --skip-order

Without `--bundle` the base of the tests is asked (32 draws of a small fit), in this process and without a socket. Timed
is the CPU of this process per answer, first request aside: a short-run re-solve, a permanent scenario of one override
and of three, a dated path, a batch of ten, a known answer. Then mixed scenarios are asked in two orders, each of a
service that has answered nothing before, and compared byte by byte; and price queries are timed beside a solve.
`--resting` prints instead how much of an effect after LONG years is there after the years that a scenario for good has.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from pricing.levers import read_overrides
from pricing.scenarios.conditions import conditions
from pricing.scenarios.pushes import pushes
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.solve import ADJUSTMENT_YEARS, adjusted, short_run
from serving.app import create_app
from serving.desk import Desk
from serving.model_store import DirectoryStore
from serving.scenarios.start import Start

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 4, 10)
REPEATS = 7
LONG = 120.0  # years
PULLED = {
    "process.separation.ex_china": 0.7,
    "process.separation.all": 2.0,
    "feed.myanmar": 0.6,
    "demand.all": 1.5,
    "wages.all": 1.2,
}
RATIOS = ("wages.all", "energy.all", "quota.mining", "demand.all", "reagents.all", "process.separation.ex_china")
TARIFFS = ("tariff.united_states.oxide.china", "tariff.united_states.magnet.china", "tariff.elsewhere.metal.others")
SEED = 20260331
Body = dict[str, Any]


@dataclass(frozen=True)
class Service:
    """A service in this process that has answered nothing yet."""

    folder: Path

    def answers(self, bodies: Sequence[Body]) -> Iterator[bytes]:
        """Yield the answer to each body, in their order."""
        desk = Desk(DirectoryStore(self.folder), lambda: TODAY)
        for body in bodies:
            yield desk.scenarios.ask(json.dumps(body).encode()).body


def main() -> None:
    """Print CPU per kind of request, and whether two orders of mixed scenarios gave the same bytes."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bundle", type=Path, help="folder of a published model; by default that of the tests")
    options.add_argument("--scenarios", type=int, default=1_000)
    options.add_argument("--resting", action="store_true")
    options.add_argument("--skip-order", action="store_true")
    options.add_argument("--draws", type=int, default=32, help="of the tests' base; fewer are quicker")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.bundle or _bundle_of_tests(Path(scratch), chosen.draws)
        if chosen.resting:
            print_resting(folder)
            return
        print_times(folder)
        asyncio.run(print_price_queries(folder))
        if not chosen.skip_order:
            print_orders(Service(folder), chosen.scenarios)


def print_times(folder: Path) -> None:
    """Print the median CPU of each kind of request."""
    desk = Desk(DirectoryStore(folder), lambda: TODAY)
    start = Start.of(desk.book)
    months = {"from": "2027-01", "to": "2027-12"}

    def scenario(step: int, count: int = 1, **dates: str) -> Body:
        names = ("quota.mining", "demand.all", "reagents.all")[:count]
        return {"overrides": [{"lever": name, "scale": 1.01 + step / 1_000, **dates} for name in names]}

    def asked(body: Body) -> bytes:
        return desk.scenarios.ask(json.dumps(body).encode()).body

    def solved_now(step: int) -> object:
        rows = scenario(step)["overrides"]
        read = Scenario.of(read_overrides(rows, start.base.levers, start.baselines, start.months))
        return short_run(start.base, [conditions(start.base, pushes(start.base, read.overrides))])

    def batch(step: int) -> bytes:
        bodies = [scenario(100 + 10 * step + place) for place in range(10)]
        return desk.scenarios.batch(json.dumps({"scenarios": bodies}).encode())

    cases: dict[str, Callable[[int], object]] = {
        "short-run re-solve": solved_now,
        "permanent, one override": lambda step: asked(scenario(step)),
        "permanent, three overrides": lambda step: asked(scenario(step, 3)),
        "dated path, one override": lambda step: asked(scenario(step, **months)),
        "dated path, three overrides": lambda step: asked(scenario(step, 3, **months)),
        "batch of ten": batch,
        "known answer": lambda _: asked(scenario(0)),
    }
    print(f"{start.base.size} draws, median of {REPEATS}, CPU of this process")
    for name, run in cases.items():
        run(REPEATS)  # what is solved once
        print(f"  {name:28s} {1_000 * median(_cpu_seconds(run, step) for step in range(REPEATS)):9.2f} ms")


def print_resting(folder: Path) -> None:
    """Print mean log effects, and their ratio to those after LONG years: fair NdPr, Dy and Tb, then China's market."""
    start = Start.of(Desk(DirectoryStore(folder), lambda: TODAY).book)
    base, cases = start.base, [conditions(start.base, {})]
    for name, factor in PULLED.items():
        rows = [{"lever": name, "scale": factor}]
        read = Scenario.of(read_overrides(rows, base.levers, start.baselines, start.months))
        cases.append(conditions(base, pushes(base, read.overrides)))
    usual, long = (adjusted(base, cases, years) for years in (ADJUSTMENT_YEARS, LONG))
    for place, (name, factor) in enumerate(PULLED.items(), start=1):
        told = []
        for side in ("fair", "china"):
            effects = [getattr(logs.at(place) - logs.at(0), side).mean(axis=0) for logs in (usual, long)]
            told += [
                f"{effect:+.4f} ({ratio:.2f})"
                for effect, ratio in zip(effects[0], effects[0] / effects[1], strict=True)
            ]
        print(f"  {name:32s} x {factor:.1f}  {'  '.join(told)}")


async def print_price_queries(folder: Path) -> None:
    """Print how long price queries take on the wall, alone and while scenarios are solved."""
    app = create_app(DirectoryStore(folder), lambda: TODAY)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:

        async def prices() -> list[float]:
            found = []
            for _ in range(100):
                before = time.perf_counter()
                await client.get("/v1/prices/NdPr")
                found.append(time.perf_counter() - before)
                await asyncio.sleep(0.005)
            return sorted(found)

        alone = await prices()
        bodies = [{"overrides": [{"lever": "quota.mining", "scale": 1.2 + step / 1_000}]} for step in range(8)]
        solving = [asyncio.create_task(client.post("/v1/scenarios", json=body)) for body in bodies]
        beside = await prices()
        await asyncio.gather(*solving)
    for name, found in (("alone", alone), ("beside eight scenarios", beside)):
        print(f"  price query {name:24s} median {1e3 * median(found):6.2f} ms, worst {1e3 * found[-1]:7.2f} ms")


def print_orders(service: Service, count: int) -> None:
    """Print whether mixed scenarios have the same answers in two orders; exit with 1 where they have not."""
    bodies = list(mixed(count))
    before = time.process_time()
    forward = list(service.answers(bodies))
    backward = list(service.answers(bodies[::-1]))[::-1]
    same = sum(one == other for one, other in zip(forward, backward, strict=True))
    print(
        f"  {same} of {count} mixed scenarios have the same bytes in both orders ({time.process_time() - before:.0f} s)"
    )
    sys.exit(same < count)


def mixed(count: int) -> Iterator[Body]:
    """Yield scenarios of every kind: for good, dated and both, of up to four levers, within the evidence and beyond.

    Ratios are scaled by .5 to 2; tariffs, whose baseline may be nil, are set.
    """
    chance = random.Random(SEED)
    names = (*RATIOS, *TARIFFS)
    for _ in range(count):
        rows = []
        for name in chance.sample(names, chance.randint(0, 4)):
            way = "set" if name in TARIFFS else "scale"
            row: Body = {"lever": name, way: round(chance.uniform(0.5, 2.0), 3)}
            if chance.random() < 0.5:
                first = chance.randint(2027, 2030)
                row |= {"from": f"{first}-01", "to": f"{first + chance.randint(0, 2)}-12"}
            rows.append(row)
        yield {"overrides": rows}


def _cpu_seconds(run: Callable[[int], object], step: int) -> float:
    before = time.process_time()
    run(step)
    return time.process_time() - before


def _bundle_of_tests(scratch: Path, draws: int) -> Path:
    """Write the made-up model of the tests with more draws of the base of a small fit, and return its folder."""
    from dataclasses import replace  # noqa: PLC0415  the tests' own model is wanted only here

    from pricing.bundle import write_bundle  # noqa: PLC0415

    sys.path.insert(0, str(ROOT / "tests" / "serving"))
    from conftest import synthetic_bundle, thin_base  # noqa: PLC0415

    write_bundle(replace(synthetic_bundle(), scenario_base=thin_base(draws)), scratch / "bundle")
    return scratch / "bundle"


if __name__ == "__main__":
    main()
