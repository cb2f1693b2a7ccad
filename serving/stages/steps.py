"""The steps between stages as a caller states them; what is not stated comes from the evidence, or stays open."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from features.stages import stage_number
from pricing.errors import Fault
from pricing.market.supply import Region
from pricing.materials import Material
from pricing.stages.ladder import MADE_BY, ONE, ZERO, Conversion, Ladder, Other, Separation, Stage, Step
from serving.reading import Fields, Span, got, plain

THE_REQUEST = "the request"
NO_LOSS = "no loss beyond the ratio"
NO_TOLL = "nil beside a stated ratio"
WITHHELD = "nothing withheld beyond the stated recovery and toll"
PLACES = tuple(region.value for region in Region)  # where the steps are done, for tolls that the caller leaves to us
MAX_OTHERS = 20
NAME = re.compile(r"[A-Za-z][A-Za-z0-9 +-]{0,39}", re.ASCII)
NAME_WANTED = "a name of up to 40 letters, digits, spaces, + and -, such as Dy"
STEPS_WANTED = f"an object with made_in, {', '.join(MADE_BY.values())}"
STEP_WANTED = "an object with the step's ratio, recovery, toll and others"
OTHERS_WANTED = "an object of names, each with its kg or share and usd_per_kg"

SHARE = Span(Decimal("0.01"), Decimal(1), "as a share")
TOLL = Span(Decimal(0), Decimal(10_000), "USD per kg out")
TOLL_IN = Span(Decimal(0), Decimal(10_000), "USD per kg TREO in")
OTHER_PRICE = Span(Decimal(-1_000_000), Decimal(1_000_000), "USD/kg, negative for what costs to be rid of or is sold")
OTHER_KG = Span(Decimal(0), Decimal(1_000), "kg per kg out")
CONTENT = Span(Decimal("0.000001"), Decimal(1), "kg of the oxide per kg TREO")
KG_IN = {
    "cracking": Span(Decimal("0.1"), Decimal(100_000), "kg of ore or concentrate per kg TREO in the carbonate"),
    "reduction": Span(Decimal(1), Decimal("1.999999"), "kg oxide per kg metal", above=True),
    "alloying": Span(Decimal("0.0001"), Decimal(2), "kg metal per kg alloy"),
    "magnet_making": Span(Decimal("0.1"), Decimal(100), "kg alloy per kg magnet"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number a ladder rests on, with its range where an expert gave one, and where it comes from."""

    path: str
    step: str
    value: Decimal
    unit: str
    source: str
    low: float | None = None
    high: float | None = None
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class OxidePrice:
    """A price of oxide in USD/kg, a point, a band, or both; and where it comes from."""

    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    source: str = THE_REQUEST


PriceOf = Callable[[Material, str, Fields], OxidePrice | None]  # a point, or a fault under the field and None


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one request: with all amounts known (`priced`), or at least their ratios; and what is missing."""

    made_in: str
    priced: Ladder
    ratios: Ladder
    low: Ladder  # with the other oxides at the low end of their price, where the model gives it
    high: Ladder
    numbers: tuple[Number, ...]
    missing: Mapping[Stage, tuple[Fault, ...]]


@dataclass(slots=True)
class _Section:
    """One step's fields, the numbers used for it and the faults that would arise if it had to be priced."""

    fields: Fields
    step: str
    material: Material
    place: str
    numbers: list[Number] = field(default_factory=list)
    missing: list[Fault] = field(default_factory=list)

    def number(self, name: str, span: Span, default: tuple[Decimal, str] | None = None) -> Decimal | None:
        """Return a number as stated, else the default given, else by the evidence; None where there is none."""
        stated = self.fields.number(name, span, required=False)
        if stated is not None:
            return self.use(name, stated, span.unit, THE_REQUEST)
        if self.fields.has(name):
            return None  # a fault, already noted
        if default is not None:
            return self.use(name, default[0], span.unit, default[1])
        known = stage_number(self.step, name, self.material, self.place)
        if known is None:
            allowed = f"{span}; no source of ours has one"
            self.missing.append(Fault(self.fields.path(name), "nothing", allowed))
            return None
        value = plain(Decimal(str(known.value)))
        path = self.fields.path(name)
        self.numbers.append(
            Number(path, self.step, value, known.unit, known.source, known.low, known.high, known.as_of)
        )
        return value

    def use(self, name: str, value: Decimal, unit: str, source: str) -> Decimal:
        """Return a number after writing down that it was used."""
        self.numbers.append(Number(self.fields.path(name), self.step, value, unit, source))
        return value


def read_steps(fields: Fields | None, path: str, faults: list[Fault], material: Material, price_of: PriceOf) -> Steps:
    """Return the steps of a section, or by the evidence alone where there is none; faults are noted."""
    stated = Fields({}, faults, path) if fields is None else fields
    made_in = stated.choice("made_in", PLACES, Region.EX_CHINA.value) or Region.EX_CHINA.value
    read = {}
    for stage, step in MADE_BY.items():
        inner = stated.section(step, STEP_WANTED, required=False)
        section = _Section(inner or Fields({}, faults, stated.path(step), stated.text), step, material, made_in)
        read[stage] = section, _separation(section, price_of) if step == "separation" else _conversion(section)
        section.fields.close()
    stated.close()
    return _steps(made_in, read)


