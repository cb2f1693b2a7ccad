"""The market forecast: fit, walk forward through time, judge, publish."""
