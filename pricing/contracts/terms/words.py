"""What a refusal says: the thing found as short printable text, and the word that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MAX_SHOWN = 60  # characters of what was found
CUTOFF = 0.5  # likeness from which a word counts as near


def nearest(found: object, words: Iterable[str]) -> str | None:
    """Return the closest of the words, ignoring case; None when nothing is close."""
    by_lower = {str(word).lower(): str(word) for word in words}
    close = difflib.get_close_matches(shown(found).lower(), by_lower, n=1, cutoff=CUTOFF)
    return by_lower[close[0]] if close else None


def shown(found: object) -> str:
    """Return what was found as short, printable text.

    >>> [shown(found) for found in (None, True, [1], "", "flor")]
    ['nothing', 'true', 'a list', 'an empty text', 'flor']
    """
    told = {list: "a list", tuple: "a list", dict: "an object", type(None): "nothing", bool: str(found).lower()}
    text = told.get(type(found)) or (str(found) if found != "" else "an empty text")
    printable = "".join(c if c.isprintable() else "?" for c in text.encode("utf-8", "replace").decode()[:MAX_SHOWN])
    return printable if len(text) <= MAX_SHOWN else f"{printable}..."
