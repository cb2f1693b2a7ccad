"""Whether a version may serve: the gate's verdict on its leaderboard, and who set the verdict aside."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pricing.bundle import Bundle
from pricing.errors import BundleError, DataError
from training.config import TrainingConfig
from training.leaderboard.board import Board, read_board
from training.leaderboard.gate import reasons_against
from training.leaderboard.summary import reached
from training.registry import champion
from training.retrain.published import bundle_of
from training.retrain.status_change import status_change
from training.tracking import LEADERBOARD, fetched


@dataclass(frozen=True)
class Verdict:
    """What the gate says, and what was made of it."""

    against: tuple[str, ...]  # why the version may not serve, one sentence each
    asked: bool  # whether it was to serve at all
    anyway: str | None = None  # why it serves all the same
    by: str = ""  # who said so

    @property
    def serves(self) -> bool:
        """Return whether the version is to serve."""
        return self.asked and (not self.against or self.anyway is not None)

    def also(self, against: Iterable[str]) -> Verdict:
        """Return the verdict with more reasons against the version."""
        return replace(self, against=(*self.against, *against))

    def tags(self) -> dict[str, str]:
        """Return the verdict as tags of a run and of its version in the registry."""
        found = {"gate": "refused" if self.against else "passed", "serves_from_here": str(self.serves).lower()}
        if self.against:
            found["gate_reasons"] = "\n".join(self.against)
        if self.against and self.serves and self.anyway:
            found |= {"promoted_anyway": self.anyway, "promoted_anyway_by": self.by}
        return found


def verdict_on(config: TrainingConfig, board: Board, scratch: Path) -> Verdict:
    """Return whether a version with this leaderboard may serve in the place of the champion."""
    try:
        against = reasons_against(board, champion_board(config.tracking_uri, scratch))
    except DataError as fault:
        against = (f"The champion's leaderboard cannot be read: {fault}",)
    return Verdict(against, config.promote, config.promote_anyway, user())


def champion_board(tracking_uri: str, scratch: Path) -> Board | None:
    """Return the leaderboard of the version that serves; None when none serves, or it was made before there was one."""
    serving = champion(tracking_uri)
    if serving is None or not serving.run_id:
        return None
    folder = fetched(tracking_uri, serving.run_id, LEADERBOARD, scratch)
    return read_board(folder) if folder else None


def lost_prices(tracking_uri: str, bundle: Bundle, scratch: Path) -> list[str]:
    """Return the prices that the version that serves has and a bundle would not, as reasons against the bundle."""
    serving = champion(tracking_uri)
    if serving is None:
        return []
    try:
        return status_change(bundle, bundle_of(tracking_uri, serving, scratch)).against()
    except BundleError as fault:
        return [f"The champion's bundle cannot be read: {fault}"]


def user() -> str:
    """Return who runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return f"user {os.getuid()}"


def said(board: Board, found: Verdict) -> list[str]:
    """Return the leaderboard's verdict in lines for the screen."""
    lines = [f"Leaderboard: {reached(board)}"]
    if found.against:
        lines += ["Against this version:", *(f"- {reason}" for reason in found.against)]
        if found.serves:
            lines.append(f"{found.by} lets it serve all the same: {found.anyway}")
        else:
            lines.append("It is registered and not promoted. `--promote-anyway REASON` sets this aside, on the record.")
    return lines
