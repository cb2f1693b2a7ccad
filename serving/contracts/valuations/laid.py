"""Contracts laid out for valuation: their periods, the rows of prices they rest on, and the deck of every month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from pricing.contracts.periods import first_named
from pricing.contracts.reference_fixings import windows
from pricing.contracts.settlement_plan import Plan, plan
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.facts import Facts
from pricing.errors import Fault, TermsError
from serving.book import Book
from serving.contracts.facts import Origin
from serving.contracts.outlook.decks import DecksOf, Market, Priced, RowDeck, row_decks
from serving.contracts.outlook.model import ModelPrices
from serving.contracts.outlook.months import Horizon
from serving.contracts.outlook.rows import Row, rows_of
from serving.contracts.outlook.terms import Deck, LognormalOutlook, PathsOutlook, StatesOutlook, asks_model
from serving.contracts.valuations.terms import ValuationRequest

Floats = np.ndarray


@dataclass(frozen=True, eq=False)
class Laid:
    """One contract over the periods that can be valued; `left_out` are those that ended without fixings."""

    path: str  # in the request
    contract: Contract
    plan: Plan
    decks: tuple[RowDeck, ...]
    left_out: tuple[str, ...]

    def row(self, reference: str) -> RowDeck:
        """Return the row of a reference."""
        return next(deck for deck in self.decks if deck.row.reference == reference)


@dataclass(frozen=True, eq=False)
class LaidOut:
    """Contracts on the same periods, and the months that they look at.

    `origin` says which of the facts are ours; `book` is the model's where series or a deck are.
    """

    contracts: tuple[Laid, ...]
    facts: Facts
    horizon: Horizon
    origin: Origin
    book: Book | None

    @property
    def decks(self) -> tuple[RowDeck, ...]:
        """Return the rows of all contracts, one after the other."""
        return tuple(deck for laid in self.contracts for deck in laid.decks)

    def prices(self) -> Floats:
        """Return the expected price of every row and month (M, T); months that no period needs hold the nearest."""
        found = [list(_filled(deck, self.horizon)) for deck in self.decks]
        return np.array(found, dtype=float).reshape(len(found), len(self.horizon.months))


def lay_out(request: ValuationRequest, model: ModelPrices) -> LaidOut:
    """Return the contracts of a request laid out; TermsError with every fault of plans, decks and fixings."""
    as_of = valuation_day(request, model)
    facts = replace(request.known, as_of=as_of, settle_through=None)  # of settlements; a valuation takes every year
    plans = _plans(request, facts)
    materials = {name: deck.material for name, deck in _decks(request).items()}
    rows = [rows_of(whole, path, materials, request.alternative) for path, whole in plans]
    horizon = Horizon.spanning(as_of, _needed(plans, rows))
    decks = row_decks([row for own in rows for row in own], facts, horizon, _market(request, facts, model))
    found, faults = [], list[Fault]()
    for path, whole in plans:
        own = tuple(deck for deck in decks if deck.row.path == path)
        try:
            found.append(_laid(path, whole, own, horizon))
        except TermsError as fault:
            faults += fault.faults
    faults += _faults_between(found)
    if faults:
        raise TermsError(*dict.fromkeys(faults))
    book = model.open_book() if asks_model(request.outlook) else model.origin.book
    return LaidOut(tuple(found), facts, horizon, model.origin, book)


def valuation_day(request: ValuationRequest, model: ModelPrices) -> date:
    """Return the day of valuation: as stated, else the model's last where a deck is the model's, else the first day."""
    if request.known.as_of is not None:
        return request.known.as_of
    if asks_model(request.outlook):
        return model.open_book().last_day
    return min(contract.first_day for contract in request.all_contracts)


def named(request: ValuationRequest) -> list[tuple[str, Contract]]:
    """Return the contracts with their paths in the request."""
    if request.contract is not None:
        return [("contract", request.contract)]
    return [(f"contracts.{place}", contract) for place, contract in enumerate(request.contracts)]


def _plans(request: ValuationRequest, facts: Facts) -> list[tuple[str, Plan]]:
    found, faults = [], list[Fault]()
    for path, contract in named(request):
        try:
            found.append((path, plan(contract, facts)))
        except TermsError as error:
            faults += [_placed(fault, path) for fault in error.faults]
    if faults:
        raise TermsError(*faults)
    return found


def _placed(fault: Fault, path: str) -> Fault:
    """Return a fault of a plan under the contract or, where facts are missing, under the facts."""
    of_facts = fault.path.startswith(("events.", "price_indices."))
    return replace(fault, path=f"{'facts' if of_facts else path}.{fault.path}")


def _laid(path: str, whole: Plan, decks: tuple[RowDeck, ...], horizon: Horizon) -> Laid:
    """Return a contract without the leading periods that ended before anybody fixed them."""
    early, missing = 0, ""
    while early < len(whole.periods) and _is_over(whole, early, horizon.as_of):
        if not (lacking := _missing(decks, whole.periods[early].months)):
            break
        early, missing = early + 1, missing or lacking
    rest = [month for period in whole.periods[early:] for month in period.months]
    faults = [Fault("outlook.deck", what, _WAYS) for deck in decks if (what := _unpriced(deck, rest))]
    if early == len(whole.periods):
        faults = [Fault("facts.as_of", str(horizon.as_of), f"a day before {whole.contract.last_day}, or its fixings")]
    if early and (held := _path_dependent(whole)):
        found = f"{missing}, before {horizon.as_of}"
        allowed = f"fixings of every period so far: {held} rests on them"
        faults.append(Fault("facts.indices", found, allowed))
    if faults:
        raise TermsError(*faults)
    return Laid(path, whole.contract, _from(whole, early), decks, whole.labels[:early])


_WAYS = "a deck that reaches there (flat_usd_per_kg, or usd_per_kg by month or year), or fixings in facts.indices"


def _missing(decks: Sequence[RowDeck], months: Sequence[str]) -> str:
    """Return what rows lack to price deliveries in some months; empty where nothing."""
    return "; ".join(what for deck in decks if (what := _unpriced(deck, months)))


def _unpriced(deck: RowDeck, months: Sequence[str]) -> str:
    wanted = dict.fromkeys(fixing for month in months for fixing in windows(deck.row.rule, (month,)))
    missing = [month for month in wanted if month not in deck.prices]
    return f"no price of {deck.row.reference} for {first_named(missing)}" if missing else ""


def _is_over(whole: Plan, place: int, as_of: date) -> bool:
    return whole.periods[place].last_day <= as_of


def _path_dependent(whole: Plan) -> str:
    """Return the first term whose payments rest on earlier periods; empty where there is none."""
    yearly = [name for name in ("take_or_pay", "guarantee") if getattr(whole.contract, name) is not None]
    return next((leg.clause.name for leg in whole.legs if leg.caps or leg.clause.starts_above), next(iter(yearly), ""))


def _from(whole: Plan, place: int) -> Plan:
    """Return a plan without its first periods."""
    legs = tuple(
        replace(leg, tonnes=leg.tonnes[place:], numbers=leg.numbers[place:], cap_years=leg.cap_years[place:])
        for leg in whole.legs
    )
    return Plan(whole.contract, whole.periods[place:], whole.labels[place:], whole.tonnes[place:], legs)


def _faults_between(found: Sequence[Laid]) -> Iterator[Fault]:
    """Yield contracts of one request on unlike periods, and clauses of one name."""
    names: set[str] = set()
    for place, laid in enumerate(found):
        own = {clause.name for clause in laid.contract.clauses}
        if twice := sorted(names & own):
            yield Fault(f"contracts.{place}.clauses", f"{twice[0]} a second time", "a name of its own for each clause")
        names |= own
        if laid.plan.periods != found[0].plan.periods:
            allowed = f"the periods of {found[0].contract.name}; ask for others in a request of their own, values add"
            yield Fault(f"contracts.{place}.from", f"other periods in {laid.contract.name}", allowed)


def _decks(request: ValuationRequest) -> Mapping[str, Deck]:
    outlook = request.outlook
    if not isinstance(outlook, PathsOutlook):
        return {}
    named_ones = dict(outlook.decks)
    if outlook.deck is not None:
        for contract in request.all_contracts:
            named_ones = dict.fromkeys(contract.references, outlook.deck) | named_ones
    return named_ones


def _market(request: ValuationRequest, facts: Facts, model: ModelPrices) -> Market:
    outlook = request.outlook
    if isinstance(outlook, PathsOutlook):
        return DecksOf(outlook, facts, model)
    return _Expected(outlook)


@dataclass(frozen=True, slots=True)
class _Expected:
    """The mean of states, or a forward, in every month that is not over."""

    outlook: StatesOutlook | LognormalOutlook

    def __call__(self, row: Row, horizon: Horizon) -> tuple[Priced, str]:
        """Return the expected price of a month to come, and its source; TermsError for a reference without states."""
        mean, source = self._mean(row)
        return (lambda month: mean if horizon.ahead(month) > 0 else None), source

    def _mean(self, row: Row) -> tuple[float, str]:
        if isinstance(self.outlook, LognormalOutlook):
            return float(self.outlook.forward_usd_per_kg), "forward stated in the request"
        return float(np.mean(states_of(self.outlook, row.reference))), "mean of the states of the request"


def states_of(outlook: StatesOutlook, reference: str) -> Floats:
    """Return a reference's states in USD/kg (N,); TermsError where the outlook has none for it."""
    prices = outlook.by_reference.get(reference, outlook.usd_per_kg or ())
    if not prices:
        allowed = f"states of {reference}, or usd_per_kg for all references"
        raise TermsError(Fault(f"outlook.by_reference.{reference}", "nothing", allowed))
    return np.array([float(price) for price in prices])


def _filled(deck: RowDeck, horizon: Horizon) -> Iterator[float]:
    last = next(deck.prices[month] for month in horizon.months if month in deck.prices)
    for month in horizon.months:
        last = deck.prices.get(month, last)
        yield last


def _needed(plans: Sequence[tuple[str, Plan]], rows: Sequence[Sequence[Row]]) -> Iterator[str]:
    """Yield the months that rows fix in; of a contract that no price moves, those it delivers in."""
    for (_, whole), own in zip(plans, rows, strict=True):
        yield from (month for row in own for month in row.months)
        if not own:
            yield from (month for period in whole.periods for month in period.months)
