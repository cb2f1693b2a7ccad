"""A contract in words, so that a reader can hold the terms against the paper they were taken from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pricing.contracts.terms.clause import AnnualCap, Clause
from pricing.contracts.terms.conditions import Interruption
from pricing.contracts.terms.contract import AnyClause, Contract
from pricing.contracts.terms.differences import Cap, Collar, Difference, Direction, Floor, Share
from pricing.contracts.terms.escalation import FixedEscalator
from pricing.contracts.terms.prices import Carbonate, Fixed, Indexed
from pricing.contracts.terms.references import Combination, Quotation, Reference

DIRECTIONS = {
    Direction.TWO_WAY: "the buyer pays what it lacks, the seller what it has above",
    Direction.TO_SELLER: "the buyer pays what it lacks",
    Direction.TO_BUYER: "the seller pays what it has above",
}


def basis_of(contract: Contract) -> str:
    """Return what every price of a contract is per."""
    return f"USD/kg {contract.material} {contract.form}, VAT {contract.vat}"


def words_of(contract: Contract) -> tuple[str, ...]:
    """Return the contract as sentences, one per term."""
    return tuple(_sentences(contract))


def _sentences(contract: Contract) -> Iterator[str]:
    paid = "" if contract.payment_days is None else f", paid {counted(contract.payment_days, 'day')} after a period"
    days = f"{contract.first_day} to {contract.last_day}"
    yield f"Buyer {contract.buyer}, seller {contract.seller}; {days}, settled {contract.settlement}{paid}."
    yield _volume(contract)
    for name, reference in contract.references.items():
        yield f"Reference {name}: {_reference(reference)}."
    for clause in contract.clauses:
        yield f"{clause.name} ({clause.KIND}): {_clause(clause)}{_more(clause)}."
    yield from _beside(contract)
    for stop in contract.interruptions:
        yield _stop(stop)


def _volume(contract: Contract) -> str:
    volume = contract.volume
    told = [f"{plain(volume.tonnes_per_year)} t a year"] if volume.tonnes_per_year is not None else []
    told += [f"stated for {counted(len(volume.tonnes_by_period), 'period')}"] if volume.tonnes_by_period else []
    if volume.tolerance_share is not None:
        told.append(f"tolerance {percent(volume.tolerance_share)} at the option of the {volume.tolerance_at_option_of}")
    return f"Volume {volume.basis}: {', '.join(told)}."


def _reference(reference: Reference) -> str:
    if isinstance(reference, Combination):
        return f"the {reference.take} of {', '.join(reference.of)}, compared as {reference.compared}"
    return ", ".join(_quotation(reference))


def _quotation(reference: Quotation) -> Iterator[str]:
    lag = reference.lag_months
    where = "of" if not lag else f"{counted(abs(lag), 'month')} {'after' if lag > 0 else 'before'}"
    yield f"index {reference.index}, mean of the {reference.window} {where} delivery"
    for name, rule in (("VAT", reference.vat_rule), ("FX", reference.fx_rule), ("average of", reference.average_of)):
        if rule is not None:
            yield f"{name} {rule}"
    if (metal := reference.metal) is not None:
        ratio = f"{plain(metal.oxide_kg_per_kg_metal)} kg oxide per kg metal ({metal.ratio_source})"
        yield f"{ratio}, toll {plain(metal.toll_usd_per_kg_metal)} USD/kg metal"
    if reference.rounded_to_decimals is not None:
        yield f"rounded half up to {counted(reference.rounded_to_decimals, 'decimal')}"
    for step in reference.fallback:
        yield f"else {step.use} for the {reference.fallback_for} after {counted(step.after_days_late, 'day')}"
    if reference.true_up_within_days is not None:
        yield f"restatements trued up within {counted(reference.true_up_within_days, 'day')}"
    if reference.least_fixings_per_month is not None:
        yield f"a month counts from {counted(reference.least_fixings_per_month, 'daily fixing')} on"


def _clause(clause: AnyClause) -> str:
    if isinstance(clause, Fixed):
        return f"price {plain(clause.price_usd_per_kg)}"
    if isinstance(clause, Indexed):
        return _indexed(clause)
    if isinstance(clause, Carbonate):
        return _carbonate(clause)
    return _difference(clause)


def _difference(clause: Floor | Cap | Collar | Difference | Share) -> str:
    if isinstance(clause, Floor):
        return f"the buyer pays what {clause.reference} lacks to {plain(clause.floor_usd_per_kg)}"
    if isinstance(clause, Cap):
        return f"the seller pays what {clause.reference} has above {plain(clause.cap_usd_per_kg)}"
    if isinstance(clause, Collar):
        given = f"the seller gives {percent(clause.share_above_cap)} of what lies above {plain(clause.cap_usd_per_kg)}"
        return f"the buyer pays what {clause.reference} lacks to {plain(clause.floor_usd_per_kg)}, {given}"
    if isinstance(clause, Share):
        above = f"{clause.reference} has above {plain(clause.above_usd_per_kg)}"
        return f"the seller gives {percent(clause.share_above)} of what {above}"
    return f"{clause.reference} against {plain(clause.strike_usd_per_kg)}: {DIRECTIONS[clause.direction]}"


def _indexed(clause: Indexed) -> str:
    told = [clause.reference]
    if clause.discount_share:
        kind = "less" if clause.discount_share > 0 else "plus"
        told.append(f"{kind} {percent(abs(clause.discount_share))}")
    if clause.added_usd_per_kg:
        told.append(f"{clause.added_usd_per_kg:+f} USD/kg")
    bounds = (("at least", clause.floor_usd_per_kg), ("at most", clause.cap_usd_per_kg))
    told += [f"{word} {plain(level)}" for word, level in bounds if level is not None]
    return " ".join(told) + (f", rule {clause.discount_rule}" if clause.discount_rule is not None else "")


def _carbonate(clause: Carbonate) -> str:
    shares = ", ".join(f"{name} {percent(share)}" for name, share in clause.oxide_kg_per_kg_treo.items())
    off = "".join(f", less {plain(one.usd_per_kg)} USD/kg TREO for {one.reason}" for one in clause.penalties)
    wet = f"{percent(clause.moisture_share)} moisture, {percent(clause.treo_share)} TREO of the dry mass"
    return f"{percent(clause.payable_share)} of the basket ({shares} of TREO){off}; {wet}"


def _more(clause: Clause) -> str:
    told = []
    if clause.first_day is not None or clause.last_day is not None:
        told.append(f"in force {clause.first_day or 'from the start'} to {clause.last_day or 'the end'}")
    if clause.starts_with is not None:
        told.append(f"starts with {clause.starts_with}")
    if (start := clause.starts_above) is not None:
        level = f"{plain(start.average_usd_per_kg)} over {counted(start.over_periods, 'period')}"
        told.append(f"starts once the reference has averaged {level}")
    if clause.annual_cap is not None:
        told.append(_cap(clause.annual_cap))
    if clause.escalator is not None:
        told.append(_escalator(clause))
    return "".join(f"; {one}" for one in told)


def _cap(cap: AnnualCap) -> str:
    year = f"calendar year of {cap.year_of}, a partial year {cap.partial_year}"
    return f"at most {plain(cap.usd_per_year)} USD a {year}"


def _escalator(clause: Clause) -> str:
    rise = clause.escalator
    if isinstance(rise, FixedEscalator):
        return f"levels rise {percent(rise.share_per_year)} a year from contract year {rise.first_escalation_year}"
    if rise is None:
        return ""
    passed = f"{percent(rise.pass_through_share)} of {rise.price_index} since {rise.base_month}"
    return f"levels follow {passed}, {counted(rise.lag_months, 'month')} late, struck every {rise.struck_every}"


def _beside(contract: Contract) -> Iterator[str]:
    if (paid := contract.take_or_pay) is not None:
        due = f"{percent(paid.take_share)} of the yearly tonnes, deficiency {plain(paid.deficiency_usd_per_kg)} USD/kg"
        yield f"Take or pay {due}, make-up within {counted(paid.make_up_years, 'year')}."
    if (sure := contract.guarantee) is not None:
        yield f"{sure.measure} is made up to {plain(sure.usd_per_year)} USD a calendar year."
    if (first := contract.provisional) is not None:
        price = first.reference or plain(first.provisional_usd_per_kg or Decimal(0))
        yield f"Provisional invoice at {price}, {percent(first.paid_share)} paid."
    for review in contract.reviews:
        when = f"every {counted(review.every_months, 'month')} from {review.first_review}"
        yield f"{review.target} is reviewed against {review.reference} {when}, trigger {percent(review.trigger_share)}."
    for clause in contract.most_favoured:
        when = f"{counted(clause.notice_days, 'day')} on"
        yield f"{clause.target}: the {clause.favours} gets the better price of another deal {when}."
    if (option := contract.volume_option) is not None:
        span = f"{plain(option.least_tonnes_per_period)} to {plain(option.most_tonnes_per_period)} t a period"
        yield f"The {option.holder} may choose {span}."


def _stop(stop: Interruption) -> str:
    effects = [
        name for name, on in (("delivery", stop.suspends_delivery), ("differences", stop.suspends_difference)) if on
    ]
    return f"{stop.cause} suspends {' and '.join(effects) or 'nothing'}; borne by {stop.borne_by}."


def unit_of_goods(answer: Mapping[str, Any]) -> str:
    """Return what a price of an answer's goods is per: a kg, or a wet kg of carbonate."""
    clauses = answer["contract"]["terms"].get("clauses", [])
    return "USD/kg wet" if any(clause["kind"] == Carbonate.KIND for clause in clauses) else "USD/kg"


def plain(number: Decimal) -> str:
    """Return a number in plain digits, thousands apart.

    >>> plain(Decimal("4000.00")), plain(Decimal("1.10"))
    ('4,000', '1.1')
    """
    return f"{number.normalize():,f}"


def counted(number: int, word: str) -> str:
    """Return a number of things.

    >>> counted(1, "day"), counted(30, "day")
    ('1 day', '30 days')
    """
    return f"{number} {word}{'' if number == 1 else 's'}"


def percent(share: Decimal) -> str:
    """Return a share in percent.

    >>> percent(Decimal("0.3")), percent(Decimal("0.0526"))
    ('30 %', '5.26 %')
    """
    return f"{(share * 100).normalize():f} %"
