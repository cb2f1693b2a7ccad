"""A scenario as a caller states it, read with every fault collected: overrides, a preset, a floor beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from features.levers import load_presets
from pricing.errors import Fault, InputError
from pricing.levers import Override, plain, read_overrides
from pricing.market.supply import Region
from pricing.materials import Material
from pricing.scenarios.scenario import Scenario
from serving.fault_words import nearest
from serving.floor_answer import floor_answer
from serving.floor_questions import FloorRequest, read_floor
from serving.questions import AGE
from serving.reading import MAX_FAULTS, Fields, got, refuse_if_any
from serving.scenarios.start import Start

OVERRIDES, PRESET, FLOOR = "overrides", "preset", "floor"
ASKED_FOR = (OVERRIDES, PRESET)
OF_FLOOR = ("deck", "discount_rate", "reference_region")
CEILINGS = ("ceiling", "cap")
NO_LEVER = (
    "a lever, and a market price is none: it is observed, and the fair price follows no quote. What leaks through the "
    "weights is measured: GET /v1/leaks/NdPr (Dy, Tb), `fairprice leak NdPr`"
)
_MARKET_PRICE = re.compile(r"(^|[^a-z])(market|spot|quote|price|fob|index)s?([^a-z]|$)")
REGIONS = tuple(region.value for region in Region)
DOMESTIC_INDICES = ("china_domestic",)  # settle in China; every other index follows the price outside


@dataclass(frozen=True, slots=True)
class ScenarioRequest:
    """One question about a scenario, its overrides in their fixed order."""

    scenario: Scenario
    preset: str | None
    material: Material | None
    as_of: date
    floor: FloorRequest | None
    reference_region: Region | None

    def stated(self) -> dict[str, object]:
        """Return the request in the one way it is written, whatever order it came in."""
        always = {OVERRIDES: [_unsigned(row) for row in plain(self.scenario.overrides)], "as_of": str(self.as_of)}
        optional = {
            PRESET: self.preset,
            "material": self.material,
            FLOOR: None if self.floor is None else self.floor.stated(),
            "reference_region": self.reference_region,
        }
        return always | {name: value for name, value in optional.items() if value is not None}


def asks_scenario(body: Mapping[str, object]) -> bool:
    """Return whether a body asks for a scenario; a floor alone asks what that floor pays."""
    if any(body.get(name) is not None for name in ASKED_FOR) or body.get(FLOOR) is None:
        return True
    return any(nearest(name, ASKED_FOR) for name in body if name not in (FLOOR, "material", "as_of", *OF_FLOOR))


def read_scenario(start: Start, body: Mapping[str, object], today: date) -> ScenarioRequest:
    """Return the scenario request of a JSON body; InputError with every fault."""
    faults: list[Fault] = []
    fields = Fields(body, faults)
    overrides, preset = _overrides(fields, start)
    as_of = _day(fields, start, today)
    material = fields.choice("material", start.book.materials) if fields.has("material") else None
    floor, region = _floor(fields, start, as_of)
    fields.read += ["material", FLOOR, *OF_FLOOR]
    fields.close()
    refuse_if_any(_once(faults))
    named = Material(material) if material else None
    return ScenarioRequest(Scenario.of(overrides), preset, named, got(as_of), floor, region)


def region_of(request: ScenarioRequest) -> Region:
    """Return whose market price the index of a floor follows: as stated, else by the index."""
    if request.reference_region is not None:
        return request.reference_region
    settles_in_china = request.floor is not None and request.floor.floor.reference in DOMESTIC_INDICES
    return Region.CHINA if settles_in_china else Region.EX_CHINA


def _overrides(fields: Fields, start: Start) -> tuple[tuple[Override, ...], str | None]:
    """Return the overrides of the request and of its preset, and the preset's name."""
    presets = load_presets()
    name = fields.choice(PRESET, presets) if fields.has(PRESET) else None
    fields.read += [OVERRIDES, PRESET]
    rows = fields.values.get(OVERRIDES)
    if rows is None and not fields.has(PRESET):
        fields.note(OVERRIDES, "nothing", "a list of overrides, empty for the baseline; or a preset; or a floor alone")
        return (), None
    joined = [dict(row) for row in presets[name].overrides] if name else []
    own = len(rows) if isinstance(rows, list) else 0
    asked = [*rows, *joined] if isinstance(rows, list) else joined if rows is None else rows
    try:
        return read_overrides(asked, start.base.levers, start.baselines, start.months), name
    except InputError as refused:
        fields.faults += [_of_market(_of_preset(fault, own)) for fault in refused.faults]
        return (), name


