"""Models come from a folder or from MLflow's registry, by the same protocol and under the same seal."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from pricing.bundle import MANIFEST, Bundle, write_bundle
from pricing.errors import BundleError, DataError, MissingModelError
from serving.mlflow_store import MlflowStore
from serving.model_store import DirectoryStore, ModelStore
from serving.settings import Settings, local_tracking_uri, open_store
from training.registry import promote, register
from training.tracking import Fit, log_fit

NOBODY = "http://127.0.0.1:9"  # no server listens there


def publish(uri: str, bundle: Bundle, scratch: Path) -> str:
    """Log and register a bundle as training does, and return its digest."""
    (scratch / "plots").mkdir(parents=True)
    digest = write_bundle(bundle, scratch / "bundle")
    tags = {"bundle_digest": digest}
    logged = log_fit(uri, Fit(scratch / "bundle", scratch / "plots", bundle.model_card, {}, {}, tags))
    promote(uri, register(uri, logged, tags).version)
    return digest


@pytest.fixture(scope="module")
def registry(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    """Return a registry with two versions, the second serving, and their digests."""
    folder = tmp_path_factory.mktemp("registry")
    uri = local_tracking_uri(folder)
    digests = [publish(uri, replace(bundle, seed=seed), folder / f"fit{seed}") for seed in (1, 2)]
    return uri, digests


def test_the_champion_serves_and_the_one_before_is_still_found(registry: tuple[str, list[str]]) -> None:
    uri, (first, second) = registry
    store: ModelStore = MlflowStore(uri)
    serving = store.champion()
    assert (serving.digest, serving.version, serving.bundle.seed) == (second, "2", 2)
    assert store.by_digest(first[:12]).version == "1"
    assert [(entry.version, entry.digest, entry.champion) for entry in store.entries()] == [
        ("1", first, False),
        ("2", second, True),
    ]
    with pytest.raises(MissingModelError):
        store.by_digest("0" * 12)


def test_the_registered_model_loads_as_a_pyfunc_without_pickle(
    registry: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "False")
    mlflow.set_tracking_uri(registry[0])
    model = mlflow.pyfunc.load_model("models:/fairprice@champion")
    asked = pd.DataFrame({"material": ["NdPr", "Dy"], "as_of": ["2026-02-28", "2026-02-28"]})
    answered = model.predict(asked)
    assert answered.loc[0, "fair"] == 74.4
    assert list(answered["month"]) == ["2026-01", "2026-01"]
    assert pd.isna(answered.loc[1, "fair"])
    assert answered.loc[1, "low80"] < answered.loc[1, "high80"]


def test_a_model_whose_files_were_changed_in_the_artifact_store_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    uri = local_tracking_uri(tmp_path)
    publish(uri, bundle, tmp_path / "fit")
    for seal in (tmp_path / "artifacts").rglob(MANIFEST):
        seal.write_text(seal.read_text().replace('"seed": 1', '"seed": 3'))
    with pytest.raises(BundleError, match="the registry expects"):
        MlflowStore(uri).champion()


def test_a_server_that_is_down_is_told_from_a_registry_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    store = MlflowStore(NOBODY)
    for question in (store.champion, store.entries, lambda: store.by_digest("0" * 12)):
        with pytest.raises(BundleError, match="does not answer") as fault:
            question()
        assert not isinstance(fault.value, MissingModelError)
    with pytest.raises(DataError, match="does not answer"):
        log_fit(NOBODY, Fit(Path(), Path(), "# card", {}, {}, {}))


def test_asking_an_empty_registry_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(MissingModelError, match="fairprice train"):
        MlflowStore(local_tracking_uri(tmp_path)).champion()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_registry_file_stays_empty(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").touch()
    with pytest.raises(MissingModelError):
        MlflowStore(local_tracking_uri(tmp_path)).champion()
    assert (tmp_path / "mlflow.db").stat().st_size == 0


def test_a_registry_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"no database" * 500)
    for uri in (local_tracking_uri(tmp_path), "nowhere://registry"):
        with pytest.raises(BundleError, match="cannot be opened") as told:
            MlflowStore(uri).champion()
        assert "\n" not in str(told.value)


def test_a_registry_without_a_champion_is_told(bundle: Bundle, tmp_path: Path) -> None:
    uri = local_tracking_uri(tmp_path)
    publish(uri, bundle, tmp_path / "fit")
    mlflow.MlflowClient(uri, uri).delete_registered_model_alias("fairprice", "champion")
    with pytest.raises(MissingModelError, match="champion"):
        MlflowStore(uri).champion()


def test_a_folder_of_bundles_names_its_champion(bundle: Bundle, tmp_path: Path) -> None:
    digests = {name: write_bundle(replace(bundle, seed=n), tmp_path / name) for n, name in enumerate("ab")}
    store = DirectoryStore(tmp_path)
    with pytest.raises(BundleError, match="2 bundles"):
        store.champion()
    (tmp_path / "champion").write_text("b\n")
    assert store.champion().digest == digests["b"]
    assert [entry.champion for entry in store.entries()] == [False, True]
    assert store.by_digest(digests["a"][:12]).bundle.seed == 0


def test_a_folder_named_by_a_digest_must_hold_that_bundle(bundle_folder: Path, tmp_path: Path) -> None:
    named = Path(shutil.copytree(bundle_folder, tmp_path / ("0" * 64)))
    with pytest.raises(BundleError, match="expects 000000000000"):
        DirectoryStore(named).champion()


def test_settings_prefer_a_folder_and_default_to_the_project_registry(
    monkeypatch: pytest.MonkeyPatch, bundle_folder: Path, tmp_path: Path
) -> None:
    for name in ("FAIRPRICE_BUNDLE", "FAIRPRICE_TRACKING_URI", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert Settings().tracking_uri == f"sqlite:///{tmp_path}/var/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////elsewhere/mlflow.db")
    assert Settings().tracking_uri == "sqlite:////elsewhere/mlflow.db"
    monkeypatch.setenv("FAIRPRICE_TRACKING_URI", "sqlite:////ours/mlflow.db")
    assert Settings().tracking_uri == "sqlite:////ours/mlflow.db"
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(bundle_folder))
    assert open_store(Settings()) == DirectoryStore(bundle_folder)


def test_the_loader_does_not_import_mlflow() -> None:
    code = "import sys, serving.pyfunc; sys.exit('mlflow.pyfunc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
