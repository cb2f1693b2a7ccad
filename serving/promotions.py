"""What served when, from the record that each promotion adds to the registered model as a tag of its own.

promoted.20261126T043000.123456Z  {"version": "3", "at": "2026-11-26T04:30:00Z", "by": "ann", ...}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from serving.model_store import Span

PROMOTED = "promoted."


@dataclass(frozen=True, slots=True)
class Promotion:
    """One line of the record."""

    version: str
    at: str
    by: str


def promotions(tags: Mapping[str, str]) -> list[Promotion]:
    """Return the promotions on record, oldest first; a tag that is none of ours is left out."""
    read = (_read(tags[name]) for name in sorted(tags) if name.startswith(PROMOTED))
    return [one for one in read if one is not None]


def spans(record: list[Promotion]) -> Mapping[str, tuple[Span, ...]]:
    """Return by version when it was the champion: from its promotion to the next one of another version.

    >>> spans([Promotion("1", "08:00", "ann"), Promotion("2", "09:00", "bob")])["1"]
    (Span(since='08:00', until='09:00', by='ann'),)
    """
    changes = [one for n, one in enumerate(record) if n == 0 or record[n - 1].version != one.version]
    found: dict[str, tuple[Span, ...]] = {}
    for one, following in pairwise([*changes, None]):
        if one is not None:
            span = Span(one.at, following.at if following else None, one.by)
            found[one.version] = (*found.get(one.version, ()), span)
    return found


def _read(text: str) -> Promotion | None:
    try:
        found = json.loads(text)
        return Promotion(str(found["version"]), str(found["at"]), str(found["by"]))
    except (ValueError, LookupError, TypeError):
        return None
