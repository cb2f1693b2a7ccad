"""`mlflow run mlflow --env-manager local` calls the installed command, with the store and the run that it opened."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
STAND_IN = """#!/bin/sh
{ printf '%s\\n' "$MLFLOW_RUN_ID" "$MLFLOW_TRACKING_URI"; printf '<%s>' "$@"; } >"$TOLD"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a program in the place of `fairprice` that writes down what it is told."""
    folder = tmp_path_factory.mktemp("job")
    (folder / "programs").mkdir()
    program = folder / "programs" / "fairprice"
    program.write_text(STAND_IN, encoding="utf-8")
    program.chmod(0o755)
    return folder


def told(place: Path, options: str = "") -> tuple[str, str, str]:
    """Run the project and return the run, the store and the arguments that the command was handed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "FAIRPRICE_"))}
    environment |= {"PATH": f"{place}/programs:{PROGRAMS}:{os.environ['PATH']}", "TOLD": str(place / "told")}
    command = ["mlflow", "run", str(ROOT / "mlflow"), "--env-manager", "local", *shlex.split(options)]
    subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True)
    run, store, arguments = (place / "told").read_text(encoding="utf-8").splitlines()
    return run, store, arguments


def test_without_settings_the_job_trains_with_the_defaults_into_the_store_of_the_folder(place: Path) -> None:
    run, store, arguments = told(place)
    assert arguments == "<train><--draws><4096><--seed><1><--promote>"
    assert store == f"sqlite:///{place}/mlflow.db"
    assert MlflowClient(store).get_run(run).data.params == {"draws": "4096", "seed": "1", "promote": "promote"}


def test_options_reach_the_command_by_name_and_stay_whole(place: Path) -> None:
    options = "-P draws=64 -P seed=7 -P promote=no-promote -P as-of=2014-06-30 -P promote-anyway='a trial; echo no'"
    arguments = told(place, options)[2]
    assert arguments.startswith("<train><--draws><64><--seed><7><--no-promote>")
    assert "<--as-of><2014-06-30>" in arguments
    assert "<--promote-anyway><a trial; echo no>" in arguments
