"""The tariff that lifts each import to its reference price, and what is landed at a rate."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing.stages.ladder import STAGES, Stage
from pricing.stages.tariff import Carriage, DutyOn, Import, shipped_cif, shipped_fob
from serving.schemas import Flag
from serving.stages.imports import CIF, StatedImport
from serving.stages.ladder_answer import BASKET_IS_NOT_NDPR, evidence_flags, numbers_used, start_out
from serving.stages.numbers import CENT, MILLIONTH, ROUNDING, TEN_DECIMALS, TENTH, numbers_out, rounded, rounded_or_none
from serving.stages.schemas import AtRateOut, TariffAnswer, TariffLine
from serving.stages.steps import Number
from serving.stages.tariff_question import TariffRequest

RULES = {
    "rounding": f"{ROUNDING}; rates are shares with six decimals, percent with one",
    "landed": "dutiable value x (1 + rate) + what bears no duty",
    "rate": "(reference - what bears no duty) / dutiable value - 1; zero or below: no tariff is needed",
    "duty_on": "fob: freight and insurance bear no duty; cif: they do; a customs value is dutiable as declared",
    "domestic": "export price = price before VAT x (1 + VAT rate x (1 - share refunded on export)); no export duty",
    "carried": "import_steps start before VAT and carriage, which come on top again at every stage; one refund for all",
}


def tariff_answer(request: TariffRequest) -> TariffAnswer:
    """Return one line per import, in the order of the stages."""
    numbers, reference = _numbers(request), request.reference
    return TariffAnswer(
        material=request.material,
        reference=start_out(reference) if reference else None,
        duty_on=request.duty_on,
        freight_usd_per_kg=float(request.carriage.freight),
        insurance_usd_per_kg=float(request.carriage.insurance),
        lines=tuple(_line(stage, request) for stage in STAGES if stage in request.imports),
        numbers=numbers_out(numbers),
        rules=RULES,
        flags=(*(reference.flags if reference else ()), *_flags(request, numbers)),
        model=reference.model if reference else None,
        snapshot=reference.snapshot if reference else None,
    )


def _line(stage: Stage, request: TariffRequest) -> TariffLine:
    stated = request.imports[stage]
    shipped = _shipped(stated, request.duty_on, request.carriage)
    reference, source = request.references.get(stage, (None, None))
    rate = None if reference is None else shipped.rate_to(reference)
    return TariffLine(
        stage=stage,
        origin=stated.origin,
        basis=stated.basis,
        steps=stated.steps,
        dutiable_usd_per_kg=rounded(shipped.dutiable, TEN_DECIMALS),
        free_of_duty_usd_per_kg=rounded(shipped.free_of_duty, TEN_DECIMALS),
        landed_without_duty_usd_per_kg=rounded(shipped.landed(Decimal(0))),
        reference_usd_per_kg=rounded_or_none(reference),
        reference_from=source,
        rate=rounded_or_none(rate, MILLIONTH),
        rate_percent=None if rate is None else rounded(100 * rate, TENTH),
        tariff_needed=None if rate is None else rate > 0,
        at_rate=_at(request.rate, shipped),
        says=_says(shipped, reference, request.rate),
    )


def _shipped(stated: StatedImport, duty_on: DutyOn | None, carriage: Carriage) -> Import:
    """Return a kilogram at the border; where nothing was said about duty, no carriage lies between the bases."""
    shipped = shipped_cif if stated.basis == CIF else shipped_fob
    return shipped(stated.usd_per_kg, carriage, duty_on or DutyOn.FOB)


def _at(rate: Decimal | None, shipped: Import) -> AtRateOut | None:
    if rate is None:
        return None
    return AtRateOut(float(rate), rounded(shipped.dutiable * rate), rounded(shipped.landed(rate)))


def _says(shipped: Import, reference: Decimal | None, rate: Decimal | None) -> str:
    """Return the answer in one sentence or two."""
    landed = rounded(shipped.landed(Decimal(0)), CENT)
    told = []
    if reference is not None:
        met = shipped.rate_to(reference)
        percent = f"{rounded(100 * met, TENTH):.1f} %"
        if met > 0:
            told.append(f"A tariff of {percent} lifts {landed:,.2f} to {rounded(reference):,.2f} USD/kg.")
        else:
            told.append(
                f"No tariff is needed: {landed:,.2f} USD/kg without duty already meets {rounded(reference):,.2f}; "
                f"the rate that would meet it exactly is {percent}."
            )
    if rate is not None:
        told.append(f"At {rounded(100 * rate, TENTH):.1f} % it lands at {rounded(shipped.landed(rate)):,.2f} USD/kg.")
    return " ".join(told)


def _numbers(request: TariffRequest) -> list[Number]:
    """Return the numbers that carried a reference or an import from one stage to another."""
    found = [number for steps in request.steps[1:] for number in numbers_used(steps, list(request.imports))]
    start = request.reference
    if start is None:
        return found
    carried = [stage for stage, (_, source) in request.references.items() if source.startswith("carried")]
    reach = [STAGES.index(stage) for stage in (start.stage, *carried)]
    return [*numbers_used(request.steps[0], STAGES[min(reach) : max(reach) + 1]), *found]


def _flags(request: TariffRequest, numbers: list[Number]) -> Iterator[Flag]:
    if request.carriage.total == 0:
        yield Flag("no_carriage", "Freight and insurance are nil here, as if carriage cost nothing.")
    if Stage.CARBONATE in request.imports:
        yield BASKET_IS_NOT_NDPR
    yield from evidence_flags(numbers)
