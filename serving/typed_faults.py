"""Faults of a request named as they were typed: options and arguments of the command, where HTTP has parameters."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from pricing.errors import Fault, InputError

_NAMED = re.compile(r"`(\w+)`")
_LISTED = re.compile(r"(?:GET )?/v1/(levers|materials|models|presets)\b")


class TypedCommand(TyperCommand):
    """A command that tells the faults of a request by the names that a person typed."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # a context of Typer's is one of click's
        """Run the command; InputError with the faults named as typed."""
        try:
            return super().invoke(ctx)
        except InputError as found:
            names = {name: label for param in self.params for name, label in _labels(param)}
            is_file = any(isinstance(value, Path) for value in ctx.params.values())
            raise type(found)(*(_typed(one, names, nested=not is_file) for one in found.faults)) from found


def by_typed_names(cli: typer.Typer) -> None:
    """Let every command of a command line, and of its groups, tell faults by the names that were typed."""
    for command in cli.registered_commands:
        command.cls = TypedCommand
    for group in cli.registered_groups:
        if group.typer_instance is not None:
            by_typed_names(group.typer_instance)


def _labels(param: Any) -> list[tuple[str, str]]:
    """Return the names of a parameter, as the service has them, with what is typed for it."""
    if param.param_type_name == "argument":
        return [(param.name, param.name.upper())]
    label = max(param.opts, key=len)
    return [(param.name, label), (label.removeprefix("--").replace("-", "_"), label)]


def _typed(fault: Fault, names: dict[str, str], *, nested: bool) -> Fault:
    """Return a fault by typed names; a field inside a body has one only where options made the body."""
    allowed = _NAMED.sub(lambda word: names.get(word[1], word[0]), fault.allowed)
    allowed = _LISTED.sub(r"`fairprice \1`", allowed)
    return replace(fault, path=_path(fault.path, names, nested=nested), allowed=allowed)


def _path(path: str, names: dict[str, str], *, nested: bool) -> str:
    if not nested or path in names:
        return names.get(path, path)
    if path.replace(".", "_") in names:
        return names[path.replace(".", "_")]
    parts = path.split(".")
    for place in reversed(range(len(parts))):
        if parts[place] in names:
            return " ".join([names[parts[place]], *parts[place + 1 :][-1:]])
    return path
