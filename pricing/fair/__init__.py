"""Fair prices: priors, weights, counterfactual worlds, wedges."""
