"""Signs of every lever in a thousand random states a family, at today's plants and once plants have adjusted.

    python benchmarks/lever_signs.py --conditions 32
    python benchmarks/lever_signs.py --conditions 32 --adjusted

A state is one of the draws of the tests' base (32) under random values of several levers at once; the levers of a
family are pulled in turn, each up or down by a random part of its evidence. Printed per family: by claim in how many
states it holds (tests/scenarios/signs.py says what is claimed), then single prices, which joint products leave open
where they are no claim: the share of states in which a price goes with the lever, and in which it goes against it.
Exit with 1 where a claim fails.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parents[1] / "tests" / "scenarios"
sys.path.insert(0, str(FOLDER))

from signs import (  # noqa: E402  they stand beside the tests
    BORDER,
    FAMILIES,
    LEFT,
    STILL,
    STILL_ADJUSTED,
    Pulled,
    States,
    holds,
    members,
    own_prices,
    still_adjusted,
)

from pricing.scenarios.plain import from_plain  # noqa: E402
from pricing.scenarios.solve import Logs  # noqa: E402

SEED = 20261126
SIDES = ("fair", "china", "outside")


def main() -> None:
    """Print counts by family and claim."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--conditions", type=int, default=32, help="random conditions, each for 32 draws")
    options.add_argument("--adjusted", action="store_true", help="once plants have adjusted, instead of today's plants")
    options.add_argument("--family", choices=FAMILIES, help="one family alone")
    chosen = options.parse_args()
    base = from_plain(json.loads((FOLDER / "base.json").read_text(encoding="utf-8")))
    random = np.random.default_rng(SEED)
    states = States.shaken(base, chosen.conditions, random)
    failed = 0
    for family in (chosen.family,) if chosen.family else FAMILIES:
        before = time.process_time()
        pulled = Pulled.of(states, family, random)
        if chosen.adjusted:
            claims = {"fair still": still_adjusted(pulled)} if family in STILL_ADJUSTED else {}
            moved = pulled.moved_at_rest
            counted = own_prices(pulled, moved, family)
        else:
            counted = {}
            claims, moved = holds(pulled, family), pulled.moved
        failed += sum(int((~right).sum()) for right in claims.values())
        told = "; ".join((*_counts(claims), *(f"{count}, no claim" for count in _counts(counted))))
        levers = len(members(base, family))
        print(f"{family} ({levers} levers, {time.process_time() - before:.0f} s): {told or 'no claim'}", flush=True)
        for line in single_prices(pulled, moved, still=family in STILL or (chosen.adjusted and family in BORDER)):
            print(f"    {line}", flush=True)
    sys.exit(failed > 0)


def _counts(held: dict[str, np.ndarray]) -> Iterator[str]:
    return (f"{name} {int(right.sum())} of {right.size}" for name, right in held.items())


def single_prices(pulled: Pulled, moved: Logs, *, still: bool) -> Iterator[str]:
    """Yield in which share of states each oxide's price goes with the lever, and against it."""
    for side in SIDES[1:] if still else SIDES:
        values = pulled.up[:, None, None] * getattr(moved, side)
        shares = (
            f"{material} {100 * (values[..., e] > LEFT).mean():.0f}/{100 * (values[..., e] < -LEFT).mean():.0f}"
            for e, material in enumerate(pulled.states.base.facts.materials)
        )
        yield f"{side}, % of states with/against: {', '.join(shares)}"


if __name__ == "__main__":
    main()
