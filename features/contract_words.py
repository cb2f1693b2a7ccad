"""The numbers from which on an answer about a contract uses a word or a flag."""

from __future__ import annotations

from functools import cache

from features.expert import FOLDER, load_expert
from pricing.parameters import ParameterSet

FILE = FOLDER / "contract_words.yaml"
LEVEL_FAR, TOGETHER, FEW_FIXINGS = "level_far_from_prices", "moves_together", "few_fixings"
HARDLY = "hardly"


@cache
def contract_words() -> ParameterSet:
    """Return the shipped numbers by dotted name; DataError when the file is damaged."""
    return load_expert(FILE)[0]


def moves_together(correlation: float) -> str:
    """Return how two prices move together, in a word.

    >>> moves_together(0.95), moves_together(0.84), moves_together(0.5), moves_together(-0.9)
    ('closely', 'mostly', 'loosely', 'hardly')
    """
    steps = contract_words().under(TOGETHER)
    held = [(one.value, word) for word, one in steps.items() if correlation >= one.value]
    return max(held)[1] if held else HARDLY
