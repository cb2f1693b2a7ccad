"""What every command does: open the published model, ask the desk, print the answer; numbers and bodies from text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import orjson

from pricing.errors import Fault, InputError
from serving import terminal
from serving.desk import Desk
from serving.reading import is_number
from serving.rights import Desks
from serving.settings import open_store, read_settings

T = TypeVar("T")


def ask(question: Callable[[Desk], T]) -> T:
    """Return the desk's answer over the model that the settings name."""
    with terminal.waiting("Opening the published model"):
        settings = read_settings()
        desks = Desks.over(open_store(settings), date.today, settings.access, settings.kept_scenarios)
        return question(desks.of_token(settings.token))


def show(body: bytes, shape: Callable[[dict[str, Any]], Any] | None, as_json: bool) -> None:
    """Print an answer: its own bytes, or as a person reads it."""
    if as_json or shape is None:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.write(b"" if body.endswith(b"\n") else b"\n")
        sys.stdout.flush()
        return
    terminal.show(shape(orjson.loads(body)))


def given(options: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """Return the options that were given."""
    return [(name, value) for name, value in options.items() if value is not None]


def number(text: str) -> object:
    """Return the number a text holds; the text itself where it holds none, for the reader to refuse."""
    return float(text) if is_number(text) else text


def body_file(path: Path, kinds: str = "JSON") -> bytes:
    """Return the bytes of a request kept in a file of some kinds; - is standard input."""
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as fault:
        raise InputError(
            Fault("terms", f"{path.name}: {fault.strerror}", f"a {kinds} file that can be read")
        ) from fault
