"""Valuations: what a contract is worth over the months to come."""
