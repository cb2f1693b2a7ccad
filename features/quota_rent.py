"""Quota and licence rent in USD per kg: what the export price holds beyond the domestic price, VAT, duty and freight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.banded import Banded
from features.dataset import Dataset
from features.expert_paths import ExpertPath
from features.panel import monthly, vintage_day
from features.policy import Vintage, value_on, vat_rate
from features.price_rules import price_rules
from features.readings import held
from pricing.market.history import Evidence, Floats
from pricing.materials import Material

# kg of each oxide in a kg of NdPr oxide; Dy and Tb stand alone.
OXIDES = {Material.NDPR: {"Nd": 0.75, "Pr": 0.25}, Material.DY: {"Dy": 1.0}, Material.TB: {"Tb": 1.0}}
LICENCE_MONTHS = ("2010-07", "2010-12")  # the half-year for which a licence price was reported
FX = "usd_cny"
PERCENT = 1e-2


@dataclass(frozen=True)
class RentPoints:
    """Rent in the months that have a quote in both markets, nominal USD/kg, and the day each became known."""

    month: np.ndarray  # datetime64[M]
    known: np.ndarray  # datetime64[D]
    rent: Floats


def rent_points(prices: pd.DataFrame, policy: pd.DataFrame, fx: pd.Series, material: Material) -> RentPoints:
    """Return FOB less the domestic price with VAT and duty, for each month with both (fx: CNY per USD by month).

    Nd and Pr are weighed as in NdPr; a month that has Nd alone stands on Nd.
    """
    pairs = pd.concat([_pairs(prices, oxide).assign(weight=w) for oxide, w in OXIDES[material].items()])
    pairs = pairs[pairs.index.isin(fx.index)]
    days = [pd.Period(month, "M").start_time.date() for month in pairs.index]
    duty = np.array([PERCENT * value_on(policy, "export_duty", material, day) for day in days])
    vat = np.array([1 + vat_rate(policy, day) for day in days])
    included = np.where(pairs["vat"] == "excluded", vat, 1.0)
    pairs["rent"] = pairs["fob"] - pairs["domestic"] * included / fx.loc[pairs.index].to_numpy() * (1 + duty)
    weighed = (pairs["rent"] * pairs["weight"]).groupby(level=0).sum() / pairs["weight"].groupby(level=0).sum()
    known = pairs["known_at"].groupby(level=0).max()
    return RentPoints(
        weighed.index.to_numpy().astype("datetime64[M]"), known.to_numpy().astype("datetime64[D]"), weighed.to_numpy()
    )


def quota_rent(
    dataset: Dataset, material: Material, months: Sequence[str], experts: Mapping[str, ExpertPath], vintage: Vintage
) -> Banded:
    """Return the rent of each month (T,) of export quotas, nominal USD/kg: pairs of quotes as they are, straight lines
    between them, wide, from the licence price of late 2010 on. As known, a month without a pair stands on the last one.
    """
    fx = _fx(dataset, months)
    points = rent_points(dataset.prices, dataset.policy, fx, material) if vintage == "latest" else None
    rents = [_month(points or _points_known(dataset, fx, material, month), month, experts) for month in months]
    numbers = [np.array([rent[i] for rent in rents], dtype=float) for i in range(3)]
    return Banded(*numbers, np.array([rent[3].value for rent in rents], dtype=object))


def licence_rent(china: pd.DataFrame, outside: pd.DataFrame, vat: Floats, experts: Mapping[str, ExpertPath]) -> Banded:
    """Return the rent of the export licence (T,): price outside less the Chinese price with VAT and freight.

    `china` and `outside` are market prices by month; a month without quotes outside stands on the last one that has
    them. The low is the premium weighted by what is traded: nearly all of it goes at the Chinese price.
    """
    taxed = china["price"].to_numpy(dtype=float) * (1 + vat)
    freight = price_rules()["freight_usd_per_kg"]["central"]
    seen = np.maximum(outside["price"].to_numpy(dtype=float) - taxed - freight, 0.0)
    value = held(seen)
    traded = experts["licence_premium_by_volume"].number() * taxed
    high = np.fmax(value, outside["high"].to_numpy(dtype=float) - taxed - freight)
    evidence = np.where(np.isfinite(seen), Evidence.DERIVED.value, Evidence.PRIOR.value).astype(object)
    return Banded(value, np.fmin(value, traded), high, evidence)


def _points_known(dataset: Dataset, fx: pd.Series, material: Material, month: str) -> RentPoints:
    known = dataset.as_known(vintage_day(month))
    return rent_points(known.prices, known.policy, fx, material)


def _fx(dataset: Dataset, months: Sequence[str]) -> pd.Series:
    return pd.Series(monthly(dataset.panel, FX, months, how="exact"), index=list(months)).dropna()


def _month(points: RentPoints, month: str, experts: Mapping[str, ExpertPath]) -> tuple[float, float, float, Evidence]:
    licence = experts["licence_price_2010"].points
    if LICENCE_MONTHS[0] <= month <= LICENCE_MONTHS[1]:
        return float(licence.value[0]), float(licence.low[0]), float(licence.high[0]), Evidence.DERIVED
    when = np.append(np.datetime64(LICENCE_MONTHS[1], "M"), points.month).astype(int)
    rent = np.append(licence.value[0], points.rent)
    here = int(np.datetime64(month, "M").astype(int))
    value = float(np.interp(here, when, rent))
    if here in when:
        return value, value, value, Evidence.DERIVED
    error = experts["quota_rent_unseen_error"].number()
    return value, value - error, value + error, Evidence.PRIOR


def _pairs(prices: pd.DataFrame, oxide: str) -> pd.DataFrame:
    """Return month -> fob (USD/kg), domestic (CNY/kg), vat, known_at, from the fullest source of each basis."""
    of_oxide = prices[(prices["material"] == oxide) & (prices["form"] == "oxide")]
    fob = _fullest(of_oxide[(of_oxide["basis"] == "fob_china") & (of_oxide["currency"] == "USD")])
    domestic = _fullest(of_oxide[(of_oxide["basis"] == "china_domestic") & (of_oxide["currency"] == "CNY")])
    both = domestic.join(fob, how="inner", lsuffix="_domestic", rsuffix="_fob")
    known = both[["known_at_domestic", "known_at_fob"]].max(axis=1)
    return pd.DataFrame(
        {"fob": both["mean_fob"], "domestic": both["mean_domestic"], "vat": both["vat_domestic"], "known_at": known}
    )


def _fullest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per month: the source with most quotes in the month."""
    return rows.sort_values(["month", "count", "source"]).groupby("month")[["mean", "vat", "known_at"]].last()


