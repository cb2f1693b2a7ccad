"""What a scenario does to normal values and to the incentive price, as shown: components add up to the difference."""

from __future__ import annotations

from pricing.scenarios.found import IncentiveMove, NormalValueMove
from serving.rounding import rounded, rounded_parts
from serving.scenarios.payment_schemas import MoveOut, RangeOut
from serving.scenarios.prices import difference
from serving.scenarios.schemas import IncentiveOut, NormalValueOut


def normal_value_out(found: NormalValueMove) -> NormalValueOut:
    """Return a normal value moved; the largest component takes what rounding leaves."""
    before, after = _shown(found.baseline), _shown(found.scenario)
    largest = max(found.by_component, key=lambda name: abs(found.by_component[name]))
    by = _shown(after - before)
    parts = rounded_parts(found.scenario - found.baseline, found.by_component, largest, 1.0, by)
    return NormalValueOut(
        route=found.route,
        variant=found.variant,
        baseline=before,
        scenario=after,
        difference=by,
        by_component={name: value or 0.0 for name, value in parts.items()},
        by_value_share=_shared(found),
    )


def incentive_out(found: IncentiveMove) -> IncentiveOut:
    """Return the incentive price of one supply before and after."""
    before, after = _shown(found.baseline), _shown(found.scenario)
    return IncentiveOut(
        tonnes_per_year=float(found.tonnes),
        baseline=before,
        scenario=after,
        difference=_shown(after - before),
        project_baseline=found.project_baseline,
        project_scenario=found.project_scenario,
    )


def _shared(found: NormalValueMove) -> MoveOut:
    before, after = rounded(found.value_share_baseline), rounded(found.value_share_scenario)
    return MoveOut(RangeOut(before, None, None), RangeOut(after, None, None), difference(before, after), None)


def _shown(value: float) -> float:
    return rounded(value) or 0.0
