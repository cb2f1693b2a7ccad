"""What a refusal says: the thing found as short printable text, and the word that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MAX_SHOWN = 60  # characters of what was found
CUTOFF = 0.5  # likeness from which a word counts as near
SHORTEST = 2  # letters that may stand for the word they begin
OTHER_NAMES = {
    **dict.fromkeys(("rmb", "yuan"), "CNY"),
    **dict.fromkeys(("tonne", "tonnes", "ton", "mt"), "t"),
    **dict.fromkeys(("pound", "pounds", "lbs"), "lb"),
    **dict.fromkeys(("without vat", "net of vat"), "excluded"),
    **dict.fromkeys(("with vat", "gross"), "included"),
}


def nearest(found: object, words: Iterable[str]) -> str | None:
    """Return the word meant by another name, the one word that begins so, else the closest, ignoring case.

    >>> nearest("floor", ["reference", "floor_usd_per_kg"]), nearest("RMB", ["USD", "CNY"]), nearest("xyz", ["USD"])
    ('floor_usd_per_kg', 'CNY', None)
    """
    by_lower = {str(word).lower(): str(word) for word in words}
    told = shown(found).lower()
    if (other := OTHER_NAMES.get(told)) in by_lower.values():
        return other
    begun = [word for lower, word in by_lower.items() if lower.startswith(told)]
    if len(begun) == 1 and len(told) >= SHORTEST:
        return begun[0]
    close = difflib.get_close_matches(told, by_lower, n=1, cutoff=CUTOFF)
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
