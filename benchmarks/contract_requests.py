"""CPU of whole requests about contracts, beside the same payments and values by numpy alone and by QuantLib.

    python benchmarks/valuation.py --requests-only         prints this table alone
    python benchmarks/valuation.py --bundle FOLDER          the same with a model, whose fair price stands in the answer

A request goes through the app in this process, from the bytes of a body to those of the answer, without a socket:
three monthly floors on one NdPr index around a flat deck, paths already made. numpy gets the same paths for nothing and
returns payments, quantiles, how likely each floor binds and the values to both sides, which must be ours to the cent.
QuantLib values each payment by an engine of its own on as many pseudo-random paths, and tells no quantile. Counted is
CPU time, the best of many; ours and numpy are asked in turn, so that a busy machine slows both. QuantLib, asked in
between, would leave either with cold caches: it comes after them.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import QuantLib as ql  # noqa: N813 - as its own pages write it
from fastapi import FastAPI
from quantlib_strips import fixing, market, payoff, timed

from features.path_numbers import path_parameters
from pricing.contracts.valuation.parties import discount_factors
from pricing.paths.simulate import Sampling, growths
from pricing.paths.stated import stated_process
from serving.app import create_app
from serving.model_store import DirectoryStore

Body = dict[str, Any]
CONTRACTS, FLOOR, DECK, KG_A_MONTH = 3, 110.0, 100.0, 1.0e5
SELLER_RATE, BUYER_RATE = 0.10, 0.04
FIRST_YEAR = 2026
SHARES = (0.05, 0.10, 0.50, 0.90, 0.95)
TODAY = date(2026, 4, 10)


def print_requests(bundle: Path | None, repeats: int) -> None:
    """Print what whole requests cost, and their ratio to numpy and to QuantLib."""
    with tempfile.TemporaryDirectory() as nothing:
        app = create_app(DirectoryStore(bundle or Path(nothing)), lambda: TODAY)
        print(f"\n{'whole requests, CPU of one core':56}  ours ms  numpy ms   ratio  QuantLib ms   ratio")
        for months in (12, 120):
            request, plain = asking(app, "valuations", valuation(months)), by_numpy(months)
            check_alike(json.loads(request()), plain()[0])
            ours, numpy = in_turn((request, plain), repeats)
            (quantlib,) = in_turn((by_quantlib(months),), max(repeats // 10, 1))
            name = f"{CONTRACTS} contracts of one floor, {months} months, 4,096 paths"
            figures = f"{numpy * 1e3:9.2f} {ours / numpy:7.1f} {quantlib * 1e3:12.1f} {ours / quantlib:7.2f}"
            print(f"{name:56} {ours * 1e3:8.2f} {figures}")
        (settled,) = in_turn((asking(app, "settlements", settlement()),), repeats)
        print(f"{'a settlement of 12 months on given fixings':56} {settled * 1e3:8.2f}")


def check_alike(answer: Body, values: np.ndarray) -> None:
    """Return nothing where the values to both sides are those of numpy, to the cent; else stop."""
    told = [side["value_usd"] for side in answer["values"]]
    if not np.allclose(told, values * (1, -1), rtol=0, atol=0.0051):
        sys.exit(f"The request answers {told}, numpy {values.tolist()}: they are not the same work.")


def in_turn(calls: tuple[Callable[[], object], ...], repeats: int) -> list[float]:
    """Return the CPU seconds of calls made one after the other, the best of many of each, the first one aside."""
    for call in calls:
        call()
    runs = [[timed(call) for call in calls] for _ in range(repeats)]
    return [min(times) for times in zip(*runs, strict=True)]


def valuation(months: int) -> Body:
    """Return what floors pay and are worth while the price moves around a flat deck."""
    return {
        "contracts": [floor(number, months) for number in range(CONTRACTS)],
        "outlook": {"kind": "paths", "deck": {"kind": "given", "flat_usd_per_kg": DECK}},
        "parties": {"seller": {"discount_rate": SELLER_RATE}, "buyer": {"discount_rate": BUYER_RATE}},
    }


def settlement() -> Body:
    """Return what one floor pays on fixings of a year."""
    fixings = {f"{FIRST_YEAR}-{month:02d}": 95 + 3 * month for month in range(1, 13)}
    index = {"currency": "USD", "unit": "kg", "form": "oxide", "vat": "excluded", "fixings": fixings}
    return {"contract": floor(0, 12), "facts": {"indices": {"published": index}}}


def floor(number: int, months: int) -> Body:
    """Return a contract that pays what the index lacks of the floor, month by month."""
    return {
        "name": f"contract {number}",
        "buyer": "B",
        "seller": "S",
        "material": "NdPr",
        "form": "oxide",
        "vat": "excluded",
        "settlement": "monthly",
        "from": f"{FIRST_YEAR}-01-01",
        "to": f"{FIRST_YEAR - 1 + months // 12}-12-31",
        "volume": {"basis": "sold", "tonnes_per_year": 12 * KG_A_MONTH / 1000},
        "references": {"benchmark": {"kind": "index", "index": "published", "window": "month", "lag_months": 0}},
        "clauses": [
            {"kind": "floor", "name": f"floor_{number}", "reference": "benchmark", "floor_usd_per_kg": FLOOR},
        ],
    }


def asking(app: FastAPI, address: str, body: Body) -> Callable[[], bytes]:
    """Return how to ask the app for one answer; it stops where that is no 200."""
    sent = json.dumps(body).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"/v1/contracts/{address}",
        "raw_path": f"/v1/contracts/{address}".encode(),
        "query_string": b"",
        "root_path": "",
        "server": ("here", 80),
        "client": ("here", 1),
        "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(sent)).encode())],
    }
    runner = asyncio.Runner()

    async def answered() -> bytes:
        received: list[Any] = []

        async def receive() -> Body:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Any) -> None:
            received.append(message)

        await app(dict(scope), receive, send)
        if received[0]["status"] != 200:
            sys.exit(f"{address} answered {received[0]['status']}: {received[1]['body'][:300]!r}")
        return bytes(received[1]["body"])

    return lambda: runner.run(answered())


def by_numpy(months: int) -> Callable[[], tuple[np.ndarray, object]]:
    """Return the same payments, quantiles, probabilities and values of the same paths, in numpy alone."""
    years = tuple(month / 12 for month in range(1, months + 1))
    paths = growths(stated_process(path_parameters(), ("NdPr",)), years, Sampling())[0]
    views = np.stack([discount_factors(rate, np.array(years)) for rate in (SELLER_RATE, BUYER_RATE)])

    def valued() -> tuple[np.ndarray, object]:
        prices = DECK * paths
        net, by_leg = np.zeros_like(prices), []
        for _ in range(CONTRACTS):
            paid = np.maximum(FLOOR - prices, 0.0) * KG_A_MONTH
            by_leg.append((paid.mean(axis=1), (prices < FLOOR).mean(axis=1), views @ paid.mean(axis=1)))
            net += paid
        of_years = net.reshape(-1, 12, net.shape[1]).sum(axis=1)
        values = views @ net
        spreads = [np.quantile(rows, SHARES, axis=1) for rows in (net, of_years, values[:1])]
        return values.mean(axis=1), (by_leg, spreads)

    return valued


def by_quantlib(months: int) -> Callable[[], object]:
    """Return the values of the same floors around the same deck by QuantLib's Monte Carlo, an engine a payment."""
    options = [ql.VanillaOption(payoff(), ql.EuropeanExercise(fixing(month))) for month in range(1, months + 1)]
    process, paths = market(), Sampling().paths

    def valued() -> object:
        found = []
        for place, option in enumerate(options * CONTRACTS):
            engine = ql.MCEuropeanEngine(process, "pseudorandom", timeSteps=1, requiredSamples=paths, seed=1 + place)
            option.setPricingEngine(engine)
            found.append(option.NPV() * KG_A_MONTH)
        return found

    return valued