@dataclass(frozen=True, slots=True)
class _Made:
    """One step: with the prices of what goes in beside at their low, central and high end, and for its ratio alone."""

    low: Step
    priced: Step
    high: Step
    ratio: Step


def _steps(made_in: str, read: Mapping[Stage, tuple[_Section, _Made | None]]) -> Steps:
    made = {stage: one for stage, (_, one) in read.items() if one is not None}
    whole = {stage: one for stage, one in made.items() if not read[stage][0].missing}
    return Steps(
        made_in,
        priced=Ladder({stage: one.priced for stage, one in whole.items()}),
        ratios=Ladder({stage: one.ratio for stage, one in made.items()}),
        low=Ladder({stage: one.low for stage, one in whole.items()}),
        high=Ladder({stage: one.high for stage, one in whole.items()}),
        numbers=tuple(number for section, _ in read.values() for number in section.numbers),
        missing={stage: tuple(section.missing) for stage, (section, _) in read.items() if section.missing},
    )


def _conversion(section: _Section) -> _Made | None:
    """Return a step; a stated ratio stands alone, without loss and toll unless these are stated too."""
    kg_in = section.number("kg_in", KG_IN[section.step])
    alone = section.fields.has("kg_in")
    by_evidence = stage_number(section.step, "recovery", section.material, section.place) is not None
    recovery = section.number("recovery", SHARE, (ONE, NO_LOSS) if alone or not by_evidence else None)
    toll = section.number("toll", TOLL, (ZERO, NO_TOLL) if alone else None)
    others = _others(section, "kg", OTHER_KG, None)
    if kg_in is None or recovery is None:
        return None
    made = Conversion(kg_in, recovery, toll or ZERO, others.priced)
    return _Made(made, made, made, Conversion(kg_in, recovery))


def _separation(section: _Section, price_of: PriceOf) -> _Made | None:
    share = section.number("share", CONTENT)
    tolled = section.fields.has("toll") or section.fields.has("recovery")
    payable = section.number("payable", SHARE, (ONE, WITHHELD) if tolled else None)
    recovery = section.number("recovery", SHARE, (ONE, "losses lie in what is payable"))
    toll = section.number("toll", TOLL_IN, (ZERO, "the charge lies in what is payable"))
    others = _others(section, "share", CONTENT, price_of)
    if share is None or payable is None or recovery is None:
        return None
    whole = share + sum((other.kg for other in others.priced), ZERO)
    if whole > 1:
        section.fields.note("others", f"shares that add up to {whole}", "at most 1 kg of oxides per kg TREO")
        return None
    ends = (others.low, others.priced, others.high, ())
    return _Made(*(Separation(share, payable, recovery, toll or ZERO, end) for end in ends))


@dataclass(frozen=True, slots=True)
class _Others:
    """What else goes in, or lies beside the oxide in a carbonate, with prices at their low, central and high end."""

    low: tuple[Other, ...] = ()
    priced: tuple[Other, ...] = ()
    high: tuple[Other, ...] = ()


def _others(section: _Section, amount: str, span: Span, price_of: PriceOf | None) -> _Others:
    stated = section.fields.section("others", OTHERS_WANTED, required=False)
    if stated is None:
        return _Others()
    if len(stated.values) > MAX_OTHERS:
        section.fields.note("others", f"{len(stated.values)} names", f"at most {MAX_OTHERS}")
        return _Others()
    found = [one for name in stated.values if (one := _other(section, stated, name, amount, span, price_of))]
    return _Others(*zip(*found, strict=True)) if found else _Others()


def _other(
    section: _Section, stated: Fields, name: str, amount: str, span: Span, price_of: PriceOf | None
) -> tuple[Other, Other, Other] | None:
    """Return one of them at the three ends; None once a fault is noted."""
    inner = stated.section(name, OTHERS_WANTED)
    if not NAME.fullmatch(name):
        stated.note(name, name, NAME_WANTED)
        return None
    if inner is None:
        return None
    kg = inner.number(amount, span)
    price = _price_of_other(inner, name, section.material, price_of)
    inner.close()
    if kg is None or price is None:
        return None
    value = got(price.value)  # a price without a point has left a fault
    section.use(f"others.{name}.{amount}", kg, span.unit, THE_REQUEST)
    section.use(f"others.{name}.usd_per_kg", value, "USD/kg", price.source)
    low, high = (value if end is None else end for end in (price.low, price.high))
    return Other(name, kg, low), Other(name, kg, value), Other(name, kg, high)


def _price_of_other(inner: Fields, name: str, material: Material, price_of: PriceOf | None) -> OxidePrice | None:
    """Return a price as stated; that of another of our materials may be left to the model that prices the start."""
    ours = price_of is not None and name in Material.__members__.values() and name != material
    if inner.has("usd_per_kg") or not ours:
        stated = inner.number("usd_per_kg", OTHER_PRICE)
        return None if stated is None else OxidePrice(stated)
    inner.read.append("usd_per_kg")
    return price_of(Material(name), "usd_per_kg", inner) if price_of is not None else None
