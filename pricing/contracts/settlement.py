"""What a contract pays, period by period, on given or historical prices, in exact decimals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TypeVar

from pricing.contracts.measures import KG_PER_TONNE
from pricing.contracts.periods import periods
from pricing.contracts.reference import Months, ReferencePrice, References
from pricing.contracts.reference_fixings import Vintage
from pricing.contracts.settlement_annual import yearly
from pricing.contracts.settlement_levels import numbers_in_force
from pricing.contracts.settlement_payoffs import cents, excess, within_cap
from pricing.contracts.settlement_plan import LegPlan, Plan, due_day, leg_usd, plan
from pricing.contracts.settlement_review import reviewed
from pricing.contracts.settlement_table import Invoice, LegFlow, PeriodFlow, Reset, Settled, TrueUp
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.references import Quotation
from pricing.errors import Fault, TermsError

ZERO = Decimal(0)
Priced = Mapping[str, ReferencePrice]
T = TypeVar("T")


def settle(contract: Contract, facts: Facts) -> Settled:
    """Return what a contract pays on facts, with every part; one TermsError with all that is open or missing."""
    references = References(contract, facts)
    laid_out, prices = _ready(contract, references)
    laid_out, reviews = reviewed(laid_out, prices, facts)
    flows = _flows(laid_out, prices)
    years = yearly(contract, facts, _prices_by_year(contract, flows))
    invoices = _invoices(laid_out, flows, references)
    true_ups = _true_ups(contract, facts, laid_out, flows)
    return Settled(contract, flows, years, invoices, true_ups, reviews, _resets(laid_out, facts))


def _ready(contract: Contract, references: References) -> tuple[Plan, tuple[Priced, ...]]:
    """Return the plan and the references of every period; every fault of both at once."""
    faults = references.faults()
    is_open = bool(faults)
    laid_out = _or_note(partial(_laid_out, contract, references.facts), faults)
    needed = _needed(contract, laid_out, references.facts.settle_through)
    prices = None if is_open else _or_note(partial(_prices, needed, references), faults)
    if laid_out is None or prices is None:
        raise TermsError(*dict.fromkeys(faults))
    return laid_out, prices


def _laid_out(contract: Contract, facts: Facts) -> Plan:
    whole = plan(contract, facts)
    return whole if facts.settle_through is None else whole.through(facts.settle_through)


def _needed(contract: Contract, laid_out: Plan | None, through: date | None) -> list[tuple[Months, list[str]]]:
    """Return the months of each period with the references it needs; all of them where there is no plan."""
    if laid_out is None:
        schedule = periods(contract.first_day, contract.last_day, contract.settlement)
        schedule = tuple(one for one in schedule if through is None or one.last_day <= through)
        names = [name for clause in contract.clauses for name in clause.references]
        return [(period.months, names) for period in schedule]
    found = []
    for place, period in enumerate(laid_out.periods):
        waited_for = [leg for leg in laid_out.legs if leg.tonnes[place] or leg.clause.starts_above]
        waited_for += _priced_for_cover(laid_out, place)
        names = [name for leg in waited_for for name in leg.clause.references]
        names += [name for name, _ in laid_out.tonnes[place].borne_by_seller]
        names += [review.reference for review in contract.reviews]
        found.append((period.months, names))
    return found


def _prices(needed: list[tuple[Months, list[str]]], references: References) -> tuple[Priced, ...]:
    """Return the references of every period; every missing fixing at once."""
    faults: list[Fault] = []
    found: list[dict[str, ReferencePrice]] = []
    for months, names in needed:
        found.append({})
        for name in dict.fromkeys(names):
            price = _or_note(partial(references.price, name, months), faults)
            found[-1] |= {} if price is None else {name: price}
    if faults:
        raise TermsError(*dict.fromkeys(faults))
    return tuple(found)


def _flows(laid_out: Plan, prices: tuple[Priced, ...]) -> tuple[PeriodFlow, ...]:
    legs = [_leg_flows(leg, prices) for leg in laid_out.legs]
    flows = []
    for place, period in enumerate(laid_out.periods):
        tonnes = laid_out.tonnes[place]
        here = tuple(leg[place] for leg in legs)
        legs_here = (*here, *_covers(laid_out, place, prices[place]))
        due = due_day(laid_out.contract, period)
        flows.append(PeriodFlow(laid_out.labels[place], period, due, tonnes, prices[place], legs_here))
    return tuple(flows)


def _leg_flows(leg: LegPlan, prices: tuple[Priced, ...]) -> list[LegFlow]:
    """Return a clause in each period; where it has no tonnes it stands with zeros."""
    clause = leg.clause
    at = [{name: here[name].usd_per_kg if name in here else ZERO for name in clause.references} for here in prices]
    rates = leg_usd(leg, at)
    rounded = [cents(usd) for _, usd in rates]
    paid = within_cap(rounded, leg.cap_years, dict(leg.caps)) if leg.caps else rounded
    left = _left(leg, paid)
    return [
        LegFlow(
            clause=clause.name,
            kind=clause.KIND,
            references=at[place],
            numbers=leg.numbers[place],
            usd_per_kg=rates[place][0] if tonnes else ZERO,
            tonnes=tonnes,
            usd_before_cap=rounded[place],
            cap_year=leg.cap_years[place] if leg.caps else None,
            cap_left_usd=left[place],
            usd=paid[place],
            parts=clause.parts(leg.numbers[place], at[place]) if tonnes else {},
        )
        for place, tonnes in enumerate(leg.tonnes)
    ]


def _left(leg: LegPlan, paid: list[Decimal]) -> list[Decimal | None]:
    """Return what is left of each year's cap after each payment."""
    if not leg.caps:
        return [None] * len(paid)
    left, found = dict(leg.caps), list[Decimal | None]()
    for year, usd in zip(leg.cap_years, paid, strict=True):
        left[year] -= abs(usd)
        found.append(left[year])
    return found


