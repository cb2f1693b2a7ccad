"""What a refusal says: the thing found as short printable text, the lever that was probably meant, plain numbers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

import numpy as np

from pricing.levers.lever import Lever, Levers

MAX_SHOWN = 60  # characters of what was found
CUTOFF = 0.6  # likeness from which a name counts as near
_BETWEEN = re.compile(r"[^a-z0-9]+")


def shown(found: object) -> str:
    """Return what was found as short, printable, encodable text.

    >>> [shown(found) for found in (None, True, [1], "", "labor_cst", 0.5)]
    ['nothing', 'true', 'a list', 'an empty text', 'labor_cst', '0.5']
    """
    if found == "":
        return "an empty text"
    text = found if isinstance(found, str) else _told(found)
    cut = text[:MAX_SHOWN].encode("utf-8", "replace").decode()
    printable = "".join(c if c.isprintable() else "?" for c in cut)
    return printable if len(text) <= MAX_SHOWN else f"{printable}..."


def number(value: float) -> str:
    """Return a number to six digits, without an exponent.

    >>> number(1_000_000.0), number(0.00052), number(1 / 3)
    ('1000000', '0.00052', '0.333333')
    """
    return np.format_float_positional(value, precision=6, unique=False, fractional=False, trim="-")


def nearest(found: str, levers: Levers) -> str | None:
    """Return the lever whose name, title or alias is closest to what was found; None where nothing is close."""
    spoken = {said: lever.name for lever in reversed([*levers.rows.values()]) for said in _said(lever)}
    close = difflib.get_close_matches(_spoken(found[:MAX_SHOWN]), spoken, n=1, cutoff=CUTOFF)
    return spoken[close[0]] if close else None


def _said(lever: Lever) -> Iterator[str]:
    yield from map(_spoken, (lever.name, lever.title, *lever.aliases))


def _spoken(text: str) -> str:
    """Return the words of a text in a fixed order, so that "Dy export ban" is near "export ban Dy"."""
    return " ".join(sorted(_BETWEEN.sub(" ", text.lower()).split()))


def _told(found: object) -> str:
    if found is None:
        return "nothing"
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, dict):
        return "an object"
    if isinstance(found, list):
        return "a list"
    if isinstance(found, int) and abs(found) >= 10**MAX_SHOWN:
        return f"a whole number of more than {MAX_SHOWN} digits"
    return str(found)
