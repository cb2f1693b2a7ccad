"""Terms from plain rows, as JSON and YAML give them, with every fault at once.

A row is read field by field; checks between fields run on whatever could be read, so that a floor above its cap is
found beside a misspelt name.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from pricing.contracts.terms.entries import Held, entries_of, row_names_of
from pricing.contracts.terms.parsed import FAILED, parsed
from pricing.contracts.terms.schema import Spec, Term
from pricing.contracts.terms.units import also_sent, meant, sent_as
from pricing.contracts.terms.words import nearest, shown
from pricing.errors import Fault, TermsError

AnyTerm = TypeVar("AnyTerm", bound=Term)
MAX_FAULTS = 50


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
            self.note(path or "terms", row, f"an object with {', '.join(one.row_name for one in entries_of(kind))}")
            return FAILED
        before = len(self.faults)
        found, as_sent = self._fields(row, kind, path)
        self._unknown(row, kind, path)
        whole = len(self.faults) == before
        readable = found if whole else {name: _readable(one) for name, one in found.items() if one is not FAILED}
        between = [replace(fault, path=_joined(path, fault.path)) for fault in kind.checks(readable)]
        if between:
            noted = {fault.path for fault in self.faults}
            self.faults += [fault for fault in between if fault.path not in noted]
        if len(self.faults) > before:
            return _unchecked(kind, readable)
        return _checked(kind, found) if as_sent else kind(**found)

    def note(self, path: str, found: object, allowed: str, near: str | None = None) -> None:
        """Note a fault."""
        self.faults.append(Fault(path, shown(found), allowed, near))

    def _fields(self, row: Mapping[Any, object], kind: type[Term], path: str) -> tuple[dict[str, Any], bool]:
        """Return the fields of a row, and whether each is as it was sent: no price was stated in another unit."""
        found, as_sent = dict[str, Any](), True
        for entry in entries_of(kind):
            name, times = entry.row_name, None
            value = row.get(name)
            if value is None and entry.is_price:
                name, value, times = sent_as(row, name)
            if value is not None:
                got = self._value(value, entry.held, entry.spec, _joined(path, name))
                as_sent = as_sent and times is None
                found[entry.name] = got if times is None or got is FAILED else got / times
            elif entry.is_required:
                self.note(_joined(path, name), None, _wanted(entry.held, entry.spec))
                found[entry.name] = FAILED
            else:
                found[entry.name] = entry.left_out()
        return found, as_sent

    def _value(self, value: object, held: Held, spec: Spec, path: str) -> Any:
        if held.items is None:
            if held.is_term:
                return self.one_of_kinds(value, held.kinds, path)
            return self._plain(value, held, spec, path)
        within = self._list if held.container is tuple else self._mapping
        return within(value, held.items, spec, path)

    def _list(self, value: object, held: Held, spec: Spec, path: str) -> Any:
        if not isinstance(value, list | tuple) or not spec.least <= len(value) <= spec.most:
            size = f" of {len(value)}" if isinstance(value, list | tuple) else ""
            self.note(path, f"{shown(value)}{size}", f"a list of {spec.least} to {spec.most} items")
            return FAILED
        return tuple(self._value(one, held, spec, f"{path}.{place}") for place, one in enumerate(value))

    def _mapping(self, value: object, held: Held, spec: Spec, path: str) -> Any:
        if not isinstance(value, Mapping) or not spec.least <= len(value) <= spec.most:
            size = f" with {len(value)} entries" if isinstance(value, Mapping) else ""
            self.note(path, f"{shown(value)}{size}", f"an object with {spec.least} to {spec.most} entries")
            return FAILED
        found = {}
        for raw, one in value.items():
            key, where = str(raw), _joined(path, shown(str(raw)))
            if not spec.keys.fullmatch(key):
                self.note(where, key, spec.keys_wanted)
            found[shown(key)] = self._value(one, held, spec, where)
        return found

    def one_of_kinds(self, value: object, kinds: tuple[Any, ...], path: str) -> Any:
        """Return the terms of a row whose `kind` names them, FAILED where it names none."""
        if len(kinds) == 1:
            if isinstance(value, Mapping) and value.get("kind") == kinds[0].KIND:
                return self.term(_without_kind(value), kinds[0], path)
            return self.term(value, kinds[0], path)
        by_word = {kind.KIND: kind for kind in kinds}
        if not isinstance(value, Mapping):
            self.note(path, value, f"an object with kind: {', '.join(by_word)}")
            return FAILED
        word = value.get("kind")
        if not isinstance(word, str) or word not in by_word:
            self.note(_joined(path, "kind"), word, f"one of {', '.join(by_word)}", nearest(word, by_word))
            return FAILED
        return self.term(_without_kind(value), by_word[word], path)

    def _plain(self, value: object, held: Held, spec: Spec, path: str) -> Any:
        kind: type[Any] = held.kind
        got = parsed(value, kind, spec)
        if got is FAILED:
            near = nearest(value, list(kind)) if issubclass(kind, StrEnum) else None
            in_quotes = isinstance(value, str) and value and kind in (Decimal, int)
            self.note(path, f"the text {value}" if in_quotes else value, _wanted(held, spec), near)
        return got

    def _unknown(self, row: Mapping[Any, object], kind: type[Term], path: str) -> None:
        if row.keys() <= row_names_of(kind):
            return
        known = [entry.row_name for entry in entries_of(kind)]
        read_ones, twice = {sent_as(row, name)[0] for name in known}, also_sent(row, known)
        for name in row:
            if name in twice:
                self.note(_joined(path, name), f"{name} beside {twice[name]}", "state one of the two")
            elif name not in read_ones and not (row[name] is None and name in known):
                self.note(_joined(path, shown(name)), name, *meant(shown(name), known))


def _readable(value: Any) -> Any:
    """Return a list or mapping with None in place of what could not be read."""
    if isinstance(value, tuple):
        return tuple(None if one is FAILED else one for one in value)
    if isinstance(value, dict):
        return {key: None if one is FAILED else one for key, one in value.items()}
    return value


def _checked(kind: type[AnyTerm], found: Mapping[str, Any]) -> AnyTerm:
    """Return terms whose ranges and checks the reader has been through, so that they need not check themselves."""
    if kind.__post_init__ is not Term.__post_init__:
        return kind(**found)
    term = object.__new__(kind)
    for name, value in found.items():
        object.__setattr__(term, name, value)
    return term


def _unchecked(kind: type[AnyTerm], readable: Mapping[str, Any]) -> AnyTerm:
    """Return terms that never leave the reader: what could be read, nothing for the rest."""
    term = object.__new__(kind)
    for entry in entries_of(kind):
        held = entry.held
        nothing: Any = None if held.items is None else () if held.container is tuple else {}
        object.__setattr__(term, entry.name, readable.get(entry.name, nothing))
    return term


def _wanted(held: Held, spec: Spec) -> str:
    kind = held.kind
    if held.items is not None:
        return f"{'a list' if held.container is tuple else 'an object'} with at least {spec.least} entries"
    if spec.span is not None:
        return str(spec.span)
    if issubclass(kind, StrEnum):
        return f"one of {', '.join(kind)}"
    if issubclass(kind, Term) and kind.KIND:
        return f"an object with kind: {', '.join(one.KIND for one in held.kinds)}"
    if issubclass(kind, Term):
        entries = entries_of(kind)
        needed = [entry.row_name for entry in entries if entry.is_required]
        any_of = f"any of {', '.join(entry.row_name for entry in entries)}"
        return f"an object with {', '.join(needed) or any_of}"
    days = f"a day from {spec.days[0]} to {spec.days[1]}, written YYYY-MM-DD"
    return {date: days, bool: "true or false"}.get(kind, spec.wanted)


def _without_kind(row: Mapping[Any, Any]) -> dict[Any, Any]:
    return {name: one for name, one in row.items() if name != "kind"}


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
