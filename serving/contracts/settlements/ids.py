"""Settlement ids: the digest of contract and facts in the one way they are written, and of the data they rest on.

    settlement.<digest, 20 digits>
    settlement.<bundle, 12 digits>.<digest, 20 digits>    where series of the dataset were read

The same question to the same release has the same id and the same bytes. Terms are confidential, so nothing is kept:
the id is a seal to hold an answer against, and the request is what computes it again. It has no key, so that whoever
knows nearly all of the terms can try guesses of the rest against a printed id: it is to be treated as the terms are.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

from pricing.contracts.terms.case import SettlementCase
from pricing.contracts.terms.plain import plain
from serving.contracts.facts import ReadCase
from serving.quote_ids import BUNDLE_CHARACTERS
from serving.release import release

DIGEST_CHARACTERS = 20


def settlement_id(asked: ReadCase[SettlementCase]) -> str:
    """Return the id of a settlement."""
    model = None if asked.origin.book is None else asked.origin.book.model.digest
    return sealed("settlement", plain(asked.case), model)


def sealed(kind: str, request: object, model: str | None = None) -> str:
    """Return an id over a request in plain values and the digest of the model whose data it was answered on."""
    written = json.dumps(request, sort_keys=True, separators=(",", ":"), default=_number)
    digest = hashlib.sha256(f"{kind}\n{release()}\n{written}\n{model}".encode()).hexdigest()[:DIGEST_CHARACTERS]
    return ".".join([kind, *([] if model is None else [model[:BUNDLE_CHARACTERS]]), digest])


def _number(value: object) -> str:
    """Return a number in one way of writing, so that 110 and 110.00 are the same request."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
