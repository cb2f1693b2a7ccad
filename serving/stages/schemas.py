"""The shape of the answers about stages and tariffs. Amounts are USD/kg of the stage on the basis of `start`."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import Flag, ModelOut


@dataclass(frozen=True, slots=True)
class StartOut:
    """Where the ladder starts. `origin` is given, fair or market; null where only a change was asked for."""

    stage: str
    origin: str
    usd_per_kg: float | None
    low: float | None
    high: float | None
    basis: str
    as_of: str | None


@dataclass(frozen=True, slots=True)
class RungOut:
    """One stage: its price to the cent, the band of the start carried along, and what a dollar at the start adds.

    `unrounded_usd_per_kg` has ten decimals. `parts` say what the price of a stage is made of; they add up to it.
    """

    stage: str
    per: str
    usd_per_kg: float | None
    low: float | None
    high: float | None
    unrounded_usd_per_kg: float | None
    per_dollar_at_start: float
    change_usd_per_kg: float | None
    how: str
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class NotPriced:
    """A stage out of reach, and what to state to reach it."""

    stage: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BasketOut:
    """The oxides in a kg TREO of mixed carbonate: what each is worth, together, and what of it is paid."""

    usd_per_kg_treo: float
    parts: dict[str, float]
    payable_share: float
    recovery: float
    toll_usd_per_kg_treo: float
    paid_usd_per_kg_treo: float


@dataclass(frozen=True, slots=True)
class PerUnitOut:
    """What goes into one unit, such as a motor: kg of a stage, its price, and the change in USD per unit."""

    stage: str
    kg: float
    usd: float | None
    change_usd: float | None


@dataclass(frozen=True, slots=True)
class NumberOut:
    """A number the ladder rests on: stated in the request, or an expert's with its range and source."""

    path: str
    value: float
    unit: str
    source: str
    low: float | None
    high: float | None
    as_of: str | None


@dataclass(frozen=True, slots=True)
class LadderAnswer:
    """What a kilogram costs at each stage, up and down from one price.

    `model` and `snapshot`, the digest of the data, are those of `start`; null where it was stated.
    """

    material: str
    made_in: str
    start: StartOut
    rungs: tuple[RungOut, ...]
    not_priced: tuple[NotPriced, ...]
    basket: BasketOut | None
    per_unit: PerUnitOut | None
    numbers: tuple[NumberOut, ...]
    rules: dict[str, str]
    flags: tuple[Flag, ...]
    model: ModelOut | None
    snapshot: str | None


@dataclass(frozen=True, slots=True)
class AtRateOut:
    """The landed price, duty paid, at one ad valorem rate."""

    rate: float
    duty_usd_per_kg: float
    landed_usd_per_kg: float


@dataclass(frozen=True, slots=True)
class TariffLine:
    """One import: its dutiable value, what is landed without duty, the rate that meets the reference, and says so.

    `rate` is a share; zero or below means that no tariff is needed. `origin` tells whether the import was stated or
    carried along the ladder, `reference_from` the same of the reference.
    """

    stage: str
    origin: str
    basis: str
    steps: tuple[str, ...]
    dutiable_usd_per_kg: float
    free_of_duty_usd_per_kg: float
    landed_without_duty_usd_per_kg: float
    reference_usd_per_kg: float | None
    reference_from: str | None
    rate: float | None
    rate_percent: float | None
    tariff_needed: bool | None
    at_rate: AtRateOut | None
    says: str


@dataclass(frozen=True, slots=True)
class TariffAnswer:
    """The tariff that lifts each import to its reference price, and the landed price at a rate.

    `reference` is the one price that is carried to the stages; null where each import has its own. `model` and
    `snapshot`, the digest of the data, are those of `reference`; null where it was stated.
    """

    material: str
    reference: StartOut | None
    duty_on: str | None
    freight_usd_per_kg: float
    insurance_usd_per_kg: float
    lines: tuple[TariffLine, ...]
    numbers: tuple[NumberOut, ...]
    rules: dict[str, str]
    flags: tuple[Flag, ...]
    model: ModelOut | None
    snapshot: str | None
