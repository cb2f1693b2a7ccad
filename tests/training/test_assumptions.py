"""What the fit believes agrees with what the prices it is held against were made from."""

from features.rules import price_rules
from training.assumptions import shipped_prior


def test_freight_to_a_buyer_outside_is_one_number_in_market_prices_and_in_fair_ones() -> None:
    rule, row = price_rules()["freight_usd_per_kg"], shipped_prior().rows["freight"]
    assert (row.low, row.central, row.high) == (rule["low"], rule["central"], rule["high"])
