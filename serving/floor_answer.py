"""From a floor's terms to the answer about its payments; the fair price stands beside them, unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing.contracts.floor import (
    RULES,
    FloorPayments,
    FloorTerms,
    Payment,
    SettledOn,
    on_floor_basis,
    settle,
)
from pricing.contracts.index import Deck, ReferenceIndex
from pricing.contracts.measures import VatRule
from pricing.contracts.periods import month_after
from pricing.market.history import Evidence
from pricing.market.supply import Region
from pricing.price import Place, Vat
from serving.book import Book
from serving.conversion import Conversion
from serving.fair_answer import headline
from serving.flags import price_flags
from serving.floor_questions import OWN_INDEX, FloorRequest
from serving.floor_schemas import DeckOut, FairUnchanged, FixingOut, FloorAnswer, FloorOut, PaymentOut, TotalsOut
from serving.price_answer import model_out
from serving.private_flags import reference_flags
from serving.questions import PriceRequest
from serving.quote_ids import floor_quote_id
from serving.rounding import DIGITS
from serving.schemas import Flag

WHY_UNCHANGED = (
    "A price floor moves money between its parties. It changes neither what supply costs nor the distortions of the "
    "market, so the fair price stays. Capacity that the floor gets built moves the short-run price years later, "
    "through supply and not through this clause."
)
EXACT_DIGITS = 10  # of what a payment is computed from
VAT_WORDS = {Vat.EXCLUDED: "ex VAT", Vat.INCLUDED: "including VAT", Vat.NOT_REFUNDED: "VAT not refunded"}


def floor_answer(book: Book, request: FloorRequest) -> FloorAnswer:
    """Return what a floor pays as known on the day of the request; TermsError where the terms leave something open."""
    terms = request.floor.terms(request.material)
    index = _index(book, request)
    deck, described = _deck(book, request, terms, index)
    paid = settle(terms, index, deck)
    price = PriceRequest(request.material, request.as_of, region=Region.EX_CHINA, asked_on=request.asked_on)
    row = book.on(request.material, request.as_of)
    snapshot = book.snapshots.get(row.month, "")
    age = book.age_days(request.material, request.as_of, request.asked_on)
    fair = headline(row)
    basis = Conversion.of(price, None).basis_at(Place.EX_CHINA)
    return FloorAnswer(
        quote_id=floor_quote_id(request, book.model, snapshot),
        material=request.material,
        as_of=request.as_of.isoformat(),
        floor=_floor(request),
        deck=described,
        rules=dict(RULES),
        totals=_totals(paid, request.discount_rate),
        fixings=tuple(_fixings(terms, index, paid)),
        payments=tuple(_payment(payment) for payment in paid.payments),
        fair_price=FairUnchanged(basis, row.month, row.text("status"), fair, fair, 0.0, WHY_UNCHANGED),
        digits=DIGITS,
        data_age_days=age,
        flags=(
            *reference_flags(book, request.material, index.name),
            *_floor_flags(terms, index, paid),
            *price_flags(row, price, age),
        ),
        model=model_out(book.model),
        snapshot=snapshot,
        method=book.model.bundle.method,
    )


def _index(book: Book, request: FloorRequest) -> ReferenceIndex:
    if request.floor.reference == OWN_INDEX:
        return ReferenceIndex(OWN_INDEX)
    return book.reference(request.material, request.floor.reference, request.as_of)


def _deck(book: Book, request: FloorRequest, terms: FloorTerms, index: ReferenceIndex) -> tuple[Deck, DeckOut]:
    """Return the caller's deck, else the index held flat at its last quote from the first month not yet known.

    A month that is past and has no fixing stays without a price: the last quote is never carried into it.
    """
    basis = f"USD/kg {request.material} oxide, {VAT_WORDS[terms.basis.vat]}"
    stated = request.deck
    if stated.flat is not None or stated.prices:
        prices = {month: float(price) for month, price in stated.prices.items()}
        flat = None if stated.flat is None else float(stated.flat)
        first = month_after(index.last_month) if index.last_month and flat is not None else None
        described = DeckOut("stated by the caller", flat, first, prices, basis, "the request")
        return Deck("stated", stated.prices, stated.flat, index.last_month), described
    quoted = book.last_quote(request.material, index.name, request.as_of)
    if quoted is None:
        return Deck("none"), DeckOut("none", None, None, {}, basis, "no deck given, no quote to hold")
    fixing, day = quoted
    flat_price = on_floor_basis(terms, fixing)
    known = max(index.last_month, book.on(request.material, request.as_of).month)
    source = f"last quote of {index.name}, {day} ({fixing.source})"
    described = DeckOut("flat at the last quote", _float(flat_price), month_after(known), {}, basis, source)
    return Deck("flat", flat=flat_price, flat_after=known), described


def _floor(request: FloorRequest) -> FloorOut:
    floor = request.floor
    return FloorOut(
        amount=float(floor.amount),
        basis=f"{floor.currency}/{floor.unit} {request.material} {floor.basis}",
        reference=floor.reference,
        settlement=floor.settlement,
        vat_rule=floor.vat_rule,
        first_day=floor.first_day.isoformat(),
        last_day=floor.last_day.isoformat(),
        tonnes_per_year=float(floor.tonnes_per_year),
        oxide_per_metal=None if floor.oxide_per_metal is None else float(floor.oxide_per_metal),
        toll_usd_per_kg=None if floor.toll is None else float(floor.toll),
    )


def _totals(paid: FloorPayments, rate: Decimal | None) -> TotalsOut:
    return TotalsOut(
        total_usd=float(paid.total_usd),
        on_history_usd=float(paid.total_usd_on(SettledOn.HISTORY)),
        on_history_and_deck_usd=float(paid.total_usd_on(SettledOn.BOTH)),
        on_deck_usd=float(paid.total_usd_on(SettledOn.DECK)),
        by_year_usd={str(year): float(usd) for year, usd in paid.total_usd_by_year().items()},
        discount_rate=None if rate is None else float(rate),
        present_value_usd=None if rate is None else float(paid.present_value_usd(rate)),
    )


def _payment(payment: Payment) -> PaymentOut:
    return PaymentOut(
        first_day=payment.period.first_day.isoformat(),
        last_day=payment.period.last_day.isoformat(),
        reference=_float(payment.reference),
        shortfall=_float(payment.shortfall),
        tonnes=_float(payment.tonnes),
        payment_usd=float(payment.usd),
        settled_on=payment.settled_on,
    )


def _fixings(terms: FloorTerms, index: ReferenceIndex, paid: FloorPayments) -> Iterator[FixingOut]:
    for month in _settled_months(index, paid):
        fixing = index.fixings[month]
        yield FixingOut(
            month=month,
            published_usd_per_kg=_float(fixing.amount),
            vat="not stated" if fixing.vat is None else fixing.vat.value,
            vat_rate=_float(fixing.vat_rate),
            usd_per_kg=_float(on_floor_basis(terms, fixing)),
            evidence=(Evidence.DERIVED if fixing.derived else Evidence.OBSERVED).value,
            source=fixing.source,
        )


def _settled_months(index: ReferenceIndex, paid: FloorPayments) -> list[str]:
    """Return the months of the contract that the index has fixed."""
    return sorted({month for p in paid.payments for month in p.period.months} & set(index.fixings))


def _floor_flags(terms: FloorTerms, index: ReferenceIndex, paid: FloorPayments) -> Iterator[Flag]:
    settled = _settled_months(index, paid)
    yield from _vat_flags(terms, index, [m for m in settled if index.fixings[m].vat is not terms.basis.vat])
    if derived := [month for month in settled if index.fixings[month].derived]:
        how = f"derived ({index.fixings[derived[-1]].source})"
        text = f"{len(derived)} of {len(settled)} fixings of {index.name} are {how}: nobody publishes them so."
        yield Flag("derived_index", text)
    if any(payment.settled_on is not SettledOn.HISTORY for payment in paid.payments):
        yield Flag("deck_is_not_a_forecast", "Payments on the deck follow from the deck; it is an assumption.")


def _vat_flags(terms: FloorTerms, index: ReferenceIndex, other: list[str]) -> Iterator[Flag]:
    """Yield what was done about the months whose VAT basis is not the floor's."""
    if other and terms.vat_rule is VatRule.AS_QUOTED:
        yield Flag("vat_as_quoted", f"{index.name} settles as published although its VAT basis is not the floor's.")
    if terms.vat_rule is not VatRule.CONVERT:
        return
    if taxed := [month for month in other if index.fixings[month].vat_rate]:
        yield Flag("vat_converted", f"VAT was taken out of {index.name} at each month's rate: {_rates(index, taxed)}.")
    if whole := [month for month in other if not index.fixings[month].vat_rate]:
        text = f"{index.name} is used as quoted in {_span(whole)}: it bears VAT that cannot be told from the price."
        yield Flag("vat_not_separable", text)


def _span(months: list[str]) -> str:
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"


def _rates(index: ReferenceIndex, months: list[str]) -> str:
    rates = sorted({index.fixings[month].vat_rate for month in months})
    return ", ".join(f"{rate:.0%}" for rate in rates)


def _float(value: Decimal) -> float:
    return float(round(value, EXACT_DIGITS))
