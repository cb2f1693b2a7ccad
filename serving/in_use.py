"""What answers now: one reference, taken once by every request and exchanged whole when another model serves."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.model_store import PublishedModel
from serving.rights import Desks

Key = tuple[str, bytes, date]  # path, query, day
Answer = tuple[Message, Message]  # the start of a response, and its whole body
_STATE = "in_use"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Serving:
    """A champion's desks, for readers and for everyone, with the answers that were given from them."""

    desks: Desks
    since: datetime  # when this process began to serve it
    warm: OrderedDict[Key, Answer] = field(default_factory=OrderedDict)
    flags: tuple[str, ...] = ()  # what readiness tells of it beside the model that served before

    @property
    def model(self) -> PublishedModel | None:
        """Return the model that answers; None while nothing is published."""
        return self.desks.public.model()


class InUse:
    """The one reference. A request keeps what it took until it is answered; what it took is freed after the last."""

    def __init__(self, first: Serving) -> None:
        self.now = first


class TakeOnce:
    """Hands each request what is in use as it arrives, so that no request is answered from two models."""

    def __init__(self, app: ASGIApp, in_use: InUse) -> None:
        self.app = app
        self.in_use = in_use

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with what answers it."""
        if scope["type"] == "http":
            scope["state"] = {**scope.get("state", {}), _STATE: self.in_use.now}
        await self.app(scope, receive, send)


def taken(scope: Scope) -> Serving:
    """Return what a request took when it arrived."""
    found: Serving = scope["state"][_STATE]
    return found
