"""Contracts at the doors: what terms pay, what they are worth, and which terms are worth as much."""
