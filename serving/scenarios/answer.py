"""From what a scenario finds to its answer: rounded, explained, flagged."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from features.levers import load_presets
from pricing.levers import Override
from pricing.scenarios.found import Effects, MaterialFound, Move, ScenarioFound
from pricing.scenarios.scenario import Scenario
from serving.price_answer import model_out
from serving.rounding import DIGITS, rounded
from serving.scenarios.bridge import bridge
from serving.scenarios.costs import incentive_out, normal_value_out
from serving.scenarios.flags import approximations, scenario_flags
from serving.scenarios.floor import floor_moved
from serving.scenarios.landed import landed
from serving.scenarios.listings import range_of, shown_numbers
from serving.scenarios.payment_schemas import PolicyPayment
from serving.scenarios.precedents import precedents
from serving.scenarios.prices import Shown, difference, ends, move, number, point, wedge
from serving.scenarios.question import ScenarioRequest
from serving.scenarios.schemas import (
    MaterialMoved,
    OverrideOut,
    PeakOut,
    PresetUsed,
    QuarterOut,
    ScenarioAnswer,
)
from serving.scenarios.start import Start
from serving.scenarios.words import material_words, override_words

REGIONS = ("china", "ex_china")
NO_POINT = ("band", "refused")


def scenario_answer(start: Start, request: ScenarioRequest, found: ScenarioFound, name: str) -> ScenarioAnswer:
    """Return the answer of a scenario that was solved, under the id `name`."""
    book = start.book
    overrides = request.scenario.overrides
    materials = tuple(
        _material(start, one, request) for one in found.materials if request.material in (None, one.material)
    )
    floor = floor_moved(book, request, found)
    return ScenarioAnswer(
        scenario_id=name,
        month=found.month,
        snapshot=book.snapshots.get(found.month, ""),
        as_of=request.as_of.isoformat(),
        basis=f"USD/kg oxide ex VAT, nominal of {found.month}; China at works, outside China and fair price delivered",
        digits=DIGITS,
        dated=request.scenario.dated,
        overrides=tuple(_override(override, override.lever.name in found.extrapolated) for override in overrides),
        preset=_preset(request.preset),
        materials=materials,
        freight_usd_per_kg=_freight(start, found.materials[0].material),
        normal_values=tuple(normal_value_out(moved) for moved in found.normal_values),
        incentive=tuple(incentive_out(moved) for moved in found.incentive),
        payments=tuple(_payments(found, request)),
        landed=tuple(landed(start.base.published, found, request.material)),
        floor=None if floor is None else floor[0],
        precedents=tuple(precedents(book, overrides)),
        approximations=tuple(approximations(start.base, request.scenario)),
        flags=tuple(scenario_flags(book, request, materials, found.extrapolated, None if floor is None else floor[1])),
        model=model_out(book.model),
        method=book.model.bundle.method,
    )


def _material(start: Start, found: MaterialFound, request: ScenarioRequest) -> MaterialMoved:
    shown = Shown(
        pointed=found.status not in NO_POINT,
        freight=_freight(start, found.material),
    )
    moved = _moved(found, request.scenario, shown)
    return replace(moved, words=material_words(moved))


def _moved(found: MaterialFound, scenario: Scenario, shown: Shown) -> MaterialMoved:
    mean = found.mean
    short = mean.fair_short_run
    return MaterialMoved(
        material=found.material,
        status=found.status,
        market={region: move(mean.market[region]) for region in REGIONS},
        market_adjusted={region: move(moved) for region, moved in mean.market_adjusted.items()},
        fair_long_run=move(mean.fair, pointed=shown.pointed),
        fair_short_run=None if short is None else move(short, pointed=shown.pointed),
        wedge={region: wedge(mean, region, shown) for region in REGIONS},
        bridge=bridge(found.bridge, mean, scenario.overrides, shown),
        path=tuple(_quarter(quarter, effects, scenario, shown) for quarter, effects in found.path.items()),
        furthest=tuple(_furthest(found, shown)) if found.path else (),
        words=(),
    )


def _quarter(quarter: str, effects: Effects, scenario: Scenario, shown: Shown) -> QuarterOut:
    return QuarterOut(
        quarter=quarter,
        in_force=tuple(override.lever.name for override in scenario.in_force(quarter)),
        market={region: point(effects.market[region]) for region in REGIONS},
        fair=point(effects.fair, pointed=shown.pointed),
        wedge={region: wedge(effects, region, shown).scenario for region in REGIONS},
    )


def _furthest(found: MaterialFound, shown: Shown) -> Iterator[PeakOut]:
    """Yield where each price lies furthest from the baseline; the first quarter of several alike."""
    for region in REGIONS:
        by_quarter = {quarter: effects.market[region] for quarter, effects in found.path.items()}
        yield _peak(f"market.{region}", by_quarter, pointed=True)
    fair = {quarter: effects.fair for quarter, effects in found.path.items()}
    yield _peak("fair", fair, pointed=shown.pointed)


def _peak(price: str, by_quarter: Mapping[str, Move], *, pointed: bool) -> PeakOut:
    changes = {quarter: abs(found.change.value) for quarter, found in by_quarter.items()}
    quarter = max(changes, key=lambda name: changes[name] if math.isfinite(changes[name]) else 0.0)
    return PeakOut(price, quarter, move(by_quarter[quarter], pointed=pointed))


def _override(override: Override, extrapolated: bool) -> OverrideOut:
    lever = override.lever
    baseline, value = shown_numbers([override.baseline, override.value])
    return OverrideOut(
        lever=lever.name,
        title=override_words(override),
        unit=lever.unit,
        way=override.way.value,
        amount=override.amount,
        baseline=baseline,
        value=value,
        first_month=override.first,
        last_month=override.last,
        range_of_evidence=range_of(lever, override.baseline),
        extrapolated=extrapolated,
        moves=lever.moves,
        source=lever.source,
        as_of=lever.as_of,
    )


def _preset(name: str | None) -> PresetUsed | None:
    if name is None:
        return None
    preset = load_presets()[name]
    return PresetUsed(name, preset.title, preset.source, preset.as_of, preset.note)


def _freight(start: Start, material: str) -> float:
    """Return what a fair price delivered outside China is less at works in China, USD/kg, as published."""
    return round(start.base.published[material].freight, DIGITS)


def _payments(found: ScenarioFound, request: ScenarioRequest) -> Iterator[PolicyPayment]:
    for payment in found.payments:
        if request.material not in (None, payment.material):
            continue
        for region in REGIONS:
            was, now = payment.per_kg_before[region], payment.per_kg[region]
            before, after = number(was.value), number(now.value)
            yield PolicyPayment(
                material=payment.material,
                region=region,
                floor=rounded(payment.floor) or 0.0,
                draws_supply=payment.draws_supply,
                baseline=before,
                scenario=after,
                difference=difference(before, after),
                baseline_range=ends(was),
                scenario_range=ends(now),
            )
