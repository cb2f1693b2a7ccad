"""Outlook: the months to come that a contract is valued on, as states, deck or paths."""
