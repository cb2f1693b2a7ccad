"""A question for the price ladder from ore to magnet, read with every fault collected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pricing.errors import Fault
from pricing.materials import Material
from pricing.stages.ladder import STAGES, Stage
from serving.reading import Fields, Span, got, refuse_if_any
from serving.stages.start import START_WANTED, OpenBook, Start, read_start, unpriced
from serving.stages.steps import STEPS_WANTED, Steps, read_steps

CHANGE = Span(Decimal(-1_000_000), Decimal(1_000_000), "USD/kg at the start")
UNIT_KG = Span(Decimal("0.000001"), Decimal(1_000_000), "kg per unit")
UNIT_WANTED = "an object with kg, and stage where it is not magnet"


@dataclass(frozen=True, slots=True)
class LadderRequest:
    """One question for a ladder."""

    material: Material
    start: Start
    steps: Steps
    to: Stage | None
    change: Decimal | None
    unit: tuple[Stage, Decimal] | None


@dataclass(frozen=True, slots=True)
class Climbed:
    """A request's prices at the low end, the point and the high end of its start, and the slopes, by stage."""

    low: Mapping[Stage, Decimal]
    value: Mapping[Stage, Decimal]
    high: Mapping[Stage, Decimal]
    slopes: Mapping[Stage, Decimal]

    @classmethod
    def of(cls, start: Start, steps: Steps) -> Climbed:
        """Return every stage that can be reached; each end is empty where the start has none."""
        ends = ((steps.low, start.price.low), (steps.priced, start.price.value), (steps.high, start.price.high))
        low, value, high = ({} if price is None else ladder.prices(start.stage, price) for ladder, price in ends)
        return cls(low, value, high, steps.ratios.slopes(start.stage))

    def reaches(self, stage: Stage) -> bool:
        """Return whether a stage has a price or a band."""
        return stage in self.value or stage in self.low


def read_ladder(body: Mapping[str, object], open_book: OpenBook) -> LadderRequest:
    """Return the ladder request of a JSON body; InputError with every fault."""
    faults: list[Fault] = []
    fields = Fields(body, faults)
    named = fields.choice("material", Material)
    material = Material(named) if named else Material.NDPR
    change = fields.number("change", CHANGE, required=False)
    start = read_start(
        fields, fields.section("start", START_WANTED), open_book, material, optional=fields.has("change")
    )
    price_of = start.day.price_of if start and start.day else unpriced
    section = fields.section("steps", STEPS_WANTED, required=False)
    steps = read_steps(section, "steps", faults, material, price_of)
    to = fields.choice("to", Stage, required=False)
    unit = _unit(fields.section("per_unit", UNIT_WANTED, required=False))
    fields.close()
    if start and not faults:
        asked = ({unit[0]: change is None} if unit else {}) | ({Stage(to): True} if to else {})
        faults.extend(dict.fromkeys(_out_of_reach(start, steps, asked)))
    refuse_if_any(faults)
    return LadderRequest(Material(got(named)), got(start), steps, Stage(to) if to else None, change, unit)


def needs(start: Stage, to: Stage, steps: Steps) -> list[Fault]:
    """Return what has to be stated before one stage can be priced from another."""
    low, high = sorted((STAGES.index(start), STAGES.index(to)))
    return [fault for stage in STAGES[low + 1 : high + 1] for fault in steps.missing.get(stage, ())]


def _unit(section: Fields | None) -> tuple[Stage, Decimal] | None:
    if section is None:
        return None
    stage, kg = section.choice("stage", Stage, Stage.MAGNET), section.number("kg", UNIT_KG)
    section.close()
    return (Stage(stage), kg) if stage and kg is not None else None


def _out_of_reach(start: Start, steps: Steps, asked: Mapping[Stage, bool]) -> Iterator[Fault]:
    """Yield what is missing for the stages asked for by name; True where a price is wanted and not a change alone."""
    climbed = Climbed.of(start, steps)
    priced = start.price.value is not None or start.price.low is not None
    for stage, wanted in asked.items():
        if not (climbed.reaches(stage) if priced and wanted else stage in climbed.slopes):
            yield from needs(start.stage, stage, steps)
