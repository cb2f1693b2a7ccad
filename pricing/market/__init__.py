"""The two-region market: what is observed of it, how it clears, how capacity grows."""
