"""What the leaderboard is asked to do, from expert numbers in features/data/expert/leaderboard.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from features.expert import FOLDER, load_expert
from pricing.errors import Fault, InputError
from pricing.parameters import ParameterSet
from training.leaderboard.zeroed import Trees

FILE = "leaderboard.yaml"
BY_HAND, IN_TRAINING = "by_hand", "in_training"


@dataclass(frozen=True)
class Size:
    """How many economies of each family are judged, and the seed they are drawn with."""

    economies: int
    twinned: int  # of these, how many come with their twins
    lessons: int  # other economies of each family, from which peers learn
    seed: int

    def __post_init__(self) -> None:
        if self.economies < 0:
            raise InputError(Fault("economies", str(self.economies), "a whole number from 0"))
        if not 0 <= self.twinned <= self.economies:
            raise InputError(Fault("twinned", str(self.twinned), f"a whole number from 0 to {self.economies}"))
        if self.seed < 0 or self.seed == seed_of_lessons():
            allowed = f"a whole number from 0, not {seed_of_lessons()}: peers learn from it"
            raise InputError(Fault("seed", str(self.seed), allowed))


@dataclass(frozen=True)
class Bootstrap:
    """Samples of economies with replacement, and the share of them inside an interval."""

    samples: int
    level: float
    seed: int


@cache
def numbers() -> ParameterSet:
    """Return the expert numbers by dotted name. DataError when the file is torn."""
    return load_expert(FOLDER / FILE)[0]


def size_of(kind: str, economies: int | None = None, seed: int | None = None) -> Size:
    """Return the shipped size of a kind; fewer or more economies keep the share that has twins."""
    count, twinned, lessons = (_whole(f"sizes.{kind}.{name}") for name in ("economies", "twinned", "lessons"))
    chosen = count if economies is None else economies
    return Size(chosen, -(-chosen * twinned // count), lessons, _whole("seeds.judged") if seed is None else seed)


def seed_of_lessons() -> int:
    """Return the seed of the economies that peers learn from; no judged economy has it."""
    return _whole("seeds.lessons")


def bootstrap() -> Bootstrap:
    """Return how intervals over economies are drawn."""
    return Bootstrap(_whole("bootstrap.samples"), numbers().value("bootstrap.level"), _whole("seeds.bootstrap"))


def trees_of_peers() -> Trees:
    """Return how the trees of the peers are grown."""
    peers = numbers().under("peers")
    return Trees(
        rounds=round(peers.value("rounds")),
        learning_rate=peers.value("learning_rate"),
        leaves=round(peers.value("leaves")),
        least_in_leaf=round(peers.value("least_in_leaf")),
        backbone=peers.value("backbone_strength"),
    )


def _whole(name: str) -> int:
    return round(numbers().value(name))
