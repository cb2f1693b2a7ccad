"""Traces of a champion that the registry does not name: a registry that was lost or misnamed is not a new one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pricing.errors import Fault, InputError, MissingModelError
from training.registry import champion, promoted, versions
from training.retrain.journal import STAGE_TAG
from training.retrain.work import RECORD
from training.tracking import SQLITE, Client, experiment, has_run, sqlite_folder

FIRST = "first version: there was no champion to compare with"
ARTIFACTS, KEPT_LAST = "artifacts", "bundles/notes/*/last"  # beside a SQLite store: runs' files; the service's cache
RUN_FOLDER = re.compile("[0-9a-f]{32}")


def check_first(tracking_uri: str, work: Path, *, wanted: bool) -> None:
    """Raise MissingModelError where no champion is and one was, unless a first version is wanted; nothing is made.

    InputError where a first version is wanted and one serves.
    """
    serving = champion(tracking_uri) if is_there(tracking_uri) else None
    if serving is not None:
        if wanted:
            found = f"version {serving.version}, which serves"
            raise InputError(Fault("--first", found, "a store where none serves; leave it out to be judged against it"))
        return
    found_here = [] if wanted else list(_traces(tracking_uri, work))
    if found_here:
        msg = (
            f"{_named(tracking_uri)}: no champion is there, and there was one: {'; '.join(found_here)}. "
            "Expected the registry that names it. Put it back, or mend --tracking-uri (--work). Else say "
            "--first: there is no champion to judge against, and I want the first one."
        )
        raise MissingModelError(msg)


def _named(tracking_uri: str) -> str:
    return "The registry" if sqlite_folder(tracking_uri) is None else tracking_uri  # a server's may hold a password


def is_there(tracking_uri: str) -> bool:
    """Return whether there is a store to ask; a SQLite file is not made by asking."""
    return sqlite_folder(tracking_uri) is None or Path(tracking_uri.removeprefix(SQLITE)).is_file()


def _traces(tracking_uri: str, work: Path) -> Iterator[str]:
    if is_there(tracking_uri) and versions(tracking_uri):
        yield from (f"version {one} is on record as having served" for one in promoted(tracking_uri)[-1:])
    if any(work.glob(f"*/{RECORD}")) and not _has_jobs(tracking_uri):
        yield f"{work}: results of stages, of jobs that the registry does not know"
    beside = sqlite_folder(tracking_uri)
    if beside is None:
        return
    strange = next((run for run in _runs_with_files(beside / ARTIFACTS) if not _knows(tracking_uri, run)), None)
    if strange:
        yield f"{beside / ARTIFACTS}: run {strange}, which the registry does not know"
    if any(beside.glob(KEPT_LAST)):
        yield f"{beside / 'bundles'}: the service kept one that served"


def _has_jobs(tracking_uri: str) -> bool:
    if not is_there(tracking_uri):
        return False
    place, client = experiment(tracking_uri), Client(tracking_uri, tracking_uri)
    return bool(client.search_runs([place], f"tags.{STAGE_TAG} LIKE '%'", max_results=1))


def _runs_with_files(artifacts: Path) -> Iterator[str]:
    return (path.name for path in sorted(artifacts.glob("*")) if path.is_dir() and RUN_FOLDER.fullmatch(path.name))


def _knows(tracking_uri: str, run_id: str) -> bool:
    return is_there(tracking_uri) and has_run(tracking_uri, run_id)
