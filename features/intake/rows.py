"""A row of a file on its way into the dataset, and why one is held back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from features.intake.kinds import Kind
from features.private.cells import Row

MEND = "Mend the file at its source and ingest it again."
ACCEPT = "Check it at the source; if it is right, --accept {row} --because REASON."


@dataclass(frozen=True)
class Held:
    """One reason why a row stays outside: what was found, what was expected, and the way out."""

    file: str
    line: int  # 0 for a whole file
    rule: str
    about: str
    found: str
    expected: str
    acceptable: bool  # whether a person may let it in; what load would refuse nobody may

    @property
    def row(self) -> str:
        """Return the row as --accept takes it."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def way_out(self) -> str:
        """Return what to do about it."""
        return ACCEPT.format(row=self.row) if self.acceptable else MEND

    def as_dict(self) -> dict[str, Any]:
        """Return the reason as plain values."""
        return {
            "row": self.row, "rule": self.rule, "about": self.about, "found": self.found, "expected": self.expected,
            "way_out": self.way_out, "acceptable": self.acceptable,
        }  # fmt: skip

    def __str__(self) -> str:
        about = f" {self.about}:" if self.about else ""
        return f"{self.row}:{about} found {self.found}, expected {self.expected} [{self.rule}]. {self.way_out}"


@dataclass(frozen=True)
class Entry:
    """One row of a file with its cells as words, numbers and days."""

    file: str
    line: int
    kind: Kind
    values: Mapping[str, Any]

    @classmethod
    def of(cls, row: Row, kind: Kind, values: Mapping[str, Any]) -> Entry:
        """Return the row of a file as one of a table."""
        return cls(row.file, row.line, kind, values)

    @property
    def row(self) -> str:
        """Return the row as --accept takes it."""
        return f"{self.file}:{self.line}"

    @property
    def stated(self) -> date:
        """Return the day on which the file says that the row became public."""
        day: date = self.values["known_at"]
        return day

    @property
    def about(self) -> str:
        """Return what the row speaks of, in words."""
        return about(self.kind, self.values)

    def held(self, rule: str, found: str, expected: str, *, acceptable: bool = True) -> Held:
        """Return a reason to hold the row back."""
        return Held(self.file, self.line, rule, self.about, found, expected, acceptable)


def about(kind: Kind, values: Mapping[str, Any]) -> str:
    """Return the names and days of a row's key, for a person."""
    told = [name for name in kind.key if name not in {"publisher_class", "unit", "value"}]
    return " ".join(str(values[name]) for name in told if values.get(name) not in {None, ""})


def all_held(parts: Iterable[Iterable[Held]]) -> Iterator[Held]:
    """Yield every reason, in order of file and line."""
    yield from sorted((one for part in parts for one in part), key=lambda one: (one.file, one.line, one.rule))
