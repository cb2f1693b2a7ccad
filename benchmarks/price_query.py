"""Server CPU of one warm price query: `fairprice serve` beside `mlflow models serve` on the same published model.

    python benchmarks/price_query.py --requests 2000
    python benchmarks/price_query.py --bundle FOLDER        beside a bare app alone, without MLflow

Each runs on loopback as a process of its own and is asked over one kept connection for days the server has answered
before. Counted is the CPU time the kernel charges the server and its children, not the time on the wall. The bare app
sends as many bytes on the same server (uvicorn) and does nothing else: what it costs, no app on it can save.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bare_app import BYTES

DAYS = [f"2025-{month:02d}-28" for month in range(1, 13)]
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
START_SECONDS = 90
BARE = [
    *("uvicorn", "bare_app:app", "--app-dir", str(Path(__file__).parent)),
    *("--no-access-log", "--log-level", "warning", "--no-server-header"),
]
Ask = Callable[[http.client.HTTPConnection, str], None]


def main() -> None:
    """Print CPU microseconds per query of both servers and their ratio."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tracking-uri", default=f"sqlite:///{Path('var').resolve()}/mlflow.db")
    options.add_argument("--requests", type=int, default=2_000)
    options.add_argument("--model-uri", default="models:/fairprice@champion")
    options.add_argument("--bundle", type=Path, help="folder of a model to serve in place of the registry's")
    chosen = options.parse_args()
    environment = os.environ | {
        "FAIRPRICE_TRACKING_URI": chosen.tracking_uri,
        "MLFLOW_TRACKING_URI": chosen.tracking_uri,
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "False",
    }
    if chosen.bundle is not None:
        environment["FAIRPRICE_BUNDLE"] = str(chosen.bundle)
    with server(["fairprice", "serve"], "/health", environment) as (process, port):
        ours = cpu_us_per_query(process, port, ask_fairprice, chosen.requests)
        environment[BYTES] = str(bytes_of_an_answer(port))
    with server(BARE, "/", environment) as (process, port):
        bare = cpu_us_per_query(process, port, ask_fairprice, chosen.requests)
    print(f"fairprice serve      {ours:8.0f} us CPU per price query, {len(DAYS)} days in turn")
    print(f"bare app             {bare:8.0f} us CPU per query of as many bytes, {environment[BYTES]}")
    print(f"ratio                {ours / bare:8.2f}")
    if chosen.bundle is None:
        print_mlflow(chosen.model_uri, environment, ours, max(chosen.requests // 10, 100))


def print_mlflow(model_uri: str, environment: dict[str, str], ours: float, requests: int) -> None:
    """Print what MLflow's server takes for the same, and its ratio to ours."""
    serve = ["mlflow", "models", "serve", "-m", model_uri, "--env-manager", "local"]
    with server(serve, "/ping", environment) as (process, port):
        theirs = cpu_us_per_query(process, port, ask_mlflow, requests)
    print(f"mlflow models serve  {theirs:8.0f} us CPU per price query, the same days")
    print(f"ratio                {theirs / ours:8.1f}")


@contextmanager
def server(command: list[str], ping: str, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Start a server on a free port, yield its process id and port once it answers, and end it."""
    port = free_port()
    program = str(Path(sys.executable).parent / command[0])
    started = subprocess.Popen(
        [program, *command[1:], "--host", "127.0.0.1", "--port", str(port)],
        env=environment | {"PATH": f"{Path(sys.executable).parent}:{environment.get('PATH', '')}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(port, ping, started)
        yield started.pid, port
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        started.wait(timeout=30)


def cpu_us_per_query(process: int, port: int, ask: Ask, requests: int) -> float:
    """Return CPU microseconds per query, after every day was asked for once."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for day in DAYS * 3:
        ask(connection, day)
    before = cpu_seconds(process)
    for number in range(requests):
        ask(connection, DAYS[number % len(DAYS)])
    return (cpu_seconds(process) - before) / requests * 1e6


def ask_fairprice(connection: http.client.HTTPConnection, day: str) -> None:
    """Ask our service for a price; it answers with intervals, wedges and cost stacks."""
    connection.request("GET", f"/v1/prices/NdPr?as_of={day}")
    read(connection)


def bytes_of_an_answer(port: int) -> int:
    """Return the length of the answer for the last day."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/v1/prices/NdPr?as_of={DAYS[-1]}")
    return len(connection.getresponse().read())


def ask_mlflow(connection: http.client.HTTPConnection, day: str) -> None:
    """Ask MLflow's server for the same price; it answers with the pyfunc's one row."""
    body = json.dumps({"dataframe_split": {"columns": ["material", "as_of"], "data": [["NdPr", day]]}})
    connection.request("POST", "/invocations", body, {"content-type": "application/json"})
    read(connection)


def read(connection: http.client.HTTPConnection) -> None:
    """Read an answer to its end; stop when it is not a 200."""
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.OK:
        sys.exit(f"The server answered {answer.status}: {body[:300]!r}")


def cpu_seconds(process: int) -> float:
    """Return user and system time of a process and its living descendants."""
    return sum(own_cpu_seconds(one) for one in family(process))


def own_cpu_seconds(process: int) -> float:
    """Return user and system time of one process, fields 14 and 15 of /proc/PID/stat (proc(5))."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def family(process: int) -> list[int]:
    """Return a process and its descendants."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(one for child in children for one in family(int(child)))]


def wait_for(port: int, ping: str, started: subprocess.Popen[bytes]) -> None:
    """Return once a server answers; stop when it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and started.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", ping)
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("The server did not start; run its command by hand to see why.")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
