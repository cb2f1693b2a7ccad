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
    """Rent in the months that have a quote in both markets, nominal USD/kg."""

    month: np.ndarray  # datetime64[M], sorted
    rent: Floats
    fob: Floats


def rent_points(prices: pd.DataFrame, by_month: pd.DataFrame, material: Material) -> RentPoints:
    """Return FOB less the domestic price with VAT and duty, for each month with both.

    `by_month` has duty, vat (rates) and fx (CNY per USD). Nd and Pr are weighed as in NdPr; a month that has Nd alone
    stands on Nd.
    """
    pairs = pd.concat([_pairs(prices, oxide).assign(weight=weight) for oxide, weight in OXIDES[material].items()])
    pairs = pairs.join(by_month, how="inner")
    taxed = (
        pairs["domestic"] * np.where(pairs["vat_in_quote"] == "excluded", 1 + pairs["vat"], 1.0) * (1 + pairs["duty"])
    )
    both = pd.DataFrame({"rent": pairs["fob"] - taxed / pairs["fx"], "fob": pairs["fob"]})
    weighed = both.mul(pairs["weight"], axis=0).groupby(level=0).sum()
    mean = weighed.div(pairs["weight"].groupby(level=0).sum(), axis=0)
    return RentPoints(mean.index.to_numpy().astype("datetime64[M]"), mean["rent"].to_numpy(), mean["fob"].to_numpy())


def quota_rent(
    dataset: Dataset, material: Material, months: Sequence[str], experts: Mapping[str, ExpertPath], vintage: Vintage
) -> Banded:
    """Return the rent of each month (T,) of export quotas, nominal USD/kg.

    Months with quotes in both markets as they are; straight lines between them, wide, from the licence price of late
    2010 on. As known, a month without a pair stands on the last one.
    """
    by_month = _by_month(dataset, material, months, vintage)
    prices = _quoted(dataset.prices, material)
    whole = rent_points(prices, by_month, material)
    rents = []
    for month in months:
        known = prices[prices["known_at"] <= pd.Timestamp(vintage_day(month))]
        points = whole if vintage == "latest" else rent_points(known, by_month, material)
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


def _by_month(dataset: Dataset, material: Material, months: Sequence[str], vintage: Vintage) -> pd.DataFrame:
    rates = {
        "duty": PERCENT * monthly_policy(dataset.policy, "export_duty", material, months, vintage),
        "vat": PERCENT * monthly_policy(dataset.policy, "vat", ALL, months, vintage),
        "fx": monthly(dataset.panel, FX, months, how="exact"),
    }
    return pd.DataFrame(rates, index=pd.Index(list(months), name="month")).dropna()


def _quoted(prices: pd.DataFrame, material: Material) -> pd.DataFrame:
    """Return the rows a rent can stand on: FOB in USD and domestic in CNY of the material's oxides."""
    oxides = prices["material"].isin(list(OXIDES[material])) & (prices["form"] == "oxide")
    fob = (prices["basis"] == "fob_china") & (prices["currency"] == "USD")
    domestic = (prices["basis"] == "china_domestic") & (prices["currency"] == "CNY")
    return prices[oxides & (fob | domestic)]


def _month(
    points: RentPoints, month: str, material: Material, experts: Mapping[str, ExpertPath]
) -> tuple[float, float, float, Evidence]:
    licence = experts["licence_price_2010"].points
    if LICENCE_MONTHS[0] <= month <= LICENCE_MONTHS[1]:
        return float(licence.value[0]), float(licence.low[0]), float(licence.high[0]), Evidence.DERIVED
    when = np.append(np.datetime64(LICENCE_MONTHS[1], "M"), points.month).astype(int)
    here = int(np.datetime64(month, "M").astype(int))
    rent = float(np.interp(here, when, np.append(licence.value[0], points.rent)))
    if here in when:
        error = experts["quota_rent_pair_error"].number() * float(points.fob[points.month.astype(int) == here][0])
        return rent, rent - error, rent + error, Evidence.DERIVED
    error = experts[f"quota_rent_unseen_error_{material.lower()}"].number()
    return rent, rent - error, rent + error, Evidence.PRIOR


def _pairs(prices: pd.DataFrame, oxide: str) -> pd.DataFrame:
    """Return month -> fob (USD/kg), domestic (CNY/kg), vat_in_quote, from the fullest source of each basis."""
    rows = prices[prices["material"] == oxide]
    fob, domestic = (_fullest(rows[rows["basis"] == basis]) for basis in ("fob_china", "china_domestic"))
    both = domestic.join(fob, how="inner", lsuffix="_domestic", rsuffix="_fob")
    return pd.DataFrame(
        {"fob": both["mean_fob"], "domestic": both["mean_domestic"], "vat_in_quote": both["vat_domestic"]}
    )


def _fullest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per month: the source with most quotes in the month."""
    ordered = rows.sort_values(["month", "count", "source"])
    return ordered.drop_duplicates("month", keep="last").set_index("month")[["mean", "vat"]]
