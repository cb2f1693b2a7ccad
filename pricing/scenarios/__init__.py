"""Scenarios: the economy solved again with levers at other values."""
