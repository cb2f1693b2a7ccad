"""Scenarios: overrides read, the economy solved again, answers kept under their id."""
