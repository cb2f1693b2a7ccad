"""Settlements: what terms pay on prices that are known or given."""
