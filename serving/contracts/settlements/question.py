"""A question for a settlement, read with every fault collected and bounded in the work it asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pricing.contracts.periods import MONTHS_PER_YEAR, periods
from pricing.contracts.settlement_review import review_days
from pricing.contracts.terms.case import Case, SettlementCase
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.fixings import MONTH_LETTERS
from pricing.contracts.terms.references import Quotation, Window, named_by
from pricing.errors import Fault, InputError
from serving.contracts.facts import OpenBook, ReadCase, read_case

MOST_WORK = 20_000  # steps: a clause in a period, or a fixing in the reference of a period
SPAN = {Window.MONTH: 1, Window.QUARTER: 3, Window.YEAR: MONTHS_PER_YEAR}


def read_settlement(values: Mapping[str, object], open_book: OpenBook) -> ReadCase[SettlementCase]:
    """Return what is to be settled; InputError with every fault, or with the work that is too much."""
    asked = read_case(values, SettlementCase, open_book)
    refuse_too_much(asked.case, settlements_of(asked.case))
    return asked


def settlements_of(case: SettlementCase) -> int:
    """Return how many settlements a request asks for."""
    other = case.under_indices
    return 1 + (0 if other is None else len(other.indices or other.rules)) + (0 if case.slip is None else 2)


def refuse_too_much(case: Case, settlements: int = 1) -> None:
    """Refuse a case that asks for more work than one request may."""
    work = work_of(case.contract, case.facts) * settlements
    if work > MOST_WORK:
        found = f"{work:,} steps: periods x (clauses + fixings of the references) x {settlements} settlements"
        allowed = f"at most {MOST_WORK:,} steps; settle quarterly, fewer years or fewer clauses, or monthly fixings"
        raise InputError(Fault("contract", found, allowed))


def work_of(contract: Contract, facts: Facts) -> int:
    """Return the steps of one settlement."""
    schedule = periods(contract.first_day, contract.last_day, contract.settlement)
    resets = len(contract.most_favoured) * (2 + len(facts.other_deals))
    reviews = sum(1 for said in contract.reviews for _ in review_days(said, contract.last_day))
    fixings = sum(_fixings(contract, facts, name, len(schedule[0].months)) for name in contract.references)
    return len(schedule) * (1 + len(contract.clauses) + fixings + resets + reviews + len(facts.stops))


def _fixings(contract: Contract, facts: Facts, name: str, months: int) -> int:
    """Return how many fixings one period's reference may be read from, those of all it rests on included."""
    rule = contract.references[name]
    others = sum(_fixings(contract, facts, other, months) for _, other in named_by(rule))
    if not isinstance(rule, Quotation):
        return 1 + others
    per_month = Counter(key[:MONTH_LETTERS] for key in facts.indices[rule.index].fixings)
    return max(per_month.values(), default=1) * max(SPAN[rule.window], months) + others
