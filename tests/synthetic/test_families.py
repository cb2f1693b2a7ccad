"""Families are data, refused where they contradict themselves; economies are files that `recover` reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from features.synthetic import FILE, families
from pricing.errors import DataError
from pricing.market.synthetic import Economies, Family, simulate
from training.__main__ import app
from training.recovery import read_economy
from training.simulate import in_parallel


def test_the_shipped_families_differ_from_the_examples_only_where_they_say(shipped: dict[str, Family]) -> None:
    base = shipped["as_examples"].ranges
    slow = shipped["slow_investment"].ranges
    assert {name for name in base if base[name] != slow[name]} == {
        "investment_delay", "investment_speed", "investment_window",
    }  # fmt: skip
    assert slow["investment_delay"][0] > base["investment_delay"][1]


def test_subsidies_never_reach_zero(shipped: dict[str, Family]) -> None:
    assert all(family.ranges["subsidy_end"][0] > 0 for family in shipped.values())


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ("  freight: {low: 1.6", "  freight: {low: 3.6", "freight runs from 3.6 to 2.4"),
        ("  freight: {low", "  frieght: {low", "missing freight"),
        ("  freight: {low: 1.6", "  freight: {least: 1.6", "freight: fields least"),
        ("curves: [logistic]", "curves: [linear]", "curves are"),
        ("      investment_delay:", "      investment_dealy:", "investment_dealy"),
        ("families:", "famlies:", "two parts"),
        ("parameters:", "parameters: [", "expected a readable|expected a YAML"),
    ],
)
def test_a_faulty_family_is_refused_by_name(tmp_path: Path, was: str, becomes: str, named: str) -> None:
    file = tmp_path / "families.yaml"
    file.write_text(FILE.read_text("utf-8").replace(was, becomes, 1), "utf-8")
    with pytest.raises(DataError, match=named):
        families(file)


def test_a_subsidy_that_could_leave_no_cost_is_refused(shipped: dict[str, Family]) -> None:
    family = shipped["as_examples"]
    with pytest.raises(DataError, match=r"reaches 0\.82"):
        replace(family, ranges={**family.ranges, "subsidy_start": (0.5, 0.7)})


def test_written_economies_are_read_back_by_recover(tmp_path: Path) -> None:
    typed = "simulate --family realistic --count 2 --seed 4 --twins --jobs 1 --out"
    done = CliRunner().invoke(app, [*typed.split(), str(tmp_path)])
    assert done.exit_code == 0, done.output
    files = sorted(tmp_path.glob("*_observed.csv"))
    assert len(files) == len(list(tmp_path.glob("*_truth.csv"))) == 10
    made = simulate(families()["realistic"], 2, 4, twins=True)
    for file in files:
        name = file.name.removesuffix("_observed.csv")
        i = made.names.index(name)
        read = read_economy(file).frame
        wanted = made.history(i).frame.drop(columns="price_basis")
        pd.testing.assert_frame_equal(read[wanted.columns], wanted, check_dtype=False, rtol=1e-4)
        truth = pd.read_csv(tmp_path / f"{name}_truth.csv")
        np.testing.assert_allclose(truth["fair_long_run"], made.fair_long_run[i], rtol=1e-4)
        assert list(truth) == ["month", "fair_long_run", "fair_short_run"]


def test_an_unknown_family_is_refused_with_those_there_are(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["simulate", "--family", "as_exmples", "--out", str(tmp_path)])
    assert done.exit_code == 1
    assert "as_examples" in done.output


def test_two_processes_make_the_same_economies_as_one(
    shipped: dict[str, Family], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.simulate.CHUNK", 10)
    family = shipped["poor_data"]
    one, two = simulate(family, 5, 3, twins=True), in_parallel(family, 5, 3, twins=True, jobs=2)
    assert one.names == two.names
    assert one.base.tolist() == two.base.tolist()
    for column, values in one.observed.items():
        assert values.tobytes() == two.observed[column].tobytes()
    assert one.fair_long_run.tobytes() == two.fair_long_run.tobytes()


def test_taking_economies_keeps_each_twin_with_its_base(twins: Economies) -> None:
    some = twins.take([10, 11, 3])
    assert some.names == (twins.names[10], twins.names[11], twins.names[3])
    assert some.base.tolist() == [0, 0, 2]
    np.testing.assert_array_equal(some.fair_long_run[1], twins.fair_long_run[11])
