"""How the printed page writes money, shares and names."""

from __future__ import annotations

BILLION, MILLION, THOUSAND = 1e9, 1e6, 1e3
NONE = "-"
MOST_NAME = 16  # letters of a clause's name in a head, a legend or a label


def usd(value: float | None) -> str:
    """Return money in a few characters.

    >>> usd(1_947_860_000), usd(42_252_000), usd(-61_867.1), usd(12.5), usd(None)
    ('1.948 bn', '42.25 m', '-61.9 k', '12.50', '-')
    """
    if value is None:
        return NONE
    size = abs(value)
    if size >= BILLION:
        return f"{value / BILLION:,.3f} bn"
    if size >= MILLION:
        return f"{value / MILLION:,.2f} m"
    return f"{value / THOUSAND:,.1f} k" if size >= 10 * THOUSAND else f"{value:,.2f}"


def millions(value: float) -> str:
    """Return money in millions with two decimals; never -0.00.

    >>> millions(-1234), millions(42_252_000)
    ('0.00', '42.25')
    """
    return f"{round(value / MILLION, 2) + 0.0:,.2f}"


def percent(share: float | None) -> str:
    """Return a share in whole percent, its ends as they are.

    >>> percent(0.683), percent(0.0), percent(0.9999), percent(None)
    ('68 %', '0 %', 'above 99 %', '-')
    """
    if share is None:
        return NONE
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    shown = round(100 * share)
    return "under 1 %" if shown < 1 else "above 99 %" if shown > 99 else f"{shown} %"


def rate(share: float) -> str:
    """Return a discount rate.

    >>> rate(0.1), rate(0.045)
    ('10 %', '4.5 %')
    """
    return f"{100 * share:g} %"


def clipped(text: str, most: int) -> str:
    """Return a text of at most so many characters, cut at a word where it has several.

    >>> clipped("the price of oxide outside China", 20)
    'the price of ...'
    """
    return text if len(text) <= most else f"{text[: most - 4].rsplit(' ', 1)[0]} ..."
