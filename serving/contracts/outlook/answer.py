"""How an outlook stands in an answer: how prices were taken to move, and what they were expected to be."""

from __future__ import annotations

from collections.abc import Iterator

from serving.contracts.outlook.months import Horizon
from serving.contracts.outlook.process import Moving
from serving.contracts.outlook.terms import AnyOutlook, state_count
from serving.contracts.valuations.laid import LaidOut
from serving.contracts.valuations.schemas import DeckUsed, OutlookUsed
from serving.rounding import DIGITS


def outlook_used(outlook: AnyOutlook, moving: Moving | None, horizon: Horizon) -> OutlookUsed:
    """Return how prices were taken to move."""
    return OutlookUsed(
        kind=outlook.KIND,
        paths=state_count(outlook) if moving is None else moving.sampling.paths,
        seed=None if moving is None else moving.sampling.seed,
        first_month=horizon.months[0],
        last_month=horizon.months[-1],
        market_price_of_risk=0.0 if moving is None else moving.market_price_of_risk,
        policy_jumps=moving is not None and moving.sampling.jumps is not None,
    )


def decks_used(laid_out: LaidOut) -> Iterator[DeckUsed]:
    """Yield the expected prices of every reference by month."""
    for laid in laid_out.contracts:
        terms = laid.contract
        for deck in laid.decks:
            yield DeckUsed(
                reference=deck.row.reference,
                contract=terms.name,
                material=deck.row.material,
                source=deck.source,
                basis=f"USD/kg {deck.row.material} {terms.form}, VAT {terms.vat}",
                usd_per_kg={month: round(price, DIGITS) for month, price in sorted(deck.prices.items())},
            )
