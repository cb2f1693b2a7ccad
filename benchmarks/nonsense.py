"""Ten thousand calls of every address the service documents, most of them nonsense: none may break it.

    python benchmarks/nonsense.py --bundle FOLDER [--calls 10000] [--seed 1]

Addresses, parameters and example bodies come from the OpenAPI document; values are dropped, doubled, renamed, retyped
and replaced by what callers send by mistake or in bad faith. A status of 500 or more, or an error without a word on
what is wrong, ends the run with exit code 1. Printed: calls by address and status, and CPU.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from starlette.testclient import TestClient

from serving.app import create_app
from serving.model_store import DirectoryStore

ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1e308, 10**400, -0.0, "", " ", "NaN", "Infinity", "NdPr", "ndpr", "Dy", "2026-03-31"),
    *("1890-01-01", "9999-99-99", "2027-01", "china", "../../etc/passwd", "=1+1", "\x00", "x" * 5000, "\u202eNdPr"),
    *([], {}, [[]], {"a": {"b": {}}}, ["NdPr"], {"lever": "wages.china", "scale": 2}),
)
LITERALS = ("NaN", "Infinity", "-Infinity", "1e999", "tru", "{", "\ud800")
SPOILED = 0.08  # of bodies are no JSON at all
INSIDE, RENAMED = 0.85, 0.15  # how often a fault lies within a value, and is a field dropped or renamed
SANE = 0.02  # of bodies are left as the document shows them


def main(
    bundle: Annotated[Path, typer.Option(help="Folder of a bundle, as `fairprice train --out` writes it.")],
    calls: Annotated[int, typer.Option(min=1)] = 10_000,
    seed: Annotated[int, typer.Option(min=0)] = 1,
) -> None:
    """Print what the service answered."""
    chance, statuses, wrong = random.Random(seed), Counter[str](), []
    with TestClient(create_app(DirectoryStore(bundle)), raise_server_exceptions=False) as client:
        document = client.get("/openapi.json").json()
        addresses = [(p, m, op) for p, item in document["paths"].items() for m, op in item.items()]
        began = time.process_time()
        for _ in range(calls):
            path, method, operation = chance.choice(addresses)
            asked = request(chance, path, operation)
            answer = client.request(method.upper(), **asked)
            statuses[f"{method.upper()} {path} {answer.status_code}"] += 1
            fault = complaint(answer.status_code, answer.text, answer.headers.get("content-type", ""))
            if fault:
                wrong.append((fault, method, asked, answer.text[:300]))
    for name, count in sorted(statuses.items()):
        typer.echo(f"{count:6d}  {name}")
    typer.echo(f"{calls} calls, {len(wrong)} wrong, {(time.process_time() - began) / calls * 1e3:.2f} ms CPU a call")
    for one in wrong[:20]:
        typer.echo(one)
    sys.exit(bool(wrong))


def complaint(status: int, text: str, kind: str) -> str | None:
    """Return what is wrong with an answer, None where nothing is."""
    if status >= 500:
        return f"status {status}"
    if "json" not in kind:
        return None if status < 400 else "an error that is no JSON"
    found = json.loads(text)
    return "an error without a word" if status >= 400 and not found.get("message") else None


def request(chance: random.Random, path: str, operation: Any) -> dict[str, Any]:
    """Return one call of an address: some of its parameters, and a body where it takes one."""
    query: list[tuple[str, str]] = []
    for parameter in operation.get("parameters", ()):
        value = str(chance.choice([*parameter.get("schema", {}).get("enum", ()), *examples(parameter), *ODD]))
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", quote(value.encode("utf-8", "replace"), safe="") or "-")
        elif chance.random() < 0.5:
            query.append((parameter["name"], value[:2000]))
    if chance.random() < 0.05:
        query.append((chance.choice(["as_of", "x", "from"]), "1"))
    asked: dict[str, Any] = {"url": path, "params": query}
    if "requestBody" in operation:
        asked |= {"content": body(chance, operation["requestBody"]), "headers": {"content-type": "application/json"}}
    return asked


def examples(holder: Any) -> list[Any]:
    """Return the examples of a parameter or a body in the document."""
    many = [example["value"] for example in holder.get("examples", {}).values() if "value" in example]
    return [*many, *([holder["example"]] if "example" in holder else [])]


def body(chance: random.Random, stated: Any) -> bytes:
    """Return a body: an example of the document, mostly spoiled."""
    content = next(iter(stated["content"].values()))
    known = examples(content) or [{}]
    found = deepcopy(chance.choice(known))
    if chance.random() > SANE:
        for _ in range(chance.randint(1, 4)):
            found = spoiled(chance, found)
    text = json.dumps(found)
    if chance.random() < SPOILED:
        place = chance.randrange(len(text) + 1)
        text = text[:place] + chance.choice(LITERALS) + text[place + chance.randint(0, 3) :]
    return text.encode("utf-8", "surrogatepass")


def spoiled(chance: random.Random, value: Any) -> Any:
    """Return a value with one thing in it dropped, doubled, renamed or replaced."""
    if isinstance(value, dict) and value and chance.random() < INSIDE:
        return spoiled_object(chance, value)
    if isinstance(value, list) and value and chance.random() < INSIDE:
        place = chance.randrange(len(value))
        doubled = chance.random() < RENAMED
        return value + value if doubled else [*value[:place], spoiled(chance, value[place]), *value[place + 1 :]]
    if isinstance(value, int | float) and not isinstance(value, bool) and chance.random() < INSIDE / 2:
        return value * chance.choice([-1, 0, 10, 10**9, 10**300])
    return chance.choice(ODD)


def spoiled_object(chance: random.Random, value: dict[str, Any]) -> dict[str, Any]:
    """Return an object with one field dropped, renamed or spoiled."""
    name, kind = chance.choice(list(value)), chance.random()
    if kind < RENAMED:
        return {key: item for key, item in value.items() if key != name}
    if kind < 2 * RENAMED:
        return value | {name[:-1] or "x": value[name]}
    return value | {name: spoiled(chance, value[name])}


if __name__ == "__main__":
    typer.run(main)
