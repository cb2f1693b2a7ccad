"""The scoreboard of a bundle: rows and scores of fair prices; forecasts have theirs in their record."""

from __future__ import annotations

from dataclasses import dataclass

from pricing.bundle import Bundle
from pricing.scoreboard.fair_rows import FairRow, fair_rows
from pricing.scoreboard.misses import Miss, worst_misses
from pricing.scoreboard.revisions import RevisionScore, revision_scores, worst_revisions
from pricing.scoreboard.settings import Settings
from pricing.scoreboard.toward import TowardScore, toward_scores


@dataclass(frozen=True)
class FairBoard:
    """Every fair price of a bundle beside what came later, and how that went."""

    settings: Settings
    rows: tuple[FairRow, ...]
    revisions: tuple[RevisionScore, ...]
    towards: tuple[TowardScore, ...]
    worst_revisions: tuple[FairRow, ...]
    worst_misses: tuple[Miss, ...]


def fair_board(bundle: Bundle, settings: Settings) -> FairBoard:
    """Return the board of a bundle's fair prices; about a second of work."""
    rows = fair_rows(bundle.history_as_known, bundle.history_latest, settings.months_ahead)
    return FairBoard(
        settings=settings,
        rows=rows,
        revisions=revision_scores(rows, settings),
        towards=toward_scores(rows, settings),
        worst_revisions=worst_revisions(rows, settings),
        worst_misses=worst_misses(rows, settings),
    )
