"""Errors we raise on purpose; each message says what was found, what was expected and the way out.

FairPriceError
├── InputError           a value the caller can mend
│   ├── BasisError       two prices on different bases, or a basis without the facts to convert it
│   ├── TermsError       contract terms that contradict each other
│   └── MalformedError   a request that cannot be read at all
├── UnknownQuoteError    a quote id that no kept model answers
├── HeldError            another job holds what one job alone may change
├── ClusterError         machines that were to share the work are missing, unlike, or gone
├── DataError            the dataset, or a row of it
│   └── ThinDataError    too little evidence for the number asked for
└── BundleError          a published model that is torn, altered or of another schema
    ├── MissingModelError nothing is published where one looked
    └── OlderModelError  one that is whole, and made before it held what is asked
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in what a caller sent: where, what was found, what is allowed, the nearest name."""

    path: str
    found: str
    allowed: str
    nearest: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as plain values, without an empty `nearest`."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def __str__(self) -> str:
        hint = f" Did you mean {self.nearest}?" if self.nearest else ""
        return f"{self.path}: found {self.found}; allowed: {self.allowed}.{hint}"


class FairPriceError(Exception):
    """Root of everything this project raises on purpose."""


class InputError(FairPriceError):
    """A request that cannot be answered as it stands; carries every fault at once."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class BasisError(InputError):
    """Two prices on different bases, or a conversion that lacks a fact."""


class TermsError(InputError):
    """Contract terms that contradict each other or leave something out."""


class MalformedError(InputError):
    """A request that cannot be read at all: broken UTF-8, broken JSON, a field sent twice."""


class UnknownQuoteError(FairPriceError):
    """A quote id that no kept model answers."""


class HeldError(FairPriceError):
    """Another job holds what one job alone may change; the message says which and since when."""


class ClusterError(FairPriceError):
    """Machines that were to share the work cannot be reached, compute with something else, or went away."""


class DataError(FairPriceError):
    """A table, series or row that is missing, malformed or out of range."""


class ThinDataError(DataError):
    """Too little evidence for the number asked for."""


class BundleError(FairPriceError):
    """A published model that is missing, torn or altered."""


class MissingModelError(BundleError):
    """Nothing is published where one looked."""


class OlderModelError(BundleError):
    """A published model that is whole and was made before models held what is asked."""
