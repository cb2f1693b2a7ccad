"""What a sum answers: exact figures by name, a sentence, its arithmetic, and which word would settle what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pricing.contracts.settlement_payoffs import cents
from pricing.contracts.terms.schema import Term

Amounts = Mapping[str, Decimal | None]
BASKET_IS_NO_NDPR_PRICE = (
    "A basket price is the value of all oxides in a kg of mixed carbonate (TREO); it is not an NdPr price, and moves "
    "with shares as well as with prices."
)


@dataclass(frozen=True, slots=True)
class Asks:
    """What the request left open: the field that decides, its words, and why they differ."""

    field: str
    one_of: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a sum, units in their names; `cases` has them by year, rate or rule. None is no such number."""

    figures: Amounts
    says: str
    how: str
    cases: Mapping[str, Amounts] = field(default_factory=dict)
    asks: Asks | None = None
    notes: Mapping[str, str] = field(default_factory=dict)  # warnings by code


class Sum(Term):
    """A sum with the numbers it needs; `kind` names it."""

    __slots__ = ()

    def answer(self) -> Figures:
        """Return the figures; TermsError where the numbers allow none."""
        raise NotImplementedError


def usd(amount: Decimal) -> str:
    """Return an amount half up to the cent, as a sentence tells it.

    >>> usd(Decimal("10400000")), usd(Decimal("5.625"))
    ('10,400,000.00', '5.63')
    """
    return f"{cents(amount):,}"


def percent(share: Decimal) -> str:
    """Return a share in percent with two decimals.

    >>> percent(Decimal("0.052631"))
    '5.26 %'
    """
    return f"{share * 100:.2f} %"