def _of_preset(fault: Fault, own: int) -> Fault:
    """Return a fault, under the preset's name where it lies beyond the caller's own overrides."""
    place = fault.path.split(".")[1:2]
    beyond = bool(place) and place[0].isdigit() and int(place[0]) >= own
    return Fault(PRESET, fault.found, fault.allowed, fault.nearest) if beyond else fault


def _of_market(fault: Fault) -> Fault:
    """Return a fault, with the way out where a market price was taken for a lever."""
    is_price = fault.path.endswith(".lever") and _MARKET_PRICE.search(fault.found.lower())
    return Fault(fault.path, fault.found, NO_LEVER) if is_price else fault


def _day(fields: Fields, start: Start, today: date) -> date | None:
    """Return the day asked for, within the model's last month; data too old for the caller are a fault."""
    sent = fields.has("as_of")
    as_of = fields.day("as_of", *start.days, start.days[1])
    oldest = fields.number("max_age_days", AGE, required=False)
    if as_of is not None and oldest is not None:
        age = max(0, ((as_of if sent else today) - start.days[0]).days)
        if age > oldest:
            fields.note("max_age_days", oldest, f"{age} or more: the data are {age} days old; train on newer data")
    return as_of


def _floor(fields: Fields, start: Start, as_of: date | None) -> tuple[FloorRequest | None, Region | None]:
    """Return the floor that is settled beside the scenario, and whose market its index follows."""
    region = None
    if fields.has("reference_region"):
        region = fields.choice("reference_region", REGIONS)
    if not fields.has(FLOOR):
        for name in OF_FLOOR:
            if fields.has(name):
                fields.note(name, fields.values[name], "nothing: it belongs to a floor, and there is none")
        return None, None
    terms = fields.values[FLOOR]
    body = {name: fields.values[name] for name in ("material", "deck", "discount_rate") if name in fields.values}
    body |= {"as_of": str(as_of or start.days[1]), FLOOR: _uncapped(fields, terms)}
    try:
        floor = read_floor(start.book, body, start.days[1])
        floor_answer(start.book, floor)  # terms that leave something open are refused beside the other faults
        return floor, Region(region) if region else None
    except InputError as refused:
        fields.faults += refused.faults
        return None, None


def _uncapped(fields: Fields, terms: object) -> object:
    """Return a floor's fields without a ceiling, which is refused: below the floor it makes no sense, above no rule."""
    if not isinstance(terms, dict):
        return terms
    for name in CEILINGS:
        if terms.get(name) is not None:
            inner = Fields(terms, fields.faults, FLOOR)
            inner.note(name, terms[name], _ceiling_allowed(terms.get("amount"), terms[name]))
    return {name: value for name, value in terms.items() if name not in CEILINGS}


def _ceiling_allowed(floor: object, ceiling: object) -> str:
    stated = [Decimal(n) for n in (floor, ceiling) if isinstance(n, int | Decimal) and not isinstance(n, bool)]
    if len(stated) > 1 and all(number.is_finite() for number in stated) and stated[1] < stated[0]:
        return f"a ceiling at or above the floor of {floor}; and floors are settled without one: leave it out"
    return "nothing: floors are settled without a ceiling; leave it out"


def _once(faults: list[Fault]) -> list[Fault]:
    """Return the first fault of each place: material and day are read for the scenario and for its floor."""
    return list({(fault.path, fault.found): fault for fault in reversed(faults)}.values())[::-1][:MAX_FAULTS]


def _unsigned(row: Mapping[str, str | float]) -> dict[str, str | float]:
    return {name: value if isinstance(value, str) else value + 0.0 for name, value in row.items()}
