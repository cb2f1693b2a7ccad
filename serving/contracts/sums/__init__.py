"""Negotiators' sums: many short questions in one request."""
