"""Small sums that negotiators do, each from stated numbers alone."""
