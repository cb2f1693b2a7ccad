"""What to know before leaning on a settlement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pricing.contracts.measures import VatRule
from pricing.contracts.periods import first_named
from pricing.contracts.reference import ReferencePrice
from pricing.contracts.reference_fixings import windows
from pricing.contracts.settlement_table import Settled
from pricing.contracts.terms.facts import Facts
from pricing.contracts.terms.prices import Carbonate
from pricing.contracts.terms.references import Quotation
from pricing.price import Vat
from serving.contracts.facts import Origin
from serving.contracts.level_flags import level_flags
from serving.private_flags import reference_flags
from serving.schemas import Flag

BASKET = (
    "A basket price is the value of all oxides in a kg of mixed carbonate (TREO); it is not an NdPr price, and moves "
    "with shares as well as with prices."
)
DECK_IS_NO_FORECAST = "Payments on a deck follow from the deck; it is an assumption."


def settlement_flags(facts: Facts, origin: Origin, settled: Settled) -> Iterator[Flag]:
    """Yield the flags of a settlement."""
    yield from series_flags(origin, months_of(settled, origin))
    yield from _reference_flags(settled)
    yield from _vat_flags(facts, origin, settled)
    if any(isinstance(clause, Carbonate) for clause in settled.contract.clauses):
        yield Flag("basket_is_not_ndpr", BASKET)
    yield from _capped(settled)
    last = settled.periods[-1] if settled.periods else None
    if last is not None:
        prices = {name: float(price.usd_per_kg) for name, price in last.references.items()}
        yield from level_flags(settled.contract.clauses, prices, last.label)
    if settled.true_ups:
        periods = first_named([one.label for one in settled.true_ups])
        yield Flag("trued_up", f"Restatements within the contract's days changed {periods}; see true_ups.")


def months_of(settled: Settled, origin: Origin) -> dict[str, frozenset[str]]:
    """Return the months that the periods rest on, by index; of an index that no reference names, those of all."""
    months = tuple(month for flow in settled.periods for month in flow.period.months)
    rules = [rule for rule in settled.contract.references.values() if isinstance(rule, Quotation)]
    found = {}
    for index in origin.series:
        own = [rule for rule in rules if rule.index == index] or rules
        found[index] = frozenset(month for rule in own for month in windows(rule, months))
    return found


def series_flags(origin: Origin, months: Mapping[str, frozenset[str]] | None = None) -> Iterator[Flag]:
    """Yield what to know about the series of ours in all months or some: withheld, derived, tax that cannot be told."""
    if origin.book is None:
        return
    if origin.as_of_by_default:
        text = f"as_of was left out: the series are read as known on {origin.book.last_day}, the dataset's last day."
        yield Flag("as_of_by_default", text)
    for index, series in origin.series.items():
        yield from reference_flags(origin.book, series.material, series.name)
        used = {month: one for month, one in series.fixings.items() if months is None or month in months[index]}
        if derived := [month for month, one in used.items() if one.derived]:
            text = (
                f"{len(derived)} of {len(used)} fixings of {index} are derived "
                f"({series.fixings[derived[-1]].source}): nobody publishes them so."
            )
            yield Flag(f"derived_index.{index}", text)
        untold = [m for m, one in used.items() if one.vat is Vat.NOT_REFUNDED and not one.vat_rate]
        if untold:
            text = f"{index} bears VAT that cannot be told from its price in {untold[0]} to {untold[-1]}: as quoted."
            yield Flag(f"vat_not_separable.{index}", text)


def _reference_flags(settled: Settled) -> Iterator[Flag]:
    if any(price.deck_months for price in _prices(settled)):
        yield Flag("deck_is_not_a_forecast", DECK_IS_NO_FORECAST)
    stepped: dict[tuple[str, int], list[str]] = {}
    for flow in settled.periods:
        for name, price in flow.references.items():
            if price.fallback_step:
                stepped.setdefault((name, price.fallback_step), []).append(flow.label)
    for (name, step), labels in stepped.items():
        text = f"{name} settled on step {step} of its fallback in {first_named(labels)}."
        yield Flag(f"fallback_used.{name}", text)


def _vat_flags(facts: Facts, origin: Origin, settled: Settled) -> Iterator[Flag]:
    used = [fixing.vat_rate for price in _prices(settled) for fixing in price.fixings]
    if rates := sorted({rate for rate in used if rate}):
        told = ", ".join(f"{rate * 100:f}".rstrip("0").rstrip(".") + " %" for rate in rates)
        whose = "the dated Chinese rates" if origin.vat_by_default else "the rates of the request"
        yield Flag("vat_converted", f"VAT was converted at {told}, by {whose}.")
    for name, rule in settled.contract.references.items():
        if isinstance(rule, Quotation) and rule.vat_rule is VatRule.AS_QUOTED:
            index = facts.indices[rule.index]
            if index.vat is not settled.contract.vat:
                text = f"{name} settles as published although its VAT basis is not the contract's."
                yield Flag(f"vat_as_quoted.{name}", text)


def _capped(settled: Settled) -> Iterator[Flag]:
    legs = [(flow.label, leg) for flow in settled.periods for leg in flow.legs]
    for name in dict.fromkeys(leg.clause for _, leg in legs):
        if cut := [label for label, leg in legs if leg.clause == name and leg.usd != leg.usd_before_cap]:
            yield Flag(f"cap_reached.{name}", f"The yearly cap of {name} cut what was due in {first_named(cut)}.")


def _prices(settled: Settled) -> Iterator[ReferencePrice]:
    return (price for flow in settled.periods for price in flow.references.values())
