"""`fairprice serve`: the service on an address of this machine."""

from __future__ import annotations

import socket
from typing import Annotated

import typer
import uvicorn

from pricing.errors import Fault, InputError
from serving import terminal
from serving.app import create_app
from serving.settings import Settings, open_store


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Serve the answers over HTTP. A missing or damaged model, or a port in use, stops the start with one line."""
    screen = terminal.errors()
    with _door(host, port) as door:
        with terminal.waiting("Opening the published model"):
            settings = Settings()
            app = create_app(open_store(settings), access=settings.access, kept=settings.kept_scenarios)
            model = app.state.desk.book.model
        named = f"[{host}]" if ":" in host else host
        address = f"http://{named}:{door.getsockname()[1]}"
        screen.print(
            f"Model {model.version} ({model.source}), bundle {model.digest[:12]}, on {address}; {address}/docs"
        )
        screen.print(f"Try: curl -s '{address}/v1/prices/NdPr?as_of={model.bundle.last_day}'")
        uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning", server_header=False)).run([door])


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
