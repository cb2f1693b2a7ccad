"""The reference rule as data: which index, on which basis, averaged how, with which fallback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from pricing.contracts.measures import VatRule
from pricing.contracts.terms.facts import IndexHistory
from pricing.contracts.terms.schema import (
    NAME,
    NAME_WANTED,
    Spec,
    Term,
    listed,
    named,
    number,
    placed,
    stated,
    whole,
)
from pricing.contracts.terms.words import nearest
from pricing.errors import Fault
from pricing.materials import Form
from pricing.price import Currency, Vat

MOST_RESTING = 100  # references that one may rest on, each counted as often as it is used
LEAST_RATIO, MOST_RATIO = Decimal(1), Decimal(2)  # conservation of mass below, half lost above


class Window(StrEnum):
    """The calendar window whose fixings price a month of delivery."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class AverageOf(StrEnum):
    """What is averaged where an index is fixed more than once a month."""

    FIXINGS = "fixings"  # every fixing counts once
    MONTHS = "months"  # every month counts once, as the mean of its fixings


class FxRule(StrEnum):
    """How an average in another currency becomes dollars."""

    MEAN_OF_CONVERSIONS = "mean_of_conversions"  # each fixing at the rate of its own day or month
    MEAN_OVER_MEAN = "mean_over_mean"  # the mean price over the mean rate of the same days or months


class Take(StrEnum):
    """Which of several references counts."""

    HIGHER = "higher"
    LOWER = "lower"
    MEAN = "mean"


class Compared(StrEnum):
    """What is compared when one of several references is taken."""

    AVERAGES = "averages"  # of the whole settlement period
    MONTHS = "months"  # month by month; then the months are averaged


