from __future__ import annotations

from pathlib import Path

import pytest

from pricing.errors import InputError
from training.config import TrainingConfig, local_store
from training.inputs import inputs_digest


@pytest.mark.parametrize("draws", [0, -64, 32, 100])
def test_draws_are_a_power_of_two_from_64(draws: int) -> None:
    with pytest.raises(InputError, match=f"draws: found {draws}; allowed: a power of two from 64"):
        TrainingConfig(draws=draws)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match="seed: found -1"):
        TrainingConfig(seed=-1)


def test_the_local_store_is_an_absolute_address(tmp_path: Path) -> None:
    assert local_store(tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"


def test_whatever_moves_numbers_moves_the_digest_of_the_inputs() -> None:
    base = TrainingConfig(draws=64, seed=1)
    same = TrainingConfig(draws=64, seed=1, promote=False, out=Path("elsewhere"))
    assert inputs_digest(base, "a") == inputs_digest(same, "a")
    others = [
        inputs_digest(base, "b"),
        inputs_digest(TrainingConfig(draws=128), "a"),
        inputs_digest(TrainingConfig(draws=64, seed=2), "a"),
    ]
    assert len({inputs_digest(base, "a"), *others}) == 4
