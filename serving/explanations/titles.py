"""What every line of an explanation is called."""

from __future__ import annotations

from pricing.explain import lines
from pricing.explain.gap import LEARNED, ON_PRIORS
from serving.flags import UNEXPLAINED
from serving.market_answer import WEDGE_TITLES

COST_TITLES = {
    "labour": "labour",
    "energy": "energy",
    "reagents": "reagents",
    "other_opex": "other operating cost",
    "overhead": "overhead and return on working capital",
    "environment": "abatement at the ex-China standard",
    "capital_charge": "capital charge",
    lines.MARGIN: "price less full cost",
}
CHANGE_TITLES = {
    **COST_TITLES,
    "capital_charge": "capital charge (required return)",
    lines.EXCHANGE_RATES: "exchange rates",
    lines.INFLATION: "US inflation",
    lines.MORE_TONNES: "larger plants, dearer tonnes",
    lines.SOURCE_MIX: "which sources supply",
    lines.MARGIN: "plants, demand held",
    lines.CO_PRODUCTS: "co-products, credits, royalty",
    lines.DEMAND: "demand, plants held",
    lines.CORRECTION: "learned correction",
    lines.DATA_REVISION: "data revision",
    lines.NEW_EVIDENCE: "new evidence",
    lines.MODEL_VERSION: "model version",
    "interval": "width of the 80 % interval",
}
FAIR_PRICE = "fair_price"
INTERVAL = "interval"  # what the ends of the 80 % interval moved by beside the price; only where there is no point
GAP_TITLES = {
    **WEDGE_TITLES,
    LEARNED: "learned correction",
    ON_PRIORS: "what rests on priors, together (closes the sum; no finding)",
    FAIR_PRICE: "fair price",
}
SAID = {UNEXPLAINED: "unexplained", ON_PRIORS: "what rests on priors, together"}  # in sentences, where titles run long


def gap_title(item: str) -> str:
    """Return what an item of a gap is called; its own words where it has no title yet."""
    return GAP_TITLES.get(item, item.replace("_", " "))
