"""The numbers to reach: which a board meets, which it misses, as the design states them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pricing.parameters import Parameter
from training.leaderboard.board import OURS, UNCORRECTED, Board
from training.leaderboard.panel import MOVED_LESS
from training.leaderboard.scores import TWINS
from training.leaderboard.settings import numbers


@dataclass(frozen=True)
class Limit:
    """One number to reach on one family, and what was found; a number that cannot be had is missed."""

    family: str
    score: str
    peer: str
    found: float
    lowest: float  # allowed
    highest: float
    aimed: bool  # the aim behind the limit is reached too

    @property
    def met(self) -> bool:
        """Return whether the number is within its limits; NaN is not."""
        return self.lowest <= self.found <= self.highest

    @property
    def name(self) -> str:
        """Return what is limited on which family, the same in every version."""
        return f"{self.score}, {self.family}" + ("" if self.peer == OURS else ", no correction")

    @property
    def what(self) -> str:
        """Return what is limited on any family."""
        return self.score + ("" if self.peer == OURS else ", no correction")

    @property
    def allowed(self) -> str:
        """Return the limits in words."""
        bounds = [f"from {self.lowest:.3g}"] if self.lowest > MINUS else []
        bounds += [f"to {self.highest:.3g}"] if self.highest < PLUS else []
        return " ".join(bounds)

    def __str__(self) -> str:
        return f"{self.name}: {self.found:.3f}, allowed {self.allowed}"


MINUS, PLUS = float("-inf"), float("inf")


def limits(board: Board) -> list[Limit]:
    """Return every number to reach on this board, met or not."""
    return [*_errors(board), *_leakage(board), *_coverage(board), *_changes(board)]


def missed(board: Board) -> list[Limit]:
    """Return the numbers a board does not reach."""
    return [limit for limit in limits(board) if not limit.met]


def _errors(board: Board) -> Iterator[Limit]:
    for family, must in numbers().under("limits.rmse_long_run").items():
        if family in board.families:
            yield _below(board, family, "rmse_long_run", OURS, must)


def _leakage(board: Board) -> Iterator[Limit]:
    measured = set(board.table["score"])
    for peer, kind in ((OURS, "corrected"), (UNCORRECTED, "uncorrected")):
        must = numbers()[f"limits.leakage.{kind}"]
        for family in board.families:
            names = [f"leak_{twin}" for twin in TWINS if f"leak_{twin}" in measured]
            yield from (_below(board, family, name, peer, must) for name in names)


def _coverage(board: Board) -> Iterator[Limit]:
    lowest, highest = (numbers()[f"limits.coverage80.{end}"] for end in ("lowest", "highest"))
    for family in board.families:
        found = board.value(family, OURS, "coverage80")
        aimed = lowest.high <= found <= highest.low
        yield Limit(family, "coverage80", OURS, found, lowest.value, highest.value, aimed)


def _changes(board: Board) -> Iterator[Limit]:
    """Yield that 12-month changes follow the truth better than market, constant and 60-month mean do."""
    for family in board.families:
        found, rivals = (
            [board.value(family, peer, "correlation_12m") for peer in peers] for peers in ((OURS,), MOVED_LESS)
        )
        best = max(rivals)
        yield Limit(family, "correlation_12m", OURS, found[0], best, PLUS, found[0] > best)


def _below(board: Board, family: str, score: str, peer: str, must: Parameter) -> Limit:
    found = board.value(family, peer, score)
    return Limit(family, score, peer, found, MINUS, must.value, found <= must.low)
