"""What served when, from the record that each promotion adds to the registered model as a tag of its own.

promoted.20261126T043000.123456Z.3  {"number": 3, "version": "3", "at": "2026-11-26T04:30:00Z", "by": "ann", ...}

What a line does not say is not known: tags of a version are written anew by later judgements, and are no record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pricing.promotion_record import RecordLine, breaks, in_order

ROLLBACK = "rollback: "  # how the reason of a promotion begins that takes another version out of service


@dataclass(frozen=True, slots=True)
class Promotion:
    """One line of the record; empty where an early line does not say."""

    version: str
    at: str  # UTC, ISO 8601
    by: str
    because: str = ""
    bundle: str = ""  # digest
    gate: str = ""  # passed or refused, as it stood when it was promoted
    replaced: str = ""  # the version that served before
    against: tuple[str, ...] | None = None  # what the gate had against it then; None where the line does not say
    promoted_anyway: str | None = None  # why it was let serve against the gate; None where the line does not say
    altered: str = ""  # where the record is not as it was written, seen at this line

    @property
    def is_rollback(self) -> bool:
        """Return whether the version it replaced was taken out of service."""
        return self.because.startswith(ROLLBACK)

    @property
    def withdraws(self) -> str:
        """Return why the version it replaced was taken out of service; empty where it was not."""
        return self.because.removeprefix(ROLLBACK) if self.is_rollback else ""


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which a version was the champion; `until` is None while it is, or where the end is not on record."""

    since: str  # UTC, ISO 8601
    until: str | None
    by: str  # who promoted it
    because: str = ""
    withdrawn: str = ""  # why it was taken out of service, where a rollback ended the span


def promotions(tags: Mapping[str, str]) -> list[Promotion]:
    """Return the promotions on record, oldest first; what is not as it was written is told by the line beside it."""
    seen: dict[str, list[str]] = {}
    for name, what in breaks(tags):
        seen.setdefault(name, []).append(what)
    found: list[Promotion] = []
    for line in in_order(tags):
        one = _read(line, "; ".join(seen.get(line.name, ())))
        if one is not None:
            found.append(one)
    lost = [what for line in in_order(tags) if _read(line, "") is None for what in seen.get(line.name, ())]
    if found and lost:
        found[-1] = replace(found[-1], altered="; ".join(filter(None, (found[-1].altered, *lost))))
    return found


def changes(record: Sequence[Promotion]) -> list[Promotion]:
    """Return the promotions that let another version serve than the one before."""
    return [one for n, one in enumerate(record) if n == 0 or record[n - 1].version != one.version]


def gaps(record: Sequence[Promotion]) -> list[tuple[Promotion, Promotion]]:
    """Return each promotion that found another version serving than the record names before it, with that line.

    A promotion that was cut short leaves a line and no champion; an alias that is set by hand leaves no line.
    """
    return [(one, then) for one, then in pairwise(record) if then.replaced and then.replaced != one.version]


def spans(record: Sequence[Promotion]) -> Mapping[str, tuple[Span, ...]]:
    """Return by version when it was the champion: from its promotion to the next one of another version.

    >>> spans([Promotion("1", "08:00", "ann"), Promotion("2", "09:00", "bob")])["1"]
    (Span(since='08:00', until='09:00', by='ann', because='', withdrawn=''),)
    """
    found: dict[str, tuple[Span, ...]] = {}
    for one, following in pairwise([*changes(record), None]):
        if one is not None:
            withdrawn = following.withdraws if following else ""
            span = Span(one.at, following.at if following else None, one.by, one.because, withdrawn)
            found[one.version] = (*found.get(one.version, ()), span)
    return found


def _read(line: RecordLine, altered: str) -> Promotion | None:
    facts = line.facts
    try:
        version, at, by = (str(facts[name]) for name in ("version", "at", "by"))
    except LookupError:
        return None
    because, bundle, gate, replaced = (str(facts.get(name) or "") for name in ("because", "bundle", "gate", "replaced"))
    against, anyway = facts.get("against"), facts.get("promoted_anyway")
    found = tuple(map(str, against)) if isinstance(against, list) else None
    let = None if anyway is None else str(anyway)
    return Promotion(version, at, by, because, bundle, gate, replaced, found, let, altered)
