from pathlib import Path

import numpy as np
import pytest
import yaml

from features.costs import FILES
from features.dataset import Dataset
from features.expert import FIELDS, FOLDER, load_expert
from features.panel import monthly
from pricing.costs.factors import Factor, unit_of
from pricing.costs.model import CostModel
from pricing.errors import DataError

LEAF = {
    "value": 1.0,
    "unit": "kg",
    "source": "survey",
    "as_of": "2024",
    "low": 0.5,
    "high": 2.0,
    "confidence": "low",
    "read_or_recall": "recall",
}


def written(folder: Path, tree: object) -> Path:
    path = folder / "acids.yaml"
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    return path


def test_leaves_become_parameters_and_the_rest_stays_as_structure(tmp_path: Path) -> None:
    parameters, tree = load_expert(written(tmp_path, {"sources": {"a": LEAF}, "plant": {"acid": LEAF, "steps": ["x"]}}))
    assert (list(parameters), tree["plant"]["steps"], "sources" in tree) == (["plant.acid"], ["x"], False)


@pytest.mark.parametrize("field", FIELDS)
def test_a_number_that_lacks_a_field_is_refused_by_file_name_and_field(tmp_path: Path, field: str) -> None:
    leaf = {key: value for key, value in LEAF.items() if key != field}
    if field == "value":
        parameters, _ = load_expert(written(tmp_path, {"acid": leaf}))
        assert not len(parameters)
        return
    with pytest.raises(DataError, match=rf"acids.yaml: acid: missing {field}"):
        load_expert(written(tmp_path, {"acid": leaf}))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"note": "x"}, "unknown note"),
        ({"value": "1"}, "value is '1'; expected a number"),
        ({"value": True}, "expected a number"),
        ({"as_of": 2024}, "as_of is 2024; expected text"),
        ({"high": 0.1}, "low <= value <= high"),
    ],
)
def test_a_malformed_number_is_refused(tmp_path: Path, change: dict[str, object], word: str) -> None:
    with pytest.raises(DataError, match=word):
        load_expert(written(tmp_path, {"acid": LEAF | change}))


@pytest.mark.parametrize("text", ["- a list", "a: [broken", ""])
def test_a_file_that_is_no_mapping_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "acids.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_expert(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.yaml"):
        load_expert(tmp_path / "gone.yaml")


def test_every_file_of_expert_numbers_on_costs_is_read() -> None:
    assert {path.stem for path in (FOLDER / "costs").glob("*.yaml")} == set(FILES)


def test_a_number_from_memory_is_a_wide_prior(model: CostModel) -> None:
    """At least a tenth of the value lies between low and high."""
    narrow = [
        name
        for name, p in model.parameters.items()
        if p.read_or_recall == "recall" and p.high - p.low < 0.1 * abs(p.value) and p.value
    ]
    assert narrow == []


def test_no_number_from_memory_claims_high_confidence(model: CostModel) -> None:
    sure = [n for n, p in model.parameters.items() if p.read_or_recall == "recall" and p.confidence == "high"]
    assert sure == []


def test_what_a_price_follows_is_in_the_panel(model: CostModel, dataset: Dataset) -> None:
    assert set(model.series) <= set(dataset.panel.names)


def test_a_stated_base_is_the_mean_of_its_series(model: CostModel, dataset: Dataset) -> None:
    for name, means in model.structure["bases"].items():
        for years, stated in means.items():
            first, last = years[:4], years[-4:]
            months = [years] if len(years) == 7 else _months(first, last)
            rows = dataset.panel.series(name)
            if len(rows) < 50:  # yearly: the values of the years themselves
                found = rows[rows["date"].dt.year.between(int(first), int(last))]["value"].mean()
            else:
                found = np.nanmean(monthly(dataset.panel, name, months, how="exact"))
            assert stated == pytest.approx(found, rel=2e-3), (name, years)


def _months(first: str, last: str) -> list[str]:
    return [f"{year}-{month:02d}" for year in range(int(first), int(last) + 1) for month in range(1, 13)]


def test_an_input_is_counted_in_the_unit_of_its_price(model: CostModel) -> None:
    for name, p in model.parameters.items():
        if name.startswith("processes.") and not name.endswith(".other"):
            assert p.unit.startswith(unit_of(Factor(name.split(".")[-1])) + " per kg REO"), name
