"""The lines of an explanation, one name each."""

from __future__ import annotations

from pricing.costs.stack import Component

# What a source spends, in the order of its cost stack; royalty and credits are on the side of revenue.
SPENT = {
    Component.LABOUR: "labour",
    Component.ENERGY: "energy",
    Component.REAGENTS: "reagents",
    Component.OTHER_OPEX: "other_opex",
    Component.SGA_PROFIT: "overhead",
    Component.ENVIRONMENT: "environment",
    Component.CAPITAL: "capital_charge",
}
COSTS = tuple(SPENT.values())
EXCHANGE_RATES, MORE_TONNES, SOURCE_MIX = "exchange_rates", "more_tonnes", "source_mix"
INFLATION, MARGIN, CO_PRODUCTS, CORRECTION = "inflation", "margin", "co_products", "learned_correction"
DEMAND = "demand"
INPUTS = (*COSTS, EXCHANGE_RATES, INFLATION, MORE_TONNES, SOURCE_MIX, MARGIN, CO_PRODUCTS, DEMAND, CORRECTION)
DATA_REVISION, NEW_EVIDENCE, MODEL_VERSION = "data_revision", "new_evidence", "model_version"
CHANGES = (*INPUTS, DATA_REVISION, NEW_EVIDENCE)  # within one published model
