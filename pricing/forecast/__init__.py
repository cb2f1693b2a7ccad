"""Market forecasts: conformal intervals, the rule that says whether there is skill, scores, and what is published."""
