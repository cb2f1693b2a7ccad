"""The page's schedules: what they call exists, they parse, and systemd accepts its units."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main
import yaml

from serving.cli import build
from training.retrain import outcome

PAGE = (Path(__file__).parents[3] / "docs" / "retraining.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [text for found, text in BLOCKS if found == kind]


def flags(command: str) -> set[str]:
    group = typer.main.get_command(build())
    found = group.commands[command]  # type: ignore[attr-defined]
    return {name for one in found.params for name in (*one.opts, *one.secondary_opts)}


def calls() -> list[list[str]]:
    """Every call of a command of the page, as words after `fairprice`."""
    typed = re.findall(r"(?:^    |/bin/)fairprice ([^\n]*?)(?: 2>>[^\n]*)?$", PAGE, re.MULTILINE)
    found = [shlex.split(words, comments=True) for words in typed]
    (job,) = (yaml.safe_load(text) for text in blocks("yaml"))
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return [*found, container["command"][1:]]


def test_every_flag_of_every_call_exists() -> None:
    assert len(calls()) >= 8
    for command, *words in calls():
        assert {word for word in words if word.startswith("--")} <= flags(command)


def test_the_options_of_the_table_exist() -> None:
    named = set(re.findall(r"`(--[a-z-]+)", PAGE.split("| exit code")[0]))
    assert named <= flags("retrain")


def test_exit_codes_are_those_of_the_page() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)}
    assert told == {
        0,
        outcome.FAILED,
        outcome.USAGE,
        outcome.REFUSED,
        outcome.HELD_BACK,
        outcome.LOCKED,
        outcome.BESIDE,
    }


def test_the_cron_job_of_kubernetes_runs_one_at_a_time_and_tries_no_verdict_again() -> None:
    (job,) = (yaml.safe_load(text) for text in blocks("yaml"))
    assert (job["kind"], job["spec"]["concurrencyPolicy"]) == ("CronJob", "Forbid")
    (rule,) = job["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert rule["onExitCodes"]["values"] == [outcome.USAGE, outcome.REFUSED, outcome.HELD_BACK, outcome.BESIDE]


def test_a_line_of_the_crontab_has_five_times_and_a_command() -> None:
    line = blocks("cron")[0].splitlines()[1]
    assert re.fullmatch(r"(\S+ ){5}cd \S+ && \S+fairprice retrain .+", line)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for text in blocks("ini"):
        name = text.splitlines()[0].rpartition("/")[2]
        program = shutil.which("true")
        unit = re.sub(r"ExecStart=\S+", f"ExecStart={program}", text).replace("User=fairprice\n", "")
        (tmp_path / name).write_text(unit)
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "fairprice-retrain.timer")]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    ours = [line for line in found.stderr.splitlines() if "fairprice-retrain" in line]
    assert ours == []
