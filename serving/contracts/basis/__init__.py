"""Basis risk: how far the reference of a clause parts from what its party buys or sells."""
