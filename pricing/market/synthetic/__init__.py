"""Simulated two-region economies whose fair prices are known: the only place where a claim about distortion is tested.

Written apart from the estimator's own economy, so that the estimator is judged on another model than its own.
"""

from pricing.market.synthetic.economies import Economies
from pricing.market.synthetic.family import Family
from pricing.market.synthetic.simulation import simulate

__all__ = ["Economies", "Family", "simulate"]
