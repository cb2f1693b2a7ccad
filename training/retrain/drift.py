"""The drift report: what moved away from its own history. Its flags are for a person; they stop no version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from features.dataset import Dataset
from pricing.bundle import Bundle
from training.retrain.drift_coverage import coverage
from training.retrain.drift_inputs import inputs
from training.retrain.drift_residuals import residuals
from training.retrain.drift_row import Row

PAGE, RECORD = "drift.md", "drift.json"
PARTS = {
    "inputs": "Inputs: the last value, its recent moves and its age, each against the series' own history",
    "residuals": "Residuals: ln(market / distorted model), recent months against those before",
    "coverage": "Coverage: what past intervals held, against what they said",
}


@dataclass(frozen=True)
class Drift:
    """Every number looked at, by part of the report."""

    rows: Mapping[str, Sequence[Row]]

    def flags(self) -> list[str]:
        """Return what lies beyond its threshold, one line each."""
        return [f"{part}: {row}" for part, rows in self.rows.items() for row in rows if row.flagged]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        plain = {part: [{**asdict(row), "flagged": row.flagged} for row in rows] for part, rows in self.rows.items()}
        return {"flags": self.flags(), **plain}

    def write(self, folder: Path) -> None:
        """Write the report as a page and as JSON."""
        (folder / PAGE).write_text("\n".join(self._page()) + "\n", encoding="utf-8")
        (folder / RECORD).write_text(json.dumps(self.as_dict(), indent=1) + "\n", encoding="utf-8")

    def _page(self) -> Iterator[str]:
        flags = self.flags()
        yield from ("# Drift report", "", f"{len(flags)} flags. Thresholds: features/data/expert/retrain.yaml.")
        for part, title in PARTS.items():
            rows = self.rows.get(part, ())
            flagged = [row for row in rows if row.flagged]
            yield from ("", f"## {title}", "", f"{len(rows)} numbers, {len(flagged)} flagged.")
            shown = flagged if part == "inputs" else rows
            if shown:
                yield from ("", "| of | what | found | allowed | flag |", "|---|---|---|---|---|")
            for row in shown:
                yield f"| {row.about} | {row.what} | {row.found:.3g} | {row.allowed} | {'yes' if row.flagged else ''} |"


def drift(dataset: Dataset, candidate: Bundle, champion: Bundle | None) -> Drift:
    """Return the report on a dataset and the candidate fitted on it; coverage is that of what the champion said."""
    return Drift(
        {
            "inputs": inputs(dataset),
            "residuals": residuals(candidate),
            "coverage": coverage(candidate, champion) if champion else [],
        }
    )
