"""Stages: from oxide to metal and magnet, and what a tariff does on the way."""
