"""May a version serve? What its leaderboard says against the champion's, in sentences.

Three rules, in this order. A version that gives no number, or estimates worse than the market price does, never
serves. A version that breaks a limit which the champion keeps on the same economies does not, nor one judged on fewer
families. A version that is worse than the champion by more than the bootstrap can explain, and by more than a stated
slack, does not. A limit that nobody has met yet is published as missed; it keeps nobody from serving, or the first
version never could.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from training.leaderboard.board import OURS, Board
from training.leaderboard.limits import limits
from training.leaderboard.panel import MARKET
from training.leaderboard.scores import TWINS, Score, picked
from training.leaderboard.settings import bootstrap, numbers

Floats = np.ndarray

EXPECTED = ("rmse_long_run", "rmse_short_run", "coverage80", "interval_score80")
COMPARED = ("rmse_long_run", "rmse_short_run", "interval_score80", *(f"leak_{twin}" for twin in TWINS))


def reasons_against(board: Board, champion: Board | None) -> tuple[str, ...]:
    """Return why a version may not serve, one sentence each; none when it may. No champion: the first rule alone."""
    found = [*_worthless(board)]
    if champion is not None:
        found += [*_broken(board, champion), *_worse(board, champion)]
    return tuple(found)


def _worthless(board: Board) -> Iterator[str]:
    if not board.families:
        yield "No leaderboard was run: nothing is known of how well this version recovers a fair price."
        return
    yield from _silent(board)
    ours = pooled(board, OURS)
    for peer in MARKET:
        market = pooled(board, peer)
        if not ours < market:
            yield f"Error over all families is {ours:.3f}; {peer} comes to {market:.3f}."


def _silent(board: Board) -> Iterator[str]:
    for family in board.families:
        scores = board.ours.get(family, {})
        lost = [name for name in EXPECTED if name not in scores or not np.isfinite(scores[name].value())]
        if lost:
            yield f"The estimator gives no number for {', '.join(lost)} on {family}."


def pooled(board: Board, peer: str) -> float:
    """Return the RMSE of a peer over the families that have a limit, each counting the same."""
    families = [family for family in numbers().under("limits.rmse_long_run") if family in board.families]
    errors = [board.value(family, peer, "rmse_long_run") for family in families or board.families]
    return float(np.sqrt(np.mean(np.square(errors))))


def _broken(board: Board, champion: Board) -> Iterator[str]:
    dropped = [family for family in champion.families if family not in board.families]
    if dropped:
        yield f"The champion is judged on {', '.join(dropped)} as well."
    kept = {limit.name: limit for limit in limits(champion) if limit.met}
    for limit in limits(board):
        if not limit.met and limit.name in kept and _same(board, champion, limit.family):
            yield f"Limit broken that the champion keeps ({kept[limit.name].found:.3f}): {limit}."


def _worse(board: Board, champion: Board) -> Iterator[str]:
    for family, scores in board.ours.items():
        before = champion.ours.get(family, {})
        for name in COMPARED:
            if name in scores and name in before:
                margin = _margin(scores[name], before[name], paired=_same(board, champion, family))
                if margin > numbers().value("gate.slack"):
                    yield (
                        f"Worse than the champion on {family}: {name} {scores[name].value():.3f} against "
                        f"{before[name].value():.3f}, by at least {margin:.3f} after the bootstrap interval."
                    )


def _same(board: Board, champion: Board, family: str) -> bool:
    return board.economies.get(family) == champion.economies.get(family)


def _margin(score: Score, before: Score, *, paired: bool) -> float:
    """Return by how much a score is worse at least: the low edge of the difference, or the gap between intervals."""
    how = bootstrap()
    tail = (1 - how.level) / 2
    samples = score.resampled(picked(score.parts.shape[1], how.samples, how.seed))
    others = before.resampled(picked(before.parts.shape[1], how.samples, how.seed))
    if paired:
        return float(np.quantile(samples - others, tail))
    return float(np.quantile(samples, tail) - np.quantile(others, 1 - tail))
