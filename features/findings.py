"""A finding: what is wrong with the dataset, where, and the way out, in words a person can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error stops the load; a warning is listed."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing found: table, row or series, what was found, what was expected, the way out."""

    severity: Severity
    table: str
    row: str
    found: str
    expected: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.table}, {self.row}: found {self.found}, expected {self.expected}. {self.way_out}"


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that stop a load."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]
