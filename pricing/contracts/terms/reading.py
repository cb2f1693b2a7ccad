"""Terms from plain rows, as JSON and YAML give them, with every fault at once.

A row is read field by field; checks between fields run on whatever could be read, so that a floor above its cap is
found beside a misspelt name.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin

from pricing.contracts.terms.schema import (
    Spec,
    Term,
    fields_of,
    hints_of,
    is_required,
    kinds_of,
    row_name,
    spec_of,
)
from pricing.contracts.terms.units import also_sent, meant, sent_as
from pricing.contracts.terms.words import nearest, shown
from pricing.errors import Fault, TermsError

AnyTerm = TypeVar("AnyTerm", bound=Term)
MAX_FAULTS = 50
MAX_DIGITS = 28  # of a number, as many as exact sums carry
MAX_MAGNITUDE = 20  # powers of ten
FAILED: Any = object()  # a field that could not be read


def read(row: object, kind: type[AnyTerm], path: str = "") -> AnyTerm:
    """Return the terms of a row; one TermsError with every fault."""
    reading = Reading()
    found = reading.term(row, kind, path)
    reading.refuse()
    return typing.cast("AnyTerm", found)


def read_kind(row: object, kinds: tuple[type[Term], ...], path: str = "") -> Term:
    """Return the terms of a row that says in `kind` which of several it is; one TermsError with every fault."""
    reading = Reading()
    found = reading.one_of_kinds(row, kinds, path)
    reading.refuse()
    return typing.cast("Term", found)


@dataclass
class Reading:
    """The faults found while rows are read."""

    faults: list[Fault] = field(default_factory=list)

    def refuse(self) -> None:
        """Raise one TermsError with every fault, if there is one."""
        if self.faults:
            raise TermsError(*self.faults[:MAX_FAULTS])

    def term(self, row: object, kind: type[AnyTerm], path: str) -> AnyTerm | Any:
        """Return the terms of a row; where something in it is wrong, what could be read, for checks between terms."""
        if not isinstance(row, Mapping):
            self.note(path or "terms", row, f"an object with {', '.join(map(row_name, fields_of(kind)))}")
            return FAILED
        before = len(self.faults)
        found = self._fields(row, kind, path)
        self._unknown(row, kind, path)
        readable = {name: _readable(value) for name, value in found.items() if value is not FAILED}
        between = [replace(fault, path=_joined(path, fault.path)) for fault in kind.checks(readable)]
        noted = {fault.path for fault in self.faults}
        self.faults += [fault for fault in between if fault.path not in noted]
        return kind(**found) if len(self.faults) == before else _unchecked(kind, readable)

    def note(self, path: str, found: object, allowed: str, near: str | None = None) -> None:
        """Note a fault."""
        self.faults.append(Fault(path, shown(found), allowed, near))

    def _fields(self, row: Mapping[Any, object], kind: type[Term], path: str) -> dict[str, Any]:
        hints, found = hints_of(kind), {}
        for item in fields_of(kind):
            name, value, times = sent_as(row, row_name(item))
            where = _joined(path, name)
            if value is not None:
                got = self._value(value, hints[item.name], spec_of(item), where)
                found[item.name] = got if times is None or got is FAILED else got / times
            elif is_required(item):
                self.note(where, None, _wanted(hints[item.name], spec_of(item)))
                found[item.name] = FAILED
        return found | self._defaults(kind, found)

    def _defaults(self, kind: type[Term], found: Mapping[str, Any]) -> dict[str, Any]:
        left_out = [item for item in fields_of(kind) if item.name not in found]
        return {i.name: i.default if i.default_factory is MISSING else i.default_factory() for i in left_out}

    def _value(self, value: object, hint: Any, spec: Spec, path: str) -> Any:
        kinds = kinds_of(hint)
        if get_origin(kinds[0]) is tuple:
            return self._list(value, get_args(kinds[0])[0], spec, path)
        if get_origin(kinds[0]) in (Mapping, dict):
            return self._mapping(value, get_args(kinds[0])[1], spec, path)
        if issubclass(kinds[0], Term):
            return self.one_of_kinds(value, kinds, path)
        return self._plain(value, kinds[0], spec, path)

    def _list(self, value: object, hint: Any, spec: Spec, path: str) -> Any:
        if not isinstance(value, list | tuple) or not spec.least <= len(value) <= spec.most:
            size = f" of {len(value)}" if isinstance(value, list | tuple) else ""
            self.note(path, f"{shown(value)}{size}", f"a list of {spec.least} to {spec.most} items")
            return FAILED
        return tuple(self._value(one, hint, spec, f"{path}.{place}") for place, one in enumerate(value))

    def _mapping(self, value: object, hint: Any, spec: Spec, path: str) -> Any:
        if not isinstance(value, Mapping) or not spec.least <= len(value) <= spec.most:
            size = f" with {len(value)} entries" if isinstance(value, Mapping) else ""
            self.note(path, f"{shown(value)}{size}", f"an object with {spec.least} to {spec.most} entries")
            return FAILED
        found = {}
        for raw, one in value.items():
            key, where = str(raw), _joined(path, shown(str(raw)))
            if not spec.keys.fullmatch(key):
                self.note(where, key, spec.keys_wanted)
            found[shown(key)] = self._value(one, hint, spec, where)
        return found

    def one_of_kinds(self, value: object, kinds: tuple[Any, ...], path: str) -> Any:
        """Return the terms of a row whose `kind` names them, FAILED where it names none."""
        if len(kinds) == 1:
            row = {k: v for k, v in value.items() if (k, v) != ("kind", kinds[0].KIND)} if _is_row(value) else value
            return self.term(row, kinds[0], path)
        by_word = {kind.KIND: kind for kind in kinds}
        if not isinstance(value, Mapping):
            self.note(path, value, f"an object with kind: {', '.join(by_word)}")
            return FAILED
        word = value.get("kind")
        if not isinstance(word, str) or word not in by_word:
            self.note(_joined(path, "kind"), word, f"one of {', '.join(by_word)}", nearest(word, by_word))
            return FAILED
        return self.term({name: one for name, one in value.items() if name != "kind"}, by_word[word], path)

    def _plain(self, value: object, kind: type[Any], spec: Spec, path: str) -> Any:
        got = parsed(value, kind, spec)
        if got is FAILED:
            near = nearest(value, list(kind)) if issubclass(kind, StrEnum) else None
            in_quotes = isinstance(value, str) and value and kind in (Decimal, int)
            self.note(path, f"the text {value}" if in_quotes else value, _wanted(kind, spec), near)
        return got

    def _unknown(self, row: Mapping[Any, object], kind: type[Term], path: str) -> None:
        known = [row_name(item) for item in fields_of(kind)]
        read_ones, twice = {sent_as(row, name)[0] for name in known}, also_sent(row, known)
        for name in row:
            if name in twice:
                self.note(_joined(path, name), f"{name} beside {twice[name]}", "state one of the two")
            elif name not in read_ones and not (row[name] is None and name in known):
                self.note(_joined(path, shown(name)), name, *meant(shown(name), known))


def parsed(value: object, kind: type[Any], spec: Spec) -> Any:
    """Return a plain value as its type, FAILED where it is none or out of range."""
    if kind is Decimal or kind is int:
        got = _number(value)
        return FAILED if got is None or (spec.span and got not in spec.span) else kind(got)
    if kind is date:
        day = _day(value)
        return day if day is not FAILED and spec.days[0] <= day <= spec.days[1] else FAILED
    if kind is bool:
        return value if isinstance(value, bool) else FAILED
    if issubclass(kind, StrEnum):
        return kind(value) if isinstance(value, str) and value in [*kind] else FAILED
    is_text = isinstance(value, str) and value.isprintable() and spec.shape.fullmatch(value)
    return value if is_text else FAILED


def _readable(value: Any) -> Any:
    """Return a list or mapping with None in place of what could not be read."""
    if isinstance(value, tuple):
        return tuple(None if one is FAILED else one for one in value)
    if isinstance(value, dict):
        return {key: None if one is FAILED else one for key, one in value.items()}
    return value


def _unchecked(kind: type[AnyTerm], readable: Mapping[str, Any]) -> AnyTerm:
    """Return terms that never leave the reader: what could be read, nothing for the rest."""
    term = object.__new__(kind)
    for item in fields_of(kind):
        origin = get_origin(kinds_of(hints_of(kind)[item.name])[0])
        nothing: Any = () if origin is tuple else None if origin is None else {}
        object.__setattr__(term, item.name, readable.get(item.name, nothing))
    return term


def _wanted(hint: Any, spec: Spec) -> str:
    kind = kinds_of(hint)[0]
    if spec.span is not None and not get_origin(kind):
        return str(spec.span)
    if get_origin(kind) is not None:
        return f"{'a list' if get_origin(kind) is tuple else 'an object'} with at least {spec.least} entries"
    if issubclass(kind, StrEnum):
        return f"one of {', '.join(kind)}"
    if issubclass(kind, Term) and kind.KIND:
        return f"an object with kind: {', '.join(one.KIND for one in kinds_of(hint))}"
    if issubclass(kind, Term):
        needed = [row_name(item) for item in fields_of(kind) if is_required(item)]
        any_of = f"any of {', '.join(map(row_name, fields_of(kind)))}"
        return f"an object with {', '.join(needed) or any_of}"
    days = f"a day from {spec.days[0]} to {spec.days[1]}, written YYYY-MM-DD"
    return {date: days, bool: "true or false"}.get(kind, spec.wanted)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    got = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not got.is_finite() or abs(got.adjusted()) > MAX_MAGNITUDE:
        return None
    return got if len(got.normalize().as_tuple().digits) <= MAX_DIGITS else None


def _day(value: object) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-01-31") else FAILED
    except ValueError:
        return FAILED


def _is_row(value: object) -> typing.TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
