"""What is imported, as a caller states it: an amount on a basis, turned into USD/kg; every fault collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pricing.errors import Fault
from pricing.price import KG_PER_UNIT, Currency, Unit, Vat
from pricing.stages.ladder import Stage
from pricing.stages.tariff import RATE_WANTED, Carriage, ExportTax, before_vat, export_price
from serving.reading import Fields, Span, got
from serving.stages.start import USD_PER_KG
from serving.stages.steps import Steps

CUSTOMS, FOB, CIF = "customs value", "FOB", "CIF"
DOMESTIC = {"domestic inc VAT": Vat.INCLUDED, "domestic ex VAT": Vat.EXCLUDED}
BASES = (CUSTOMS, FOB, CIF, *DOMESTIC)
AMOUNT = Span(Decimal("0.01"), Decimal(10_000_000_000), "of the currency per unit")
PER_USD = Span(Decimal("0.0001"), Decimal(100_000), "of the currency per USD")
VAT_RATE = Span(Decimal(0), Decimal("0.99"), "of the price before tax, such as 0.13")
REFUND = Span(Decimal(0), Decimal(1), "of the VAT that is refunded on export")
IMPORTS_WANTED = f"an object of stages ({', '.join(Stage)}), each with basis and amount"
IMPORT_WANTED = "an object with basis and amount"


@dataclass(frozen=True, slots=True)
class StatedImport:
    """One import in USD/kg on its basis; `steps` tell how the stated amount was converted.

    `home` is the price on the domestic market before VAT where it is known, `tax` what happens to it on export.
    """

    basis: str
    usd_per_kg: Decimal
    reference: Decimal | None
    steps: tuple[str, ...]
    origin: str = "stated"
    home: Decimal | None = None
    tax: ExportTax | None = None


def read_imports(section: Fields | None) -> dict[Stage, StatedImport]:
    """Return the imports of a request by stage; those with a fault are left out, their faults noted."""
    if section is None:
        return {}
    found = {}
    for stage in Stage:
        inner = section.section(stage, IMPORT_WANTED, required=False)
        if inner is not None and (stated := _import(inner)) is not None:
            found[stage] = stated
    section.close()
    if not any(section.has(stage) for stage in Stage):
        section.faults.append(Fault(section.prefix, "no stage", IMPORTS_WANTED))
    return found


def _import(fields: Fields) -> StatedImport | None:
    before = len(fields.faults)
    basis = fields.choice("basis", BASES)
    amount = fields.number("amount", AMOUNT)
    currency = fields.choice("currency", Currency, Currency.USD)
    unit = fields.choice("unit", Unit, Unit.KG)
    fx = fields.number("fx_per_usd", PER_USD, required=currency not in (None, Currency.USD))
    if currency == Currency.USD:
        fields.none("fx_per_usd", "the amount is in USD")
    tax = _tax(fields, basis)
    reference = fields.number("reference", USD_PER_KG, required=False)
    fields.close()
    if len(fields.faults) > before:
        return None
    usd = got(amount) / (fx or 1) / Decimal(str(KG_PER_UNIT[got(unit)]))
    steps: tuple[str, ...] = (f"{got(amount):f} {currency}/{unit}, {basis}",)
    if fx is not None:
        steps += (f"{currency} at {fx:f} per USD",)
    if basis not in DOMESTIC:
        return StatedImport(got(basis), usd, reference, steps)
    vat = DOMESTIC[got(basis)]
    told = "none" if not tax.refund_share else f"{tax.refund_share:f} of it"
    rate = "" if tax.vat_rate is None else f" of {tax.vat_rate:f}"
    steps += (f"VAT{rate}: {told} refunded on export",)
    return StatedImport(
        got(basis), export_price(usd, vat, tax), reference, steps, home=before_vat(usd, vat, tax), tax=tax
    )


def _tax(fields: Fields, basis: str | None) -> ExportTax:
    """Return what is said about VAT; a domestic price needs it, every other price has none of ours in it."""
    rate = fields.number("vat_rate", VAT_RATE, required=False)
    refund = fields.number("vat_refund_share", REFUND, required=False)
    tax = ExportTax(rate, refund)
    if basis in DOMESTIC:
        for fault in tax.missing(DOMESTIC[basis]):
            if not fields.has(fault.path):  # a share out of range is told already
                fields.note(fault.path, fault.found, fault.allowed)
    elif basis is not None:
        for name in ("vat_rate", "vat_refund_share"):
            fields.none(name, f"only a domestic price is converted; this one is {basis}")
    return tax


def carried_along(
    fields: Fields, imports: Mapping[Stage, StatedImport], steps: Steps, carriage: Carriage
) -> dict[Stage, StatedImport]:
    """Return the one stated import at every stage that its steps reach.

    What is carried is the price where the steps are done: before VAT and before carriage, which both come on top again.
    """
    if len(imports) > 1:
        allowed = "one import, which import_steps carry to the other stages; or leave import_steps out"
        fields.note("imports", f"{len(imports)} imports", allowed)
    if len(imports) != 1 or fields.faults:
        return dict(imports)
    ((stage, stated),) = imports.items()
    start = stated.usd_per_kg - carriage.total if stated.basis == CIF else stated.usd_per_kg
    if stated.tax is not None and stated.home is None:
        fields.note(f"imports.{stage}.vat_rate", "nothing", f"{RATE_WANTED}; tolls on the way bear VAT too")
        return dict(imports)
    prices = steps.priced.prices(stage, start if stated.home is None else stated.home)
    for reached, price in prices.items():
        if price <= 0:
            allowed = f"a price that covers the tolls between {reached} and {stage}; or leave those steps out"
            fields.note(f"imports.{stage}.amount", f"{price:.2f} USD/kg of {reached}", allowed)
    return {one: stated if one is stage else _carried(stage, stated, price) for one, price in prices.items()}


def _carried(stage: Stage, stated: StatedImport, price: Decimal) -> StatedImport:
    step = f"carried from {stage} along import_steps"
    out = price if stated.tax is None else export_price(price, Vat.EXCLUDED, stated.tax)
    basis = FOB if stated.basis == CIF else stated.basis
    return StatedImport(basis, out, None, (*stated.steps, step), f"carried from {stage}")
