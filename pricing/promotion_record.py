"""The record of promotions: numbered lines, each with the seal of the one before, so that none is altered unseen.

A line is JSON in a tag of its own. Lines of the time before numbers come first, in the order of their tags, which begin
with the time; the first numbered line seals them all. A last tag holds number and seal of the last line, so that it
cannot be altered or dropped unseen either. A seal shows what was altered; it keeps nobody from making all seals anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

PROMOTED = "promoted."  # and time and number: a tag for each promotion, of which none is written twice
END = "promotions_end"
NUMBER, PREVIOUS, SEAL = "number", "previous", "seal"


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One line as it was written; `facts` is empty where it cannot be read, `number` 0 on early lines."""

    name: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Return the place that the line was given."""
        found = self.facts.get(NUMBER)
        return found if isinstance(found, int) else 0

    @property
    def seal(self) -> str:
        """Return the SHA-256 of the line as it is written."""
        return _sealed(self.text)

    @property
    def told(self) -> str:
        """Return how to name the line."""
        return f"line {self.number}" if self.number else f"line {self.name.removeprefix(PROMOTED)}"


def in_order(tags: Mapping[str, str]) -> list[RecordLine]:
    """Return the lines of the record, oldest first: by number, before them those without one by the time they name."""
    found = [RecordLine(name, text, _facts(text)) for name, text in tags.items() if name.startswith(PROMOTED)]
    return sorted(found, key=lambda line: (line.number, line.name))


def linked(facts: Mapping[str, Any], tags: Mapping[str, str]) -> RecordLine:
    """Return the next line, with its number and the seal of the line before; its name is still to be given."""
    lines, end = in_order(tags), _facts(tags.get(END, ""))
    last = lines[-1].number if lines else 0
    number, seal = (last, lines[-1].seal) if last else (len(lines), _sealed_all(lines))
    ended = end.get(NUMBER)
    if isinstance(ended, int) and ended >= number:  # what was altered or dropped at the end stays seen
        number, seal = ended, str(end.get(SEAL))
    whole = {**facts, NUMBER: number + 1, PREVIOUS: seal}
    return RecordLine("", json.dumps(whole), whole)


def end_of(line: RecordLine) -> str:
    """Return what the last tag says after a line."""
    return json.dumps({NUMBER: line.number, SEAL: line.seal})


def breaks(tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield where the record is not as it was written: the tag of the line at which it is seen, and what is seen.

    The tag is empty where no line is left. An early record without numbers has nothing to be checked by.
    """
    lines = in_order(tags)
    yield from ((line.name, f"{line.told} cannot be read") for line in lines if not line.facts)
    early, numbered = [line for line in lines if not line.number], [line for line in lines if line.number]
    if numbered:
        yield from _start(early, numbered[0])
    for before, line in pairwise(numbered):
        if line.number == before.number:
            yield line.name, f"{line.told} is there twice: two machines promoted at the same time"
        elif line.number > before.number + 1:
            yield line.name, f"before {line.told} something is missing: the one before it is {before.told}"
        elif line.facts.get(PREVIOUS) != before.seal:
            yield line.name, f"{before.told} is not as it was when {line.told} was written"
    yield from _end(numbered, tags.get(END))


def _start(early: Sequence[RecordLine], first: RecordLine) -> Iterator[tuple[str, str]]:
    if first.number != len(early) + 1:
        yield first.name, f"before {first.told} there were {first.number - 1} lines, and {len(early)} are left"
    elif first.facts.get(PREVIOUS) != _sealed_all(early):
        yield first.name, f"the {len(early)} lines before {first.told} are not as they were when it was written"


def _end(numbered: Sequence[RecordLine], written: str | None) -> Iterator[tuple[str, str]]:
    if not numbered and written is None:
        return
    end, last = _facts(written or ""), numbered[-1] if numbered else RecordLine("", "")
    if end.get(NUMBER) != last.number:
        seen = f"the last line sealed is {end.get(NUMBER, 'none')}, the last one there {last.number or 'none'}"
        yield last.name, f"{seen}: lines are missing, or a promotion was cut short"
    elif end.get(SEAL) != last.seal:
        yield last.name, f"{last.told} is not as it was written"


def _facts(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _sealed_all(lines: Sequence[RecordLine]) -> str:
    return _sealed("\n".join(line.text for line in lines))


def _sealed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
