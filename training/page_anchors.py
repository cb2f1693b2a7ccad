"""Tables of the histories page that set fair prices beside anchors: incentive prices, the floor, realised prices.

Anchors come from the dataset with their sources; nothing in the model is tuned to them.
"""

from __future__ import annotations

import pandas as pd

from features.dataset import Dataset
from pricing.errors import DataError
from pricing.materials import Material
from training.page_markdown import NONE, interval, money, percent, table
from training.page_numbers import Numbers, inside
from training.page_prices import CHINA, FAIR, HIGH, LOW, OUTSIDE, TODAY, fair, mean_of

FLOOR, REALISED = "us_price_floor", "realised_mp"
CURVE_YEARS = ("2015", "2018", "2022", "2024")  # beside the last month
STUDIES = "Incentive price"
CHINA_INC = "market, China, inc VAT"
NDPR = Material.NDPR.value


def blocks(numbers: Numbers, dataset: Dataset) -> dict[str, str]:
    """Return the tables by the name of their block."""
    return {
        "incentive": incentive(numbers, dataset),
        "incentive-years": incentive_years(numbers),
        "realised": realised(numbers, dataset),
        "floor": floor(numbers, dataset),
        "studies": studies(dataset),
    }


def incentive(numbers: Numbers, dataset: Dataset) -> str:
    """Return the step curve of the last month, as known, beside the floor and the fair price."""
    head = ["t NdPr a year", "incentive price", "band", "Dy and Tb credit in it", "without that credit"]
    head += ["marginal project", "less the middle of fair", "floor less incentive"]
    middle, level = _last(numbers)[FAIR], floor_level(dataset)
    rows = []
    for _, row in _curve(numbers, str(numbers.model["last_month"])).iterrows():
        credit, without = row["heavy_credit_at_fair"], row["heavy_credit_zero"]
        name = str(row["marginal_project"]).replace("_", " ")
        price = money(row["price"]), interval(row["low"], row["high"]), money(credit), money(without)
        gaps = money(row["price"] - middle), money(level - row["price"])
        rows.append([f"{row['tonnes_ndpr']:,.0f}", *price, name, *gaps])
    return table(head, rows)


def incentive_years(numbers: Numbers) -> str:
    """Return the incentive price of each supply in the middle of some years, and the fair price as known then."""
    tonnes = sorted(numbers.incentive["tonnes_ndpr"].unique())
    known = numbers.months(NDPR, "as_known")
    months = [*(f"{year}-07" for year in CURVE_YEARS), str(numbers.model["last_month"])]
    rows = [
        [month, *(money(float(price)) for price in _curve(numbers, month)["price"]), money(known[FAIR][month])]
        for month in months
        if month in set(numbers.incentive["month"])
    ]
    return table(["month", *(f"{t:,.0f} t a year" for t in tonnes), "fair, as known: middle"], rows)


def realised(numbers: Numbers, dataset: Dataset) -> str:
    """Return what MP Materials received beside market and fair prices of the same months, latest."""
    head = [
        "months",
        "MP realised",
        "market, China",
        "market, ex-China",
        "fair (80 % interval)",
        "realised over its middle",
    ]
    latest, rows = numbers.months(NDPR), []
    sold = dataset.anchors[(dataset.anchors["basis"] == REALISED) & (dataset.anchors["material"] == NDPR)]
    for _, sale in sold.sort_values(["start", "end"]).iterrows():
        first, last, price = f"{sale['start']:%Y-%m}", f"{sale['end']:%Y-%m}", float(sale["value"])
        months = latest[inside(latest.index, f"{first}..{last}")]
        if len(months):
            mean = mean_of(months)
            beside = money(mean[CHINA]), money(mean[OUTSIDE]), fair(mean)
            rows.append([f"{first} to {last}", money(price), *beside, percent(price / mean[FAIR])])
    return table(head, rows)


def floor(numbers: Numbers, dataset: Dataset) -> str:
    """Return the floor less each price of the last month, both vintages of the fair price."""
    level, known, latest = floor_level(dataset), _last(numbers), numbers.months(NDPR).iloc[-1]
    prices = {
        "fair, as known: 10th percentile": known[LOW],
        "fair, as known: middle": known[FAIR],
        "fair, as known: 90th percentile": known[HIGH],
        "fair, latest: middle": latest[FAIR],
        "fair at today's capacities, as known": known[TODAY],
        "market, China, ex VAT": known[CHINA],
        CHINA_INC: known[CHINA] * (1 + _vat(dataset)),
        "market, ex-China": known[OUTSIDE],
    }
    prices |= {f"incentive, {row['tonnes_ndpr']:,.0f} t": row["price"] for _, row in _curve_last(numbers).iterrows()}
    rows = [[f"**floor** ({_floor_span(dataset)})", money(level), NONE, NONE]]
    rows += [[name, money(price), money(level - price), percent(level / price)] for name, price in prices.items()]
    return table([f"{known.name}, USD/kg NdPr oxide", "price", "floor less price", "floor over price"], rows)


def studies(dataset: Dataset) -> str:
    """Return incentive prices that others published, as the dataset holds them."""
    said = dataset.facts[dataset.facts["topic"] == STUDIES]
    rows = said[said[["low", "central"]].notna().any(axis=1)]
    return table(
        ["published incentive price", "USD/kg NdPr", "as of"],
        [[str(r["item"]), str(r["value"]), str(r["as_of"])] for _, r in rows.iterrows()],
    )


def floor_level(dataset: Dataset) -> float:
    """Return the price floor in force for NdPr, USD/kg. DataError when the dataset has none."""
    return float(_floor_row(dataset)["value"])


def _floor_span(dataset: Dataset) -> str:
    row = _floor_row(dataset)
    return f"{row['start']:%Y-%m-%d} to {row['end']:%Y-%m-%d}"


def _floor_row(dataset: Dataset) -> pd.Series:
    rows = dataset.policy[dataset.policy["instrument"] == FLOOR]
    if rows.empty:
        msg = f"policy: no regime {FLOOR}; the page compares with it. Use the shipped dataset."
        raise DataError(msg)
    return rows.iloc[-1]


def _vat(dataset: Dataset) -> float:
    rows = dataset.policy[dataset.policy["instrument"] == "vat"].sort_values("start")
    return float(rows["value"].iloc[-1]) / 100


def _last(numbers: Numbers) -> pd.Series:
    return numbers.months(NDPR, "as_known").iloc[-1]


def _curve(numbers: Numbers, month: str) -> pd.DataFrame:
    rows = numbers.incentive[numbers.incentive["month"] == month]
    return rows.sort_values("tonnes_ndpr")


def _curve_last(numbers: Numbers) -> pd.DataFrame:
    return _curve(numbers, str(numbers.model["last_month"]))
