"""What is wrong with a user's own data: every fault at once, by file, row and column, and never a value of it."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pricing.errors import DataError

MAX_TOLD = 50
MOST_LISTED = 30
_CONTROL = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, invisible marks, half letters, separators of lines
HIDDEN = "a text that is not repeated here"
_FORMULA_LEADS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four are their wide forms


@dataclass
class Faults:
    """Faults found so far, each one line that names its place, what was expected and the way out."""

    found: list[str] = field(default_factory=list)

    def note(self, place: str, what: str, expected: str, nearest: str | None = None) -> None:
        """Note one fault."""
        hint = f" Did you mean {nearest}?" if nearest else ""
        self.found.append(f"{place}: {what}; expected {expected}.{hint}")

    def word(self, place: str, found: object, allowed: Iterable[str]) -> bool:
        """Return whether a word is one of the allowed; note it, with the nearest, where it is none."""
        words = list(allowed)
        if found in words:
            return True
        near = difflib.get_close_matches(str(found), words, n=1)
        listed = f"one of {', '.join(words)}" if len(words) <= MOST_LISTED else f"one of {len(words)} known names"
        self.note(place, f"found {shown(found)}", listed, near[0] if near else None)
        return False

    def refuse_if_any(self) -> None:
        """Raise one DataError with every fault, if there is one."""
        if self.found:
            more = [f"and {len(self.found) - MAX_TOLD} more"] if len(self.found) > MAX_TOLD else []
            raise DataError("\n".join([f"private data: {len(self.found)} faults.", *self.found[:MAX_TOLD], *more]))


def shown(found: object) -> str:
    """Return a word as it was found; a text with a digit in it may hold a private value and is not repeated.

    >>> shown("USD"), shown("73.319771")
    ('USD', 'a text that is not repeated here')
    """
    text = str(found)
    plain = text.isprintable() and len(text) <= MAX_TOLD and not any(letter.isdigit() for letter in text)
    return (text or "nothing") if plain else HIDDEN


def unsafe(text: str) -> Iterator[str]:
    """Yield why a text must not stand in a cell: a spreadsheet would run it, or a reader would not see it."""
    if text.lstrip().startswith(_FORMULA_LEADS):
        yield "a spreadsheet would read it as a formula"
    if any(unicodedata.category(letter) in _CONTROL for letter in text):
        yield "it holds a control character"
