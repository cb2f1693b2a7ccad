"""The address that was meant by one where nothing lives."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from urllib.parse import quote

from serving.fault_words import MAX_SHOWN

CLOSE = 0.7  # of the words of an address that are fixed
VERSION = "v1"


def nearest_address(sent: str, known: Iterable[str]) -> str | None:
    """Return the known address closest to the one sent, with what was sent for a material or an id; None if none is.

    >>> known = ["/v1/leaks/{material}", "/v1/scoreboard", "/v1/publications/{material}"]
    >>> [nearest_address(path, known) for path in ("/v1/leak/Tb", "/v1/scorebord", "/v1/publications", "/v1/weather")]
    ['/v1/leaks/Tb', '/v1/scoreboard', '/v1/publications/{material}', None]
    """
    pairs = ((_likeness(sent, address), address) for address in known)
    likeness, address = max(pairs, default=(0.0, ""))
    found = _filled(sent, address)
    return found if likeness >= CLOSE and found != sent else None


def _likeness(sent: str, address: str) -> float:
    """Return how alike the fixed words of an address and those sent in their places are, from 0 to 1."""
    asked, words = _words(sent), _words(address)
    fixed = [place for place, word in enumerate(words) if not _is_open(word)]
    if len(asked) == len(words):
        asked = [asked[place] for place in fixed]
    return difflib.SequenceMatcher(None, "/".join(asked).lower(), "/".join(words[place] for place in fixed)).ratio()


def _filled(sent: str, address: str) -> str:
    """Return an address with what was sent in its open places, where both have as many words."""
    asked, words = _words(sent), _words(address)
    if len(asked) != len(words) or any(len(word) > MAX_SHOWN for word in asked):
        return address
    told = (quote(one, safe="") if _is_open(word) else word for one, word in zip(asked, words, strict=True))
    return "/".join([f"/{VERSION}" if address.startswith(f"/{VERSION}/") else "", *told])


def _words(address: str) -> list[str]:
    words = address.strip("/").split("/")
    return words[1:] if words[0] == VERSION else words


def _is_open(word: str) -> bool:
    return word.startswith("{")
