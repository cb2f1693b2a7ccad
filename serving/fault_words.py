"""The words of a fault: what was found, what is allowed, the nearest of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MAX_SHOWN = 60  # characters of what was found
NEAREST_CUTOFF = 0.5
# Other names of what is asked for; looked up before letters are compared.
OTHER_NAMES = {
    **dict.fromkeys(("nd", "pr", "didymium", "neodymium", "praseodymium", "neodymium-praseodymium"), "NdPr"),
    **dict.fromkeys(("dysprosium", "dy2o3"), "Dy"),
    **dict.fromkeys(("terbium", "tb4o7", "tb2o3"), "Tb"),
    **dict.fromkeys(("tonne", "tonnes", "ton", "mt"), "t"),
    **dict.fromkeys(("pound", "pounds", "lbs"), "lb"),
    **dict.fromkeys(("kilo", "kilogram", "kilograms"), "kg"),
    **dict.fromkeys(("rmb", "yuan"), "CNY"),
    **dict.fromkeys(("europe", "outside china", "rest of world", "row"), "ex_china"),
}


def one_of(words: Iterable[str]) -> str:
    """Return the allowed words as a reader wants them."""
    unique = list(dict.fromkeys(words))
    if not unique:
        return "no parameter here"
    return unique[0] if len(unique) == 1 else "one of " + ", ".join(unique)


def nearest(found: object, words: Iterable[str]) -> str | None:
    """Return the word meant by another name, else the closest, ignoring case; None when nothing is close."""
    by_lower = {word.lower(): word for word in words}
    other = OTHER_NAMES.get(shown(found).strip().lower())
    if other in by_lower.values():
        return other
    close = difflib.get_close_matches(shown(found).lower(), by_lower, n=1, cutoff=NEAREST_CUTOFF)
    return by_lower[close[0]] if close else None


def shown(value: object) -> str:
    """Return what was found as short, printable, encodable text."""
    if value == "":
        return "an empty text"
    plain = value if isinstance(value, str) else _in_words(value)
    printable = "".join(c if c.isprintable() else "?" for c in plain.encode("utf-8", "replace").decode()[:MAX_SHOWN])
    return printable if len(plain) <= MAX_SHOWN else f"{printable}..."


def _in_words(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and abs(value) >= 10**MAX_SHOWN:
        return "a whole number of more than 60 digits"
    return str(value)