class FallbackFor(StrEnum):
    """What a fallback replaces."""

    MONTH = "month"  # the prices of the months that are missing
    WINDOW = "window"  # the whole average


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalRatio(Term):
    """How an oxide index becomes a reference for metal."""

    oxide_kg_per_kg_metal: Decimal = number("kg oxide per kg metal", low=LEAST_RATIO, high=MOST_RATIO, above=True)
    ratio_source: str = stated()
    toll_usd_per_kg_metal: Decimal = number("USD/kg metal", high=Decimal(10_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackStep(Term):
    """Another reference, used once a fixing is so many days late or its index has stopped."""

    use: str = named()
    after_days_late: int = whole("days after the end of the month", high=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation(Term):
    """A reference that rests on one index. `lag_months` 1 is M+1: the month after delivery."""

    KIND: ClassVar[str] = "index"
    index: str = named()
    window: Window = stated()
    lag_months: int = whole("months after the month of delivery; -1 is the month before", low=-24, high=24)
    vat_rule: VatRule | None = stated(required=False)
    fx_rule: FxRule | None = stated(required=False)
    average_of: AverageOf | None = stated(required=False)
    metal: MetalRatio | None = stated(required=False)
    rounded_to_decimals: int | None = whole("decimals", high=10, required=False)
    fallback: tuple[FallbackStep, ...] = listed(most=10)
    fallback_for: FallbackFor | None = stated(required=False)
    true_up_within_days: int | None = whole("days; 0 is never", high=3650, required=False)
    least_fixings_per_month: int | None = whole("daily fixings; a month with fewer is missing", high=31, required=False)

    @staticmethod
    def checks(found: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield a fallback that does not say what it replaces, or cannot do so."""
        if found.get("fallback") and "fallback_for" in found and found["fallback_for"] is None:
            yield Fault("fallback_for", "nothing", f"one of {', '.join(FallbackFor)}")
        mixed = found.get("fallback_for") is FallbackFor.MONTH and found.get("fx_rule") is FxRule.MEAN_OVER_MEAN
        if mixed:
            allowed = f"{FallbackFor.WINDOW}: a mean price over a mean rate has no price of one month to replace"
            yield Fault("fallback_for", FallbackFor.MONTH, allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination(Term):
    """A reference that is the higher, the lower or the mean of several others."""

    KIND: ClassVar[str] = "combination"
    take: Take = stated()
    of: tuple[str, ...] = stated(Spec(shape=NAME, wanted=NAME_WANTED, least=2, most=6))
    compared: Compared = stated()


Reference = Quotation | Combination


def reference_faults(references: Mapping[str, Reference | None]) -> Iterator[Fault]:
    """Yield references that name one that is not there, and chains that lead back to themselves."""
    for name, reference in references.items():
        for place, other in named_by(reference):
            if other not in references:
                yield Fault(f"references.{name}.{place}", other, f"one of {', '.join(references)}")
        if (loop := _loop(name, references)) is not None:
            allowed = "a chain that ends: no reference may lead back to itself"
            yield Fault(f"references.{name}", f"a circle: {' -> '.join(loop)}", allowed)
    if not any(_loop(name, references) for name in references):
        yield from _too_many(references)


def named_by(reference: Reference | None) -> Iterator[tuple[str, str]]:
    """Yield the references that one names, with where."""
    if isinstance(reference, Quotation):
        yield from ((f"fallback.{place}.use", step.use) for place, step in placed(reference.fallback) if step.use)
    elif isinstance(reference, Combination):
        yield from ((f"of.{place}", name) for place, name in placed(reference.of))


def _too_many(references: Mapping[str, Reference | None]) -> Iterator[Fault]:
    """Yield references that rest on more others than anybody can check; there are no circles."""
    counts: dict[str, int] = {}

    def count(name: str) -> int:
        if name not in counts:
            counts[name] = sum(1 + count(other) for _, other in named_by(references.get(name)))
        return counts[name]

    for name in references:
        if count(name) > MOST_RESTING:
            allowed = f"at most {MOST_RESTING}, each counted as often as it is used"
            yield Fault(f"references.{name}", f"rests on {counts[name]:,} others", allowed)


def _loop(start: str, references: Mapping[str, Reference | None]) -> tuple[str, ...] | None:
    """Return the shortest way from a reference back to itself."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for _, other in named_by(references.get(way[-1])):
            if other == start:
                return (*way, other)
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return None


def index_faults(
    references: Mapping[str, Reference | None], indices: Mapping[str, IndexHistory | None], vat: Vat, form: Form
) -> Iterator[Fault]:
    """Yield indices that are not known, and what a rule must still say to hold its index against the levels."""
    for name, reference in references.items():
        if not isinstance(reference, Quotation) or reference.index is None:
            continue
        path = f"references.{name}"
        if reference.index not in indices:
            allowed = f"an index with fixings: {', '.join(indices) or 'none is given'}"
            yield Fault(f"{path}.index", reference.index, allowed, nearest(reference.index, indices))
        elif (index := indices[reference.index]) is not None:
            for fault in _conversion_faults(reference, index, vat, form):
                yield replace(fault, path=f"{path}.{fault.path}")


def deck_faults(references: Mapping[str, Reference | None], decks: Mapping[str, object]) -> Iterator[Fault]:
    """Yield decks for what is no reference on an index; a combination takes the decks of its members."""
    known = [name for name, one in references.items() if one is None or isinstance(one, Quotation)]
    for name in decks:
        if name not in known:
            allowed = f"a reference that rests on one index: {', '.join(known) or 'there is none'}"
            yield Fault(f"decks.{name}", name, allowed, nearest(name, known))


def _conversion_faults(reference: Quotation, index: IndexHistory, vat: Vat, form: Form) -> Iterator[Fault]:
    if index.currency not in {Currency.USD, None} and reference.fx_rule is None:
        yield Fault("fx_rule", "nothing", f"one of {', '.join(FxRule)}: the index is in {index.currency}")
    if index.vat is not vat:
        yield from _vat_faults(reference, index.vat, vat)
    if index.form is form and reference.metal is not None:
        yield Fault("metal", "a conversion to metal", f"nothing: index and contract are both on {form}")
    if index.form is Form.OXIDE and form is Form.METAL and reference.metal is None:
        yield Fault("metal", "nothing", "oxide_kg_per_kg_metal, ratio_source and a toll: the index is on oxide")
    if index.form is Form.METAL and form is Form.OXIDE:
        yield Fault("index", "an index on metal", "an index on oxide, as the contract's levels are")


def _vat_faults(reference: Quotation, found: Vat | None, wanted: Vat) -> Iterator[Fault]:
    convertible = (wanted is Vat.EXCLUDED and found is not None) or (found, wanted) == (Vat.EXCLUDED, Vat.INCLUDED)
    allowed = [VatRule.AS_QUOTED, *([VatRule.CONVERT] if convertible else [])]
    if reference.vat_rule not in allowed:
        told = f"{reference.vat_rule or 'nothing'}, for an index with VAT {found or 'not stated'}"
        yield Fault("vat_rule", f"{told} against levels with VAT {wanted}", f"one VAT basis, or {' or '.join(allowed)}")
