"""Scenario ids: the model that answers, and the digest of the request in the one way it is written.

    scenario.<bundle, 12 digits>.<digest, 20 digits>

The same question to the same release has the same id, whatever the order of its fields and overrides; the answer is
found again by it.
"""

from __future__ import annotations

import hashlib
import json
import re

from serving.model_store import PublishedModel
from serving.quote_ids import BUNDLE_CHARACTERS
from serving.release import release
from serving.scenarios.question import ScenarioRequest

DIGEST_CHARACTERS = 20
_ID = re.compile(rf"scenario\.([0-9a-f]{{{BUNDLE_CHARACTERS}}})\.[0-9a-f]{{{DIGEST_CHARACTERS}}}", re.ASCII)


def scenario_id(request: ScenarioRequest, model: PublishedModel) -> str:
    """Return the id under which a scenario's answer is kept."""
    written = json.dumps(request.stated(), sort_keys=True, separators=(",", ":"), default=str)
    sealed = f"{release()}\n{written}\n{model.digest}\n{model.bundle.method}"
    digest = hashlib.sha256(sealed.encode()).hexdigest()[:DIGEST_CHARACTERS]
    return f"scenario.{model.digest[:BUNDLE_CHARACTERS]}.{digest}"


def bundle_of(text: str) -> str | None:
    """Return the start of the bundle's digest that an id names; None where it is no id."""
    found = _ID.fullmatch(text)
    return found.group(1) if found else None
