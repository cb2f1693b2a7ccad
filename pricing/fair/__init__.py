"""Fair prices: priors, weights, counterfactual worlds, wedges."""

METHOD = "1"  # raised whenever the same data would give other prices
