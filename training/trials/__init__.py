"""Trials on real data: what the method says around known events, and how it answers to data it should not lean on."""
