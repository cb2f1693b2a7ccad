"""The price ladder from ore to magnet: what every stage costs, what that is made of, and what the others need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pricing.materials import Material
from pricing.stages.ladder import MADE_BY, STAGES, Conversion, Separation, Stage, below
from serving.schemas import Flag
from serving.stages.ladder_question import Climbed, LadderRequest, needs
from serving.stages.numbers import ROUNDING, TEN_DECIMALS, closed, numbers_out, rounded, rounded_or_none
from serving.stages.schemas import BasketOut, LadderAnswer, NotPriced, PerUnitOut, RungOut, StartOut
from serving.stages.start import Start
from serving.stages.steps import NO_TOLL, Number, Steps

BASKET_IS_NOT_NDPR = Flag(
    "basket_is_not_ndpr",
    "A price of mixed carbonate is the value of all oxides in a kg of it (TREO); it is not an NdPr price, and moves "
    "with shares as well as with prices.",
)

RULES = {
    "rounding": ROUNDING,
    "step": "price above = price below x kg in / recovery + others + toll; the way down undoes it",
    "carbonate": "per kg TREO: payable x recovery x (sum of shares x oxide prices) - toll",
    "band": "low and high carry the band of the start, the other oxides' ends taken together; no step adds to it",
    "tax": "one tax basis throughout: that of the start; tolls and the model's prices are ex VAT",
}
PER = {stage: f"USD/kg {stage}" for stage in Stage} | {Stage.CARBONATE: "USD/kg TREO in mixed carbonate"}


def ladder_answer(request: LadderRequest) -> LadderAnswer:
    """Return the price of every stage in reach, what it is made of, and what the others need."""
    start, steps = request.start, request.steps
    climbed = Climbed.of(start, steps)
    shown = [stage for stage in climbed.slopes if _between(stage, start.stage, request.to)]
    return LadderAnswer(
        material=request.material,
        made_in=steps.made_in,
        start=start_out(start),
        rungs=tuple(_rung(stage, request, climbed) for stage in shown),
        not_priced=tuple(_not_priced(start, steps, climbed)) if request.to is None else (),
        basket=_basket(steps, climbed, request.material) if Stage.CARBONATE in shown else None,
        per_unit=_per_unit(request, climbed),
        numbers=numbers_out(numbers_used(steps, shown)),
        rules=RULES,
        flags=(*start.flags, *_flags(request, climbed, shown)),
        model=start.model,
        snapshot=start.snapshot,
    )


def numbers_used(steps: Steps, stages: Sequence[Stage]) -> list[Number]:
    """Return the numbers of the steps that link stages to one another."""
    linked = {MADE_BY[stage] for stage in stages if stage in MADE_BY and below(stage) in stages}
    return [number for number in steps.numbers if number.step in linked]


def evidence_flags(numbers: Sequence[Number]) -> Iterator[Flag]:
    """Yield which numbers were an expert's and not the caller's."""
    if assumed := [number.path for number in numbers if number.as_of is not None]:
        text = f"Taken from the evidence, not from the request: {', '.join(assumed)}. See numbers for range and source."
        yield Flag("by_the_evidence", text)


def _between(stage: Stage, start: Stage, to: Stage | None) -> bool:
    if to is None:
        return True
    low, high = sorted((STAGES.index(start), STAGES.index(to)))
    return low <= STAGES.index(stage) <= high


def start_out(start: Start) -> StartOut:
    """Return where a ladder starts, with ten decimals."""
    price = start.price
    value, low, high = (rounded_or_none(end, TEN_DECIMALS) for end in (price.value, price.low, price.high))
    return StartOut(start.stage, start.origin, value, low, high, start.basis, start.as_of)


def _rung(stage: Stage, request: LadderRequest, climbed: Climbed) -> RungOut:
    value, slope = climbed.value.get(stage), climbed.slopes[stage]
    return RungOut(
        stage=stage,
        per=PER[stage],
        usd_per_kg=rounded_or_none(value),
        low=rounded_or_none(climbed.low.get(stage)),
        high=rounded_or_none(climbed.high.get(stage)),
        unrounded_usd_per_kg=rounded_or_none(value, TEN_DECIMALS),
        per_dollar_at_start=rounded(slope, TEN_DECIMALS),
        change_usd_per_kg=None if request.change is None else rounded(slope * request.change),
        how=_how(stage, request),
        parts=_parts(stage, request.steps, climbed),
    )


def _how(stage: Stage, request: LadderRequest) -> str:
    """Return how a stage's price follows from its neighbour on the side of the start."""
    start, ratios = request.start.stage, request.steps.ratios.steps
    if stage is start:
        return "the start"
    upward = STAGES.index(stage) > STAGES.index(start)
    upper = stage if upward else STAGES[STAGES.index(stage) + 1]
    priced = request.steps.priced.steps.get(upper)
    words = _words(priced or ratios[upper], upper, known=priced is not None)
    return words if upward is (upper is not Stage.OXIDE) else f"solved from: {words}"


