"""Basis risk from the bytes of a request to those of an answer; a model is opened only for its own series."""

from __future__ import annotations

from collections.abc import Iterator

from features.contract_words import moves_together
from pricing.contracts.basis_risk import BasisRisk, basis_risk
from pricing.contracts.measures import VatRule
from pricing.contracts.periods import first_named
from pricing.contracts.terms.basis import LEAST_MONTHS, BasisQuestion
from pricing.errors import InputError, TermsError
from serving.bodies import read_body, write_body
from serving.contracts.basis.schemas import BasisRiskAnswer, LeftOpen, SpreadRange
from serving.contracts.data_used import data_used, model_used
from serving.contracts.facts import OpenBook, Origin, ReadCase, read_case
from serving.contracts.settlements.flags import series_flags
from serving.contracts.valuations.numbers import usd
from serving.rounding import DIGITS
from serving.schemas import Flag

RULES = {
    "prices": "the price of each delivery month by each side's own rule, restatements counted as they are told",
    "spread": "cargo less contract, of the last months with both prices",
    "changes": "from one month to the next; months without a neighbour do not count",
    "unhedged": "one standard deviation of the cargo's monthly change, n - 1",
    "one_to_one": "one standard deviation of the monthly change of the spread, n - 1",
    "at_hedge_ratio": "one standard deviation of what changes of the contract, times the ratio, leave, n - 1",
}
DERIVED = "Months of one index derived from the other move with it by construction: the risk is understated."
AS_QUOTED = "{side} is compared as it is quoted, although its tax basis is not the one of the question."


def basis_risk_of(body: bytes, open_book: OpenBook) -> bytes:
    """Return what a hedge on one index leaves open of a cargo on another; InputError with every fault of the body."""
    asked = read_case(read_body(body), BasisQuestion, open_book)
    try:
        found = basis_risk(asked.case)
    except TermsError as refused:
        raise InputError(*refused.faults) from None
    return write_body(_answer(asked, found))


def _answer(asked: ReadCase[BasisQuestion], found: BasisRisk) -> BasisRiskAnswer:
    question, origin = asked.case, asked.origin
    spread = found.spread
    return BasisRiskAnswer(
        contract_index=question.contract.index,
        cargo_index=question.cargo.index,
        basis=f"USD/kg {question.form}, VAT {question.vat}",
        as_of=None if question.facts.as_of is None else question.facts.as_of.isoformat(),
        tonnes=float(question.tonnes),
        months=found.months,
        changes=found.changes,
        left_out_months=found.left_out,
        correlation_of_changes=_four(found.correlation),
        correlation_of_log_changes=_four(found.correlation_of_log_changes),
        hedge_ratio=_four(found.hedge_ratio),
        spread=SpreadRange(
            spread.first_month, spread.last_month, *map(_four, (spread.last, spread.mean, spread.low, spread.high))
        ),
        unhedged=_left(found, found.unhedged_usd_per_kg),
        one_to_one=_left(found, found.hedged_one_to_one_usd_per_kg),
        at_hedge_ratio=_left(found, found.hedged_at_ratio_usd_per_kg),
        worst_month=found.worst_month,
        worst_month_usd_per_kg=_four(found.worst_month_usd_per_kg),
        worst_month_usd=usd(found.usd(found.worst_month_usd_per_kg)),
        says=_says(found),
        rules=RULES,
        flags=tuple(_flags(question, origin, found)),
        model=model_used(origin.book),
        snapshot=data_used(origin.book),
    )


def _left(found: BasisRisk, usd_per_kg: float) -> LeftOpen:
    return LeftOpen(_four(usd_per_kg), usd(found.usd(usd_per_kg)))


def _says(found: BasisRisk) -> str:
    together = moves_together(found.correlation)
    left = f"{found.hedged_one_to_one_usd_per_kg:.2f} of {found.unhedged_usd_per_kg:.2f} USD/kg a month stay open"
    spread = f"the spread lay between {found.spread.low:.2f} and {found.spread.high:.2f} USD/kg"
    return f"The two move {together} together: hedged one to one, {left}; {spread}."


def _flags(question: BasisQuestion, origin: Origin, found: BasisRisk) -> Iterator[Flag]:
    yield from series_flags(origin)
    if any(fixing.derived for series in origin.series.values() for fixing in series.fixings.values()):
        yield Flag("derived_together", DERIVED)
    for side in ("contract", "cargo"):
        rule = getattr(question, side)
        if rule.vat_rule is VatRule.AS_QUOTED and question.facts.indices[rule.index].vat is not question.vat:
            yield Flag(f"vat_as_quoted.{side}", AS_QUOTED.format(side=side))
    if found.left_out:
        text = (
            f"{len(found.left_out)} months between the first and the last lack a price: {first_named(found.left_out)}."
        )
        yield Flag("months_left_out", text)
    if found.hedged_one_to_one_usd_per_kg > found.unhedged_usd_per_kg:
        yield Flag("hedge_adds_risk", "Hedged one to one the position varies more than unhedged.")
    if found.months < 2 * LEAST_MONTHS:
        yield Flag("short_overlap", f"{found.months} months with both prices: other months may look otherwise.")


def _four(value: float) -> float:
    return round(value, DIGITS) + 0.0
