"""Explanations: why a fair price moved, and what lies between it and the market."""