def _words(step: Conversion | Separation, upper: Stage, *, known: bool) -> str:
    toll = f"{step.toll:f}" if known else "a toll not stated"
    beside = "".join(f" + {other.kg:f} {other.name} x {other.usd_per_kg:f}" for other in step.others)
    if isinstance(step, Separation):
        basket = f"({step.share:f} x oxide{beside})"
        return f"carbonate = {step.payable:f} x {step.recovery:f} x {basket} - {toll}"
    return f"{upper} = {below(upper)} x {step.kg_in:f} / {step.recovery:f}{beside} + {toll}"


def _parts(stage: Stage, steps: Steps, climbed: Climbed) -> dict[str, float]:
    """Return what a price is made of by the step that makes the stage; empty where the stage below has no price."""
    step = steps.priced.steps.get(stage)
    if not isinstance(step, Conversion) or stage not in climbed.value or below(stage) not in climbed.value:
        return {}
    bought = {other.name: other.usd for other in step.others}
    under = climbed.value[below(stage)] * step.kg_in / step.recovery
    return closed(climbed.value[stage], {str(below(stage)): under, **bought, "toll": step.toll}, str(below(stage)))


def _basket(steps: Steps, climbed: Climbed, material: Material) -> BasketOut | None:
    step, oxide = steps.priced.steps.get(Stage.OXIDE), climbed.value.get(Stage.OXIDE)
    if not isinstance(step, Separation) or oxide is None:
        return None
    worth = {str(material): step.share * oxide} | {other.name: other.usd for other in step.others}
    total = step.basket(oxide)
    return BasketOut(
        usd_per_kg_treo=rounded(total),
        parts=closed(total, worth, str(material)),
        payable_share=float(step.payable),
        recovery=float(step.recovery),
        toll_usd_per_kg_treo=float(step.toll),
        paid_usd_per_kg_treo=rounded(step.down(oxide)),
    )


def _per_unit(request: LadderRequest, climbed: Climbed) -> PerUnitOut | None:
    if request.unit is None:
        return None
    stage, kg = request.unit
    price, slope = climbed.value.get(stage), climbed.slopes.get(stage)
    changed = None if request.change is None or slope is None else slope * request.change * kg
    return PerUnitOut(stage, float(kg), None if price is None else rounded(price * kg), rounded_or_none(changed))


def _not_priced(start: Start, steps: Steps, climbed: Climbed) -> Iterator[NotPriced]:
    priced = climbed.reaches(start.stage)
    for stage in STAGES:
        if not (climbed.reaches(stage) if priced else stage in climbed.slopes):
            yield NotPriced(stage, tuple(fault.path for fault in needs(start.stage, stage, steps)))


def _flags(request: LadderRequest, climbed: Climbed, shown: list[Stage]) -> Iterator[Flag]:
    if Stage.CARBONATE in shown:
        yield BASKET_IS_NOT_NDPR
    step = request.steps.priced.steps.get(Stage.ALLOY)
    if Stage.ALLOY in shown and step is not None and not step.others:
        metal = f"{request.material} metal"
        text = f"Only {metal} is in the alloy: iron, boron and other rare earths cost nothing until stated as others."
        yield Flag("alloy_of_one_metal", text)
    used = [number for number in numbers_used(request.steps, shown) if number.source == NO_TOLL]
    if used and any(stage in climbed.value for stage in shown):
        text = f"No toll was stated beside a stated ratio, and none is in the price: {', '.join(n.path for n in used)}."
        yield Flag("no_toll", text)
    if any(value < 0 for value in climbed.value.values()):
        yield Flag("below_zero", "A price below zero: what is paid above does not cover tolls and other inputs.")
    yield from evidence_flags(numbers_used(request.steps, shown))
