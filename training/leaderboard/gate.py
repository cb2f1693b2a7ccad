"""May a version serve? What its leaderboard says against the champion's, in sentences.

Three rules, in this order. A version that gives no number, or estimates worse than the market price does, never
serves. A version that breaks a limit which the champion keeps on the same economies does not, nor one judged on fewer
families. A version that is worse than the champion by more than the bootstrap can explain does not. What is worse by
less than a stated slack is let pass. A limit that nobody has met yet is published as missed; it keeps nobody from
serving, or the first version never could.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from training.leaderboard.board import OURS, Board
from training.leaderboard.limits import limits
from training.leaderboard.panel import MARKET
from training.leaderboard.scores import TWINS, Score, picked
from training.leaderboard.settings import bootstrap, numbers

Floats = np.ndarray

EXPECTED = ("rmse_long_run", "rmse_short_run", "coverage80", "interval_score80")
BY_FAMILY = ("rmse_long_run", "rmse_short_run", "interval_score80")  # compared with the champion's
OVER_ALL = tuple(f"leak_{twin}" for twin in TWINS)  # of one family some twins hardly move the market


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
            yield f"Error over the families with a limit is {ours:.3f}; {peer} comes to {market:.3f}."


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
        before = None if limit.met else kept.get(limit.name)
        moved = before is not None and abs(limit.found - before.found) > slack()
        if before is not None and moved and _same(board, champion, [limit.family]):
            yield f"Limit broken that the champion keeps ({before.found:.3f}): {limit}."


def _worse(board: Board, champion: Board) -> Iterator[str]:
    common = [family for family in board.families if family in champion.families]
    asked = [(name, [family]) for name in BY_FAMILY for family in common] + [(name, common) for name in OVER_ALL]
    for name, families in asked:
        now, before = over(board, name, families), over(champion, name, families)
        if now is None or before is None:
            continue
        margin = _margin(now, before, paired=_same(board, champion, families))
        if not margin <= slack():
            yield (
                f"Worse than the champion on {', '.join(families)}: {name} {now.value():.3f} against "
                f"{before.value():.3f}, by at least {margin:.3f} after the bootstrap interval."
            )


def over(board: Board, name: str, families: Sequence[str]) -> Score | None:
    """Return our score over the economies of some families together, None where none of them has it."""
    found = [board.ours[family][name] for family in families if name in board.ours[family]]
    return Score(found[0].formula, np.concatenate([score.parts for score in found], axis=1)) if found else None


def slack() -> float:
    """Return by how much a score may be worse and nobody minds."""
    return numbers().value("gate.slack")


def _same(board: Board, champion: Board, families: Sequence[str]) -> bool:
    return all(board.economies.get(family) == champion.economies.get(family) for family in families)


def _margin(score: Score, before: Score, *, paired: bool) -> float:
    """Return by how much a score is worse at least: the low edge of the difference, or the gap between intervals.

    A sample in which no twin's distortion bound has no leakage, and counts for nothing; NaN when none has a number.
    """
    how = bootstrap()
    tail = (1 - how.level) / 2
    samples = score.resampled(picked(score.parts.shape[1], how.samples, how.seed))
    others = before.resampled(picked(before.parts.shape[1], how.samples, how.seed))
    if not (np.isfinite(samples) & np.isfinite(others)).any():
        return float("nan")
    if paired:
        return float(np.nanquantile(samples - others, tail))
    return float(np.nanquantile(samples, tail) - np.nanquantile(others, 1 - tail))
