"""Prices of the published model that a deck may rest on; the model is opened only for a deck that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import orjson

from pricing.contracts.index import Fixing
from pricing.contracts.measures import VatRule
from pricing.contracts.terms.contract import Contract
from pricing.contracts.terms.references import Quotation
from pricing.contracts.terms.words import nearest
from pricing.errors import Fault, InputError, MissingModelError, TermsError
from pricing.materials import Form, Material
from pricing.price import Vat
from pricing.scenarios.scenario import months_of
from serving.book import Book
from serving.contracts.facts import Origin
from serving.contracts.outlook.terms import FairPriceDeck, LastQuoteDeck, OfScenario, ScenarioDeck
from serving.fair_answer import headline
from serving.scenarios.desk import Said

AskScenario = Callable[[Mapping[str, object]], bytes]
ByMonth = Mapping[str, float]
OXIDE_BASIS = "USD/kg oxide ex VAT, nominal"
GIVEN_WAY = "a deck of kind given"


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """A price of the model on the contract's basis: one for all months, or by month with the last one holding on."""

    usd_per_kg: float
    by_month: ByMonth
    source: str

    def at(self, month: str) -> float:
        """Return the price of a month."""
        if not self.by_month:
            return self.usd_per_kg
        first, last = min(self.by_month), max(self.by_month)
        return self.usd_per_kg if month < first else self.by_month[min(month, last)]


@dataclass(frozen=True, slots=True)
class ModelPrices:
    """Where decks find the model's prices; `scenario` answers a scenario's body as POST /v1/scenarios does.

    `origin`: which of the facts are ours, such as the series that indices stand for.
    """

    open_book: Callable[[], Book]
    scenario: AskScenario
    origin: Origin = field(default_factory=Origin)

    def naming(self, origin: Origin) -> ModelPrices:
        """Return the same for facts of this origin."""
        return replace(self, origin=origin)

    def book(self) -> Book | None:
        """Return the serving model's book; None where none is published."""
        try:
            return self.open_book()
        except MissingModelError:
            return None

    def price(
        self,
        deck: FairPriceDeck | LastQuoteDeck | ScenarioDeck,
        contract: Contract,
        rule: Quotation,
        material: Material,
        as_of: date,
    ) -> ModelPrice:
        """Return a deck's price on the contract's basis; TermsError where there is none or no way to that basis."""
        book = self.open_book()
        _need_day(book, material, as_of)
        if isinstance(deck, LastQuoteDeck):
            return _last_quote(book, contract, rule, (material, self.origin.series_of(rule.index)), as_of)
        if isinstance(deck, FairPriceDeck):
            return _fair(book, contract, rule, material, as_of)
        return _scenario(self._asked(deck, material, as_of), deck, contract, rule, material)

    def _asked(self, deck: ScenarioDeck, material: Material, as_of: date) -> bytes:
        """Return the answer of a deck's scenario; TermsError with its faults."""
        try:
            return self.scenario(_body(deck, material, as_of))
        except InputError as error:
            raise TermsError(*error.faults) from error


def _need_day(book: Book, material: Material, as_of: date) -> None:
    first, last = book.first_day(material), book.last_day
    if not first <= as_of <= last:
        allowed = f"a day from {first} to {last} for prices of the model, or {GIVEN_WAY}"
        raise TermsError(Fault("facts.as_of", str(as_of), allowed))


def _fair(book: Book, contract: Contract, rule: Quotation, material: Material, as_of: date) -> ModelPrice:
    row = book.on(material, as_of)
    value = headline(row).value
    if value is None:
        reason = row.text("reason") or row.text("status")
        raise TermsError(Fault("kind", f"fair_price: no point for {material} ({reason})", GIVEN_WAY))
    return ModelPrice(
        on_basis(value, contract, rule), {}, f"long-run fair price of {material}, {row.month}, as known on {as_of}"
    )


def _last_quote(book: Book, contract: Contract, rule: Quotation, of: tuple[Material, str], as_of: date) -> ModelPrice:
    material, series = of
    known = book.reference_names(material)
    quoted = book.last_quote(material, series, as_of) if series in known else None
    if quoted is None:
        names = ", ".join(known) or "no series of this material"
        allowed = f"an index that is, or stands in facts.indices for, one of {names}; or {GIVEN_WAY}"
        raise TermsError(Fault("kind", f"last_quote of {series}", allowed, nearest(series, known)))
    fixing, day = quoted
    value = float(_on_vat_basis(fixing, contract, rule))
    source = f"last quote of {series}, {day} ({fixing.source}), as known on {as_of}"
    return ModelPrice(on_form(value, contract, rule), {}, source)


