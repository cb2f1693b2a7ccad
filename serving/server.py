"""`fairprice serve`: the service on an address of this machine."""

from __future__ import annotations

from typing import Annotated

import typer
import uvicorn

from serving import terminal
from serving.app import create_app
from serving.settings import Settings, open_store


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Serve the answers over HTTP. A missing or damaged model stops the start with one line."""
    screen = terminal.errors()
    with terminal.waiting("Opening the published model"):
        app = create_app(open_store(Settings()))
        model = app.state.desk.book.model
    address = f"http://{host}:{port}"
    screen.print(f"Model {model.version} ({model.source}), bundle {model.digest[:12]}, on {address}; {address}/docs")
    screen.print(f"Try: curl -s '{address}/v1/prices/NdPr?as_of={model.bundle.last_day}'")
    uvicorn.run(app, host=host, port=port, access_log=False, log_level="warning", server_header=False)
