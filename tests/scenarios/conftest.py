"""A base as a model carries it: `base.json` is the file of a fit of 1,024 draws, of which 64 were kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pricing.scenarios.base import ScenarioBase
from pricing.scenarios.plain import from_plain


@pytest.fixture(scope="session")
def base() -> ScenarioBase:
    """Return the base; what it computes once is shared."""
    return from_plain(json.loads((Path(__file__).parent / "base.json").read_text(encoding="utf-8")))
