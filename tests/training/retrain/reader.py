"""A reader as a process of its own: asks a service for prices, a scenario and its models until a file appears.

`reader.py ADDRESS STOP OUT` writes to OUT what it saw: bundle, price and scenario by digest, and every fault.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import httpx

SCENARIO = {"overrides": [{"lever": "wages.china", "scale": 1.1}]}


def main(address: str, stop: str, out: str) -> None:
    seen: dict[str, dict[str, set[float]]] = {}
    asked, faults = 0, []
    with httpx.Client(base_url=address, timeout=60) as client:
        while not Path(stop).exists():
            for look in (price, scenario, models):
                try:
                    digest, kind, value = look(client)
                    seen.setdefault(digest, {}).setdefault(kind, set()).add(value)
                except (httpx.HTTPError, KeyError, ValueError, IndexError) as fault:
                    faults.append(repr(fault))
                asked += 1
    plain = {digest: {kind: sorted(values) for kind, values in kinds.items()} for digest, kinds in seen.items()}
    Path(out).write_text(json.dumps({"asked": asked, "seen": plain, "faults": faults}), encoding="utf-8")


def price(client: httpx.Client) -> tuple[str, str, float]:
    answer = _read(client.get("/v1/prices/NdPr"))
    return answer["model"]["bundle"], "price", answer["fair"]["headline"]["value"]


def scenario(client: httpx.Client) -> tuple[str, str, float]:
    answer = _read(client.post("/v1/scenarios", json=SCENARIO))
    digest = answer["model"]["bundle"]
    if not answer["scenario_id"].startswith(f"scenario.{digest[:12]}."):
        raise ValueError(answer["scenario_id"])
    (ndpr,) = (one for one in answer["materials"] if one["material"] == "NdPr")
    return digest, "baseline", ndpr["fair_long_run"]["baseline"]["value"]


def models(client: httpx.Client) -> tuple[str, str, float]:
    """What serves is one of the versions, which are all different, and one of them is the champion."""
    answer = _read(client.get("/v1/models"))
    listed, serving = answer["versions"], answer["serving"]
    (_champion,) = (one for one in listed if one["champion"])
    bundles = {one["version"]: one["bundle"] for one in listed}
    if len(bundles) != len(listed) or bundles[serving["version"]] != serving["bundle"]:
        raise ValueError(answer)
    return serving["bundle"], "version", float(serving["version"])


def _read(answer: httpx.Response) -> Any:
    answer.raise_for_status()
    return answer.json()


if __name__ == "__main__":
    main(*sys.argv[1:])
