"""Levels so far from the prices they stand against that a slip in unit or basis is likely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from features.contract_words import LEVEL_FAR, contract_words
from pricing.contracts.terms.contract import AnyClause
from serving.schemas import Flag

FAR = (
    "{clause}: {level} of {usd:,.2f} USD/kg is {times} the price of {reference}, {price:,.2f} USD/kg ({source}): "
    "check its unit and basis."
)


def level_flags(clauses: Iterable[AnyClause], prices: Mapping[str, float], source: str) -> Iterator[Flag]:
    """Yield a flag for each level more than so many times its references' prices in USD/kg, or one over that.

    A clause without a reference is held against all of the prices; it is far where it is far from each.
    """
    most = contract_words().value(LEVEL_FAR)
    for clause in clauses:
        own = {name: prices[name] for name in clause.references if name in prices} or dict(prices)
        against = {name: price for name, price in own.items() if price > 0}
        for level in clause.LEVELS:
            usd = float(getattr(clause, level) or 0)
            if usd > 0 and against and not any(price / most <= usd <= price * most for price in against.values()):
                name, price = next(iter(against.items()))
                text = FAR.format(
                    clause=clause.name,
                    level=level,
                    usd=usd,
                    times=_times(usd / price),
                    reference=name,
                    price=price,
                    source=source,
                )
                yield Flag(LEVEL_FAR, text)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 1 else f"one {1 / ratio:,.0f}th of"
