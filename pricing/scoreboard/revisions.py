"""How far fair prices moved once more was known: share inside the first interval, and the size of revisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.forecast.scores import Floats, block_length, independent_windows, ratio_band
from pricing.scoreboard.fair_rows import FairRow
from pricing.scoreboard.settings import POOLED, Settings

Ends = tuple[float, float] | None  # None where too few windows lie side by side


@dataclass(frozen=True, slots=True)
class RevisionScore:
    """How the latest values of a material lie to the first ones; ln(latest / as known).

    `windows` blocks of `block_months` fit side by side into the months; bands are block-bootstrap and need
    `least_windows` of them. `largest_ln`, and over fewer windows every other score of size, takes revisions in
    tenths where a point is withheld: few of them would give it away.
    """

    material: str
    first_month: str
    last_month: str
    months: int
    block_months: int
    windows: int
    inside: float
    inside_band: Ends
    median_ln: float
    median_size_ln: float
    rms_ln: float
    rms_band: Ends
    largest_ln: float
    largest_month: str
    largest_material: str


def revision_scores(rows: Sequence[FairRow], settings: Settings) -> tuple[RevisionScore, ...]:
    """Return the score of all materials pooled and of each, over the months that are scored."""
    scored = [row for row in rows if row.month >= settings.first_month and row.revision_ln is not None]
    materials = dict.fromkeys(row.material for row in scored)
    groups = {POOLED: scored} | {name: [row for row in scored if row.material == name] for name in materials}
    return tuple(_score(name, group, settings) for name, group in groups.items() if group)


def worst_revisions(rows: Sequence[FairRow], settings: Settings) -> tuple[FairRow, ...]:
    """Return each material's months that were revised most, largest first."""
    scored = [row for row in rows if row.month >= settings.first_month and row.revision_ln is not None]
    found: list[FairRow] = []
    for material in dict.fromkeys(row.material for row in scored):
        own = [row for row in scored if row.material == material]
        found += sorted(own, key=lambda row: -abs(row.revision_ln or 0.0))[: settings.worst_months]
    return tuple(found)


def _score(name: str, rows: Sequence[FairRow], settings: Settings) -> RevisionScore:
    months = sorted({row.month for row in rows})
    moved = np.array([row.revision_ln for row in rows], dtype=float)
    worst = rows[int(np.argmax(np.abs(moved)))]
    squares, inside, count = (np.array(list(sums)) for sums in zip(*_by_month(rows, months), strict=True))
    block = block_length(1, settings.how.least_block)
    windows = independent_windows(len(months), block)
    several = windows >= settings.least_windows
    told = moved if several else np.array([row.told_revision_ln or 0.0 for row in rows])
    return RevisionScore(
        material=name,
        first_month=months[0],
        last_month=months[-1],
        months=len(rows),
        block_months=block,
        windows=windows,
        inside=float(inside.sum() / count.sum()),
        inside_band=_band(inside, count, settings, root=False) if several else None,
        median_ln=float(np.median(told)),
        median_size_ln=float(np.median(np.abs(told))),
        rms_ln=float(np.sqrt(np.mean(told**2))),
        rms_band=_band(squares, count, settings, root=True) if several else None,
        largest_ln=worst.told_revision_ln or 0.0,
        largest_month=worst.month,
        largest_material=worst.material,
    )


def _by_month(rows: Sequence[FairRow], months: Sequence[str]) -> Iterator[tuple[float, float, float]]:
    """Yield, month by month, squared revisions, rows inside, and rows."""
    for month in months:
        own = [row for row in rows if row.month == month]
        yield sum((row.revision_ln or 0.0) ** 2 for row in own), sum(bool(row.inside) for row in own), float(len(own))


def _band(above: Floats, below: Floats, settings: Settings, *, root: bool) -> Ends:
    low, high = ratio_band(above, below, 1, settings.how, root=root)
    return None if np.isnan(low) else (low, high)
