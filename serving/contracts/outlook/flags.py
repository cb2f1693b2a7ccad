"""What to know before leaning on figures under an outlook, whatever was asked of it."""

from __future__ import annotations

from collections.abc import Iterator

from serving.contracts.outlook.process import Moving
from serving.contracts.outlook.terms import AnyOutlook, FairPriceDeck, LastQuoteDeck, PathsOutlook
from serving.contracts.settlements.flags import series_flags
from serving.contracts.valuations.laid import LaidOut
from serving.likeness_flags import likeness_flags
from serving.private_flags import reference_flags
from serving.schemas import Flag

NO_FORECAST = "Expected prices follow from the deck or the states; they are assumptions."


def outlook_flags(outlook: AnyOutlook, laid: LaidOut, moving: Moving | None) -> Iterator[Flag]:
    """Yield what the prices known and expected rest on: series, months to come, evidence, the model's own doubts."""
    yield from dict.fromkeys([*series_flags(laid.origin, _known_months(laid)), *_model_flags(outlook, laid)])
    for deck in laid.decks:
        if deck.waiting:
            told = f"{', '.join(deck.waiting)} over and not published"
            text = f"{deck.row.reference}: {told}; the first price to come stands in, without a spread."
            yield Flag("not_published_yet", text)
    yield Flag("deck_is_not_a_forecast", NO_FORECAST)
    if moving is not None and (names := [one.name for one in moving.parameters if one.outside]):
        yield Flag("outside_evidence", f"Outside the range of evidence: {', '.join(names)}. See parameters.")


def _known_months(laid: LaidOut) -> dict[str, frozenset[str]]:
    """Return the months of each series that the rows know."""
    return {
        index: frozenset(month for deck in laid.decks if deck.row.rule.index == index for month in deck.known)
        for index in laid.origin.series
    }


def _model_flags(outlook: AnyOutlook, laid: LaidOut) -> Iterator[Flag]:
    """Yield what is private of a last quote, and a material that the model misses."""
    if laid.book is None or not isinstance(outlook, PathsOutlook):
        return
    for deck in laid.decks:
        stated = outlook.decks.get(deck.row.reference, outlook.deck)
        if isinstance(stated, LastQuoteDeck):
            yield from reference_flags(laid.book, deck.row.material, laid.origin.series_of(deck.row.rule.index))
        if isinstance(stated, FairPriceDeck):
            yield from likeness_flags(laid.book, laid.book.on(deck.row.material, laid.horizon.as_of))
