"""A question about customs: what is imported and the price or rate to be met, read with every fault collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pricing.errors import Fault
from pricing.materials import Material
from pricing.stages.ladder import Stage
from pricing.stages.tariff import Carriage, DutyOn
from serving.reading import Fields, Span, refuse_if_any
from serving.stages.imports import (
    CIF,
    CUSTOMS,
    DOMESTIC,
    FOB,
    IMPORTS_WANTED,
    StatedImport,
    carried_along,
    read_imports,
)
from serving.stages.ladder_question import Climbed, needs
from serving.stages.start import START_WANTED, OpenBook, Start, read_start, unpriced
from serving.stages.steps import STEPS_WANTED, Steps, read_steps

DUTY_ON_WANTED = "fob or cif: freight, insurance or a CIF price is stated, so it matters whether carriage bears duty"
CARRIAGE = Span(Decimal(0), Decimal(10_000), "USD/kg")
TARIFF = Span(Decimal(0), Decimal(100), "of the dutiable value, such as 0.25")


@dataclass(frozen=True, slots=True)
class TariffRequest:
    """One question about tariffs. `references` are USD/kg by stage, with where each comes from."""

    material: Material
    imports: Mapping[Stage, StatedImport]
    references: Mapping[Stage, tuple[Decimal, str]]
    reference: Start | None
    rate: Decimal | None
    duty_on: DutyOn | None
    carriage: Carriage
    steps: tuple[Steps, ...]


def read_tariff(body: Mapping[str, object], open_book: OpenBook) -> TariffRequest:
    """Return the tariff request of a JSON body; InputError with every fault."""
    faults: list[Fault] = []
    fields = Fields(body, faults)
    named = fields.choice("material", Material)
    material = Material(named) if named else Material.NDPR
    imports = read_imports(fields.section("imports", IMPORTS_WANTED))
    reference = read_start(
        fields, fields.section("reference", START_WANTED, required=False), open_book, material, optional=False
    )
    reference_steps = _steps(fields, "reference_steps", material, reference)
    carried = fields.has("import_steps")
    import_steps = _steps(fields, "import_steps", material, None)
    rate = fields.number("rate", TARIFF, required=False)
    duty_on, carriage = _duty(fields, imports)
    fields.close()
    if carried:
        imports = carried_along(fields, imports, import_steps, carriage)
    if fields.has("reference_steps") and not fields.has("reference"):
        fields.note("reference_steps", "steps", "nothing: there is no reference that they could carry")
    references = _references(fields, imports, reference, reference_steps)
    if not (references or rate is not None or faults):
        fields.note("rate", "nothing", f"{TARIFF}, or a reference: in an import, or under reference")
    refuse_if_any(faults)
    used = (reference_steps, import_steps) if carried else (reference_steps,)
    return TariffRequest(material, imports, references, reference, rate, duty_on, carriage, used)


def _steps(fields: Fields, name: str, material: Material, start: Start | None) -> Steps:
    section = fields.section(name, STEPS_WANTED, required=False)
    price_of = start.day.price_of if start and start.day else unpriced
    return read_steps(section, name, fields.faults, material, price_of)


def _duty(fields: Fields, imports: Mapping[Stage, StatedImport]) -> tuple[DutyOn | None, Carriage]:
    """Return what duty falls on, and the carriage; the first must be said wherever it matters."""
    freight, insurance = (fields.number(name, CARRIAGE, required=False) for name in ("freight", "insurance"))
    carriage = Carriage(freight or Decimal(0), insurance or Decimal(0))
    bases = {stated.basis for stated in imports.values()}
    matters = carriage.total > 0 or CIF in bases
    duty_on = fields.choice("duty_on", DutyOn, required=False)
    if matters and not fields.has("duty_on"):
        fields.note("duty_on", "nothing", DUTY_ON_WANTED)
    if duty_on is None:
        return None, carriage
    if freight is None and not fields.has("freight") and _needs_freight(DutyOn(duty_on), bases):
        fields.note(
            "freight", "nothing", f"{CARRIAGE}: duty on {duty_on} and the price's basis differ by it; 0 if none"
        )
    if duty_on == DutyOn.CIF and CUSTOMS in bases and carriage.total > 0:
        fields.note(
            "freight", carriage.total, "0: a customs value on CIF holds freight and insurance; or state basis FOB"
        )
    if duty_on == DutyOn.FOB:
        for stage, stated in imports.items():
            if stated.basis == CIF and stated.usd_per_kg <= carriage.total:
                fields.note(f"imports.{stage}.amount", stated.usd_per_kg, f"more than the carriage of {carriage.total}")
    return DutyOn(duty_on), carriage


def _needs_freight(duty_on: DutyOn, bases: set[str]) -> bool:
    return bool(bases & {CIF}) if duty_on is DutyOn.FOB else bool(bases & {FOB, *DOMESTIC})


def _references(
    fields: Fields, imports: Mapping[Stage, StatedImport], start: Start | None, steps: Steps
) -> dict[Stage, tuple[Decimal, str]]:
    """Return the price to be met by stage: an import's own, else the one reference carried along its steps."""
    found = {stage: (i.reference, "stated") for stage, i in imports.items() if i.reference is not None}
    if start is None or start.price.value is None:
        if start is not None and not fields.faults:
            fields.note("reference.from", f"{start.origin}: a band and no point", "given, with usd_per_kg")
        return found
    reached = Climbed.of(start, steps).value
    for stage, one in imports.items():
        if stage in found:
            continue
        if stage in reached:
            found[stage] = reached[stage], start.origin if stage is start.stage else f"carried from {start.stage}"
        elif one.origin == "stated":
            fields.faults.extend(needs(start.stage, stage, steps))
    return found
