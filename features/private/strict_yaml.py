"""YAML without what can hide or multiply content: no anchors, aliases, tags, merges, repeated keys or deep nesting.

Numbers are decimal, as in the core schema of YAML 1.2 (10.3.2): 1e9 is one; forms that YAML 1.1 reads as another
number or as a truth value (025, 1:25, 0x6E, 1_000, yes) are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from features.private.faults import Faults

DEEPEST = 8
_STARTS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
EXPECTED = "plain keys and values, each key once"
BOOL, INT, FLOAT = (f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float"))
_CORE = {
    BOOL: (re.compile(r"true|True|TRUE|false|False|FALSE"), "tTfF"),
    INT: (re.compile(r"[-+]?\d+", re.ASCII), "-+0123456789"),
    FLOAT: (
        re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII),
        "-+.0123456789",
    ),
}
_DECIMAL = "a decimal number such as 25 or 1e9, or the text in quotes"
_TRUTH = "true or false, or the text in quotes"
_OTHERWISE_READ = (
    (re.compile(r"[-+]?0\d[\d.]*([eE][-+]?\d+)?", re.ASCII), "a number that begins with zero", _DECIMAL),
    (re.compile(r"[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?", re.ASCII), "a number in sixties", _DECIMAL),
    (re.compile(r"[-+]?0[xXoObB][\da-fA-F_]+", re.ASCII), "a number that is not decimal", _DECIMAL),
    (re.compile(r"[-+]?[\d.][\d_.]*_[\d_.]*([eE][-+]?\d+)?", re.ASCII), "a number with underscores", _DECIMAL),
    (re.compile(r"yes|no|on|off", re.ASCII | re.IGNORECASE), "a word that some read as true or false", _TRUTH),
)


class _CoreLoader(yaml.SafeLoader):
    """A loader of plain values whose numbers and truth values are those of the core schema."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        letter: [(tag, shape) for tag, shape in known if tag not in _CORE]
        for letter, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


for _tag, (_shape, _letters) in _CORE.items():
    _CoreLoader.add_implicit_resolver(_tag, re.compile(f"(?:{_shape.pattern})$", re.ASCII), list(_letters))


def read_mapping(name: str, text: str, faults: Faults) -> dict[str, Any]:
    """Return a file's mapping of texts to plain values; empty, with a fault each, where some is refused."""
    before = len(faults.found)
    try:
        refused = list(dict.fromkeys(_refused(text)))  # the file is read once to refuse, and once to load
        for line, what, expected in refused:
            faults.note(f"{name}, line {line}", what, expected)
        if refused:
            return {}
        node = yaml.compose(text, Loader=_CoreLoader)
        for line in _repeated(node):
            faults.note(f"{name}, line {line}", "a key stands there twice", EXPECTED)
        loaded = yaml.load(text, Loader=_CoreLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        place = f"{name}, line {mark.line + 1}" if mark else name
        faults.note(place, "no YAML that can be read", EXPECTED)
        return {}
    if len(faults.found) > before:
        return {}
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        faults.note(name, "no mapping of names", "names with their values")
        return {}
    return loaded


def _refused(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, reason and way out for every event that plain values do not need."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, _STARTS) - isinstance(event, _ENDS)
        yield from ((line, what, EXPECTED) for what in _hiding(event))
        yield from ((line, what, expected) for what, expected in _otherwise_read(event))
        if documents > 1:
            yield line, "a second document", EXPECTED
        if depth > DEEPEST:
            yield line, f"nesting deeper than {DEEPEST}", EXPECTED
            return


def _hiding(event: yaml.Event) -> Iterator[str]:
    """Yield what of an event can hide or multiply content."""
    if isinstance(event, yaml.AliasEvent):
        yield "an alias"
    elif getattr(event, "anchor", None):
        yield "an anchor"
    if getattr(event, "tag", None):
        yield "a tag"
    if getattr(event, "value", None) == "<<":
        yield "a merge key"


def _otherwise_read(event: yaml.Event) -> Iterator[tuple[str, str]]:
    """Yield what a bare value is that others would read as another number or a truth value, with the way out."""
    if isinstance(event, yaml.ScalarEvent) and event.style is None:
        found = ((what, way_out) for shape, what, way_out in _OTHERWISE_READ if shape.fullmatch(event.value))
        yield from list(found)[:1]


def _repeated(node: yaml.Node | None) -> Iterator[int]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield key.start_mark.line + 1 if key.start_mark else 0
            seen.add(str(key.value))
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _repeated(child)
