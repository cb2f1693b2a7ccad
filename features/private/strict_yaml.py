"""YAML without what can hide or multiply content: no anchors, aliases, tags, merges, repeated keys or deep nesting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from features.private.faults import Faults

DEEPEST = 8
_STARTS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
EXPECTED = "plain keys and values, each key once"


def read_mapping(name: str, text: str, faults: Faults) -> dict[str, Any]:
    """Return a file's mapping of texts to plain values; empty, with a fault each, where some is refused."""
    before = len(faults.found)
    try:
        refused = list(dict.fromkeys(_refused(text)))  # the file is read once to refuse, and once to load
        for line, what in refused:
            faults.note(f"{name}, line {line}", what, EXPECTED)
        if refused:
            return {}
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        for line in _repeated(node):
            faults.note(f"{name}, line {line}", "a key stands there twice", EXPECTED)
        loaded = yaml.safe_load(text)
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


def _refused(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and reason for every event that plain values do not need."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, _STARTS) - isinstance(event, _ENDS)
        if isinstance(event, yaml.AliasEvent):
            yield line, "an alias"
        elif getattr(event, "anchor", None):
            yield line, "an anchor"
        if getattr(event, "tag", None):
            yield line, "a tag"
        if getattr(event, "value", None) == "<<":
            yield line, "a merge key"
        if documents > 1:
            yield line, "a second document"
        if depth > DEEPEST:
            yield line, f"nesting deeper than {DEEPEST}"
            return


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
