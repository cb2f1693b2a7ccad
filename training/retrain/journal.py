"""One run of the tracking store for a job, with a run below it for each stage; none stays RUNNING after its job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from training.config import MODEL_NAME
from training.retrain.work import Result
from training.tracking import Client, RunRecord, experiment, open_store

LOCK_TAG = "retrain_lock"  # id of the lock a job held: what bears it and runs while another holds the lock was killed
STAGE_TAG = "retrain_stage"
PARENT_TAG = "mlflow.parentRunId"
FINISHED, FAILED, KILLED, RUNNING = "FINISHED", "FAILED", "KILLED", "RUNNING"


@dataclass(frozen=True)
class Journal:
    """The run of a job, and the door to the runs of its stages."""

    client: Client
    experiment_id: str
    run_id: str
    lock: str

    @contextmanager
    def stage(self, name: str) -> Iterator[str]:
        """Yield the id of a stage's run, which ends with the stage: FINISHED, FAILED, or KILLED when interrupted."""
        tags = {PARENT_TAG: self.run_id, LOCK_TAG: self.lock, STAGE_TAG: name}
        run_id = str(self.client.create_run(self.experiment_id, tags=tags, run_name=name).info.run_id)
        with _ending(self.client, run_id):
            yield run_id

    def note(self, run_id: str, result: Result) -> None:
        """Put on a stage's run how long it took, and whether an earlier job did its work."""
        self.client.log_metric(run_id, "seconds", result.seconds)
        self.client.set_tag(run_id, "reused", str(result.reused).lower())

    def tag(self, tags: Mapping[str, str]) -> None:
        """Put tags on the run of the job."""
        for name, value in tags.items():
            self.client.set_tag(self.run_id, name, value)

    def attach(self, folder: Path, below: str | None = None) -> None:
        """Keep the files of a folder with the run of the job."""
        self.client.log_artifacts(self.run_id, str(folder), below)

    def attach_text(self, text: str, name: str) -> None:
        """Keep a text with the run of the job."""
        self.client.log_text(self.run_id, text, name)


@contextmanager
def journal(tracking_uri: str, lock: str, now: datetime) -> Iterator[Journal]:
    """Yield the journal of a job that holds the lock of that id."""
    open_store(tracking_uri)
    client, place = Client(tracking_uri, tracking_uri), experiment(tracking_uri)
    run = client.create_run(place, tags={LOCK_TAG: lock}, run_name=f"retrain {now:%Y-%m-%d %H:%M}")
    with _ending(client, str(run.info.run_id)):
        yield Journal(client, place, str(run.info.run_id), lock)


def close_killed(tracking_uri: str, lock: str) -> list[RunRecord]:
    """Mark as KILLED what an earlier holder of the lock left RUNNING, and return its jobs, newest first.

    What it had begun to log of a model, and did not register, is deleted: no version was made of it.
    """
    open_store(tracking_uri)
    client, place = Client(tracking_uri, tracking_uri), experiment(tracking_uri)
    jobs = [run for run in client.search_runs([place], f"tags.{LOCK_TAG} = '{lock}'") if _is_running(run)]
    below = [run for job in jobs for run in _below(client, place, str(job.info.run_id))]
    _drop_models(client, place, [str(run.info.run_id) for run in below])
    for run in (*below, *jobs):
        if _is_running(run):
            client.set_terminated(run.info.run_id, KILLED)
    return [job for job in jobs if PARENT_TAG not in job.data.tags]


def _below(client: Client, place: str, parent: str) -> list[RunRecord]:
    return list(client.search_runs([place], f"tags.`{PARENT_TAG}` = '{parent}'"))


def _drop_models(client: Client, place: str, run_ids: list[str]) -> None:
    if not run_ids:
        return
    registered = {version.run_id for version in client.search_model_versions(f"name = '{MODEL_NAME}'")}
    for run_id in run_ids:
        if run_id not in registered:
            for model in client.search_logged_models([place], f"source_run_id = '{run_id}'"):
                client.delete_logged_model(model.model_id)


def _is_running(run: RunRecord) -> bool:
    return run.info.status == RUNNING


@contextmanager
def _ending(client: Client, run_id: str) -> Iterator[None]:
    status = KILLED
    try:
        yield
        status = FINISHED
    except Exception:
        status = FAILED
        raise
    finally:
        client.set_terminated(run_id, status)
