"""What is imported, as a caller states it: an amount on a basis, turned into USD/kg; every fault collected."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pricing.errors import Fault
from pricing.price import KG_PER_UNIT, Currency, Unit, Vat
from pricing.stages.ladder import Stage
from pricing.stages.tariff import ExportTax, export_price
from serving.reading import Fields, Span, got
from serving.stages_start import USD_PER_KG

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
    """One import in USD/kg on its basis; `steps` tell how the stated amount was converted."""

    basis: str
    usd_per_kg: Decimal
    reference: Decimal | None
    steps: tuple[str, ...]
    origin: str = "stated"


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
    if currency == Currency.USD and fields.has("fx_per_usd"):
        fields.note("fx_per_usd", fields.values["fx_per_usd"], "nothing: the amount is in USD")
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
    told = "none" if not tax.refund_share else f"{tax.refund_share:f} of it"
    rate = "" if tax.vat_rate is None else f" of {tax.vat_rate:f}"
    out = export_price(usd, DOMESTIC[got(basis)], tax)
    return StatedImport(got(basis), out, reference, (*steps, f"VAT{rate}: {told} refunded on export"))


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
            if fields.has(name):
                fields.note(
                    name, fields.values[name], f"nothing: only a domestic price is converted; this one is {basis}"
                )
    return tax
