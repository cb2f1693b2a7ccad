"""mlflow/README.md says how to run a tracking server on PostgreSQL; its own lines are run here, as they stand."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from pricing.bundle import Bundle, read_bundle, write_bundle
from serving.mlflow_store import MlflowStore
from training.registry import promote, register
from training.retrain.job import STAGES, retrain
from training.retrain.outcome import Kind
from training.tracking import Fit, log_fit

ROOT = Path(__file__).parents[2]
README = ROOT / "mlflow" / "README.md"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
SETTINGS = "A tracking server with a database"
START_S, STOP_S = 120, 30
RUNS_OF_STAGES = (
    'psql --tuples-only --no-align --command="SELECT tags.value, runs.status FROM runs JOIN tags USING (run_uuid) '
    'WHERE tags.key = \'retrain_stage\' ORDER BY tags.value COLLATE \\"C\\""'
)
MATERIALS, REGIONS = ("NdPr", "Dy", "Tb"), ("china", "ex_china")
ASKED = {"as_of": "2026-03-31"}
DEARER = {"overrides": [{"lever": "wages.china", "scale": 1.1}], **ASKED}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PROGRAMS, reason="no PostgreSQL here: apt-get install postgresql, or run ./test as root"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can start PostgreSQL as its own user"),
]


def blocks(heading: str) -> list[str]:
    """Return the indented blocks of commands below a heading of the README, up to the next heading."""
    _, _, below = README.read_text(encoding="utf-8").partition(f"# {heading}\n")
    section = re.split(r"^#+ ", below, maxsplit=1, flags=re.MULTILINE)[0]
    found = re.findall(r"(?:^ {4}.*\n)+", section, flags=re.MULTILINE)
    assert found, f"the README has no commands below {heading}"
    return [textwrap.dedent(block) for block in found]


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def wait_for(url: str, started: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and started.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"nothing answers {url}; ended with {started.poll()}")


@dataclass
class Place:
    """A folder for the server, the environment in which README's lines run, and what runs in it."""

    folder: Path
    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def artifacts(self) -> Path:
        return Path(self.environment["MLFLOW_ARTIFACTS_DESTINATION"])

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.environment['MLFLOW_PORT']}"

    def shell(self, *lines: str) -> list[str]:
        return ["bash", "-euo", "pipefail", "-c", "\n".join((blocks(SETTINGS)[0], *lines))]

    def run(self, *lines: str) -> str:
        """Run lines with the README's settings and return what they print."""
        done = subprocess.run(
            self.shell(*lines), cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, url: str, *lines: str) -> subprocess.Popen[bytes]:
        """Run lines of which the last one stays, until a URL answers."""
        with (self.folder / "started.log").open("ab") as log:
            started = subprocess.Popen(
                self.shell(*lines), cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.running.append(started)
        wait_for(url, started)
        return started

    def stop(self, started: subprocess.Popen[bytes]) -> None:
        """End what was started, with its children."""
        self.running.remove(started)
        os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait(STOP_S)

    def start_server(self) -> subprocess.Popen[bytes]:
        return self.start(f"{self.uri}/health", *blocks("Run the server"))


def clean_environment() -> dict[str, str]:
    own = ("PG", "MLFLOW_", "FAIRPRICE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(own)}


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """The README's folder, database and server, on free ports; artifacts lie elsewhere."""
    folder, elsewhere = (Path(tempfile.mkdtemp(prefix=f"fairprice-{name}-")) for name in ("server", "artifacts"))
    folder.chmod(0o755)  # PostgreSQL's user must reach its own folder in it
    found = Place(
        folder,
        clean_environment()
        | {"FAIRPRICE_SERVER": str(folder), "PGBIN": str(PROGRAMS[-1].parent)}
        | {"PGPORT": str(free_port()), "MLFLOW_PORT": str(free_port())}
        | {"MLFLOW_ARTIFACTS_DESTINATION": str(elsewhere / "kept")},
    )
    try:
        found.run(*blocks(SETTINGS)[1:], *blocks("Make the database"))
        found.start_server()
        yield found
    finally:
        for started in reversed(found.running.copy()):
            found.stop(started)
        if (folder / "database" / "postmaster.pid").exists():
            found.run("runuser -u postgres -- pg_ctl stop --mode=immediate")
        shutil.rmtree(folder)
        shutil.rmtree(elsewhere)


@pytest.fixture(scope="module")
def digest(place: Place, bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of a small bundle that was logged over HTTP, registered and promoted."""
    folder = tmp_path_factory.mktemp("fit")
    (folder / "plots").mkdir()
    (folder / "plots" / "fair.png").write_bytes(b"drawn")
    tags = {"bundle_digest": write_bundle(bundle, folder / "bundle")}
    logged = log_fit(place.uri, Fit(folder / "bundle", folder / "plots", "# card", {"draws": "100"}, {}, tags))
    promote(place.uri, register(place.uri, logged, tags).version)
    return tags["bundle_digest"]


def test_the_champion_is_read_back_from_database_and_artifact_folder(place: Place, digest: str) -> None:
    serving = MlflowStore(place.uri).champion()
    assert (serving.digest, serving.version) == (digest, "1")
    assert place.run('psql --tuples-only --no-align --command="SELECT name FROM registered_models"') == "fairprice\n"
    assert list(place.artifacts.rglob("history_as_known.csv"))


def test_the_server_runs_without_the_job_runner_and_nobody_can_read_the_password(place: Place, digest: str) -> None:
    password = (place.folder / "pgpass").read_text(encoding="utf-8").strip().split(":")[4]
    assert len(password) >= 32
    assert (place.folder / "pgpass").stat().st_mode & 0o077 == 0
    lines = place.run("ps -e -o pgid= -o args=").splitlines()
    assert [line for line in lines if password in line] == []
    server = [line for line in lines if line.split()[0] == str(place.running[0].pid)]
    assert len(server) == 2, "MLflow and its one worker"
    told = (place.folder / "started.log", place.folder / "database" / "server.log")
    assert [log.name for log in told if password in log.read_text(encoding="utf-8")] == []


def test_the_registered_model_is_served_with_the_numbers_of_the_service(place: Place, digest: str, client: Any) -> None:
    port = free_port()
    (serve, ask) = (block.replace("5001", str(port)) for block in blocks("Serve the registered model"))
    path = f"export PATH={ROOT}/.venv/bin:$PATH MLFLOW_TRACKING_URI={place.uri}"
    served = place.start(f"http://127.0.0.1:{port}/ping", path, serve)
    try:
        for material in MATERIALS:
            answered = orjson.loads(place.run(ask.replace("NdPr", material)))
            assert "predictions" in answered, answered
            plain, moved = answered["predictions"]
            assert numbers(plain) == numbers_of_price(client.get(f"/v1/prices/{material}", params=ASKED).json())
            assert numbers(moved) == numbers_of_scenario(client.post("/v1/scenarios", json=DEARER).json(), material)
    finally:
        place.stop(served)


def numbers(row: dict[str, Any]) -> list[object]:
    """Return what a row of the served model says, once it is sure that it says it."""
    assert row["error"] == ""
    return [row[name] for name in ("month", "status", "fair", "low80", "high80", "market_china", "market_ex_china")]


def numbers_of_price(answer: dict[str, Any]) -> list[object]:
    fair, markets = answer["fair"]["headline"], [answer["markets"][region]["market"]["value"] for region in REGIONS]
    return [answer["month"], answer["status"], fair["value"], fair["low"], fair["high"], *markets]


def numbers_of_scenario(answer: dict[str, Any], material: str) -> list[object]:
    (found,) = (moved for moved in answer["materials"] if moved["material"] == material)
    fair, markets = found["fair_long_run"]["scenario"], [found["market"][r]["scenario"]["value"] for r in REGIONS]
    return [answer["month"], found["status"], fair["value"], fair["low"], fair["high"], *markets]


def test_a_backup_brings_records_and_artifacts_back(place: Place, digest: str) -> None:
    place.run(*blocks("Back up"))
    place.stop(place.running[0])
    place.run('psql --quiet --command="DELETE FROM registered_model_aliases"')
    shutil.rmtree(place.artifacts)
    place.run(*blocks("Bring a backup back"))
    place.start_server()
    assert MlflowStore(place.uri).champion().digest == digest


@pytest.mark.slow
def test_the_project_trains_against_the_server_and_its_version_serves(place: Place, digest: str) -> None:
    small = "-P draws=64 -P as-of=2011-01-31 -P economies=0 -P promote-anyway='a small fit for a test'"
    (use,) = blocks("Use it")
    train = re.sub(r"^mlflow run .*$", rf"\g<0> {small}", use, flags=re.MULTILINE)
    said = place.run(train.replace("5000", place.environment["MLFLOW_PORT"]))
    assert "NdPr oxide as of 2011-01-31" in said
    serving = MlflowStore(place.uri).champion()
    assert (serving.version, serving.bundle.draws) == ("2", 64)
    assert serving.digest != digest


def test_a_retrain_job_promotes_through_the_server_and_a_service_that_runs_picks_it_up(
    place: Place, digest: str, tmp_path: Path
) -> None:
    tiny, port = tiny_job(), free_port()
    service = f"http://127.0.0.1:{port}"
    settings = (
        f"export FAIRPRICE_TRACKING_URI={place.uri} FAIRPRICE_WATCH_SECONDS=0.2 FAIRPRICE_BUNDLE_CACHE={tmp_path}/c"
    )
    served = place.start(f"{service}/health", settings, f".venv/bin/fairprice serve --port {port}")
    try:
        before = MlflowStore(place.uri).champion().digest
        assert serving_at(service) == before
        asked = {"seed": 7, "work": tmp_path / "work", "promote_anyway": "another fit for a test"}
        outcome = retrain(tiny.request(tmp_path, tracking_uri=place.uri, **asked), tiny.makers())
        assert (outcome.kind, outcome.champion == outcome.version) == (Kind.PROMOTED, False)
        deadline = time.monotonic() + START_S
        while serving_at(service) != outcome.digest and time.monotonic() < deadline:
            time.sleep(0.2)
        assert serving_at(service) == outcome.digest != before
    finally:
        place.stop(served)
    stages = place.run(RUNS_OF_STAGES).splitlines()
    assert stages == [f"{stage}|FINISHED" for stage in sorted(STAGES) if stage != "ingest"]  # no files were given
    kept = [file.parent for file in place.artifacts.rglob("manifest.json")]
    assert outcome.digest in {read_bundle(folder).digest for folder in kept}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "work"], "nothing of MLflow lies beside the job"


def tiny_job() -> ModuleType:
    """Return the module that makes retrain jobs of a second."""
    spec = importlib.util.spec_from_file_location("tiny_job", ROOT / "tests" / "training" / "retrain" / "tiny_job.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def serving_at(service: str) -> str:
    with urllib.request.urlopen(f"{service}/v1/prices/NdPr", timeout=60) as answer:
        found: str = orjson.loads(answer.read())["model"]["bundle"]
        return found
