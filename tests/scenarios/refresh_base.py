"""Bring the levers and tariffs of the tests' base up to what is shipped; everything else stays as its fit wrote it.

.venv/bin/python tests/scenarios/refresh_base.py
"""

from __future__ import annotations

import json
from pathlib import Path

from features.dataset import load_dataset
from features.levers import load_levers
from features.tariffs import importer_shares, tariffs

FILE = Path(__file__).parent / "base.json"


def main() -> None:
    """Rewrite the file."""
    plain = json.loads(FILE.read_text(encoding="utf-8"))
    dataset, month = load_dataset(), plain["month"]
    plain["levers"] = load_levers().plain()
    plain["tariffs"], plain["importer_shares"] = tariffs(dataset, month), importer_shares(dataset, month)
    FILE.write_text(json.dumps(plain), encoding="utf-8")


if __name__ == "__main__":
    main()
