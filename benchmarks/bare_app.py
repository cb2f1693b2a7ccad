"""An app that answers every request with so many bytes: what the server itself costs, for benchmarks/price_query.py."""

from __future__ import annotations

import os

from starlette.types import Receive, Scope, Send

BYTES = "BARE_APP_BYTES"
BODY = b" " * int(os.environ.get(BYTES, "1"))
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Send the bytes; start and stop at once."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
