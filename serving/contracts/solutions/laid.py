"""The deliveries that a solution is over, as one contract with one plain clause, on the references of an outlook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from pricing.contracts.settlement_plan import Plan
from pricing.contracts.solve import Outlook
from pricing.contracts.terms.conditions import Volume, VolumeBasis
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.differences import Cap, Difference, Floor
from pricing.contracts.terms.references import Quotation, Window
from pricing.contracts.valuation.estimates import BLOCKS
from pricing.contracts.valuation.legs import Leg
from pricing.contracts.valuation.parties import discount_factors
from pricing.errors import Fault, TermsError
from pricing.materials import Form
from pricing.price import Vat
from serving.contracts.outlook.model import ModelPrices
from serving.contracts.outlook.process import Moving
from serving.contracts.solutions.terms import Delivery, SolutionRequest
from serving.contracts.valuations.laid import LaidOut, lay_out
from serving.contracts.valuations.runs import Runs, runs_of
from serving.contracts.valuations.terms import BuyerTerms, PartiesTerms, SellerTerms, ValuationRequest

Floats = np.ndarray
INDEX, CLAUSE = "index", "solved"
ANY_LEVEL = Decimal(1)  # of a clause of which only the volume counts
MOST_NUMBERS = 12_000_000  # periods x paths that one solution holds at once


@dataclass(frozen=True, eq=False)
class Deliveries:
    """Deliveries on an outlook: references (1, P, N), the leg that has their volume, and when they are paid.

    Values rest on `references`, chances and a plant's income on the `expected` ones: the same without a price of risk.
    The leg has no volume in periods that were due by the day of valuation.
    """

    laid: LaidOut
    moving: Moving | None
    references: Floats
    expected: Floats
    leg: Leg
    cap_years: Floats
    due_years: Floats
    rate: float

    @property
    def view(self) -> Outlook:
        """Return references, volumes and discount factors, on which values rest."""
        return Outlook(self.references[0], self.leg.kg, self.discount)

    @property
    def chances(self) -> Outlook:
        """Return the same on the expected references, on which chances rest."""
        return Outlook(self.expected[0], self.leg.kg, self.discount)

    @property
    def discount(self) -> Floats:
        """Return the discount factor of each period (P,)."""
        return discount_factors(self.rate, self.due_years)

    def blocks(self) -> Sequence[Deliveries]:
        """Return the same on runs of paths, whose answers differ as much as they err; none for a few states."""
        count = self.references.shape[2]
        if self.moving is None or count < BLOCKS:
            return ()
        parts = zip(*(np.split(whole, BLOCKS, axis=2) for whole in (self.references, self.expected)), strict=True)
        return [replace(self, references=part, expected=other) for part, other in parts]


def deliveries_of(request: SolutionRequest, model: ModelPrices) -> Deliveries:
    """Return the deliveries of a request on its outlook; TermsError with every fault."""
    try:
        laid, runs = laid_on(request, plain_contract(request), model)
        references, expected = runs.references(), runs.expected()
    except TermsError as error:
        raise placed(error, request) from error
    own = next(leg for leg in runs.engine.legs if isinstance(leg, Leg))
    schedule = runs.engine.schedule
    row = slice(own.reference, own.reference + 1)
    ahead = schedule.timing.is_ahead
    if not ahead.any():
        raise _over(laid)
    leg = replace(own, reference=0, kg=np.where(ahead, own.kg, 0.0))
    return Deliveries(
        laid=laid,
        moving=runs.moving,
        references=references[row],
        expected=expected[row],
        leg=leg,
        cap_years=schedule.cap_years,
        due_years=schedule.due_years,
        rate=float(request.discount_rate),
    )


def _over(laid: LaidOut) -> TermsError:
    allowed = f"a day before the last of the deliveries of {laid.contracts[0].contract.name} is paid"
    return TermsError(Fault("facts.as_of", f"{laid.horizon.as_of}, when all is paid", allowed))


def laid_on(
    request: SolutionRequest, contract: Contract, model: ModelPrices, change: Callable[[Plan], Plan] = lambda plan: plan
) -> tuple[LaidOut, Runs]:
    """Return a contract laid out on a request's outlook, its plan perhaps changed, and the engine's runs of it."""
    rate = request.discount_rate
    parties = PartiesTerms(seller=SellerTerms(discount_rate=rate), buyer=BuyerTerms(discount_rate=rate))
    asked = ValuationRequest(contract=contract, facts=request.facts, outlook=request.outlook, parties=parties)
    laid = lay_out(asked, model)
    only = laid.contracts[0]
    laid = replace(laid, contracts=(replace(only, plan=change(only.plan)),))
    runs = runs_of(asked, laid)
    _check_size(runs.moving, len(only.plan.periods))
    return laid, runs


def plain_contract(request: SolutionRequest) -> Contract:
    """Return the contract's deliveries, or those stated in few words, with one clause on the one reference."""
    contract = request.contract
    if contract is None:
        return _in_few_words(request.delivery)
    reference = request.reference or next(iter(contract.references))
    return replace(
        contract,
        clauses=(_clause(reference),),
        volume_option=None,
        take_or_pay=None,
        guarantee=None,
        provisional=None,
        reviews=(),
        most_favoured=(),
    )


def _in_few_words(said: Delivery | None) -> Contract:
    if said is None:
        raise TermsError(Fault("delivery", "nothing", "either a contract, or a delivery in few words"))
    return few_words(said, _clause(INDEX))


def few_words(said: Delivery, clause: Floor | Cap | Difference) -> Contract:
    """Return a delivery in few words as a contract with one clause on its index."""
    return Contract(
        name="delivery",
        buyer="buyer",
        seller="seller",
        material=said.material,
        form=Form.OXIDE,
        vat=Vat.EXCLUDED,
        first_day=said.first_day,
        last_day=said.last_day,
        settlement=said.settlement,
        volume=Volume(basis=VolumeBasis.CONTRACTED, tonnes_per_year=said.tonnes_per_year),
        references={INDEX: Quotation(index=INDEX, window=Window.MONTH, lag_months=0)},
        clauses=(clause,),
    )


def _clause(reference: str) -> Floor:
    return Floor(name=CLAUSE, reference=reference, floor_usd_per_kg=ANY_LEVEL)


def _check_size(moving: Moving | None, periods: int) -> None:
    if moving is not None and moving.sampling.paths * periods > MOST_NUMBERS:
        found = f"{moving.sampling.paths:,} paths x {periods} periods"
        raise TermsError(Fault("outlook.paths", found, f"at most {MOST_NUMBERS:,} numbers; fewer paths or periods"))


def placed(error: TermsError, request: SolutionRequest) -> TermsError:
    """Return the faults of a laid-out contract under their places in the request."""
    return TermsError(*(_placed(fault, request) for fault in error.faults))


def _placed(fault: Fault, request: SolutionRequest) -> Fault:
    """Return a fault under the contract, or under what states a delivery in few words."""
    inside = fault.path.startswith(("volume_option.", "clauses."))
    path = f"contract.{fault.path}" if inside else fault.path
    if request.contract is None:
        path = path.replace("contract.volume_option.", "solve.", 1).replace("contract.", "delivery.", 1)
    return replace(fault, path=path)
