"""Landed prices of a scenario: its market prices up the ladder and through customs, by importer, stage and origin."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

from features.stages import stage_number
from pricing.market.supply import Region
from pricing.materials import Material
from pricing.scenarios.base import Published
from pricing.scenarios.found import Customs, MaterialFound, Ranged, ScenarioFound
from pricing.scenarios.landed import Passage
from pricing.scenarios.targets import CHINA, UNITED_STATES
from pricing.stages.ladder import MADE_BY, ONE, STAGES, ZERO, Conversion, Ladder, Stage
from serving.scenarios.payment_schemas import LandedOut, MoveOut, RangeOut
from serving.scenarios.prices import difference, number, share

CONVERTED = (Stage.METAL, Stage.ALLOY, Stage.MAGNET)
CONTENT = (Stage.ALLOY, Stage.MAGNET)  # what NdPr is in them: no source has the tolls of making them


def landed(published: Mapping[str, Published], found: ScenarioFound, only: Material | None) -> Iterator[LandedOut]:
    """Yield a row for every material, importer, stage and origin to which the evidence has a ladder."""
    for material in found.materials:
        if only in (None, material.material):
            freight = Decimal(repr(published[material.material].freight))
            for name in sorted(found.customs[0].tariffs, key=_place):
                yield from _row(material, name, found.customs, freight)


def _place(name: str) -> tuple[bool, int, bool]:
    """Return where a row stands: the United States first, up the ladder, China first."""
    importer, stage, origin = name.split(".")
    return importer != UNITED_STATES, STAGES.index(Stage(stage)), origin != CHINA


def _row(found: MaterialFound, name: str, customs: tuple[Customs, Customs], freight: Decimal) -> Iterator[LandedOut]:
    importer, stage, origin = name.split(".")
    region = Region.CHINA if origin == CHINA else Region.EX_CHINA
    ladder, market = _ladder(Material(found.material), region), found.mean.market[region]
    if Stage(stage) in ladder.prices(Stage.OXIDE, ONE):
        ways = [_passage(found.material, name, one, freight) for one in customs]
        before, after = (
            _through(ranged, way, ladder) for ranged, way in zip((market.baseline, market.scenario), ways, strict=True)
        )
        was, now = (share(one.tariffs[name]) or 0.0 for one in customs)
        yield LandedOut(found.material, importer, stage, origin, was, now, _moved(before, after))


def _passage(material: str, name: str, customs: Customs, freight: Decimal) -> Passage:
    importer, stage, origin = name.split(".")
    rates = (customs.tariffs[name], customs.export_duty[material], customs.vat_kept[material])
    tariff, export_duty, vat_kept = (Decimal(repr(rate)) for rate in rates)
    return Passage(importer, origin, Stage(stage), tariff, export_duty, vat_kept, freight)


@cache
def _ladder(material: Material, made_in: Region) -> Ladder:
    """Return the steps from oxide that the evidence knows: ratio, loss and toll, of a magnet what NdPr is in it."""
    steps = {}
    for stage in CONVERTED:
        kg_in, recovery, toll = (
            None
            if (known := stage_number(MADE_BY[stage], name, material, made_in)) is None
            else Decimal(str(known.value))
            for name in ("kg_in", "recovery", "toll")
        )
        toll = ZERO if stage in CONTENT else toll
        if kg_in is not None and toll is not None:
            steps[stage] = Conversion(kg_in, ONE if recovery is None else recovery, toll)
    return Ladder(steps)


def _through(market: Ranged, way: Passage, ladder: Ladder) -> RangeOut:
    """Return the landed price at a market price and at the ends of its range; tariffs and tolls are taken as sure."""
    prices = (market.value, market.low, market.high)
    return RangeOut(*(_landed(price, way, ladder) for price in prices))


def _landed(price: float, way: Passage, ladder: Ladder) -> float | None:
    found = way.landed(Decimal(repr(price)), ladder) if math.isfinite(price) else None
    return None if found is None else number(float(found))


def _moved(before: RangeOut, after: RangeOut) -> MoveOut:
    by = difference(before.value, after.value)
    change = None if by is None or not before.value else RangeOut(share(by / before.value), None, None)
    return MoveOut(before, after, by, change)
