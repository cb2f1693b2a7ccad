from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

from features.expert_paths import ExpertPath, load_paths
from pricing.errors import DataError

POINT = {
    "value": 2.0,
    "low": 1.0,
    "high": 3.0,
    "source": "a report",
    "as_of": date(2021, 3, 1),
    "confidence": "high",
    "read_or_recall": "read",
}
FIRST = {"at": date(2020, 1, 1), **POINT}
LATER = {"at": date(2021, 1, 1), **POINT, "value": 3.0, "known_at": date(2021, 3, 1)}


def path_of(folder: Path, **entry: object) -> ExpertPath:
    whole = {"unit": "t", "how": "linear", "points": [FIRST, LATER], **entry}
    (folder / "numbers.yaml").write_text(yaml.safe_dump({"feed": whole}), encoding="utf-8")
    return load_paths("numbers", folder)["feed"]


def test_a_number_lies_on_the_line_between_its_dates(tmp_path: Path) -> None:
    assert path_of(tmp_path).at(np.array([2019.0, 2020.5, 2022.0])).value.tolist() == [2.0, 2.5, 3.0]


def test_a_step_holds_from_its_date(tmp_path: Path) -> None:
    assert path_of(tmp_path, how="step").at(np.array([2020.9, 2021.0])).value.tolist() == [2.0, 3.0]


def test_a_dated_fact_is_not_known_before_it_was_published(tmp_path: Path) -> None:
    path = path_of(tmp_path)
    assert path.at(np.array([2021.0]), date(2021, 2, 28)).value.tolist() == [2.0]
    assert path.at(np.array([2021.0]), date(2021, 3, 1)).value.tolist() == [3.0]


def test_of_a_fact_that_nobody_has_published_there_is_nothing(tmp_path: Path) -> None:
    nothing = path_of(tmp_path, points=[LATER]).at(np.array([2021.0]), date(2020, 1, 1))
    assert (nothing.value.tolist(), nothing.evidence.tolist()) == ([0.0], ["prior"])


@pytest.mark.parametrize(
    ("changed", "mark"),
    [
        ({}, "observed"),
        ({"confidence": "med"}, "derived"),
        ({"read_or_recall": "derived"}, "derived"),
        ({"confidence": "low"}, "prior"),
        ({"read_or_recall": "recall"}, "prior"),
    ],
)
def test_recollection_and_low_confidence_are_priors(tmp_path: Path, changed: dict[str, str], mark: str) -> None:
    assert path_of(tmp_path, points=[FIRST | changed]).points.evidence.tolist() == [mark]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"points": [FIRST | {"low": 2.5}]}, "need low <= value <= high"),
        ({"points": [LATER, FIRST]}, "out of order"),
        ({"points": [{key: v for key, v in FIRST.items() if key != "source"}]}, "lacks source"),
        ({"how": "cubic"}, "linear or step"),
    ],
)
def test_a_number_without_its_papers_is_refused(tmp_path: Path, entry: dict[str, object], told: str) -> None:
    with pytest.raises(DataError, match=told):
        path_of(tmp_path, **entry)


@pytest.mark.parametrize("name", ["supply", "demand"])
def test_the_shipped_numbers_have_their_papers(name: str) -> None:
    assert len(load_paths(name)) > 10
