"""Answers given before, given again whole: a warm price query costs no parsing, routing or rounding.

Safe because they are kept with the model that gave them, and leave with it: the same address on the same day has the
same answer. A request that says who asks is never kept nor answered from what is kept: what a reader may see is not for
the next caller.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import date

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.in_use import Answer, Key, taken

KEPT_ANSWERS = 4_096
PREFIXES = ("/v1/prices/", "/v1/forecasts/")
LARGEST = 32 * 2**10  # bytes: plots are kept elsewhere, by what they show


class WarmAnswers:
    """Keeps whole 200 answers to price queries by path, query and day; the oldest leave first."""

    def __init__(self, app: ASGIApp, today: Callable[[], date], kept: int = KEPT_ANSWERS) -> None:
        self.app = app
        self.today = today
        self.kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, else pass the request on and keep its answer."""
        if not _is_for_everyone(scope):
            await self.app(scope, receive, send)
            return
        key = (scope["path"], scope["query_string"], self.today())
        warm = taken(scope).warm
        known = warm.get(key)
        if known is None:
            await self._first_time(key, warm, scope, receive, send)
            return
        for message in known:
            await send(message)

    async def _first_time(
        self, key: Key, warm: OrderedDict[Key, Answer], scope: Scope, receive: Receive, send: Send
    ) -> None:
        sent: list[Message] = []

        async def watched(message: Message) -> None:
            sent.append(message)
            await send(message)

        await self.app(scope, receive, watched)
        if len(sent) == 2 and sent[0].get("status") == 200 and len(sent[1].get("body", b"")) <= LARGEST:
            warm[key] = (sent[0], sent[1])
            if len(warm) > self.kept:
                warm.popitem(last=False)


def _is_for_everyone(scope: Scope) -> bool:
    """Return whether a request is a query for a price or forecast by a caller who does not say who it is."""
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PREFIXES):
        return False
    return all(name != b"authorization" for name, _ in scope["headers"])
