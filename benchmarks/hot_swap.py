"""Ten changes of the champion and one outage of the registry under load: no request may fail or mix two models.

    python benchmarks/hot_swap.py --bundle FOLDER [--swaps 10] [--clients 3] [--workers 1]

Variants of a bundle are registered in an MLflow store of their own. The service runs as `uvicorn` runs it; clients ask
for prices, histories, scenarios and quotes without a pause, while the alias moves from variant to variant and, half
way, the store's file is taken away. Every price, history and quote is compared, byte for byte, with what the variant
answers alone; a scenario's answer names the bundle of its id, and is the same each time. Printed: requests, changes,
failures, how much longer a price takes while a model is fetched and probed, and what a look costs. The exit code is 1
where a request failed, an answer was mixed, or the last model does not answer everything at the end.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Annotated

import httpx
import orjson
import typer

from pricing.bundle import Bundle, read_bundle, write_bundle
from serving.desk import Desk
from serving.mlflow_store import MlflowStore
from serving.model_store import Opened, PublishedModel
from serving.settings import local_tracking_uri
from training.registry import promote, register
from training.tracking import Fit, log_fit

VARIANTS = 3
EVERY_S = 0.1  # between looks of the service
REST_S = 0.1  # between changes
OUTAGE_S = 0.5
LOOKS = 50  # one after the other, at the end
START_S, CHANGE_S = 180.0, 120.0
MATERIALS = ("NdPr", "Dy", "Tb")
PRICES, SCENARIOS = "/v1/prices/", "/v1/scenarios"
SCENARIO = {"overrides": [{"lever": "wages.china", "scale": 1.1}]}


def main(
    bundle: Annotated[Path, typer.Option(help="Folder of a bundle, as `fairprice train --out` writes it.")],
    swaps: Annotated[int, typer.Option(min=2)] = 10,
    clients: Annotated[int, typer.Option(min=1)] = 3,
    workers: Annotated[int, typer.Option(min=1, help="Processes of the service.")] = 1,
    quiet_s: Annotated[float, typer.Option(min=0.1, help="Seconds of load before the first change.")] = 5.0,
) -> None:
    """Print what the clients saw."""
    with TemporaryDirectory(prefix="fairprice-swap-") as scratch:
        place = Path(scratch)
        published = Published.of(read_bundle(bundle), place)
        with service(published.uri, place, workers) as (address, process):
            trial = Trial(published, address, workers, process)
            trial.run(swaps, clients, quiet_s)
        look_ms = cpu_ms_of_a_look(MlflowStore(published.uri))
    typer.echo(trial.said())
    typer.echo(f"a look at the registry: {look_ms:.1f} ms of CPU")
    sys.exit(bool(trial.faults))


@dataclass(frozen=True)
class Published:
    """Variants in a registry, by version: their digests, and what each answers when it is asked alone."""

    uri: str
    database: Path
    digests: dict[str, str]
    answers: dict[str, dict[str, bytes]]  # by digest and address
    quotes: dict[str, bytes]  # by address

    @classmethod
    def of(cls, bundle: Bundle, place: Path) -> Published:
        """Register the variants, the first as champion, and ask each."""
        uri = local_tracking_uri(place)
        digests = {}
        for number in range(VARIANTS):
            digest, version = publish(uri, variant(bundle, number), place / f"fit{number}")
            digests[version] = digest
        promote(uri, next(iter(digests)))
        store = MlflowStore(uri)
        found = cls(uri, place / "mlflow.db", digests, {}, {})
        for digest in digests.values():
            found.ask(store, digest)
        return found

    def ask(self, store: MlflowStore, digest: str) -> None:
        """Note what one variant answers alone."""

        def champion() -> PublishedModel:
            return store.by_digest(digest)

        desk = Desk(Opened(store, champion), date.today)
        answers = self.answers[digest] = {}
        for material in MATERIALS:
            answers[f"/v1/prices/{material}"] = desk.price(material, ())
            body, _ = desk.history(material, (("format", "csv"),))
            answers[f"/v1/history/{material}?format=csv"] = body
            quote = orjson.loads(answers[f"/v1/prices/{material}"])["quote_id"]
            self.quotes[f"/v1/quotes/{quote}"] = answers[f"/v1/prices/{material}"]


def variant(bundle: Bundle, number: int) -> Bundle:
    """Return a bundle whose fair prices stand some percent higher, under another seed."""
    tables = {}
    for name in ("history_as_known", "history_latest"):
        table = bundle.table(name).copy()
        prices = [column for column in table if str(column).startswith(("long_run", "short_run"))]
        table[prices] = table[prices] * (1 + number / 100)
        tables[name] = table
    return replace(bundle, seed=bundle.seed + number, **tables)


def publish(uri: str, bundle: Bundle, scratch: Path) -> tuple[str, str]:
    """Log and register a bundle as training does, and return its digest and version."""
    (scratch / "plots").mkdir(parents=True)
    tags = {"bundle_digest": write_bundle(bundle, scratch / "bundle")}
    logged = log_fit(uri, Fit(scratch / "bundle", scratch / "plots", bundle.model_card, {}, {}, tags))
    return tags["bundle_digest"], register(uri, logged, tags).version


@contextmanager
def service(uri: str, place: Path, workers: int) -> Iterator[tuple[str, int]]:
    """Run the service on a port of this machine and yield its address and process."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("FAIRPRICE_", "MLFLOW_"))}
    environment = own | {
        "FAIRPRICE_TRACKING_URI": uri,
        "FAIRPRICE_WATCH_SECONDS": str(EVERY_S),
        "FAIRPRICE_BUNDLE_CACHE": str(place / "bundles"),
        "FAIRPRICE_SCENARIOS": str(place / "scenarios"),
    }
    options = ["--factory", "serving.server:application", "--port", str(port), "--workers", str(workers)]
    command = [sys.executable, "-m", "uvicorn", *options, "--no-access-log", "--log-level", "warning"]
    with (place / "service.log").open("wb") as log:
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=Path(__file__).parents[1])
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers_at(address), START_S, "the service does not start")
        yield address, running.pid
    finally:
        running.terminate()
        running.wait()


