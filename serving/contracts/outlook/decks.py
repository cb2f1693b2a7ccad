"""The expected price of every month of every row: what is known, what the outlook states, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pricing.contracts.periods import MONTHS_PER_YEAR
from pricing.contracts.terms.facts import DeckPrices, Facts
from pricing.errors import Fault, InputError, TermsError
from serving.contracts.outlook.model import ModelPrices
from serving.contracts.outlook.months import Horizon
from serving.contracts.outlook.rows import Row, known_prices
from serving.contracts.outlook.terms import Deck, FairPriceDeck, GivenDeck, LastQuoteDeck, PathsOutlook, ScenarioDeck

Priced = Callable[[str], float | None]
MOST_NOT_PUBLISHED = 3  # months that an index may be late
HELD = "held flat in nominal money"


class Market(Protocol):
    """What answers for a row's months to come, and for what it is."""

    def __call__(self, row: Row, horizon: Horizon) -> tuple[Priced, str]:
        """Return the price of a month, None where nothing is stated, and the words for its source."""
        ...


@dataclass(frozen=True, slots=True)
class RowDeck:
    """A row with its expected price by month, the months that are known, and in words where the others come from.

    `waiting` are months that are over while their index is not published yet: they hold the first price to come.
    """

    row: Row
    prices: Mapping[str, float]
    known: frozenset[str]
    source: str
    waiting: tuple[str, ...]


def row_decks(rows: Sequence[Row], facts: Facts, horizon: Horizon, market: Market) -> tuple[RowDeck, ...]:
    """Return the decks of rows; a month without a price is left out. TermsError with every fault of the decks."""
    faults: list[Fault] = []
    found = []
    for row in rows:
        try:
            found.append(_row_deck(row, facts, horizon, market))
        except InputError as fault:
            faults += fault.faults
    if faults:
        raise TermsError(*dict.fromkeys(faults))
    return tuple(found)


def _row_deck(row: Row, facts: Facts, horizon: Horizon, market: Market) -> RowDeck:
    over = [month for month in row.months if horizon.ahead(month) <= 0]
    known = dict(known_prices(row, facts, over)) if over else {}
    price, source = market(row, horizon)
    assumed = {month: usd for month in row.months if month not in known and (usd := price(month)) is not None}
    waited_for = tuple(_not_yet_published(over, known, assumed)) if known else ()
    first = next((usd for month, usd in assumed.items() if horizon.ahead(month) > 0), None)
    waiting = {} if first is None else dict.fromkeys(waited_for, first)
    prices = {**known, **assumed, **waiting}
    return RowDeck(row, prices, frozenset(over) & prices.keys(), source, tuple(waiting))


def _not_yet_published(over: Sequence[str], known: Mapping[str, float], assumed: Mapping[str, float]) -> Iterator[str]:
    """Yield the last few months that are over while their index is not published yet."""
    late = [month for month in over if month > max(known) and month not in assumed]
    if len(late) <= MOST_NOT_PUBLISHED:
        yield from late


@dataclass(frozen=True, slots=True)
class DecksOf:
    """The decks of an outlook of paths; a deck of the facts serves a reference that the outlook leaves out."""

    outlook: PathsOutlook
    facts: Facts
    model: ModelPrices

    def __call__(self, row: Row, horizon: Horizon) -> tuple[Priced, str]:
        """Return the expected price of a month to come, and its source; TermsError where none is stated."""
        own = self.outlook.decks.get(row.reference)
        path = "outlook.deck" if own is None else f"outlook.decks.{row.reference}"
        deck = self.outlook.deck if own is None else own
        if deck is None:
            return _of_facts(self.facts.decks.get(row.reference), row)
        try:
            return self._price(deck, row, horizon)
        except TermsError as error:
            raise TermsError(*(_placed(fault, path, row) for fault in error.faults)) from error

    def _price(self, deck: Deck, row: Row, horizon: Horizon) -> tuple[Priced, str]:
        if isinstance(deck, GivenDeck):
            return _given(deck, horizon), _told("stated in the request", deck)
        found = self.model.price(deck, row.contract, row.rule, row.material, horizon.as_of)
        growth = None if isinstance(deck, ScenarioDeck) else deck

        def price(month: str) -> float | None:
            ahead = horizon.ahead(month)
            return found.at(month) * _grown(growth, ahead) if ahead > 0 else None

        return price, found.source if growth is None else _told(found.source, growth)


def _given(deck: GivenDeck, horizon: Horizon) -> Priced:
    flat, stated = deck.flat_usd_per_kg, deck.usd_per_kg

    def price(month: str) -> float | None:
        own = stated.get(month, stated.get(month[:4]))
        if own is not None:
            return float(own)
        ahead = horizon.ahead(month)
        return None if flat is None or ahead <= 0 else float(flat) * _grown(deck, ahead)

    return price


def _of_facts(deck: DeckPrices | None, row: Row) -> tuple[Priced, str]:
    if deck is None:
        allowed = f"a deck of kind given, fair_price, last_quote or scenario, or facts.decks.{row.reference}"
        raise TermsError(Fault("outlook.deck", "nothing", allowed))

    def price(month: str) -> float | None:
        own = deck.price(month)
        return None if own is None else float(own)

    return price, "deck of the facts"


def _grown(deck: GivenDeck | FairPriceDeck | LastQuoteDeck | None, ahead: int) -> float:
    rate = 0.0 if deck is None or deck.growth_per_year is None else float(deck.growth_per_year)
    return float((1 + rate) ** (ahead / MONTHS_PER_YEAR))


def _told(source: str, deck: GivenDeck | FairPriceDeck | LastQuoteDeck) -> str:
    if deck.growth_per_year:
        return f"{source}, growing by {float(deck.growth_per_year):.2%} a year"
    moves = isinstance(deck, GivenDeck) and bool(deck.usd_per_kg)
    return source if moves else f"{source}, {HELD}"


def _placed(fault: Fault, path: str, row: Row) -> Fault:
    """Return a fault of a deck under its place; one of a reference's rule under the contract's."""
    if fault.path == "vat_rule":
        return replace(fault, path=f"{row.path}.references.{row.reference}.vat_rule")
    return fault if fault.path.startswith("facts.") else replace(fault, path=f"{path}.{fault.path}")
