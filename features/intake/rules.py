"""When a new row is held back, from features/data/intake_rules.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).resolve().parent.parent / "data" / "intake_rules.yaml"


@cache
def intake_rules(path: Path = RULES) -> dict[str, Any]:
    """Return the rules by name; the file says what each number is and where it comes from."""
    rules: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return rules
