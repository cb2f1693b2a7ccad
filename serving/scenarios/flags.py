"""What to know before leaning on a scenario: levers extrapolated or without effect, bands, what is approximated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pricing.levers import Override
from pricing.levers.words import number
from pricing.market.supply import Region
from pricing.materials import Material
from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.scenario import LONGEST_YEARS, Scenario
from pricing.scenarios.solve import ADJUSTMENT_YEARS
from serving.book import Book
from serving.floor_schemas import FloorAnswer
from serving.private_flags import private_flags
from serving.scenarios.question import ScenarioRequest
from serving.scenarios.schemas import MaterialMoved
from serving.scenarios.words import RARELY, WHERE, override_title, override_words, whole_percent, why_still
from serving.schemas import Flag

OF_DECK = "deck_is_not_a_forecast"


def scenario_flags(
    book: Book,
    request: ScenarioRequest,
    materials: Sequence[MaterialMoved],
    extrapolated: Sequence[str],
    floor: FloorAnswer | None,
) -> Iterator[Flag]:
    """Yield the flags of a scenario's answer."""
    for override in request.scenario.overrides:
        if override.lever.name in extrapolated:
            yield _extrapolated(override)
    yield from _without_effect(request.scenario, materials)
    for material in materials:
        yield from _of_material(book, material)
    if floor is not None:
        yield from (flag for flag in floor.flags if flag.code == OF_DECK or "vat" in flag.code)


def approximations(base: ScenarioBase, scenario: Scenario) -> Iterator[str]:
    """Yield what an answer rests on beyond the model itself."""
    yield (
        f"The economy of {base.month} is solved again for {base.size} draws of the fit, with overrides and without; "
        "the mean change of its log prices is put on the published price."
    )
    yield "A range adds that of the published price and that of the change as independent errors."
    if scenario.dated:
        yield (
            "Paths run in quarters: an override counts where it holds most of a quarter's months. `market`, the fair "
            "price, the wedge, the bridge and payments are means of the quarters in which an override holds; normal "
            "values and incentive prices are those of the first quarter in which most overrides do."
        )
        yield (
            f"Everything else stays as in {base.month}, so that a level is no forecast; the change is the answer. "
            f"Paths end {LONGEST_YEARS} years on at the latest."
        )
        return
    yield (
        "An override without months holds for good: `market` and `fair_short_run` at today's plants, "
        f"`market_adjusted` and `fair_long_run` after {ADJUSTMENT_YEARS:.0f} years in which plants adjust."
    )


def _extrapolated(override: Override) -> Flag:
    low, high = (number(edge) for edge in override.lever.range(override.baseline))
    text = (
        f"{override_words(override)}, with all overrides: nobody has seen it. Evidence reaches from {low} to {high} "
        f"{override.lever.unit}; what it moves has a range wider by its own effect times how far beyond it lies."
    )
    return Flag(f"extrapolated.{override.lever.name}", text)


def _without_effect(scenario: Scenario, materials: Sequence[MaterialMoved]) -> Iterator[Flag]:
    """Yield the overrides that move no price, or in few draws only, such as a quota that does not bind."""
    for place, override in enumerate(scenario.overrides):
        in_draws = max((material.bridge[place].moves_in for material in materials), default=1.0)
        if in_draws == 0:
            text = f"{override_title(override)}: moves no price in any draw; {why_still(override)}."
            yield Flag(f"no_effect.{override.lever.name}", text)
        elif in_draws < RARELY:
            share = whole_percent(in_draws)
            text = f"{override_title(override)}: moves prices in {share} of draws; in others it does not bind."
            yield Flag(f"rarely_binds.{override.lever.name}", text)


def _of_material(book: Book, found: MaterialMoved) -> Iterator[Flag]:
    name = found.material
    if found.status != "estimate":
        text = f"{name}: the fair price is a band and no point; its change is shown as a share."
        yield Flag(f"band.{name}", text)
    for region, moved in found.market.items():
        if moved.baseline.value is None:
            what = "no market price" if moved.baseline.low is None else "a band and no point of the market price"
            text = f"{name}: {what} {WHERE[region]} is known; its change is shown as a share."
            yield Flag(f"no_market.{name}.{region}", text)
    row = book.row("as_known", Material(name), book.model.bundle.last_month)
    if row is not None:
        for flag in private_flags(book, row, "as_known", Region):
            yield Flag(f"{flag.code}.{name}", f"{name}: {flag.text}")
