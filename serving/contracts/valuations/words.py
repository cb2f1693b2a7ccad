"""What a valuation takes for granted, what it leaves out, and the fair price that no contract moves."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.contracts.terms.contract import Contract
from pricing.price import Place
from serving.book import Book
from serving.contracts.level_flags import level_flags
from serving.contracts.outlook.decks import RowDeck
from serving.contracts.outlook.flags import outlook_flags
from serving.contracts.outlook.process import Moving
from serving.contracts.outlook.terms import (
    AnyOutlook,
    LognormalOutlook,
    StatesOutlook,
)
from serving.contracts.settlements.words import percent
from serving.contracts.valuations.laid import LaidOut
from serving.contracts.valuations.parties import sides_in_words
from serving.contracts.valuations.priced import Priced
from serving.conversion import Conversion
from serving.fair_answer import headline
from serving.floor_schemas import FairUnchanged
from serving.questions import PriceRequest
from serving.schemas import Flag

WHY_UNCHANGED = (
    "A contract moves money between its parties. It changes neither what supply costs nor the distortions of the "
    "market, so the fair price stays."
)
TIME = (
    "Months count whole: a month lies as many twelfths of a year ahead as it ends months after the last one that was "
    "over on the day of valuation. Money is discounted yearly from the end of the month it is paid in."
)
PAID_AT_THE_END = "{name} states no payment_days: each period is paid at its end, or once its last fixing is known."
INDEPENDENT = "Default and appropriation are independent of prices; a buyer who fails when prices are low is worse."
PAST = "Values are of what is paid after the day of valuation; payments known by then stand in the table alone."
QUANTILES = "Quantiles of a year and of the present value are of all paths, those of a period of the first ones."
AS_EVIDENCE = (
    "Two-factor log prices around the deck (Schwartz and Smith 2000) on PCA-ordered Sobol points; every month is "
    "lognormal with the deck as its mean. Volatility is that of last quotes FOB China, nominal; it knows no floor."
)
AT_RANDOM = "One lognormal price whose logarithm moves at random, without drift or reversion, on Sobol points."
ONE_PRICE = "One lognormal price, so many years ahead, holds in every period."
NO_PRICE = "No price moves what is paid, so that the value is the same under every outlook."
STATES = "Each state is one price that holds in every month to come; all are equally likely."
TOGETHER = "References of one material with decks of their own move together: their ratio is that of the decks."
RISK = "Values rest on paths lowered by the market price of risk; payments stay on the deck."
JUMPS = "Policy jumps are a stress: what they add on some paths is taken from all, so that the mean stays on the deck."
TOLERANCE = (
    "{name}: the tolerance of {share} at the option of the {holder} is an option that is not valued: tonnes are those "
    "stated, and the {holder} chooses against the other side."
)
NO_DAY = "No day of valuation was stated: it is {day}."


def assumptions(priced: Priced) -> Iterator[str]:
    """Yield what the figures take for granted."""
    if priced.request.known.as_of is None:
        yield NO_DAY.format(day=priced.laid.horizon.as_of)
    yield from how_prices_move(priced.request.outlook, priced.laid, priced.moving)
    yield from sides_in_words(priced.request.parties)
    yield from _tolerances(priced)
    yield from (PAID_AT_THE_END.format(name=c.name) for c in _contracts(priced) if c.payment_days is None)
    if any(deck.known for deck in priced.laid.decks):
        yield PAST
    if len(priced.engine.places) > len({deck.row.material for deck in priced.laid.decks}):
        yield TOGETHER
    yield from priced.engine.assumptions
    if priced.moving is not None:
        yield QUANTILES
    yield INDEPENDENT


def _tolerances(priced: Priced) -> Iterator[str]:
    for terms in _contracts(priced):
        volume = terms.volume
        if volume.tolerance_share:
            share, holder = percent(volume.tolerance_share), volume.tolerance_at_option_of
            yield TOLERANCE.format(name=terms.name, share=share, holder=holder)


def how_prices_move(outlook: AnyOutlook, laid: LaidOut, moving: Moving | None) -> Iterator[str]:
    """Yield how prices were taken to move, and how time counts."""
    if not laid.decks:
        yield NO_PRICE
    elif isinstance(outlook, StatesOutlook):
        yield STATES
    elif isinstance(outlook, LognormalOutlook):
        yield AT_RANDOM if outlook.years is None else ONE_PRICE
    else:
        yield AS_EVIDENCE
    yield from dict.fromkeys(f"{deck.row.reference}: {deck.source}." for deck in laid.decks)
    if moving is not None and moving.market_price_of_risk:
        yield RISK
    if moving is not None and moving.sampling.jumps is not None:
        yield JUMPS
    yield TIME


def flags(priced: Priced) -> Iterator[Flag]:
    """Yield what to know before leaning on the figures."""
    for laid in priced.laid.contracts:
        terms = laid.contract
        if laid.left_out:
            told = laid.left_out[0] if len(laid.left_out) == 1 else f"{laid.left_out[0]} to {laid.left_out[-1]}"
            text = (
                f"{terms.name}: {told} ended without fixings and stand in no figure; give facts.indices to settle them."
            )
            yield Flag("periods_left_out", text)
        yield from level_flags(terms.clauses, {deck.row.reference: _today(deck) for deck in laid.decks}, "as expected")
    yield from outlook_flags(priced.request.outlook, priced.laid, priced.moving)


def _today(deck: RowDeck) -> float:
    """Return the last known price of a row in USD/kg, else the first expected one."""
    return deck.prices[max(deck.known) if deck.known else min(deck.prices)]


def fair_prices(priced: Priced, book: Book | None) -> dict[str, FairUnchanged]:
    """Return the fair price of each material with and without the contracts: the same."""
    found = {}
    for terms in _contracts(priced):
        if book is None or terms.material not in book.materials or str(terms.material) in found:
            continue
        day = min(priced.laid.horizon.as_of, book.last_day)
        if day < book.first_day(terms.material):
            continue
        row = book.on(terms.material, day)
        fair = headline(row)
        basis = Conversion.of(PriceRequest(terms.material, day), None).basis_at(Place.EX_CHINA)
        found[str(terms.material)] = FairUnchanged(basis, row.month, row.text("status"), fair, fair, 0.0, WHY_UNCHANGED)
    return found


def _contracts(priced: Priced) -> list[Contract]:
    return [laid.contract for laid in priced.laid.contracts]
