"""Quota and licence rent in USD per kg: what the export price holds beyond domestic price, VAT, duty and freight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.banded import Banded
from features.dataset import Dataset
from features.expert_paths import ExpertPath
from features.panel import monthly, vintage_day
from features.policy import ALL, Vintage, monthly_policy
from features.price_view import PRIVATE_FEED
from features.readings import held
from features.replaced import NEVER, replaced_on
from features.rules import price_rules
from features.tables import PRICE_KEY
from pricing.market.history import Evidence, Floats
from pricing.materials import Material

# kg of each oxide in a kg of NdPr oxide; Dy and Tb stand alone.
OXIDES = {Material.NDPR: {"Nd": 0.75, "Pr": 0.25}, Material.DY: {"Dy": 1.0}, Material.TB: {"Tb": 1.0}}
LICENCE_MONTHS = ("2010-07", "2010-12")  # the half-year for which a licence price was reported
EXPORT, DOMESTIC = "fob_china", "china_domestic"
FX = "usd_cny"
PERCENT = 1e-2
STANDS = NEVER.to_datetime64()


@dataclass(frozen=True)
class Quote:
    """One source's mean of one oxide on one basis in one month."""

    month: str
    oxide: str
    basis: str
    mean: float
    vat: str
    known_at: np.datetime64
    replaced_on: np.datetime64 = STANDS  # the day from which a revision stands in its place


@dataclass(frozen=True)
class Rates:
    """What a month's comparison needs: VAT and export duty as rates, CNY per USD."""

    vat: float
    duty: float
    fx: float


@dataclass(frozen=True)
class RentPoint:
    """Rent in one month with quotes in both markets, nominal USD/kg, and the export price it was taken from."""

    rent: float
    fob: float


def rent_points(quotes: Sequence[Quote], rates: Mapping[str, Rates], material: Material) -> dict[str, RentPoint]:
    """Return FOB less the domestic price with VAT and duty, for each month with both, in order.

    Of several quotes of a month the last in the list counts. Nd and Pr are weighed as in NdPr; a month that has Nd
    alone stands on Nd.
    """
    best = {(q.month, q.oxide, q.basis): q for q in quotes}
    parts: dict[str, list[tuple[float, RentPoint]]] = {}
    for (month, oxide, basis), domestic in best.items():
        fob = best.get((month, oxide, EXPORT))
        if basis == DOMESTIC and fob is not None and month in rates:
            point = RentPoint(fob.mean - _delivered(domestic, rates[month]), fob.mean)
            parts.setdefault(month, []).append((OXIDES[material][oxide], point))
    return {month: _weighed(parts[month]) for month in sorted(parts)}


def _delivered(domestic: Quote, rates: Rates) -> float:
    """Return what a domestic quote costs at the border, USD/kg: with VAT, which is not refunded, and duty."""
    vat = 1 + rates.vat if domestic.vat == "excluded" else 1.0
    return domestic.mean * vat * (1 + rates.duty) / rates.fx


def _weighed(parts: Sequence[tuple[float, RentPoint]]) -> RentPoint:
    whole = sum(weight for weight, _ in parts)
    rent, fob = (sum(weight * getattr(point, name) for weight, point in parts) / whole for name in ("rent", "fob"))
    return RentPoint(rent, fob)


def quota_rent(
    dataset: Dataset, material: Material, months: Sequence[str], experts: Mapping[str, ExpertPath], vintage: Vintage
) -> Banded:
    """Return the rent of each month (T,) of export quotas, nominal USD/kg.

    Months with quotes in both markets as they are; straight lines between them, wide, from the licence price of late
    2010 on. As known, a month without a pair stands on the last one.
    """
    rates = _rates(dataset, material, months, vintage)
    quotes = _quotes(dataset.prices, material)
    whole = rent_points([quote for quote in quotes if quote.replaced_on == STANDS], rates, material)
    rents = []
    for month in months:
        day = np.datetime64(vintage_day(month))
        known = [q for q in quotes if q.known_at <= day < q.replaced_on] if vintage == "as_known" else []
        points = rent_points(known, rates, material) if vintage == "as_known" else whole
        rents.append(_month(points, month, material, experts))
    numbers = [np.array([rent[i] for rent in rents], dtype=float) for i in range(3)]
    return Banded.of(numbers, np.array([rent[3].value for rent in rents], dtype=object))


