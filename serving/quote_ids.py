"""Quote ids: a question written down, the bundle that answered it, and a seal over both.

An id needs no table to be looked up in: any process that holds the bundle computes the same bytes again, after any
retraining. The seal is the SHA-256 of request, bundle, snapshot and method; an id with another seal is not ours.

    price.NdPr.2026-02-28.oxide.kg.USD.all.asked-2026-04-01.<bundle>.<seal>
    floor.<the request, compressed, base64url>.<bundle>.<seal>
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from pricing.materials import Form, Material
from pricing.price import Currency, Unit
from serving.floor_questions import FloorRequest
from serving.questions import REGIONS, PriceRequest

BUNDLE_CHARACTERS = 12
SEAL_CHARACTERS = 20
MAX_ID_CHARACTERS = 16_000
MAX_REQUEST_BYTES = 65_536
KINDS = PRICE, FLOOR = "price", "floor"
ASKED = "asked-"


@dataclass(frozen=True, slots=True)
class QuoteId:
    """The parts of a quote id."""

    kind: str
    payload: str
    bundle: str
    seal: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.payload}.{self.bundle}.{self.seal}"


class Answering(Protocol):
    """What an id needs to know of the model that answers."""

    @property
    def digest(self) -> str:
        """Return the digest of its bundle."""
        ...

    @property
    def method(self) -> str:
        """Return its method version."""
        ...


def price_quote_id(request: PriceRequest, model: Answering, snapshot: str) -> str:
    """Return the id under which a price can be asked for again."""
    words = [request.material, request.as_of.isoformat(), request.form, request.unit, request.currency, request.region]
    if request.asked_on is not None:
        words.append(f"{ASKED}{request.asked_on}")
    return str(_sealed(PRICE, ".".join(words), model, snapshot))


def floor_quote_id(request: FloorRequest, model: Answering, snapshot: str) -> str:
    """Return the id under which a floor can be asked for again."""
    plain = json.dumps(request.stated(), sort_keys=True, separators=(",", ":"), default=str).encode()
    packed = base64.urlsafe_b64encode(zlib.compress(plain, 9)).decode().rstrip("=")
    return str(_sealed(FLOOR, packed, model, snapshot))


def parse_quote_id(text: str) -> QuoteId | None:
    """Return the parts of an id; None when it is not one."""
    if len(text) > MAX_ID_CHARACTERS or not text.isascii():
        return None
    kind, _, rest = text.partition(".")
    pieces = rest.rsplit(".", 2)
    if kind not in KINDS or len(pieces) != 3 or len(pieces[1]) != BUNDLE_CHARACTERS:
        return None
    return QuoteId(kind, *pieces)


def price_of(payload: str) -> PriceRequest | None:
    """Return the price request an id carries; None when it carries none."""
    words = payload.split(".")
    if len(words) not in (6, 7) or words[5] not in REGIONS:
        return None
    try:
        asked_on = date.fromisoformat(words[6].removeprefix(ASKED)) if len(words) == 7 else None
        return PriceRequest(
            Material(words[0]),
            date.fromisoformat(words[1]),
            Form(words[2]),
            Unit(words[3]),
            Currency(words[4]),
            words[5],
            asked_on,
        )
    except ValueError:
        return None


def floor_body_of(payload: str) -> Mapping[str, object] | None:
    """Return the floor request an id carries, as a body; None when it carries none."""
    try:
        packed = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        body = json.loads(zlib.decompressobj().decompress(packed, MAX_REQUEST_BYTES))
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _sealed(kind: str, payload: str, model: Answering, snapshot: str) -> QuoteId:
    sealed = f"{kind}\n{payload}\n{model.digest}\n{snapshot}\n{model.method}"
    seal = hashlib.sha256(sealed.encode()).hexdigest()[:SEAL_CHARACTERS]
    return QuoteId(kind, payload, model.digest[:BUNDLE_CHARACTERS], seal)
