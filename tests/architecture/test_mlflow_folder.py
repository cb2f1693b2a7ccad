"""The folder mlflow/ is configuration; the library of that name is the installed one."""

from __future__ import annotations

import ast
from pathlib import Path

import mlflow
import yaml

from training.config import DEFAULT_DRAWS, TrainingConfig

ROOT = Path(__file__).parents[2]
DOORS = {"training/tracking.py", "training/registry.py", "serving/mlflow_store.py"}


def imports_mlflow(source: Path) -> bool:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "mlflow":
            return True
        if isinstance(node, ast.Import) and any(name.name.partition(".")[0] == "mlflow" for name in node.names):
            return True
    return False


def test_the_folder_holds_no_python() -> None:
    assert not list((ROOT / "mlflow").rglob("*.py"))


def test_the_library_is_the_installed_one() -> None:
    assert mlflow.__file__ is not None
    assert "site-packages" in Path(mlflow.__file__).parts


def test_only_three_doors_lead_to_mlflow() -> None:
    sources = [
        path for package in ("pricing", "features", "training", "serving") for path in (ROOT / package).rglob("*.py")
    ]
    found = {path.relative_to(ROOT).as_posix() for path in sources if imports_mlflow(path)}
    assert found == DOORS


def test_the_project_file_trains_with_the_defaults_of_the_command() -> None:
    project = yaml.safe_load((ROOT / "mlflow" / "MLproject").read_text(encoding="utf-8"))
    defaults = {name: stated["default"] for name, stated in project["entry_points"]["main"]["parameters"].items()}
    assert defaults == {"draws": DEFAULT_DRAWS, "seed": TrainingConfig().seed, "promote": "promote"}
    assert TrainingConfig().promote
