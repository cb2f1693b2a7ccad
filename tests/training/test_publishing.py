"""What MLflow keeps of a fit, and which version serves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from pricing.bundle import Bundle, read_bundle, write_bundle
from training.registry import champion, promote, register
from training.tracking import Fit, LoggedRun, log_fit, open_store


@pytest.fixture
def fit(bundle: Bundle, tmp_path: Path) -> Fit:
    plots = tmp_path / "plots"
    plots.mkdir()
    (plots / "fair.png").write_bytes(b"drawn")
    folder = tmp_path / "bundle"
    tags = {"bundle_digest": write_bundle(bundle, folder)}
    return Fit(folder, plots, "# card", {"draws": "200"}, {"miss": 0.25, "none": float("nan")}, tags)


def publish(store: str, fit: Fit) -> LoggedRun:
    run = log_fit(store, fit)
    promote(store, register(store, run, fit.tags).version)
    return run


def test_one_finished_run_holds_parameters_metrics_plots_and_card(store: str, fit: Fit) -> None:
    run_id = log_fit(store, fit).run_id
    client = MlflowClient(store)
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"draws": "200", "bundle_digest": fit.tags["bundle_digest"]}
    assert run.data.metrics == {"miss": 0.25}
    assert run.data.tags["bundle_digest"] == fit.tags["bundle_digest"]
    assert {file.path for file in client.list_artifacts(run_id)} == {"plots", "model_card.md"}


def test_the_registered_bundle_is_byte_for_byte_the_one_written(store: str, fit: Fit) -> None:
    publish(store, fit)
    folder = Path(mlflow.artifacts.download_artifacts(artifact_uri="models:/fairprice@champion"))
    assert read_bundle(folder / "data" / "bundle", expected=fit.tags["bundle_digest"]).draws == 200


def test_the_model_has_a_signature_a_loader_and_no_pickle(store: str, fit: Fit) -> None:
    info = mlflow.models.get_model_info(publish(store, fit).model_uri)
    assert info.signature is not None
    assert info.flavors["python_function"]["loader_module"] == "serving.pyfunc"
    folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=info.model_uri))
    assert list(folder.rglob("*.pkl")) == []


def test_before_the_first_promotion_no_version_serves(store: str, fit: Fit) -> None:
    assert champion(store) is None
    register(store, log_fit(store, fit), fit.tags)
    assert champion(store) is None


def test_a_promotion_names_the_champion_and_remembers_the_one_before(store: str, fit: Fit) -> None:
    publish(store, fit)
    publish(store, fit)
    found = champion(store)
    assert found is not None
    assert (found.version, found.tags) == ("2", fit.tags)
    assert MlflowClient(store).get_model_version_by_alias("fairprice", "previous_champion").version == 1


def test_promoting_the_champion_again_changes_nothing(store: str, fit: Fit) -> None:
    publish(store, fit)
    publish(store, fit)
    promote(store, "2")
    assert MlflowClient(store).get_model_version_by_alias("fairprice", "previous_champion").version == 1


def test_each_promotion_is_put_on_record_once_and_stays_there(store: str, fit: Fit) -> None:
    for _ in range(2):
        register(store, log_fit(store, fit), fit.tags)
    for version, by in (("1", "ann"), ("2", "bob"), ("2", "bob"), ("1", "cy")):
        promote(store, version, by)
    tags = MlflowClient(store).get_registered_model("fairprice").tags
    record = [json.loads(tags[name]) for name in sorted(tags) if name.startswith("promoted.")]
    assert [(one["version"], one["by"], one["replaced"]) for one in record] == [
        ("1", "ann", None),
        ("2", "bob", "1"),
        ("1", "cy", "2"),
    ]
    assert {one["bundle"] for one in record} == {fit.tags["bundle_digest"]}


def test_a_fit_that_cannot_be_logged_leaves_a_failed_run(store: str, fit: Fit) -> None:
    torn = Fit(fit.bundle / "missing", fit.plots, fit.model_card, fit.params, fit.metrics, fit.tags)
    with pytest.raises(Exception, match="missing"):
        log_fit(store, torn)
    (run,) = MlflowClient(store).search_runs(["1"])
    assert run.info.status == "FAILED"


def test_processes_that_open_a_fresh_store_at_once_all_find_it(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/store/mlflow.db"
    opening = f"from training.tracking import open_store; open_store({store!r})"
    command = [sys.executable, "-W", "ignore", "-c", opening]
    openers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    complaints = [opener.communicate()[1] for opener in openers]
    assert ([opener.returncode for opener in openers], complaints) == ([0, 0, 0], ["", "", ""])
    open_store(store)
