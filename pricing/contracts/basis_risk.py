"""Basis risk: what stays open where a contract settles on one index and the cargo is priced on another.

Both are prices in USD/kg of delivery months by their own rules, on one form and tax basis. The spread is cargo less
contract. A position hedged kilogram for kilogram keeps the changes of the spread; at the ratio of least variance it
keeps what changes of the contract do not explain.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.periods import first_named, month_after, month_shifted, months_between
from pricing.contracts.reference_average import average
from pricing.contracts.reference_fixings import Calendar, FixingRule, Vintage, fixings_of, windows
from pricing.contracts.terms.basis import LEAST_MONTHS, BasisQuestion
from pricing.contracts.terms.references import Quotation
from pricing.errors import Fault, TermsError

Floats = npt.NDArray[np.float64]
MOST_REACH = 12  # months that a window looks beyond a month of delivery


@dataclass(frozen=True, slots=True)
class Spread:
    """Cargo less contract over some months, USD/kg."""

    first_month: str
    last_month: str
    last: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BasisRisk:
    """How two indices move together, and what a hedge of one by the other leaves open.

    `unhedged_usd_per_kg` is one standard deviation of a month's change; `hedged_...` of what is left of it.
    `months` have both prices, `changes` are those between neighbouring months.
    """

    months: int
    changes: int
    left_out: tuple[str, ...]  # months inside with one price or none
    correlation: float
    correlation_of_log_changes: float
    hedge_ratio: float
    spread: Spread
    unhedged_usd_per_kg: float
    hedged_one_to_one_usd_per_kg: float
    hedged_at_ratio_usd_per_kg: float
    worst_month: str
    worst_month_usd_per_kg: float
    tonnes: float

    def usd(self, usd_per_kg: float) -> float:
        """Return an amount per kg on the position."""
        return usd_per_kg * self.tonnes * float(KG_PER_TONNE)


def basis_risk(question: BasisQuestion) -> BasisRisk:
    """Return the basis risk of a position; TermsError for an overlap too short to tell, with how long it is."""
    contract, cargo = (_prices(name, getattr(question, name), question) for name in ("contract", "cargo"))
    months = sorted(contract.keys() & cargo.keys())
    wanted = question.last_months or LEAST_MONTHS
    if len(months) < wanted:
        found = f"{len(months)} months with both prices"
        raise TermsError(Fault("facts.indices", found, f"at least {wanted} months with fixings of both indices"))
    sides = np.array([[contract[month], cargo[month]] for month in months])
    follows = np.array([month_after(one) == other for one, other in pairwise(months)])
    if follows.sum() < wanted - 1:
        found = f"{follows.sum()} changes between neighbouring months; not both prices in {first_named(_gaps(months))}"
        raise TermsError(Fault("facts.indices", found, f"at least {wanted - 1} changes from one month to the next"))
    return _measured(question, months, sides, follows)


def _measured(question: BasisQuestion, months: list[str], sides: Floats, follows: npt.NDArray[np.bool_]) -> BasisRisk:
    (moved, cargo_moved), logs = np.diff(sides, axis=0)[follows].T, np.diff(np.log(sides), axis=0)[follows]
    apart = cargo_moved - moved
    ratio = float(np.cov(moved, cargo_moved)[0, 1] / np.var(moved, ddof=1)) if moved.std() else 0.0
    worst = int(np.argmax(np.abs(apart)))
    left = cargo_moved - ratio * moved
    return BasisRisk(
        months=len(months),
        changes=len(moved),
        left_out=tuple(_gaps(months)),
        correlation=_correlation(moved, cargo_moved),
        correlation_of_log_changes=_correlation(*logs.T),
        hedge_ratio=ratio,
        spread=_spread(months, sides, question.last_months or LEAST_MONTHS),
        unhedged_usd_per_kg=float(cargo_moved.std(ddof=1)),
        hedged_one_to_one_usd_per_kg=float(apart.std(ddof=1)),
        hedged_at_ratio_usd_per_kg=float(left.std(ddof=1)),
        worst_month=str(np.array(months[1:])[follows][worst]),
        worst_month_usd_per_kg=float(apart[worst]),
        tonnes=float(question.tonnes),
    )


def _spread(months: list[str], sides: Floats, wanted: int) -> Spread:
    apart = sides[-wanted:, 1] - sides[-wanted:, 0]
    last, mean, low, high = (float(value) for value in (apart[-1], apart.mean(), apart.min(), apart.max()))
    return Spread(months[-wanted], months[-1], last, mean, low, high)


def _correlation(one: Floats, other: Floats) -> float:
    """Return the correlation of two changes; 0 where one of them never moves."""
    return float(np.corrcoef(one, other)[0, 1]) if one.std() and other.std() else 0.0


def _gaps(months: list[str]) -> list[str]:
    return [month for month in months_between(months[0], months[-1]) if month not in set(months)]


def _prices(name: str, rule: Quotation, question: BasisQuestion) -> dict[str, float]:
    """Return the price of each delivery month that the rule can price on the facts."""
    facts, index = question.facts, question.facts.indices[rule.index]
    calendar = Calendar.of(index)
    fixing_rule = FixingRule(name, rule, question.vat, facts, Vintage.TRUED_UP, calendar)
    faults: list[Fault] = []
    found: dict[str, float] = {}
    for month in _delivery_months(rule, calendar):
        keys = {at: fixings_of(index, calendar, at, facts.as_of, None) for at in windows(rule, (month,))}
        if all(keys.values()):
            used = [(at, [fixing_rule.used(key, index, faults) for key in fixed]) for at, fixed in keys.items()]
            found[month] = float(average(name, rule, index, used))
    if faults:
        raise TermsError(*dict.fromkeys(faults))
    return found


def _delivery_months(rule: Quotation, calendar: Calendar) -> list[str]:
    """Return the months of delivery that the fixings of an index could price."""
    fixed = sorted(calendar.months)
    if not fixed:
        return []
    reach = MOST_REACH + abs(rule.lag_months)
    return [*months_between(month_shifted(fixed[0], -reach), month_shifted(fixed[-1], reach))]