def cpu_ms_of_a_look(store: MlflowStore) -> float:
    """Return the processor's time of one question which version serves."""
    store.serving()  # the first opens the registry
    began = time.process_time()
    for _ in range(LOOKS):
        store.serving()
    return 1e3 * (time.process_time() - began) / LOOKS


def memory_mb(process: int) -> float:
    """Return the memory a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def answers_at(address: str) -> bool:
    """Return whether something answers."""
    try:
        return httpx.get(f"{address}/health", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


def wait_until(holds: Callable[[], bool], seconds: float, otherwise: str) -> None:
    """Wait for something; SystemExit with a line where it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        time.sleep(0.02)


@dataclass
class Trial:
    """The clients, what moves the alias, and what was seen."""

    published: Published
    address: str
    workers: int
    process: int
    faults: list[str] = field(default_factory=list)
    scenarios: dict[str, bytes] = field(default_factory=dict)  # by id, as first answered
    seen: set[str] = field(default_factory=set)
    requests: int = 0
    taken_s: list[tuple[float, float]] = field(default_factory=list)  # when a price was asked for, and how long it took
    quiet: tuple[float, float] = (0.0, 0.0)  # when the first model was asked before any change
    changes: list[tuple[float, float]] = field(default_factory=list)  # from the promotion until it serves
    memory_mb: list[float] = field(default_factory=list)  # of one process: before any change, and after each
    ended: Event = field(default_factory=Event)
    outage_s: float = 0.0

    def run(self, swaps: int, clients: int, quiet_s: float) -> None:
        """Load the service, move the alias, take the registry away once, and look at what answers at the end."""
        asking = [Thread(target=self.load, args=(number,)) for number in range(clients)]
        for client in asking:
            client.start()
        try:
            wait_until(lambda: bool(self.scenarios), CHANGE_S, "no scenario is answered")
            quiet_from = time.monotonic()
            time.sleep(quiet_s)
            self.quiet = quiet_from, time.monotonic()
            self.memory_mb.append(memory_mb(self.process))
            self.change(swaps)
        finally:
            self.ended.set()
            for client in asking:
                client.join()
        self.look_at_the_end()

    def change(self, swaps: int) -> None:
        """Promote one variant after the other; half way, first without a registry."""
        versions = list(self.published.digests)
        for number in range(1, swaps + 1):
            if number == swaps // 2:
                self.without_registry()
            version = versions[number % len(versions)]
            began = time.monotonic()
            promote(self.published.uri, version, by="benchmark")
            self.wait_for(self.published.digests[version], "ready")
            self.changes.append((began, time.monotonic()))
            self.memory_mb.append(memory_mb(self.process))
            time.sleep(REST_S)

    def without_registry(self) -> None:
        """Take the database away until readiness says so, and give it back."""
        began, away = time.monotonic(), self.published.database.with_suffix(".away")
        self.published.database.rename(away)
        self.wait_for(None, "degraded")
        time.sleep(OUTAGE_S)
        away.rename(self.published.database)
        self.wait_for(None, "ready")
        self.outage_s = time.monotonic() - began

    def wait_for(self, digest: str | None, status: str) -> None:
        """Wait until every process says that it serves a bundle, in a status."""

        def holds() -> bool:
            for _ in range(1 if self.workers == 1 else 8 * self.workers):
                ready = httpx.get(f"{self.address}/ready", timeout=30).json()
                if ready["status"] != status or digest not in (None, ready["bundle"]):
                    return False
            return True

        wait_until(holds, CHANGE_S, f"{digest} is not {status}")

    def load(self, number: int) -> None:
        """Ask one thing after the other until the trial ends."""
        asked = [*next(iter(self.published.answers.values())), *self.published.quotes, SCENARIOS]
        with httpx.Client(base_url=self.address, timeout=60) as client:
            step = number
            while not self.ended.is_set():
                step += 1
                self.ask(client, asked[step % len(asked)])

    def ask(self, client: httpx.Client, path: str) -> None:
        """Ask once and judge the answer."""
        began = time.monotonic()
        try:
            answered = self.sent(client, path)
        except httpx.HTTPError as fault:
            self.faults.append(f"{path[:60]}: {type(fault).__name__}")
            return
        if path.startswith(PRICES):
            self.taken_s.append((began, time.monotonic() - began))
        self.requests += 1
        fault = self.complaint(path, answered)
        if fault:
            self.faults.append(f"{path[:60]}: {fault}")

    def sent(self, client: httpx.Client, path: str) -> httpx.Response:
        """Return what is answered."""
        return client.post(path, json=SCENARIO) if path == SCENARIOS else client.get(path)

    def complaint(self, path: str, answered: httpx.Response) -> str | None:
        """Return what is wrong with an answer, None where it is one model's own, byte for byte."""
        if answered.status_code not in (200, 201):
            return f"status {answered.status_code} {answered.text[:200]}"
        if path == SCENARIOS:
            return self.complaint_of_scenario(answered)
        if path in self.published.quotes:
            return None if answered.content == self.published.quotes[path] else "another answer to a quote id"
        own = [d for d, answers in self.published.answers.items() if answers[path] == answered.content]
        self.seen.update(own)
        return None if own else "an answer that is no model's own"

    def complaint_of_scenario(self, answered: httpx.Response) -> str | None:
        """Return what is wrong with a scenario's answer: it names one bundle, and its id always has the same bytes."""
        found = answered.json()
        name, digest = found["scenario_id"], found["model"]["bundle"]
        if digest not in self.published.answers or name.split(".")[1] != digest[:12]:
            return f"{name} is answered by bundle {digest[:12]}"
        known = self.scenarios.setdefault(name, answered.content)
        return None if known == answered.content else f"another answer to {name}"

    def look_at_the_end(self) -> None:
        """Note whatever is not answered by the last model, and scenarios that are not found under their ids."""
        last = list(self.published.digests.values())[len(self.changes) % VARIANTS]
        with httpx.Client(base_url=self.address, timeout=60) as client:
            for path, body in self.published.answers[last].items():
                if self.sent(client, path).content != body:
                    self.faults.append(f"{path}: not the last model's answer")
            for name, body in self.scenarios.items():
                if client.get(f"{SCENARIOS}/{name}").content != body:
                    self.faults.append(f"{name}: not the answer it had")
        self.faults += [f"{digest[:12]} never answered" for digest in self.published.answers if digest not in self.seen]

    def taken_within(self, *spans: tuple[float, float]) -> list[float]:
        """Return how long prices took that were asked for within some spans."""
        return [taken for at, taken in self.taken_s if any(first <= at <= last for first, last in spans)]

    def said(self) -> str:
        """Return what was seen, in lines."""
        quiet, during = self.taken_within(self.quiet), self.taken_within(*self.changes)
        lines = [
            f"{self.requests} requests, {len(self.faults)} failures, {len(self.seen)} bundles seen",
            f"{len(self.changes)} changes of the champion, one outage of the registry of {self.outage_s:.1f} s",
            f"from promotion to service: median {median(last - first for first, last in self.changes):.2f} s",
        ]
        for name, of in (("median", median), ("99 %", lambda taken: quantiles(taken, n=100)[98])):
            lines.append(
                f"a price, {name}: {1e3 * of(quiet):.1f} ms, {1e3 * of(during):.1f} ms during a change, "
                f"ratio {of(during) / of(quiet):.1f}"
            )
        if self.workers == 1:
            held = self.memory_mb
            lines.append(f"memory: {held[0]:.0f} MB before, {max(held):.0f} MB at most, {held[-1]:.0f} MB at the end")
        return "\n".join([*lines, *self.faults[:20]])


if __name__ == "__main__":
    typer.run(main)
