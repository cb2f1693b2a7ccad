"""What a caller states about prices to come: equally likely states, one lognormal price, or paths around a deck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pricing.contracts.terms.facts import LEVEL, MONTH_OR_YEAR
from pricing.contracts.terms.schema import (
    MONTH,
    MONTH_WANTED,
    NAME,
    NAME_WANTED,
    Span,
    Spec,
    Term,
    keyed,
    listed,
    number,
    price,
    stated,
    whole,
)
from pricing.errors import Fault
from pricing.market.supply import Region
from pricing.materials import Material

DECK_MONTHS = "a month such as 2027-03, or a year such as 2027"
LEAST_PATHS, MOST_PATHS = 1024, 65_536
MOST_STATES = 1000
SEEDS = 2**32 - 1
_STATE = Span(Decimal(0), Decimal(1_000_000), "USD/kg", above=True)
_PARAMETER = Span(Decimal(-10), Decimal(1000), "in the parameter's unit")
_ANY = Decimal(10) ** 12
_LEVER = Spec(wanted="the name of a lever, as in GET /v1/levers")


class OfScenario(StrEnum):
    """Which price of a scenario is the deck."""

    FAIR = "fair"
    MARKET = "market"


def _growth() -> Any:
    return number("a share a year: 0.02 is 2 %", low=Decimal("-0.5"), high=Decimal(1), required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDeck(Term):
    """Expected prices as the caller states them, in USD/kg on the contract's basis.

    A month's own price wins over its year's, and both over the flat one, which holds for months not over on the day of
    valuation. `growth_per_year` moves the flat price from that day on.
    """

    KIND: ClassVar[str] = "given"
    material: Material | None = stated(required=False)
    flat_usd_per_kg: Decimal | None = price(required=False)
    usd_per_kg: Mapping[str, Decimal] = keyed(MONTH_OR_YEAR, DECK_MONTHS, LEVEL)
    growth_per_year: Decimal | None = _growth()

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a deck without a price, and growth of nothing."""
        if {"flat_usd_per_kg", "usd_per_kg"} <= found.keys() and found["flat_usd_per_kg"] is None:
            if not found["usd_per_kg"]:
                yield Fault("flat_usd_per_kg", "nothing", "flat_usd_per_kg, usd_per_kg by month or year, or both")
            elif found.get("growth_per_year") is not None:
                yield Fault("growth_per_year", str(found["growth_per_year"]), "nothing: it moves flat_usd_per_kg")


