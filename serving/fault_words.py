"""The words of a fault: what was found, what is allowed, the nearest of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

MAX_SHOWN = 60  # characters of what was found
MOST_LISTED = 3  # whole numbers without a gap that are listed; more are told by their ends
NEAREST_CUTOFF = 0.5
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?", re.ASCII)
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
    """Return the allowed words as a reader wants them; whole numbers without a gap by their ends.

    >>> one_of(["json", "csv"]), one_of(map(str, range(1, 25)))
    ('one of json, csv', '1 to 24')
    """
    unique = list(dict.fromkeys(words))
    if not unique:
        return "no parameter here"
    numbers = _whole(unique)
    if len(numbers) > MOST_LISTED and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return f"{numbers[0]} to {numbers[-1]}"
    return unique[0] if len(unique) == 1 else "one of " + ", ".join(unique)


def nearest(found: object, words: Iterable[str]) -> str | None:
    """Return the word meant by another name, else the closest, ignoring case; None when nothing is close.

    Among whole numbers the closest is that of the nearest value.

    >>> nearest("99", map(str, range(1, 25))), nearest("csw", ["json", "csv"])
    ('24', 'csv')
    """
    words = list(words)
    numbers, asked = _whole(words), _NUMBER.fullmatch(shown(found).strip())
    if numbers and asked:
        return str(min(numbers, key=lambda number: abs(number - float(asked.group()))))
    by_lower = {word.lower(): word for word in words}
    other = OTHER_NAMES.get(shown(found).strip().lower())
    if other in by_lower.values():
        return other
    close = difflib.get_close_matches(shown(found).lower(), by_lower, n=1, cutoff=NEAREST_CUTOFF)
    return by_lower[close[0]] if close else None


def _whole(words: Iterable[str]) -> list[int]:
    """Return words that are all whole numbers as such; none where one of them is not."""
    found = list(words)
    return [int(word) for word in found] if all(_WHOLE.fullmatch(word) for word in found) else []


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
