"""Server CPU of one warm forecast query beside one warm price query, on the same published model.

    python benchmarks/forecast_query.py --bundle FOLDER --requests 2000

As benchmarks/price_query.py: one kept connection, days asked for before, CPU time that the kernel charges the server.
Fresh: each answer by an address that was not asked before, so that it is made anew.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from price_query import DAYS, Ask, cpu_us_per_query, read, server


def main() -> None:
    """Print CPU microseconds per query."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bundle", type=Path, required=True)
    options.add_argument("--requests", type=int, default=2_000)
    chosen = options.parse_args()
    environment = os.environ | {"FAIRPRICE_BUNDLE": str(chosen.bundle)}
    with server(["fairprice", "serve"], "/health", environment) as (process, port):
        for name, path in (("price", "/v1/prices/NdPr?"), ("forecast", "/v1/forecasts/NdPr?")):
            warm = cpu_us_per_query(process, port, asking(f"{path}as_of={day}" for day in repeated()), chosen.requests)
            print(f"{name:10s} warm   {warm:6.0f} us CPU per query, {len(DAYS)} days in turn")
            new = cpu_us_per_query(process, port, asking(unseen(path)), chosen.requests)
            print(f"{name:10s} fresh  {new:6.0f} us CPU per query, each address once")


def unseen(path: str) -> Iterator[str]:
    """Yield addresses that differ: an age limit that no data reach."""
    return (f"{path}max_age_days={20_000 + number % 16_000}" for number in range(10**6))


def repeated() -> Iterator[str]:
    """Yield the same days in turn, for ever."""
    return itertools.cycle(DAYS)


def asking(addresses: Iterator[str]) -> Ask:
    """Return how to ask for one address after the other."""

    def ask(connection: http.client.HTTPConnection, _day: str) -> None:
        connection.request("GET", next(addresses))
        read(connection)

    return ask


if __name__ == "__main__":
    main()
