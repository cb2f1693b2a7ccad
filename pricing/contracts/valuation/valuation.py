"""What a contract pays and is worth to each side, from references on simulated paths or on a few stated states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np

from pricing.contracts.valuation.estimates import Estimate, Spread, quantiles
from pricing.contracts.valuation.flows import Dues, Flows, Weights, by_year, pieces, stakes, totals
from pricing.contracts.valuation.legs import Payer, Paying
from pricing.contracts.valuation.limits import year_runs
from pricing.contracts.valuation.parties import Parties, due_weights
from pricing.contracts.valuation.schedule import Schedule, Timing
from pricing.errors import Fault, TermsError

Floats = np.ndarray

EXPOSED = 0.95  # quantile of a budget's exposure
BY_PERIOD = 1024  # paths that give the quantiles of single periods


@dataclass(frozen=True, eq=False)
class Valuation:
    """Payments as contracted, before default, and values after it, in USD; payments to the seller are positive.

    Payments are those of all periods, values of what is due after the day of valuation.
    """

    net: tuple[Spread, ...]  # by period; quantiles from the first 1,024 paths
    by_leg: Mapping[str, Floats]  # mean payment by period (P,); to the seller where a leg has no payer of its own
    binding: Mapping[str, Floats]  # probability (P,) that a level decides: the leg is on its paying side, begun or not
    by_cap_year: Mapping[int, Spread]
    paying: Mapping[str, Mapping[int, float]]  # by leg and cap year, probability that it pays anything in the year
    exposure: Mapping[int, tuple[float, float]]  # by fiscal year, mean and 95 % of what the buyer pays
    to_seller: Estimate
    to_buyer: Estimate
    present_value_to_seller: Spread
    weights: Weights  # what a dollar due at each time is worth to seller and buyer


def value(
    legs: Sequence[Paying], schedule: Schedule, parties: Parties, references: Floats, valued_on: Floats | None = None
) -> Valuation:
    """Return payments and values of the legs on references (M, P, N), each path or state as likely as the next.

    `valued_on` are the references under a market price of risk, on which values rest; without them values rest on the
    expected ones. A leg whose arrays do not fit the periods is a TermsError.
    """
    others: Iterable[Floats | None] = repeat(None) if valued_on is None else pieces(valued_on)
    return value_pieces(legs, schedule, parties, zip(pieces(references), others, strict=False))


def value_pieces(
    legs: Sequence[Paying], schedule: Schedule, parties: Parties, references: Iterable[tuple[Floats, Floats | None]]
) -> Valuation:
    """Return the same from pieces of the paths: references (M, P, n) and those that values rest on, where others."""
    weights, tally = _all_weights(legs, schedule, parties), _Tally()
    for expected, valued_on in references:
        if not tally.flows:
            check_fit(legs, schedule, expected)
        flows = Flows.of(legs, schedule, expected)
        priced = flows.stakes if valued_on is None else stakes(legs, schedule, valued_on)
        tally.add(flows, priced.worth(weights))
    return tally.valuation(schedule, weights)


def present_values(
    legs: Sequence[Paying], schedule: Schedule, parties: Parties, references: Iterable[Floats]
) -> tuple[Estimate, Estimate]:
    """Return what the legs are worth to seller and buyer on pieces of references, and nothing else."""
    weights = _all_weights(legs, schedule, parties)
    to_seller, from_buyer = np.hstack([stakes(legs, schedule, piece).worth(weights) for piece in references])
    return Estimate.of(to_seller), Estimate.of(-from_buyer)


def weights_of(parties: Parties, timing: Timing) -> dict[Payer, Floats]:
    """Return what a dollar due from each side is worth by period, as the seller and as the buyer sees it (2, P)."""
    from_buyer, from_seller = due_weights(parties, timing)
    return {Payer.BUYER: from_buyer, Payer.SELLER: from_seller}


def _all_weights(legs: Sequence[Paying], schedule: Schedule, parties: Parties) -> Weights:
    timings = dict.fromkeys(schedule.timing_of(leg.name) for leg in legs)
    return {timing: weights_of(parties, timing) for timing in timings}


def check_fit(legs: Sequence[Paying], schedule: Schedule, references: Floats) -> None:
    """Return nothing where legs, schedule and references (M, P, N) fit each other; TermsError with every misfit."""
    rows, periods = references.shape[:2]
    count = len(schedule.due_years)
    faults = [] if periods == count else [Fault("references", f"{periods} periods", f"{count}, as the schedule")]
    faults += [fault for leg in legs for fault in leg.misfits(rows, count)]
    if not legs:
        faults.append(Fault("legs", "none", "at least one clause that pays"))
    names = [leg.name for leg in legs]
    if len(set(names)) < len(names):
        faults.append(Fault("legs", ", ".join(names), "a name of its own for each leg"))
    if faults:
        raise TermsError(*faults)


@dataclass(eq=False)
class _Tally:
    """What is kept of each piece until all are seen."""

    flows: list[dict[str, Mapping[str, Floats]]] = field(default_factory=list)
    received: list[Floats] = field(default_factory=list)  # sums over paths of the net payment (P,)
    first_net: Floats = field(default_factory=lambda: np.empty((0, 0)))
    by_cap_year: list[ByYear] = field(default_factory=list)
    by_fiscal_year: list[ByYear] = field(default_factory=list)
    worths: list[Floats] = field(default_factory=list)

    def add(self, flows: Flows, worths: Floats) -> None:
        net, first = flows.due.net, not self.flows
        self.flows.append({"paid": flows.paid, "binding": flows.binding, "paying": flows.paying})
        if first:
            self.first_net = net[:, :BY_PERIOD]
        by_cap_year = _net_by_cap_year(flows.due, net)
        self.by_cap_year.append(by_cap_year)
        self.by_fiscal_year.append(_exposed(flows.due, net, by_cap_year))
        self.received.append(net @ np.ones(net.shape[1]))
        self.worths.append(worths)

    def valuation(self, schedule: Schedule, weights: Weights) -> Valuation:
        to_seller, from_buyer = np.hstack(self.worths)
        cap_years, years = _joined(self.by_cap_year)
        paths = len(to_seller)
        paid, binding, paying = (self._shares(name, paths) for name in ("paid", "binding", "paying"))
        return Valuation(
            net=Spread.each(np.sum(self.received, axis=0) / paths, self.first_net),
            by_leg=paid,
            binding=binding,
            by_cap_year=dict(zip(cap_years, Spread.each(years.mean(axis=1), years), strict=True)),
            paying={name: _in_years(share, schedule.timing_of(name), cap_years) for name, share in paying.items()},
            exposure=self._exposure(),
            to_seller=Estimate.of(to_seller),
            to_buyer=Estimate.of(-from_buyer),
            present_value_to_seller=Spread.of(to_seller),
            weights=weights,
        )

    def _shares(self, name: str, paths: int) -> dict[str, Floats]:
        return {leg: total / paths for leg, total in totals(part[name] for part in self.flows).items()}

    def _exposure(self) -> dict[int, tuple[float, float]]:
        fiscal_years, years = _joined(self.by_fiscal_year)
        rows = zip(years.mean(axis=1).tolist(), quantiles(years, (EXPOSED,))[:, 0].tolist(), strict=True)
        return dict(zip(fiscal_years, rows, strict=True))


ByYear = dict[int, Floats]  # amounts on paths (n,)


def _net_by_cap_year(due: Dues, net: Floats) -> ByYear:
    if len(due.by_timing) == 1:
        (timing,) = due.by_timing
        return _by_year(net, timing.cap_years)
    return _added(_by_year(sides.net, timing.cap_years) for timing, sides in due.by_timing.items())


def _exposed(due: Dues, net: Floats, by_cap_year: ByYear) -> ByYear:
    """Return what the buyer pays by fiscal year."""
    found = []
    for timing, sides in due.by_timing.items():
        owed, years = sides.owed.get(Payer.BUYER), timing.fiscal_years
        if owed is None:
            found.append({year: np.zeros(net.shape[1]) for year in _labels(years)})
        elif owed is net and _starts(years) == _starts(timing.cap_years):
            found.append(dict(zip(_labels(years), by_cap_year.values(), strict=True)))
        else:
            found.append(_by_year(owed, years))
    return found[0] if len(found) == 1 else _added(found)


def _by_year(amounts: Floats, years: Floats) -> ByYear:
    return dict(zip(_labels(years), by_year(amounts, years), strict=True))


def _added(parts: Iterable[ByYear]) -> ByYear:
    """Return the sums of each year, years in order."""
    return dict(sorted(totals(parts).items()))


def _joined(parts: Sequence[ByYear]) -> tuple[list[int], Floats]:
    """Return the years in order and their amounts on the paths of all pieces (Y, N)."""
    years = list(parts[0])
    return years, np.stack([np.concatenate([part[year] for part in parts]) for year in years])


def _in_years(share: Floats, timing: Timing, years: Sequence[int]) -> dict[int, float]:
    """Return a leg's shares of its own cap years, nil in the others."""
    own = dict(zip(_labels(timing.cap_years), share.tolist(), strict=True))
    return {year: own.get(year, 0.0) for year in years}


def _starts(years: Floats) -> list[int]:
    return [start for _, start, _ in year_runs(years)]


def _labels(years: Floats) -> list[int]:
    return [year for year, _, _ in year_runs(years)]
