"""`fairprice retrain`, `promote` and `rollback` as typed: exit codes, what is printed, what a dry run says."""

from __future__ import annotations

import json
import os
import shutil
import signal
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from mlflow import MlflowClient

from serving.cli import app
from training.registry import versions
from training.retrain.commands import ended_by_sigterm
from training.retrain.lock import alone
from training.retrain.outcome import Kind
from training.retrain.plan import plan

JUMP = "wb_silver,2026-03-01,2026-04-02,47\n"


def uri(place: Path) -> str:
    return f"sqlite:///{place}/store/mlflow.db"


def typed(place: Path, *words: str) -> list[str]:
    return [words[0], "--tracking-uri", uri(place), *words[1:]]


def test_a_second_job_is_told_who_works_and_ends_with_a_code_of_its_own(
    served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with alone(served / "store" / ".retrain-lock", datetime(2026, 4, 20, tzinfo=UTC)):
        assert app(typed(served, "retrain", "--json")) == 5
    out, err = capsys.readouterr()
    assert "held by process" in err
    assert json.loads(out)["exit_code"] == 5


@pytest.mark.parametrize("words", [["promote", "1"], ["rollback"]], ids=["promote", "rollback"])
def test_a_person_is_told_who_changes_what_serves_and_changes_nothing(
    unchanged: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with alone(unchanged / "store" / ".serving-lock", datetime(2026, 4, 20, tzinfo=UTC)):
        assert app(typed(unchanged, *words, "--because", "a wrong feed", "--wait", "0.2")) == 5
    said = capsys.readouterr().err
    assert ".serving-lock: held by process" in said
    assert "waited 0.2 s; one at a time. Run this again later, or wait longer with --wait SECONDS." in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["promote", "1", "--because", "why", "--wait", "-1"], 2, "--wait: found -1.0; allowed: seconds from 0"),
        (["retrain", "--draws", "100"], 2, "draws: found 100"),
        (["retrain", "--wait", "-1"], 2, "--wait: found -1.0; allowed: seconds from 0"),
        (["retrain", "--private-data", "mine"], 2, "private_data: found mine; allowed: no private data"),
        (["retrain", "no_such_file.csv"], 2, "no_such_file.csv"),
        (["retrain", "--vintages", "no_such_store", "--draws", "64"], 1, "no_such_store: no such folder"),
        (["retrain", "--accept", "panel.csv:2", "--draws", "64"], 2, "--because"),
        (["promote", "9", "--because", "it is the best"], 2, "VERSION: found 9; allowed: a registered version: 1"),
        (["rollback", "--because", "it is the worst"], 1, "Version 1 serves and is the only one: there is none to go"),
        (["rollback", "--to", "1", "--because", "it is the worst"], 2, "another version than the one that serves"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_option_is_told_and_changes_nothing(
    unchanged: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert app(typed(unchanged, *words)) == code
    assert said in capsys.readouterr().err
    assert [one.version for one in versions(uri(unchanged))] == ["1"]


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(
    tiny: ModuleType, served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path for path in served.rglob("*") if path.name != "mlflow.db")
    file = served.parent / "panel.csv"
    file.write_text(tiny.NEW_ROW + JUMP)
    words = ["retrain", str(file), "--vintages", str(served / "vintages"), "--received-on", "2026-04-20", "--dry-run"]
    assert app(typed(served, *words)) == 4
    told = capsys.readouterr().out
    assert told.startswith("fairprice retrain: dry run\nVersion 1 serves.\nNew rows would go in as a vintage")
    assert "- panel.csv:3 jump: 47" in told
    assert app(typed(served, *words, "--all-or-nothing")) == 4
    assert "nothing would be taken in or fitted" in capsys.readouterr().out
    assert sorted(path for path in served.rglob("*") if path.name != "mlflow.db") == before


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "found nonsense; allowed: tcp://HOST:PORT or tls://HOST:PORT, as `dask scheduler` prints it.\n"),
        ("tcp://nonsense", "found tcp://nonsense; allowed:"),
        ("tcp://10.0.0.5:port", "found tcp://10.0.0.5:port; allowed:"),
        ("10.0.0.5:8786", "Did you mean tcp://10.0.0.5:8786?"),
    ],
)
def test_a_dry_run_finds_an_address_that_is_none(
    unchanged: Path, capsys: pytest.CaptureFixture[str], address: str, said: str
) -> None:
    words = ["--draws", "64", "--dry-run", "--backend", "dask", "--scheduler", address]
    assert app(typed(unchanged, "retrain", *words)) == 2
    assert said in capsys.readouterr().err


def test_a_dry_run_tells_stages_that_are_done_from_those_that_would_run(tiny: ModuleType, served: Path) -> None:
    current = plan(tiny.request(served))
    assert (current.kind, current.code) == (Kind.PLANNED, 0)
    assert current.because.endswith("nothing would be fitted.")
    other = plan(tiny.request(served, seed=2)).because.splitlines()
    assert "fit: would run" in other
    assert "leaderboard: done before" in other
    assert other[-1] == "promote: would run if the gate passes it"


def test_rows_held_back_are_a_code_of_their_own_and_what_is_in_order_goes_in(tiny: ModuleType, served: Path) -> None:
    (served / "panel.csv").write_text(tiny.NEW_ROW + JUMP)
    outcome = tiny.run(served)
    assert (outcome.kind, outcome.code, outcome.held_back) == (Kind.PROMOTED, 4, 1)


def test_all_or_nothing_stops_before_the_fit(tiny: ModuleType, served: Path) -> None:
    (served / "panel.csv").write_text(tiny.NEW_ROW + JUMP)
    outcome = tiny.run(served, all_or_nothing=True)
    assert (outcome.kind, outcome.code, [one.stage for one in outcome.stages]) == (Kind.HELD_BACK, 4, ["ingest"])
    assert [one.version for one in versions(uri(served))] == ["1"]


def test_a_job_that_a_scheduler_ends_closes_its_runs_and_gives_the_signal_back(tiny: ModuleType, served: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def ended(stage: str, _share: float) -> None:
        if stage == "fit":
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit, match="143"), ended_by_sigterm():
        tiny.run(served, ended, seed=2)
    assert signal.getsignal(signal.SIGTERM) is before
    statuses = [run.info.status for run in MlflowClient(uri(served)).search_runs(["1"])]
    assert (statuses.count("KILLED"), statuses.count("RUNNING")) == (1, 0)
    assert [one.version for one in versions(uri(served))] == ["1"]


def test_files_are_taken_again_where_the_store_is_not_as_they_left_it(tiny: ModuleType, served: Path) -> None:
    (served / "panel.csv").write_text(tiny.NEW_ROW)
    first, again = tiny.run(served), tiny.run(served)
    (vintage,) = (served / "vintages").glob("0*")
    shutil.rmtree(vintage)
    third = tiny.run(served)
    assert [one.stages[0].reused for one in (first, again, third)] == [False, True, False]
    assert vintage.is_dir()
    assert third.vintages == first.vintages == (vintage.name,)


def test_what_a_person_does_is_printed_in_a_line(
    tiny: ModuleType, served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (served / "panel.csv").write_text(tiny.NEW_ROW)
    tiny.run(served)
    assert app(typed(served, "rollback", "--because", "a wrong feed")) == 0
    assert app(typed(served, "promote", "2", "--because", "it was right")) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Version 1 serves; version 2 is out of service: a wrong feed",
        "Version 2 serves, after version 1: it was right",
    ]