def _scenario(body: bytes, deck: ScenarioDeck, contract: Contract, rule: Quotation, material: Material) -> ModelPrice:
    answer = orjson.loads(body)
    moved = next(one for one in answer["materials"] if one["material"] == material)
    market = deck.price is OfScenario.MARKET
    mean = moved["market"][str(deck.region)] if market else moved["fair_long_run"]
    path = {
        month: _need(quarter["market"][str(deck.region)] if market else quarter["fair"], material)
        for quarter in moved["path"]
        for month in months_of(quarter["quarter"])
    }
    flat = _need(mean["baseline"] if path else mean["scenario"], material)
    here = {month: on_basis(value, contract, rule) for month, value in path.items()}
    which = f"market price {deck.region}" if market else "long-run fair price"
    when = "at the baseline before the path, its last quarter holds on" if path else "for good"
    source = f"{which} of {material} under scenario {answer['scenario_id']}, {when}, nominal of {answer['month']}"
    return ModelPrice(on_basis(flat, contract, rule), here, source)


def _need(point: Mapping[str, Any], material: Material) -> float:
    value = point["value"]
    if value is None:
        raise TermsError(Fault("kind", f"scenario: no point for {material}", f"{GIVEN_WAY}, or a market price"))
    return float(value)


def _body(deck: ScenarioDeck, material: Material, as_of: date) -> dict[str, object]:
    rows = [
        {
            name: value
            for name, value in {
                "lever": one.lever, "set": one.set, "scale": one.scale, "add": one.add,
                "from": one.first, "to": one.last,
            }.items()
            if value is not None
        }
        for one in deck.overrides
    ]  # fmt: skip
    stated = {"preset": deck.preset, "material": material.value, "as_of": as_of.isoformat()}
    return {"overrides": rows} | {name: value for name, value in stated.items() if value is not None}


def on_basis(usd_per_kg: float, contract: Contract, rule: Quotation) -> float:
    """Return a price of oxide ex VAT on the contract's basis; TermsError where that bears VAT."""
    if contract.vat is not Vat.EXCLUDED:
        raise TermsError(Fault("kind", f"{OXIDE_BASIS}, against levels with VAT {contract.vat}", GIVEN_WAY))
    return on_form(usd_per_kg, contract, rule)


def on_form(usd_per_kg: float, contract: Contract, rule: Quotation) -> float:
    """Return a price of oxide on the contract's form, by the reference's own ratio and toll."""
    if contract.form is Form.OXIDE:
        return usd_per_kg
    if rule.metal is None:
        raise TermsError(Fault("kind", "a price of oxide, against levels on metal", f"{GIVEN_WAY}, in USD/kg metal"))
    metal = rule.metal
    return usd_per_kg * float(metal.oxide_kg_per_kg_metal) + float(metal.toll_usd_per_kg_metal)


def _on_vat_basis(fixing: Fixing, contract: Contract, rule: Quotation) -> Decimal:
    if fixing.vat is contract.vat or rule.vat_rule is VatRule.AS_QUOTED:
        return fixing.amount
    if rule.vat_rule is VatRule.CONVERT and contract.vat is Vat.EXCLUDED and fixing.vat is not None:
        return fixing.amount / (1 + fixing.vat_rate)
    found = f"a quote with VAT {fixing.vat or 'not stated'}, against levels with VAT {contract.vat}"
    raise TermsError(Fault("vat_rule", found, f"vat_rule convert or as_quoted on the reference, or {GIVEN_WAY}"))


class AsksScenarios(Protocol):
    """What answers a scenario's body."""

    def ask_values(self, values: Mapping[str, object]) -> Said:
        """Return the answer of a body that was read already."""


class Opens(Protocol):
    """A desk, as far as decks need it."""

    @property
    def book(self) -> Book:
        """Return the serving model's book."""

    @property
    def scenarios(self) -> AsksScenarios:
        """Return what answers scenarios."""


def model_prices(desk: Opens) -> ModelPrices:
    """Return where decks find a desk's prices."""
    return ModelPrices(lambda: desk.book, lambda values: desk.scenarios.ask_values(values).body)
