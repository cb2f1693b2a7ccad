"""From a settlement in exact decimals to its answer, rounded once on the way out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pricing.contracts.reference import ReferencePrice
from pricing.contracts.settlement_rules import RULES
from pricing.contracts.settlement_table import (
    Invoice,
    LegFlow,
    PeriodFlow,
    Reset,
    Review,
    Settled,
    TrueUp,
    YearFlow,
    who_pays,
)
from pricing.contracts.terms.case import SettlementCase
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.plain import plain
from serving.contracts.data_used import data_used, model_used
from serving.contracts.facts import Origin, ReadCase
from serving.contracts.settlements.beside import Beside
from serving.contracts.settlements.doubts import doubts
from serving.contracts.settlements.flags import settlement_flags
from serving.contracts.settlements.ids import settlement_id
from serving.contracts.settlements.schemas import (
    IndexOut,
    InvoiceOut,
    PeriodTonnes,
    ReferenceOut,
    ResetOut,
    ReviewOut,
    SettledContract,
    SettledLeg,
    SettledPeriod,
    SettledYear,
    SettlementAnswer,
    SettlementTotals,
    TrueUpOut,
    UsedFixingOut,
    VatRateOut,
)
from serving.contracts.settlements.words import basis_of, words_of
from serving.stages.numbers import TEN_DECIMALS, rounded

ZERO = Decimal(0)
FIXINGS, DECK, BOTH = "fixings", "deck", "fixings and deck"


def settlement_answer(asked: ReadCase[SettlementCase], settled: Settled, beside: Beside) -> SettlementAnswer:
    """Return the answer to a request that was settled."""
    case, origin = asked.case, asked.origin
    last = settled.periods[-1].period.last_day
    return SettlementAnswer(
        settlement_id=settlement_id(asked),
        contract=contract_out(case.contract),
        as_of=None if case.facts.as_of is None else case.facts.as_of.isoformat(),
        settled_through=last.isoformat(),
        totals=_totals(settled),
        periods=tuple(_period(flow) for flow in settled.periods),
        years=tuple(_year(flow) for flow in settled.years),
        invoices=tuple(_invoice(one) for one in settled.invoices),
        true_ups=tuple(_true_up(one) for one in settled.true_ups),
        reviews=tuple(_review(one) for one in settled.reviews),
        resets=tuple(_reset(one) for one in settled.resets),
        under_indices=beside.under_indices,
        slip=beside.slip,
        volume_option=beside.volume_option,
        indices=indices_out(case, origin),
        vat_rates=vat_rates_out(case, origin),
        rules=dict(RULES),
        flags=(*settlement_flags(case.facts, origin, settled), *doubts(case.facts, settled), *beside.flags),
        model=model_used(origin.book),
        snapshot=data_used(origin.book),
    )


def contract_out(contract: Contract) -> SettledContract:
    """Return a contract as an answer tells it."""
    return SettledContract(
        name=contract.name,
        buyer=contract.buyer,
        seller=contract.seller,
        material=contract.material,
        form=contract.form,
        vat=contract.vat,
        basis=basis_of(contract),
        first_day=contract.first_day.isoformat(),
        last_day=contract.last_day.isoformat(),
        settlement=contract.settlement,
        payment_days=contract.payment_days,
        words=words_of(contract),
        terms=_floats(plain(contract)),
    )


def indices_out(case: SettlementCase, origin: Origin) -> tuple[IndexOut, ...]:
    """Return the indices that a settlement was told of, and where their fixings come from."""
    found = []
    for name, index in case.facts.indices.items():
        series, keys = origin.series.get(name), sorted(index.fixings)
        source = "the request"
        if series is not None:
            newest = series.fixings[keys[-1]].source if keys else "no fixing within reach of the contract"
            source = f"series {series.name} of {series.material}: {newest}"
        basis = f"{index.currency}/{index.unit} {index.form}, VAT {index.vat or 'not stated'}"
        ends = (keys[0], keys[-1]) if keys else (None, None)
        found.append(IndexOut(name, None if series is None else series.name, basis, source, len(keys), *ends))
    return tuple(found)


def vat_rates_out(case: SettlementCase, origin: Origin) -> tuple[VatRateOut, ...]:
    """Return the rates of VAT by day."""
    source = "the dataset's dated Chinese rates" if origin.vat_by_default else "the request"
    return tuple(VatRateOut(step.from_day.isoformat(), float(step.rate), source) for step in case.facts.vat)


def _totals(settled: Settled) -> SettlementTotals:
    net = settled.net_usd_per_kg
    return SettlementTotals(
        usd=float(settled.total_usd),
        who_pays=who_pays(settled.total_usd),
        periods_usd=float(sum((flow.usd for flow in settled.periods), ZERO)),
        years_usd=float(sum((flow.usd for flow in settled.years), ZERO)),
        true_ups_usd=float(sum((one.usd for one in settled.true_ups), ZERO)),
        tonnes=_ten(sum((flow.tonnes.priced for flow in settled.periods), ZERO)),
        net_usd_per_kg=None if net is None else rounded(net),
        by_year_usd={str(year): float(usd) for year, usd in sorted(settled.usd_by_year().items())},
        by_clause_usd={name: float(usd) for name, usd in settled.usd_by_clause().items()},
    )


def _period(flow: PeriodFlow) -> SettledPeriod:
    tonnes = flow.tonnes
    return SettledPeriod(
        period=flow.label,
        first_day=flow.period.first_day.isoformat(),
        last_day=flow.period.last_day.isoformat(),
        due_day=None if flow.due_day is None else flow.due_day.isoformat(),
        months=flow.period.months,
        tonnes=PeriodTonnes(
            priced=_ten(tonnes.priced),
            differences=_ten(tonnes.differences),
            beyond_tolerance=_ten(tonnes.beyond_tolerance),
            undelivered=_ten(tonnes.undelivered),
            notes=tonnes.notes,
        ),
        references=tuple(_reference(name, price) for name, price in flow.references.items()),
        legs=tuple(_leg(leg) for leg in flow.legs),
        usd=float(flow.usd),
        who_pays=who_pays(flow.usd),
    )


def _reference(name: str, price: ReferencePrice) -> ReferenceOut:
    deck, fixed = bool(price.deck_months), bool(price.fixings)
    return ReferenceOut(
        reference=name,
        usd_per_kg=rounded(price.usd_per_kg),
        unrounded_usd_per_kg=_ten(price.usd_per_kg),
        fallback_step=price.fallback_step,
        settled_on=(BOTH if fixed else DECK) if deck else FIXINGS,
        steps=price.steps,
        fixings=tuple(
            UsedFixingOut(
                one.key,
                _ten(one.published),
                _ten(one.amount),
                _ten(one.fx_per_usd),
                None if one.vat_rate is None else _ten(one.vat_rate),
                _ten(one.splice_factor),
                one.restated,
            )
            for one in price.fixings
        ),
        deck_months=price.deck_months,
    )


def _leg(leg: LegFlow) -> SettledLeg:
    capped = leg.cap_year is not None
    return SettledLeg(
        clause=leg.clause,
        kind=leg.kind,
        tonnes=_ten(leg.tonnes),
        references_usd_per_kg=_all_ten(leg.references),
        levels=_all_ten(leg.numbers),
        parts=_all_ten(leg.parts),
        usd_per_kg=rounded(leg.usd_per_kg),
        unrounded_usd_per_kg=_ten(leg.usd_per_kg),
        usd_before_cap=float(leg.usd_before_cap),
        cap_year=leg.cap_year,
        cap_used_usd=float(abs(leg.usd)) if capped else None,
        cap_left_usd=None if leg.cap_left_usd is None else float(leg.cap_left_usd),
        usd=float(leg.usd),
        who_pays=who_pays(leg.usd),
    )


def _year(flow: YearFlow) -> SettledYear:
    return SettledYear(flow.year, flow.kind, _all_ten(flow.parts), float(flow.usd), who_pays(flow.usd))


def _invoice(one: Invoice) -> InvoiceOut:
    return InvoiceOut(
        period=one.label,
        tonnes=_ten(one.tonnes),
        provisional_usd_per_kg=rounded(one.provisional_usd_per_kg),
        final_usd_per_kg=rounded(one.final_usd_per_kg),
        change_usd_per_kg=rounded(one.change_usd_per_kg),
        provisional_usd=float(one.provisional_usd),
        final_usd=float(one.final_usd),
        who_pays_final=who_pays(one.final_usd),
    )


def _true_up(one: TrueUp) -> TrueUpOut:
    return TrueUpOut(one.label, float(one.before_usd), float(one.after_usd), float(one.usd), who_pays(one.usd))


def _review(one: Review) -> ReviewOut:
    prices = (rounded(one.level_usd_per_kg), rounded(one.reference_usd_per_kg))
    return ReviewOut(one.target, one.day.isoformat(), *prices, one.triggered, rounded(one.new_level_usd_per_kg))


def _reset(one: Reset) -> ResetOut:
    levels = (rounded(one.level_usd_per_kg), rounded(one.new_level_usd_per_kg))
    return ResetOut(one.target, one.favours, one.from_label, *levels)


def _ten(amount: Decimal) -> float:
    return rounded(amount, TEN_DECIMALS)


def _all_ten(amounts: Mapping[str, Decimal]) -> dict[str, float]:
    return {name: _ten(amount) for name, amount in amounts.items()}


def _floats(value: Any) -> Any:
    """Return a row with its decimals as numbers that JSON has."""
    if isinstance(value, dict):
        return {name: _floats(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_floats(one) for one in value]
    return _ten(value) if isinstance(value, Decimal) else value
