"""Expert numbers: each a value with its unit, source, date and prior range, and sets of them by name."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pricing.errors import DataError, Fault, InputError

CONFIDENCE = ("high", "med", "low")
ORIGIN = ("read", "derived", "recall")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number an expert could argue about. `low` and `high` bound what is plausible, about a 90 % range."""

    name: str
    value: float
    unit: str
    source: str
    as_of: str
    low: float
    high: float
    confidence: str
    read_or_recall: str

    def __post_init__(self) -> None:
        numbers = (self.low, self.value, self.high)
        if not all(math.isfinite(number) for number in numbers) or not self.low <= self.value <= self.high:
            msg = f"{self.name}: found {self.low}, {self.value}, {self.high}; need finite low <= value <= high."
            raise DataError(msg)
        for field in ("unit", "source", "as_of"):
            if not getattr(self, field).strip():
                msg = f"{self.name}: {field} is empty; every expert number states it."
                raise DataError(msg)
        self._check_word("confidence", CONFIDENCE)
        self._check_word("read_or_recall", ORIGIN)

    def _check_word(self, field: str, allowed: tuple[str, ...]) -> None:
        found = getattr(self, field)
        if found not in allowed:
            msg = f"{self.name}: {field} is {found!r}; expected one of {', '.join(allowed)}."
            raise DataError(msg)

    def at(self, value: float) -> Parameter:
        """Return the parameter at another value; the range widens to hold it."""
        return replace(self, value=value, low=min(self.low, value), high=max(self.high, value))


class ParameterSet(Mapping[str, Parameter]):
    """Parameters by dotted name, in a fixed order; immutable.

    >>> fee = Parameter("fee", 2.0, "USD/kg", "example", "2026-01", 1.0, 3.0, "low", "recall")
    >>> ParameterSet([fee]).replace({"fee": 2.5}).value("fee")
    2.5
    """

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        found: dict[str, Parameter] = {}
        for parameter in parameters:
            if parameter.name in found:
                msg = f"Parameter {parameter.name} is given twice; keep one."
                raise DataError(msg)
            found[parameter.name] = parameter
        self._parameters = found

    def __getitem__(self, name: str) -> Parameter:
        if name not in self._parameters:
            raise InputError(self._unknown(name))
        return self._parameters[name]

    def __contains__(self, name: object) -> bool:
        return name in self._parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def value(self, name: str) -> float:
        """Return the central value of a parameter; an unknown name is an InputError with the nearest one."""
        return self[name].value

    def under(self, prefix: str) -> ParameterSet:
        """Return the parameters below a dotted prefix, named without it."""
        start = prefix + "."
        return ParameterSet(
            [replace(p, name=name.removeprefix(start)) for name, p in self.items() if name.startswith(start)]
        )

    def replace(self, values: Mapping[str, float]) -> ParameterSet:
        """Return a set with the named values replaced; every unknown name is reported at once."""
        unknown = [self._unknown(name) for name in values if name not in self._parameters]
        if unknown:
            raise InputError(*unknown)
        return ParameterSet([p.at(values[name]) if name in values else p for name, p in self.items()])

    def joined(self, other: ParameterSet) -> ParameterSet:
        """Return both sets as one; a name in both is a DataError."""
        return ParameterSet([*self.values(), *other.values()])

    def _unknown(self, name: str) -> Fault:
        nearest = difflib.get_close_matches(name, self._parameters, n=1)
        return Fault(name, "no such parameter", "a name of the set", nearest[0] if nearest else None)