def _covers(laid_out: Plan, place: int, prices: Priced) -> list[LegFlow]:
    """Return what a seller who bears a stop pays for cover: the reference above the contract's price, if any.

    The contract's price is that of the goods that did not move, so it needs no tonnes: a stop may fill a period.
    """
    stops = laid_out.tonnes[place].borne_by_seller
    if not stops:
        return []
    legs, found = _priced_for_cover(laid_out, place), []
    if not legs:
        allowed = "a clause that prices the goods: cover is paid above its price"
        raise TermsError(
            Fault("clauses", f"no price of goods in {laid_out.labels[place]}, where cover is due", allowed)
        )
    in_force = sum((leg.shares[place] for leg in legs), ZERO)
    price = sum((_usd_per_kg(leg, place, prices) * leg.shares[place] for leg in legs), ZERO) / in_force
    for name, stopped in stops:
        reference = prices[name].usd_per_kg
        rate = -excess(price, reference)
        usd = cents(rate * stopped * KG_PER_TONNE)
        found.append(LegFlow(f"cover at {name}", "cover", {name: reference}, {}, rate, stopped, usd, None, None, usd))
    return found


def _priced_for_cover(laid_out: Plan, place: int) -> list[LegPlan]:
    """Return the clauses that price the goods in a period in which the seller bears a stop; else none."""
    if not laid_out.tonnes[place].borne_by_seller:
        return []
    return [leg for leg in laid_out.legs if leg.clause.PRICES and leg.shares[place]]


def _usd_per_kg(leg: LegPlan, place: int, prices: Priced) -> Decimal:
    at = {name: prices[name].usd_per_kg for name in leg.clause.references}
    return leg.clause.usd_per_kg(dict(leg.numbers[place]), at)


def _goods(contract: Contract, legs: tuple[LegFlow, ...]) -> list[LegFlow]:
    """Return the legs that price goods in a period, where there are tonnes."""
    names = {clause.name for clause in contract.clauses if clause.PRICES}
    return [leg for leg in legs if leg.clause in names and leg.tonnes]


def _prices_by_year(contract: Contract, flows: tuple[PeriodFlow, ...]) -> dict[int, Decimal]:
    """Return the mean price of goods in USD/kg by calendar year, over the years in which goods were priced.

    Prices per kg are not rounded; where a yearly cap cut a payment, what was paid counts.
    """
    usd: dict[int, Decimal] = {}
    kg: dict[int, Decimal] = {}
    for flow in flows:
        year = flow.period.last_day.year
        for leg in _goods(contract, flow.legs):
            here = leg.tonnes * KG_PER_TONNE
            paid = leg.usd_per_kg * here if leg.usd == leg.usd_before_cap else leg.usd
            usd[year] = usd.get(year, ZERO) + paid
            kg[year] = kg.get(year, ZERO) + here
    return {year: total / kg[year] for year, total in usd.items() if kg[year]}


def _invoices(laid_out: Plan, flows: tuple[PeriodFlow, ...], references: References) -> tuple[Invoice, ...]:
    said = laid_out.contract.provisional
    if said is None:
        return ()
    found = []
    for flow in flows:
        first = said.provisional_usd_per_kg
        if first is None and said.reference is not None:
            first = references.price(said.reference, flow.period.months).usd_per_kg
        goods = _goods(laid_out.contract, flow.legs)
        final = sum((leg.usd for leg in goods), ZERO)
        kg = flow.tonnes.priced * KG_PER_TONNE
        paid = cents((first or ZERO) * kg * said.paid_share)
        last = sum((leg.usd_per_kg for leg in goods), ZERO)
        found.append(Invoice(flow.label, first or ZERO, last, flow.tonnes.priced, paid, final - paid))
    return tuple(found)


def _resets(laid_out: Plan, facts: Facts) -> tuple[Reset, ...]:
    """Return where a most-favoured clause changed a level, by holding the levels against those without other deals."""
    terms = laid_out.contract
    without = replace(facts, other_deals=())
    found = []
    for said in terms.most_favoured:
        clause = terms.clause(said.target)
        name = clause.LEVELS[0]
        stated = numbers_in_force(clause, terms, without, laid_out.periods, [])
        reset = numbers_in_force(clause, terms, facts, laid_out.periods, [])
        for label, before, after in zip(laid_out.labels, stated, reset, strict=True):
            if before[name] != after[name]:
                found.append(Reset(said.target, said.favours, label, before[name], after[name]))
                break
    return tuple(found)


def _true_ups(contract: Contract, facts: Facts, laid_out: Plan, flows: tuple[PeriodFlow, ...]) -> tuple[TrueUp, ...]:
    rules = [one for one in contract.references.values() if isinstance(one, Quotation)]
    if not any(rule.true_up_within_days and facts.indices[rule.index].restatements for rule in rules):
        return ()
    needed = _needed(contract, laid_out, facts.settle_through)
    later = _flows(laid_out, _prices(needed, References(contract, facts, Vintage.TRUED_UP)))
    pairs = zip(flows, later, strict=True)
    return tuple(TrueUp(old.label, old.usd, new.usd) for old, new in pairs if old.usd != new.usd)


def _or_note(ask: Callable[[], T], faults: list[Fault]) -> T | None:
    try:
        return ask()
    except TermsError as error:
        faults += error.faults
        return None
