"""What a contract floor pays at the baseline and under a scenario: months with a fixing stay, the deck moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from pricing.contracts.periods import months_between
from pricing.market.supply import Region
from pricing.scenarios.found import MaterialFound, Ranged, ScenarioFound
from pricing.scenarios.scenario import months_of
from serving.book import Book
from serving.floor_answer import EXACT_DIGITS, floor_answer
from serving.floor_questions import FloorRequest, StatedDeck
from serving.floor_schemas import DeckOut, FloorAnswer
from serving.scenarios.payment_schemas import FloorMoved, FloorPeriod
from serving.scenarios.prices import SHARE_DIGITS
from serving.scenarios.question import ScenarioRequest, region_of
from serving.scenarios.words import WHERE

CENTS = 2
Change = Callable[[str], Ranged]
STILL = Ranged(0.0, 0.0, 0.0)


def floor_moved(book: Book, request: ScenarioRequest, found: ScenarioFound) -> tuple[FloorMoved, FloorAnswer] | None:
    """Return what the floor of a request pays before and after, and its answer without the scenario; None for none."""
    floor, region = request.floor, region_of(request)
    if floor is None:
        return None
    material = next(one for one in found.materials if one.material == floor.material)
    before = floor_answer(book, floor)
    change = _changes(material, region)
    decked = _deck_months(floor, before)
    ranged = {month: change(month) for month in decked}
    moves = {month: by.value for month, by in ranged.items()}
    after = _settled(book, floor, before, moves)
    edges = ({month: getattr(by, edge) for month, by in ranged.items()} for edge in ("low", "high"))
    low, high = sorted(_settled(book, floor, before, edge).totals.total_usd for edge in edges)
    worth = [answer.totals.present_value_usd for answer in (before, after)]
    shown = FloorMoved(
        floor=before.floor,
        deck=before.deck,
        scaled_by=_scaled_by(material, region),
        deck_change={month: round(by, SHARE_DIGITS) + 0.0 for month, by in moves.items()},
        baseline=before.totals,
        scenario=after.totals,
        scenario_range_usd=(low, high),
        difference_usd=round(after.totals.total_usd - before.totals.total_usd, CENTS) + 0.0,
        present_value_difference_usd=(
            None if worth[0] is None or worth[1] is None else round(worth[1] - worth[0], CENTS) + 0.0
        ),
        periods=tuple(_periods(before, after)),
        quote_id=before.quote_id,
    )
    return shown, before


def _changes(found: MaterialFound, region: Region) -> Change:
    """Return the change of a region's market price by month, a share: the same always, or that of its quarter.

    Before a path nothing has moved; after its end the last quarter holds.
    """
    if found.effects is not None:
        always = found.effects.market[region.value].change
        return lambda _month: always
    by_month = {
        month: effects.market[region.value].change
        for quarter, effects in found.path.items()
        for month in months_of(quarter)
    }
    first, last = min(by_month), max(by_month)
    return lambda month: STILL if month < first else by_month[min(month, last)]


def _deck_months(floor: FloorRequest, before: FloorAnswer) -> list[str]:
    fixed = {fixing.month for fixing in before.fixings}
    first, last = (day.isoformat()[:7] for day in (floor.floor.first_day, floor.floor.last_day))
    return [month for month in months_between(first, last) if month not in fixed]


def _settled(book: Book, floor: FloorRequest, before: FloorAnswer, moves: dict[str, float]) -> FloorAnswer:
    """Return what the floor pays on a deck that is moved by month."""
    return floor_answer(book, _moved(floor, before.deck, moves)) if any(moves.values()) else before


def _moved(floor: FloorRequest, deck: DeckOut, moves: dict[str, float]) -> FloorRequest:
    prices = {
        month: round(_deck_price(floor.deck, deck, month) * (1 + Decimal(repr(by))), EXACT_DIGITS)
        for month, by in moves.items()
    }
    return replace(floor, deck=StatedDeck(None, prices))


def _deck_price(stated: StatedDeck, described: DeckOut, month: str) -> Decimal:
    price = stated.prices.get(month, stated.prices.get(month[:4], stated.flat))
    return Decimal(repr(described.flat_usd_per_kg)) if price is None else price


def _scaled_by(found: MaterialFound, region: Region) -> str:
    when = "at today's plants" if found.effects is not None else "quarter by quarter, the last one from there on"
    return (
        f"The deck's prices are scaled by what the scenario does to the market price of {found.material} "
        f"{WHERE[region.value]}, {when}. Months that have a fixing are settled as they were."
    )


def _periods(before: FloorAnswer, after: FloorAnswer) -> list[FloorPeriod]:
    return [
        FloorPeriod(
            first_day=was.first_day,
            last_day=was.last_day,
            settled_on=was.settled_on,
            reference_baseline=was.reference,
            reference_scenario=now.reference,
            payment_baseline_usd=was.payment_usd,
            payment_scenario_usd=now.payment_usd,
        )
        for was, now in zip(before.payments, after.payments, strict=True)
    ]
