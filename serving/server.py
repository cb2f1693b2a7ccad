"""`fairprice serve`: the service on an address of this machine; and the app for a server of several processes."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from pricing.errors import Fault, InputError
from serving import terminal
from serving.app import create_app
from serving.champion_watch import LOG, ChampionWatch
from serving.settings import open_store, read_settings


def application() -> FastAPI:
    """Return the service that the environment describes: `uvicorn --factory serving.server:application --workers 2`.

    Each process watches the champion on its own. BundleError when the champion is damaged and none was kept before.
    """
    _log()
    settings = read_settings()
    store = open_store(settings, settings.cache)
    return create_app(store, access=settings.access, kept=settings.kept_scenarios, watch=settings.watch)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Serve the answers over HTTP and take up each new champion. SIGUSR1 looks for one at once.

    A missing or damaged model, or a port in use, stops the start with one line; with the registry away the last model
    that served is taken from the cache.
    """
    screen = terminal.errors()
    with _door(host, port) as door:
        with terminal.waiting("Opening the published model"):
            app = application()
            watch: ChampionWatch = app.state.watch
            model = watch.in_use.now.desks.public.book.model
        named = f"[{host}]" if ":" in host else host
        address = f"http://{named}:{door.getsockname()[1]}"
        screen.print(
            f"Model {model.version} ({model.source}), bundle {model.digest[:12]}, on {address}; {address}/docs"
        )
        screen.print(f"Try: curl -s '{address}/v1/prices/NdPr?as_of={model.bundle.last_day}'")
        signal.signal(signal.SIGUSR1, lambda *_: watch.wake())
        uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning", server_header=False)).run([door])


class _StandardError(logging.Handler):
    """Writes to what is standard error at the time of writing: a caller may have put another in its place since."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{self.format(record)}\n")


def _log() -> None:
    """Write what the watch says to standard error, one line each."""
    if not LOG.handlers:
        handler = _StandardError()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        LOG.addHandler(handler)
        LOG.setLevel(logging.INFO)
        LOG.propagate = False


def _door(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address, port 0 to any free one; InputError when it cannot be had."""
    door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as fault:
        door.close()
        allowed = "an address of this machine and a port that is free; --port 0 takes any"
        raise InputError(Fault("host and port", f"{host}:{port} ({fault.strerror})", allowed)) from fault
    return door
