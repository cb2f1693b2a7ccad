"""The price process of an outlook, and the numbers it rests on, each held against its range of evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from features.path_numbers import path_parameters
from pricing.contracts.terms.words import nearest
from pricing.errors import Fault, InputError, TermsError
from pricing.parameters import ParameterSet
from pricing.paths.jumps import PolicyJumps
from pricing.paths.normals import PATHS
from pricing.paths.process import PriceProcess, TwoFactor
from pricing.paths.simulate import SEED, Sampling
from pricing.paths.stated import stated_jumps, stated_process
from serving.contracts.outlook.terms import LognormalOutlook, PathsOutlook
from serving.contracts.valuations.schemas import ParameterOut
from serving.rounding import rounded

RISK = "market_price_of_risk"
JUMPS = "jumps."
STATED = "the request"
_KEPT = 64  # sets of numbers whose process is kept
_ANY_SPEED = 1.0  # of a short-term part that is not there


@dataclass(frozen=True, slots=True)
class Moving:
    """How prices move: the process of the rows, how paths are drawn, the price of risk, and what it all rests on."""

    process: PriceProcess
    sampling: Sampling
    market_price_of_risk: float
    parameters: tuple[ParameterOut, ...]


def moving_as_evidence(outlook: PathsOutlook, names: Sequence[str], materials: Sequence[str]) -> Moving:
    """Return the process of rows of paths by the evidence, with the request's own numbers in place of some.

    Rows of one material move together. TermsError for unknown names and for numbers that no process can have.
    """
    known = path_parameters()
    stated = dict(outlook.parameters)
    if outlook.market_price_of_risk is not None:
        stated[RISK] = outlook.market_price_of_risk
    unknown = [
        Fault(_path(name), name, f"one of {', '.join(known)}", nearest(name, known))
        for name in stated
        if name not in known
    ]
    wild = [
        Fault(_path(name), str(stated[name]), f"{low:g} to {high:g}; the range of evidence is narrower")
        for name, (low, high) in _bounds(known).items()
        if name in stated and not low <= stated[name] <= high
    ]
    if unknown or wild:
        raise TermsError(*unknown, *wild)
    numbers = tuple((name, float(value)) for name, value in stated.items())
    try:
        process, all_jumps, risk = _stated(numbers, tuple(names), tuple(materials))
    except InputError as fault:
        raise TermsError(*(_placed(one) for one in fault.faults)) from fault
    jumps = all_jumps if outlook.policy_jumps else None
    sampling = _sampling(outlook, jumps)
    used = _used(known, stated, materials, with_jumps=bool(outlook.policy_jumps))
    return Moving(process, sampling, risk, used)


def moving_at_random(outlook: LognormalOutlook, names: Sequence[str]) -> Moving:
    """Return one lognormal price without a drift: all rows move together."""
    one = TwoFactor(_ANY_SPEED, 0.0, float(outlook.volatility), 0.0)
    process = PriceProcess(tuple(names), (one,) * len(names), ((1.0,) * len(names),) * len(names))
    volatility = ParameterOut(
        "volatility", float(outlook.volatility), "of ln(price) over a year", None, None, STATED, None, outside=False
    )
    return Moving(process, _sampling(outlook, None), 0.0, (volatility,))


def _sampling(outlook: PathsOutlook | LognormalOutlook, jumps: PolicyJumps | None) -> Sampling:
    return Sampling(outlook.paths or PATHS, SEED if outlook.seed is None else outlook.seed, jumps)


@lru_cache(maxsize=_KEPT)
def _stated(
    stated: tuple[tuple[str, float], ...], names: tuple[str, ...], materials: tuple[str, ...]
) -> tuple[PriceProcess, PolicyJumps, float]:
    """Return process, jumps and market price of risk of the evidence with some numbers replaced."""
    numbers = path_parameters().replace(dict(stated))
    return _process(numbers, names, materials), stated_jumps(numbers), numbers.value(RISK)


def _process(numbers: ParameterSet, names: Sequence[str], materials: Sequence[str]) -> PriceProcess:
    """Return the process of rows, several of which may be of one material."""
    kinds = list(dict.fromkeys(materials))
    joint = stated_process(numbers, kinds)
    place = [kinds.index(material) for material in materials]
    rows = tuple(tuple(joint.correlation[a][b] for b in place) for a in place)
    return PriceProcess(tuple(names), tuple(joint.factors[at] for at in place), rows)


def _used(
    known: ParameterSet, stated: Mapping[str, Decimal], materials: Sequence[str], *, with_jumps: bool
) -> tuple[ParameterOut, ...]:
    found = []
    for name, one in known.items():
        if (name.startswith(JUMPS) and not with_jumps) or not _concerns(name, materials):
            continue
        value = float(stated[name]) if name in stated else one.value
        source = f"{STATED}; evidence: {one.value:g}, {one.source}" if name in stated else one.source
        outside = not one.low <= value <= one.high
        found.append(
            ParameterOut(name, rounded(value) or 0.0, one.unit, one.low, one.high, source, one.as_of, outside=outside)
        )
    return tuple(found)


def _concerns(name: str, materials: Sequence[str]) -> bool:
    """Return whether a parameter is of these materials alone, or of all."""
    items = name.rpartition(".")[2].split("_")
    own = name.startswith(("volatility.", "shock_correlation.", "jumps.log_size."))
    return not own or all(item in materials for item in items)


def _bounds(known: ParameterSet) -> dict[str, tuple[float, float]]:
    """Return how far a number may go at all, beyond which paths have no figures left to tell."""
    ends = (("volatility.", (0.0, 3.0)), ("jumps.log_size.", (-3.0, 3.0)), ("jumps.spread", (0.0, 5.0)))
    return {name: bounds for name in known for start, bounds in ends if name.startswith(start)}


def _path(name: str) -> str:
    """Return where a parameter is stated."""
    return "outlook.market_price_of_risk" if name == RISK else f"outlook.parameters.{name}"


def _placed(fault: Fault) -> Fault:
    """Return a fault of the process or the jumps as one of the request's parameters."""
    name = fault.path.removeprefix("process.")
    return replace(fault, path=_path(_CALLED.get(name, name)))


_CALLED = {
    "variance_ratio": "variance_ratio_24_months",
    "short_reversion": "short_reversion_per_year",
    "level_reversion": "level_reversion_per_year",
    "correlation": "shock_correlation",
}