def licence_rent(spot: Banded, china: pd.DataFrame, vat: Floats, traded_premium: float) -> Banded:
    """Return the rent of the export licence (T,): thin spot outside China less the Chinese price with VAT and freight.

    The low is the premium weighted by what is traded: nearly all of it goes at the Chinese price.
    """
    taxed = held(china["price"].to_numpy(dtype=float)) * (1 + vat)
    freight = price_rules()["freight_usd_per_kg"]["central"]
    value, high = (np.maximum(side - taxed - freight, 0.0) for side in (spot.value, spot.high))
    return Banded(value, np.fmin(value, traded_premium * taxed), high, spot.evidence)


def read_from_the_gap(rent: Banded, months: Sequence[str], licensed: np.ndarray) -> np.ndarray:
    """Return where a rent (T,) is that month's own gap between the prices: by a pair of quotes, or by the thin spot."""
    reported = np.array([LICENCE_MONTHS[0] <= month <= LICENCE_MONTHS[1] for month in months])
    return licensed | ((rent.value != 0) & (rent.evidence == Evidence.DERIVED) & ~reported)


def _rates(dataset: Dataset, material: Material, months: Sequence[str], vintage: Vintage) -> dict[str, Rates]:
    duty = PERCENT * monthly_policy(dataset.policy, "export_duty", material, months, vintage)
    vat = PERCENT * monthly_policy(dataset.policy, "vat", ALL, months, vintage)
    fx = monthly(dataset.panel, FX, months, how="exact")
    found = {month: Rates(*map(float, row)) for month, *row in zip(months, vat, duty, fx, strict=True)}
    return {month: rates for month, rates in found.items() if np.isfinite(rates.fx)}


def _quotes(prices: pd.DataFrame, material: Material) -> list[Quote]:
    """Return FOB quotes in USD and domestic ones in CNY of the oxides; of a month the fullest, or one's own, last."""
    oxides = prices["material"].isin(list(OXIDES[material])) & (prices["form"] == "oxide")
    kind = list(zip(prices["basis"], prices["currency"], strict=True))
    chosen = oxides & np.array([pair in ((EXPORT, "USD"), (DOMESTIC, "CNY")) for pair in kind])
    own = prices["publisher_class"] == PRIVATE_FEED
    rows = prices.assign(own=own)[chosen].sort_values(["month", "own", "count", "source"])
    known, replaced = (
        days.to_numpy().astype("datetime64[D]") for days in (rows["known_at"], replaced_on(rows, PRICE_KEY))
    )
    fields = (rows[name].to_list() for name in ("month", "material", "basis", "mean", "vat"))
    return [Quote(*row) for row in zip(*fields, known, replaced, strict=True)]


def _month(
    points: Mapping[str, RentPoint], month: str, material: Material, experts: Mapping[str, ExpertPath]
) -> tuple[float, float, float, Evidence]:
    """Return rent, low, high and evidence of one month."""
    licence = experts["licence_price_2010"].points
    if LICENCE_MONTHS[0] <= month <= LICENCE_MONTHS[1]:
        return float(licence.value[0]), float(licence.low[0]), float(licence.high[0]), Evidence.DERIVED
    if month in points:
        rent, error = points[month].rent, experts["quota_rent_pair_error"].number() * points[month].fob
        return rent, rent - error, rent + error, Evidence.DERIVED
    when = np.array([LICENCE_MONTHS[1], *points], dtype="datetime64[M]").astype(int)
    known = [licence.value[0], *(point.rent for point in points.values())]
    rent = float(np.interp(np.datetime64(month, "M").astype(int), when, known))
    error = experts[f"quota_rent_unseen_error_{material.lower()}"].number()
    return rent, rent - error, rent + error, Evidence.PRIOR
