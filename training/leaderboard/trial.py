"""Run the leaderboard: draw economies, let every peer estimate them, score what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from joblib import Parallel, delayed

from features.synthetic import families
from pricing.market.synthetic import Economies, Family, simulate
from training.leaderboard.board import OWN, Board, Judged, board_of, digest
from training.leaderboard.estimates import Estimates, Estimator, joined
from training.leaderboard.panel import Ours, simple, taught
from training.leaderboard.scores import scores
from training.leaderboard.settings import Size, seed_of_lessons

Floats = np.ndarray

CHUNK = 30  # economies a task: side by side they take far less time than one by one
JUDGED = ("as_examples", "other_ranges", "other_curve", "slow_investment", "poor_data", "realistic")
MIXES = ("training_mix", "training_mix_realistic")  # what the ridge of the real world's case learns from
WORLD = "as_examples"  # the family whose economies are also seen with less information
RUNGS = ("yearly", "poor")  # schemes of observation, with less and less in them


@dataclass(frozen=True)
class Field:
    """Economies of one family, observed in one way, and the peers that learned from known truths for them."""

    family: str
    observed: str
    economies: Economies
    taught: Mapping[str, Estimator]


def leaderboard(size: Size, jobs: int, progress: Callable[[float], None], ours: Ours) -> Board:
    """Return the board of every family and of the information ladder; the same size gives the same board."""
    if not size.economies:
        return board_of([], {}, size)
    progress(0.0)
    fields = drawn(size, jobs)
    judged = run(fields, jobs, progress, ours)
    return board_of(judged, {field.family: digest(field.economies) for field in fields if field.observed == OWN}, size)


def run(fields: Sequence[Field], jobs: int, progress: Callable[[float], None], ours: Ours) -> list[Judged]:
    """Return the scores of every peer on every field, in order; the number of processes changes none."""
    everyone = side_by_side([field.economies for field in fields])
    chunks = [range(start, min(start + CHUNK, len(everyone))) for start in range(0, len(everyone), CHUNK)]
    work = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_estimated)(without_truth(everyone.take(chunk)), ours) for chunk in chunks
    )
    parts = []
    for answers in work:
        parts.append(answers)
        progress(len(parts) / len(chunks))
    found = {peer: joined([part[peer] for part in parts]) for peer in parts[0]}
    starts = np.cumsum([0, *(len(field.economies) for field in fields)])
    judged: list[Judged] = []
    for field, start in zip(fields, starts, strict=False):
        own = {peer: answer.rows(start, start + len(field.economies)) for peer, answer in found.items()}
        judged.extend(_judged(field, own))
    return judged


def side_by_side(parts: Sequence[Economies]) -> Economies:
    """Return the economies of several families as one; a column that a family lacks was never seen there."""
    names = list(dict.fromkeys(name for part in parts for name in part.observed))
    never = [np.full(part.fair_long_run.shape, np.nan) for part in parts]
    alike = [
        replace(part, observed={name: part.observed.get(name, unseen) for name in names})
        for part, unseen in zip(parts, never, strict=True)
    ]
    return Economies.join(alike)


def without_truth(economies: Economies) -> Economies:
    """Return what is seen of economies: their fair prices and noiseless markets are no numbers."""
    hidden = np.full_like(economies.fair_long_run, np.nan)
    market = dict.fromkeys(economies.market, hidden)
    return replace(economies, fair_long_run=hidden, fair_short_run=hidden, market=market)


def drawn(size: Size, jobs: int) -> list[Field]:
    """Return each judged family's economies, the first of them with their twins, then the rungs of the ladder without.

    What taught peers learn from, and of which seed: see `taught`.
    """
    kinds = families()
    ladder = {rung: replace(kinds[WORLD], schemes=(rung,)) for rung in RUNGS}
    taught_on = {**{name: kinds[name] for name in (*JUDGED, *MIXES)}, **ladder}
    asked = [(family, size.lessons, 0, seed_of_lessons()) for family in taught_on.values()]
    asked += [(kinds[name], size.economies, size.twinned, size.seed) for name in JUDGED]
    asked += [(family, size.economies, 0, size.seed) for family in ladder.values()]
    made = Parallel(n_jobs=jobs)(delayed(economies_of)(*request) for request in asked)
    known = dict(zip(taught_on, made, strict=False))
    mixes = [known[name] for name in MIXES]
    places = [*((name, OWN) for name in JUDGED), *((WORLD, rung) for rung in RUNGS)]
    return [
        Field(family, observed, economies, taught(known[observed if observed in RUNGS else family], mixes))
        for (family, observed), economies in zip(places, made[len(taught_on) :], strict=True)
    ]


def economies_of(family: Family, count: int, twinned: int, seed: int) -> Economies:
    """Return the first `count` economies of a family and seed, the first `twinned` of them with their twins."""
    every = simulate(family, count, seed, twins=twinned > 0)
    alone = every.base == np.arange(len(every))
    return every.take(np.flatnonzero(alone | np.isin(every.base, np.flatnonzero(alone)[:twinned])))


def _estimated(economies: Economies, ours: Ours) -> dict[str, Estimates]:
    return {**ours(economies), **{name: peer(economies) for name, peer in simple().items()}}


def _judged(field: Field, answers: Mapping[str, Estimates]) -> Iterator[Judged]:
    everyone = {**answers, **{name: peer(field.economies) for name, peer in field.taught.items()}}
    for peer, estimates in everyone.items():
        yield Judged(field.family, field.observed, peer, scores(estimates, field.economies))
