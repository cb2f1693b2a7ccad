"""A first version is compared with nothing and is told as that; a lost registry is not taken for a new one."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
from mlflow import MlflowClient

from serving.cli import app
from training.registry import promotions
from training.retrain.outcome import Kind, summary
from training.retrain.traces import check_first

WAY_OUT = "--first: there is no champion to judge against, and I want the first one"


def uri(place: Path) -> str:
    return f"sqlite:///{place}/store/mlflow.db"


def typed(place: Path, *words: str) -> int:
    return app(["retrain", "--tracking-uri", uri(place), "--draws", "64", "--economies", "0", *words])


def test_a_first_version_is_told_as_one_that_was_compared_with_nothing(tiny: ModuleType, place: Path) -> None:
    outcome = tiny.run(place)
    assert outcome.kind is Kind.PROMOTED
    told = summary(outcome)
    assert "gate         first version: there was no champion to compare with" in told.splitlines()
    assert "gate         passed" not in told
    assert [line["because"] for line in promotions(uri(place))] == [
        "first version: there was no champion to compare with"
    ]


@pytest.mark.parametrize("dry", [[], ["--dry-run"]], ids=["job", "dry run"])
def test_a_registry_that_is_gone_stops_the_job_and_no_new_one_is_made(
    served: Path, capsys: pytest.CaptureFixture[str], dry: list[str]
) -> None:
    store = served / "store" / "mlflow.db"
    store.rename(served / "gone.db")
    assert typed(served, *dry) == 1
    said = capsys.readouterr().err
    assert f"{uri(served)}: no champion is there" in said
    assert "artifacts: run" in said
    assert "retrain: results of stages" in said
    assert "Expected the registry that names it." in said
    assert WAY_OUT in said
    assert not store.exists()


def test_an_empty_registry_in_the_place_of_the_one_that_is_gone_stops_the_job_too(
    served: Path, empty_registry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (served / "store" / "mlflow.db").write_bytes(empty_registry.read_bytes())
    assert typed(served, "--json") == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["exit_code"] == 1
    assert WAY_OUT in err


def test_a_champion_whose_alias_is_gone_is_missed(tiny: ModuleType, served: Path) -> None:
    MlflowClient(uri(served), uri(served)).delete_registered_model_alias("fairprice", "champion")
    with pytest.raises(Exception, match="version 1 is on record as having served"):
        tiny.run(served, seed=2)


def test_a_bundle_that_the_service_kept_is_a_trace(place: Path) -> None:
    note = place / "store" / "bundles" / "notes" / "0123456789ab" / "last"
    note.parent.mkdir(parents=True)
    note.write_text("fafba6debf87")
    with pytest.raises(Exception, match="bundles: the service kept one that served"):
        check_first(uri(place), place / "store" / "retrain", wanted=False)


def test_who_wants_a_first_version_says_so_and_gets_one(tiny: ModuleType, served: Path, empty_registry: Path) -> None:
    (served / "store" / "mlflow.db").write_bytes(empty_registry.read_bytes())
    assert tiny.run(served, seed=2, first=True).kind is Kind.PROMOTED


def test_a_first_version_is_not_wanted_where_one_serves(unchanged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(unchanged, "--first") == 2
    assert "--first: found version 1, which serves; allowed:" in capsys.readouterr().err


def test_what_a_killed_or_refused_first_job_left_is_no_trace_of_a_champion(tiny: ModuleType, place: Path) -> None:
    assert tiny.run(place, promote=False).kind is Kind.REGISTERED
    check_first(uri(place), place / "store" / "retrain", wanted=False)