@dataclass(frozen=True, slots=True, kw_only=True)
class FairPriceDeck(Term):
    """The published long-run fair price, held flat or growing."""

    KIND: ClassVar[str] = "fair_price"
    material: Material | None = stated(required=False)
    growth_per_year: Decimal | None = _growth()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastQuoteDeck(Term):
    """The last quote known of the index that the reference rests on, held flat or growing."""

    KIND: ClassVar[str] = "last_quote"
    material: Material | None = stated(required=False)
    growth_per_year: Decimal | None = _growth()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideTerms(Term):
    """One override of a scenario, as POST /v1/scenarios takes it."""

    lever: str = stated(_LEVER)
    set: Decimal | None = number("the lever's unit", low=-_ANY, required=False)
    scale: Decimal | None = number("a factor", low=-_ANY, required=False)
    add: Decimal | None = number("the lever's unit", low=-_ANY, required=False)
    first: str | None = stated(Spec(shape=MONTH, wanted=MONTH_WANTED, row_name="from"), required=False)
    last: str | None = stated(Spec(shape=MONTH, wanted=MONTH_WANTED, row_name="to"), required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioDeck(Term):
    """The fair or market price under a scenario, quarter by quarter where it is dated; its last quarter holds on."""

    KIND: ClassVar[str] = "scenario"
    material: Material | None = stated(required=False)
    preset: str | None = stated(required=False)
    overrides: tuple[OverrideTerms, ...] = listed(most=8)
    price: OfScenario = stated()
    region: Region | None = stated(required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a market price without its region, and a fair price with one."""
        if found.get("price") is OfScenario.MARKET and found.get("region", 0) is None:
            yield Fault("region", "nothing", f"one of {', '.join(Region)}: a market price is one region's")
        if found.get("price") is OfScenario.FAIR and found.get("region") is not None:
            yield Fault("region", str(found["region"]), "nothing: the fair price is delivered outside China")


Deck = GivenDeck | FairPriceDeck | LastQuoteDeck | ScenarioDeck


@dataclass(frozen=True, slots=True, kw_only=True)
class StatesOutlook(Term):
    """A few equally likely states, each a price that holds in every month; by reference where they differ."""

    KIND: ClassVar[str] = "states"
    usd_per_kg: tuple[Decimal, ...] = stated(Spec(span=_STATE, most=MOST_STATES), required=False)
    by_reference: Mapping[str, tuple[Decimal, ...]] = keyed(NAME, NAME_WANTED, _STATE, most=MOST_STATES)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield states of nothing, and references with unequally many."""
        if not {"usd_per_kg", "by_reference"} <= found.keys():
            return
        flat, named = found["usd_per_kg"], found["by_reference"]
        if not flat and not named:
            yield Fault("usd_per_kg", "nothing", "a list of equally likely prices, or by_reference with one each")
        counts = {len(prices) for prices in [flat, *named.values()] if prices}
        if len(counts) > 1:
            yield Fault("by_reference", f"{min(counts)} and {max(counts)} states", "as many states of each reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class LognormalOutlook(Term):
    """One lognormal price with a forward and a yearly volatility.

    With `years` one price, that far ahead, holds in every period; without, it moves at random from the day of
    valuation on and each period sees it at its own fixings.
    """

    KIND: ClassVar[str] = "lognormal"
    forward_usd_per_kg: Decimal = price()
    volatility: Decimal = number("standard deviation of ln(price) over a year: 0.3 is 30 %", high=Decimal(3))
    years: Decimal | None = number("years ahead", high=Decimal(60), required=False)
    paths: int | None = whole("paths", low=LEAST_PATHS, high=MOST_PATHS, required=False)
    seed: int | None = whole("seed", high=SEEDS, required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a number of paths that is no power of two."""
        yield from power_of_two(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsOutlook(Term):
    """Simulated paths of the materials together, around a deck; `decks` has those of references that differ.

    `parameters` replace those of the evidence: volatility.NdPr, level_reversion_per_year, jumps.per_year ...
    """

    KIND: ClassVar[str] = "paths"
    deck: Deck | None = stated(required=False)
    decks: Mapping[str, Deck] = keyed(NAME, NAME_WANTED, most=20)
    parameters: Mapping[str, Decimal] = keyed(
        Spec().shape, "the name of a parameter of paths, such as volatility.NdPr", _PARAMETER, most=40
    )
    policy_jumps: bool | None = stated(required=False)
    market_price_of_risk: Decimal | None = number(
        "excess return per unit of volatility and year", low=Decimal(-2), high=Decimal(2), required=False
    )
    paths: int | None = whole("paths", low=LEAST_PATHS, high=MOST_PATHS, required=False)
    seed: int | None = whole("seed", high=SEEDS, required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a number of paths that is no power of two."""
        yield from power_of_two(found)


AnyOutlook = StatesOutlook | LognormalOutlook | PathsOutlook


def state_count(outlook: AnyOutlook) -> int:
    """Return how many states are stated for a reference at most; one where prices move by themselves."""
    if not isinstance(outlook, StatesOutlook):
        return 1
    return max(map(len, (outlook.usd_per_kg or (), *outlook.by_reference.values())))


def asks_model(outlook: AnyOutlook) -> bool:
    """Return whether a deck of an outlook is the model's."""
    decks = [outlook.deck, *outlook.decks.values()] if isinstance(outlook, PathsOutlook) else []
    return any(isinstance(deck, FairPriceDeck | LastQuoteDeck | ScenarioDeck) for deck in decks)


def power_of_two(found: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield a number of paths that Sobol points do not come in."""
    paths = found.get("paths")
    if paths is not None and paths & (paths - 1):
        yield Fault("paths", str(paths), f"a power of two from {LEAST_PATHS} to {MOST_PATHS}, such as 4096")
