"""The model card: what the model is, what it was fitted on, how well it does, and where it does badly."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pricing.bundle import Bundle
from pricing.bundle_tables import STATUSES
from pricing.market.supply import Region
from training.forecast.card import forecast_rows
from training.leaderboard.board import Board
from training.leaderboard.summary import ours_by_family, reached
from training.likeness import market_likeness, told
from training.metrics import fair, materials, of_material

WORST_MONTHS = 5

LIMITS = """
- Everything is conditional on published priors: the support sets, cost ratios, elasticities and lags in
  `features/data/expert`. Where an interval is as wide as its prior, the data did not identify the number.
- Subsidies, capacities and Dy and Tb costs are not observed as series; they rest on priors. The table of evidence says
  which share of the inputs was observed.
- Ex-China prices of Dy and Tb after 4 April 2025 are thin quotes: bands, not points.
- `as known` replays the panel with today's method and today's expert numbers; series without vintages (GPR, TPU, USGS)
  are today's, so the replay is pseudo-real-time.
- The fair price is not a forecast and not a floor; the incentive price is the number to set a floor against.
"""


def write_card(bundle: Bundle, metrics: Mapping[str, float], board: Board) -> str:
    """Return the card as Markdown; `metrics` and `board` are those logged with the fit."""
    sections = (
        _identity(bundle),
        "## Latest month\n\n" + _table(_latest_rows(bundle)),
        "## How well it explains the market\n\n" + _table(_quality_rows(bundle, metrics)),
        "## How well it recovers known truths\n\n" + _recovery(board),
        "## How unlike the simulated economies\n\n" + _likeness(bundle),
        "## How well it forecasts the market\n\n" + _table(forecast_rows(bundle.forecasts)),
        "## Months it explains worst\n\n" + _table(_worst_rows(bundle)),
        "## Months without a number\n\n" + _table(_status_rows(bundle)),
        "## What was observed\n\n" + _table(_evidence_rows(bundle)),
        "## Limits\n\n" + LIMITS.strip(),
    )
    return "\n\n".join(sections) + "\n"


def _identity(bundle: Bundle) -> str:
    return f"""# Fair prices of NdPr, Dy and Tb oxide

What the three oxides should cost delivered outside China, had state support, quotas and illegal output, export duties
and licences, VAT kept on exports, stockpiling and unpaid abatement never existed. Nominal USD per kg of oxide ex VAT,
monthly from {bundle.first_month} to {bundle.last_month}.

- Method {bundle.method}: normal values per route, a two-region equilibrium over joint baskets, prior draws weighted by
  how well the distorted simulation explains observed prices and output; the fair price is the undistorted simulation
  under the same draws. Headline support set: market-economy cost.
- Data: dataset `{bundle.dataset_digest[:12]}`, last day {bundle.last_day}. Draws {bundle.draws}, seed {bundle.seed}."""


def _latest_rows(bundle: Bundle) -> pd.DataFrame:
    rows = []
    for material in materials(bundle.history_latest):
        last = of_material(bundle.history_latest, material).iloc[[-1]]
        month = last.iloc[0]
        rows.append(
            {
                "material": material,
                "month": last.index[0],
                "status": month["status"],
                "fair, long-run": fair(last).iloc[0],
                "80 % interval": _interval(fair(last, "p10").iloc[0], fair(last, "p90").iloc[0]),
                "fair at today's capacities": fair(last, horizon="short_run").iloc[0],
                "market, China": month[f"market.{Region.CHINA}"],
                "market, ex-China": month[f"market.{Region.EX_CHINA}"],
                "P(market < fair), ex-China": month[f"p_market_below_fair.{Region.EX_CHINA}"],
            }
        )
    return pd.DataFrame(rows)


def _quality_rows(bundle: Bundle, metrics: Mapping[str, float]) -> pd.DataFrame:
    names = {
        "miss, RMS of ln(model / market), China": f"miss_rms_ln.{Region.CHINA}",
        "the same, ex-China": f"miss_rms_ln.{Region.EX_CHINA}",
        "slope of 12-month changes on the market's": "slope_of_12_month_changes",
        "width of the 80 % interval, ln": "width80_ln",
        "fewest effective draws in a month": "ess_min",
        "Monte Carlo error of the last centre, ln": "mc_error_ln",
    }
    return pd.DataFrame(
        [
            {"vintage": vintage.replace("_", " "), "material": material}
            | {label: metrics.get(f"{vintage}.{name}.{material}", np.nan) for label, name in names.items()}
            for vintage in ("latest", "as_known")
            for material in materials(bundle.history_latest)
        ]
    )


def _recovery(board: Board) -> str:
    if not board.families:
        return "No leaderboard was run for this version."
    said = f"""On simulated economies whose truth is known, {board.size.economies} of each family, RMS of ln(estimate /
truth) where nothing else is said. So few serve to notice a version that is worse; docs/leaderboard.md has more."""
    return f"{said}\n\n{_table(ours_by_family(board))}\n\n{reached(board)}"


def _likeness(bundle: Bundle) -> str:
    said = "How the model misses prices of the latest history, beside simulated economies that are seen as poorly:"
    return "\n".join([said, "", *(f"- {line}" for line in told(market_likeness(bundle.history_latest)))])


def _worst_rows(bundle: Bundle) -> pd.DataFrame:
    rows = bundle.history_latest
    gap = np.log(rows[f"model.{Region.CHINA}"].to_numpy(float) / rows[f"market.{Region.CHINA}"].to_numpy(float))
    table = pd.DataFrame(
        {
            "material": rows["material"],
            "month": rows["month"],
            "market, China": rows[f"market.{Region.CHINA}"],
            "model, China": rows[f"model.{Region.CHINA}"],
            "ln(model / market)": gap,
        }
    ).dropna()
    order = table["ln(model / market)"].abs().sort_values(ascending=False, kind="stable").index
    ranked = table.loc[order].groupby("material", sort=False).head(WORST_MONTHS)
    return ranked.sort_values(["material", "month"])


def _status_rows(bundle: Bundle) -> pd.DataFrame:
    rows = []
    for vintage, history in (("latest", bundle.history_latest), ("as known", bundle.history_as_known)):
        for material in materials(history):
            counts = of_material(history, material)["status"].value_counts()
            rows.append({"vintage": vintage, "material": material} | {s: int(counts.get(s, 0)) for s in STATUSES})
    return pd.DataFrame(rows)


def _evidence_rows(bundle: Bundle) -> pd.DataFrame:
    shares = bundle.evidence.groupby("material", sort=False)[["observed", "derived", "prior"]].mean()
    return shares.reset_index()


def _interval(low: float, high: float) -> str:
    return f"{_text(low)} to {_text(high)}"


def _table(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "None."
    head = ["| " + " | ".join(map(str, frame.columns)) + " |", "|" + "---|" * len(frame.columns)]
    return "\n".join(head + ["| " + " | ".join(map(_text, row)) + " |" for row in frame.itertuples(index=False)])


def _text(value: object) -> str:
    if isinstance(value, float):
        return "-" if np.isnan(value) else f"{value:.{0 if abs(value) >= 100 else 2}f}"
    return str(value)
