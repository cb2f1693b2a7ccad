"""A contract of which part is public: what was published stands in its terms, what was not is asked for, never guessed.

Where a term is not public its row holds `{input: NAME}`; `years_later` beside it makes the last day of so many years.
A row `{given: NAME, then: ..., otherwise: ...}` is the one where that input is stated, and the other where it is not.
What an input may hold is what the term itself may hold, so that nothing is said twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.reading import Reading
from pricing.contracts.terms.words import nearest, shown
from pricing.errors import Fault, TermsError

INPUT, YEARS_LATER = "input", "years_later"
GIVEN, THEN, OTHERWISE = "given", "then", "otherwise"
INPUTS = "inputs"
LEAP_DAY = (2, 29)
NOTHING, OPEN = "nothing", "a term that nobody stated"  # as a fault shows them
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PublicFact:
    """Something published about a contract: which term it fixes, in words, where it stands and since when."""

    term: str
    says: str
    source: str
    as_of: str
    confidence: str
    fact: str | None = None  # the row of the dataset's facts that holds it


@dataclass(frozen=True, slots=True)
class Question:
    """A term that is not public: what to ask, and whether the contract can do without it.

    `public` is a figure that was published and holds unless the caller states another one.
    """

    name: str
    asks: str
    required: bool = True
    public: Any = None


@dataclass(frozen=True, slots=True)
class Most:
    """A bound that a public figure puts on an input, where another input has a value."""

    input: str
    most: Decimal
    where: Mapping[str, str]
    why: str


@dataclass(frozen=True, slots=True)
class Template:
    """A contract between named parties, with its public facts, its open questions and its terms."""

    name: str
    title: str
    parties: Mapping[str, str]
    status: str
    about: str
    public: tuple[PublicFact, ...]
    questions: Mapping[str, Question]
    needs: tuple[str, ...]  # what a settlement must be told beyond the terms
    terms: Row
    bounds: tuple[Most, ...] = ()
    says_only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # words that no term holds

    def fill(self, inputs: object) -> Contract:
        """Return the contract with the inputs in its terms; one TermsError with every input missing or wrong."""
        if not isinstance(inputs, Mapping):
            wanted = f"an object with {', '.join(self.asked)}"
            raise TermsError(Fault(INPUTS, shown(inputs), wanted))
        stated = {str(name): value for name, value in inputs.items() if value is not None}
        contract, of_terms = self._read(stated, self.asked)
        faults = [*map(self._asking, of_terms), *self._words(stated), *self._unknown(stated), *self._beyond(stated)]
        if faults:
            raise TermsError(*sorted(faults, key=self._place))
        return contract

    @property
    def asked(self) -> tuple[str, ...]:
        """Return the names of the inputs that must be given."""
        return tuple(name for name, question in self.questions.items() if question.required)

    def allowed(self) -> dict[str, str]:
        """Return what each input may hold, as a refusal would say it."""
        _, faults = self._read({}, self.questions)
        found = {_name(fault): fault.allowed for fault in faults}
        for name, words in self.says_only.items():
            found[name] = f"one of {', '.join(words)}"
        return {name: found[name] for name in self.questions}

    def _read(self, stated: Row, wanted: Iterable[str]) -> tuple[Contract, list[Fault]]:
        """Return the contract, and the faults of terms under the names of their inputs; what is wanted is refused."""
        open_ones = {name for name in wanted if name not in stated}
        public = {name: one.public for name, one in self.questions.items() if one.public is not None}
        filling = _Filling({**public, **stated}, open_ones)
        reading = Reading()
        found = reading.term(filling.filled(self.terms, ""), Contract, "")
        return found, list({fault.path: fault for fault in map(filling.named, reading.faults)}.values())

    def _asking(self, fault: Fault) -> Fault:
        """Return the fault of an input that nobody stated with the question to ask."""
        question = self.questions.get(_name(fault))
        if question is None or fault.found not in (OPEN, NOTHING):
            return fault
        return replace(fault, found=NOTHING, allowed=f"{fault.allowed} ({question.asks})", nearest=None)

    def _place(self, fault: Fault) -> int:
        names, name = list(self.questions), _name(fault).partition(".")[0]
        return names.index(name) if name in names else len(names)

    def _words(self, stated: Row) -> Iterator[Fault]:
        """Yield inputs that no term holds and that are missing or none of their words."""
        for name, words in self.says_only.items():
            found = stated.get(name)
            if found not in words:
                fault = Fault(f"{INPUTS}.{name}", shown(found), f"one of {', '.join(words)}", nearest(found, words))
                yield self._asking(fault)

    def _unknown(self, stated: Row) -> Iterator[Fault]:
        for name in stated:
            if name not in self.questions:
                allowed = f"one of {', '.join(self.questions)}"
                yield Fault(f"{INPUTS}.{shown(name)}", shown(name), allowed, nearest(name, self.questions))

    def _beyond(self, stated: Row) -> Iterator[Fault]:
        for bound in self.bounds:
            value = stated.get(bound.input)
            is_meant = all(stated.get(name) == word for name, word in bound.where.items())
            if is_meant and _exceeds(value, bound.most):
                yield Fault(f"{INPUTS}.{bound.input}", shown(value), f"at most {bound.most}: {bound.why}")


@dataclass
class _Filling:
    """Puts inputs in place, and remembers which input stands at which path."""

    stated: Row
    open_ones: set[str]
    places: dict[str, str] = field(default_factory=dict)

    def filled(self, value: Any, path: str) -> Any:
        if isinstance(value, Mapping):
            if INPUT in value:
                return self._input(value, path)
            if GIVEN in value:
                is_given = value[GIVEN] in self.open_ones or self.stated.get(value[GIVEN]) is not None
                return self.filled(value.get(THEN if is_given else OTHERWISE), path)
            parts = ((name, self.filled(part, f"{path}.{name}" if path else name)) for name, part in value.items())
            return {name: part for name, part in parts if part is not None}
        if isinstance(value, list):
            return [self.filled(part, f"{path}.{place}") for place, part in enumerate(value)]
        return value

    def named(self, fault: Fault) -> Fault:
        """Return a fault of a term under the name of the input that stands there."""
        for path, name in self.places.items():
            if fault.path == path or fault.path.startswith(f"{path}."):
                return replace(fault, path=f"{INPUTS}.{name}{fault.path.removeprefix(path)}")
        return fault

    def _input(self, row: Row, path: str) -> Any:
        name = row[INPUT]
        self.places[path] = name
        value = _Open() if name in self.open_ones else self.stated.get(name)
        return _years_later(value, row[YEARS_LATER]) if YEARS_LATER in row else value


class _Open:
    """A term that nobody stated; no field reads it, so that the reader says what it may hold."""

    def __str__(self) -> str:
        return OPEN


def _years_later(value: Any, years: int) -> Any:
    """Return the last day of so many years that begin on a day; what is no day as it is, for the reader to refuse."""
    try:
        first = value if isinstance(value, date) else date.fromisoformat(value)
        start = first + timedelta(days=1) if (first.month, first.day) == LEAP_DAY else first
        return start.replace(year=start.year + years) - timedelta(days=1)
    except (TypeError, ValueError):
        return value


def _name(fault: Fault) -> str:
    return fault.path.removeprefix(f"{INPUTS}.")


def _exceeds(value: Any, most: Decimal) -> bool:
    """Return whether a number lies above a bound; what is no number is the reader's to refuse."""
    return isinstance(value, int | float | Decimal) and math.isfinite(value) and value > most
