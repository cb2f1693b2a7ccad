"""What stands beside a settlement: other indices, a later start, and the bound of a right to choose tonnes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.contracts.periods import last_day_of, month_of, month_shifted
from pricing.contracts.settlement_compare import slip, under_indices
from pricing.contracts.settlement_exposure import volume_bound_of
from pricing.contracts.settlement_table import Settled, who_pays
from pricing.contracts.sums.figures import usd
from pricing.contracts.terms.case import SettlementCase, Slip, UnderIndices
from pricing.errors import Fault, TermsError
from serving.contracts.settlements.beside_schemas import (
    RefusedIndexOut,
    SlipOut,
    UnderIndexOut,
    UnderIndicesOut,
    VolumeBoundOut,
)
from serving.schemas import Flag
from serving.stages.numbers import TEN_DECIMALS, rounded


@dataclass(frozen=True, slots=True)
class Beside:
    """What was asked beside the settlement; None where it was not."""

    under_indices: UnderIndicesOut | None = None
    slip: SlipOut | None = None
    volume_option: VolumeBoundOut | None = None
    flags: tuple[Flag, ...] = ()


def beside(case: SettlementCase, settled: Settled) -> Beside:
    """Return what stands beside a settlement; TermsError where a later start cannot be settled."""
    other = None if case.under_indices is None else _under(case, case.under_indices, settled)
    late = None if case.slip is None else _slip(case, case.slip)
    bound, flags = _bound(settled)
    return Beside(other, late, bound, flags)


def _under(case: SettlementCase, asked: UnderIndices, own: Settled) -> UnderIndicesOut:
    found = under_indices(case.contract, case.facts, asked.reference, asked.rules or asked.indices or ())
    settled = {name: _settled(name, one, own, asked.reference) for name, one in found.settled.items()}
    refused = {name: _refused(name, faults) for name, faults in found.refused.items()}
    both = settled | refused
    rows = tuple(both[name] for name in (asked.rules or asked.indices or ()))
    return UnderIndicesOut(asked.reference, float(found.range_usd) if len(found.settled) > 1 else None, rows)


def _settled(name: str, found: Settled, own: Settled, reference: str) -> UnderIndexOut:
    references = {
        flow.label: rounded(flow.references[reference].usd_per_kg)
        for flow in found.periods
        if reference in flow.references
    }
    total = found.total_usd
    by_period = {flow.label: float(flow.usd) for flow in found.periods}
    return UnderIndexOut(name, float(total), who_pays(total), float(total - own.total_usd), references, by_period, ())


def _refused(name: str, faults: tuple[Fault, ...]) -> UnderIndexOut:
    told = tuple(RefusedIndexOut(one.path, one.found, one.allowed, one.nearest) for one in faults)
    return UnderIndexOut(name, None, None, None, {}, {}, told)


def _slip(case: SettlementCase, asked: Slip) -> SlipOut:
    planned = case.facts.events[asked.event]
    later = _months_later(planned, asked.months_later)
    found = slip(case.contract, case.facts, asked.event, later)
    gained = found.to_seller_usd
    side = "seller" if gained > 0 else "buyer"
    says = f"{asked.event} on {later} instead of {planned} is worth {usd(abs(gained))} USD to the {side}."
    return SlipOut(
        event=asked.event,
        planned_day=planned.isoformat(),
        later_day=later.isoformat(),
        to_seller_usd=float(gained),
        to_buyer_usd=float(-gained) + 0.0,
        by_period_usd={period: float(usd) for period, usd in found.by_period_usd.items()},
        says=says if gained else f"{asked.event} on {later} instead of {planned} changes no payment.",
    )


def _months_later(day: date, months: int) -> date:
    """Return a day so many months later; the 31st becomes the last day of a shorter month."""
    end = last_day_of(month_shifted(month_of(day), months))
    return end.replace(day=min(day.day, end.day))


def _bound(settled: Settled) -> tuple[VolumeBoundOut | None, tuple[Flag, ...]]:
    option = settled.contract.volume_option
    if option is None:
        return None, ()
    try:
        found = volume_bound_of(settled)
    except TermsError as error:
        text = f"The right to choose tonnes has no bound here: {error.faults[0]}"
        return None, (Flag("volume_option_not_bounded", text),)
    labels = [flow.label for flow in settled.periods]
    best: Mapping[str, Decimal] = dict(zip(labels, found.best_tonnes, strict=True))
    worth = found.most_worth_usd
    return VolumeBoundOut(
        holder=option.holder,
        best_tonnes_by_period={name: rounded(tonnes, TEN_DECIMALS) for name, tonnes in best.items()},
        best_usd=rounded(found.best_usd),
        even_usd=rounded(found.even_usd),
        worth_at_most_usd=rounded(worth),
        says=f"Nobody chooses better than with perfect foresight: worth at most {usd(worth)} USD to the holder.",
    ), ()
