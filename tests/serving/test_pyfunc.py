"""The registered model answers rows with the numbers of the service, and says of each bad row what is wrong."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest

from pricing.bundle import MANIFEST, Bundle, write_bundle
from pricing.errors import BundleError, InputError
from serving.pyfunc import FairPriceModel, _load_pyfunc
from training.registry import promote, register
from training.tracking import Fit, log_fit

from .conftest import QUARTER_AT_68

DAYS = ("2024-02-20", "2025-07-01", "2026-03-31")
LAST_DAY = DAYS[-1]
MATERIALS = ("NdPr", "Dy", "Tb")


@pytest.fixture(scope="module")
def model(bundle_folder: Path) -> FairPriceModel:
    return _load_pyfunc(str(bundle_folder))


def asked(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({name: values if isinstance(values, list) else [values] for name, values in columns.items()})


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("material", MATERIALS)
def test_a_row_has_the_numbers_of_the_service(model: FairPriceModel, client: Any, material: str, day: str) -> None:
    row = model.predict(asked(material=material, as_of=day)).iloc[0]
    answer = client.get(f"/v1/prices/{material}", params={"as_of": day}).json()
    headline = answer["fair"]["headline"]
    assert (row["month"], row["status"], row["error"]) == (answer["month"], answer["status"], "")
    assert row["quote_id"] == answer["quote_id"]
    assert (row["fair"], row["low80"], row["high80"]) == (headline["value"], headline["low"], headline["high"])
    for region in ("china", "ex_china"):
        assert row[f"market_{region}"] == answer["markets"][region]["market"]["value"]


def test_a_day_may_be_a_timestamp_and_an_empty_scenario_may_be_missing(model: FairPriceModel) -> None:
    plain = model.predict(asked(material="NdPr", as_of="2026-02-28"))
    stamped = asked(material="NdPr", as_of=pd.Timestamp("2026-02-28"), scenario=float("nan"))
    pd.testing.assert_frame_equal(model.predict(stamped), plain)
    pd.testing.assert_frame_equal(model.predict(asked(material="NdPr", as_of="2026-02-28", scenario=" ")), plain)


def test_a_bad_row_says_why_and_leaves_the_others_answered(model: FairPriceModel) -> None:
    days = ["2026-02-28", "tomorrow", "2026-02-28"]
    answered = model.predict(asked(material=["NdPr", "Nd", "Dy"], as_of=days))
    assert list(answered["status"]) == ["estimate", "invalid", "band"]
    assert list(answered["error"].str.len() > 0) == [False, True, False]
    assert "Did you mean NdPr?" in answered.loc[1, "error"]
    assert "as_of: found tomorrow" in answered.loc[1, "error"]
    assert answered.loc[1, ["fair", "low80", "market_china"]].isna().all()


def test_a_number_that_is_not_available_is_none_beside_one_that_is(model: FairPriceModel) -> None:
    answered = model.predict(asked(material=["NdPr", "Dy"], as_of=[LAST_DAY] * 2))
    assert answered["fair"][0] > 0
    assert answered["fair"][1] is None


def test_a_missing_cell_is_a_bad_row(model: FairPriceModel) -> None:
    answered = model.predict(asked(material=["NdPr", None], as_of=[None, "2026-02-28"]))
    assert list(answered["status"]) == ["invalid", "invalid"]


def test_a_missing_column_is_refused(model: FairPriceModel) -> None:
    with pytest.raises(InputError, match="as_of: found no such column"):
        model.predict(asked(material="NdPr"))


def test_no_rows_are_answered_by_no_rows(model: FairPriceModel) -> None:
    answered = model.predict(asked(material=[], as_of=[]))
    assert answered.empty
    assert list(answered)[-1] == "error"


def without_model(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without the model's version and source, which tell the doors apart."""
    return {name: value for name, value in answer.items() if name != "model"}


DEARER = {"overrides": [{"lever": "wages.united_states", "scale": 1.1}, {"lever": "quota.mining", "scale": 1.1}]}


@pytest.mark.parametrize("scenario", [DEARER, {"preset": "licences_tightened"}, {"overrides": []}])
def test_a_scenario_has_the_numbers_of_the_service(
    model: FairPriceModel, client: Any, scenario: dict[str, Any]
) -> None:
    answer = client.post("/v1/scenarios", json=scenario | {"as_of": LAST_DAY}).json()
    written = [json.dumps(scenario)] * len(MATERIALS)
    rows = model.predict(asked(material=list(MATERIALS), as_of=[LAST_DAY] * len(MATERIALS), scenario=written))
    assert list(rows["error"]) == [""] * len(MATERIALS)
    for row, moved in zip(rows.to_dict("records"), answer["materials"], strict=True):
        fair = moved["fair_long_run"]["scenario"]
        assert (row["material"], row["status"], row["month"]) == (moved["material"], moved["status"], answer["month"])
        assert (row["fair"], row["low80"], row["high80"]) == (fair["value"], fair["low"], fair["high"])
        for region in ("china", "ex_china"):
            assert row[f"market_{region}"] == moved["market"][region]["scenario"]["value"]
        assert without_model(json.loads(row["answer"])) == without_model(answer)
        assert (row["scenario_id"], row["quote_id"]) == (answer["scenario_id"], "")


def test_a_lever_beyond_the_evidence_is_flagged(model: FairPriceModel) -> None:
    far = json.dumps({"overrides": [{"lever": "wages.united_states", "scale": 3}]})
    assert (
        "extrapolated.wages.united_states"
        in model.predict(asked(material="NdPr", as_of=LAST_DAY, scenario=far))["flags"][0]
    )


def test_a_floor_alone_leaves_prices_and_says_what_it_pays(model: FairPriceModel, client: Any) -> None:
    plain = model.predict(asked(material="NdPr", as_of=LAST_DAY)).iloc[0]
    row = model.predict(asked(material="NdPr", as_of=LAST_DAY, scenario=json.dumps(QUARTER_AT_68))).iloc[0]
    assert row["error"] == ""
    assert all(row[name] == plain[name] for name in ("fair", "market_china", "quote_id"))
    answer = client.post("/v1/scenarios", json=QUARTER_AT_68 | {"as_of": LAST_DAY}).json()
    assert without_model(json.loads(row["answer"])) == without_model(answer)


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        ("wages.us +10 %", "scenario.body: found"),
        ('{"overrides": [{"lever": "wages.united_state", "scale": 1.1}]}', "Did you mean wages.united_states?"),
        ('{"overrides": [], "material": "Dy"}', "scenario.material: found Dy; allowed: NdPr, as in the row"),
        ('{"overrides": [{"lever": "wages.united_states", "scale": NaN}]}', "scenario.overrides.0"),
        ("[]", "scenario.body: found a list; allowed: a JSON object"),
    ],
)
def test_a_bad_scenario_says_why_and_leaves_the_others_answered(
    model: FairPriceModel, scenario: str, said: str
) -> None:
    rows = model.predict(asked(material=["NdPr", "NdPr"], as_of=[LAST_DAY] * 2, scenario=[scenario, ""]))
    assert list(rows["status"]) == ["invalid", "estimate"]
    assert said in rows["error"][0]


def test_a_row_tells_the_faults_of_all_its_columns_at_once(model: FairPriceModel) -> None:
    scenario = '{"overrides": [{"lever": "wages.china", "scale": -1}]}'
    (told,) = model.predict(asked(material="Nd", as_of="tomorrow", scenario=scenario))["error"]
    places = [line.partition(":")[0] for line in told.splitlines()]
    assert places == ["material", "as_of", "scenario.overrides.0.scale"]


def test_a_scenario_on_an_earlier_day_is_refused_with_the_days_it_may_have(model: FairPriceModel) -> None:
    rows = model.predict(asked(material="NdPr", as_of=DAYS[0], scenario=json.dumps(DEARER)))
    assert f"scenario.as_of: found {DAYS[0]}; allowed: a day from" in rows["error"][0]


def test_scenarios_leave_the_next_row_as_it_was(model: FairPriceModel) -> None:
    question = asked(material=["NdPr", "NdPr"], as_of=[LAST_DAY] * 2, scenario=[json.dumps(DEARER), ""])
    backwards = question.iloc[::-1].reset_index(drop=True)
    forwards = model.predict(question)
    pd.testing.assert_frame_equal(forwards.iloc[::-1].reset_index(drop=True), model.predict(backwards))
    pd.testing.assert_series_equal(forwards.iloc[1], model.predict(question.iloc[1:]).iloc[0], check_names=False)


@pytest.fixture(scope="module")
def registry(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a registry in which the bundle serves."""
    folder = tmp_path_factory.mktemp("registry")
    (folder / "plots").mkdir()
    uri = f"sqlite:///{folder}/mlflow.db"
    tags = {"bundle_digest": write_bundle(bundle, folder / "bundle")}
    logged = log_fit(uri, Fit(folder / "bundle", folder / "plots", "# card", {}, {}, tags))
    promote(uri, register(uri, logged, tags).version)
    return folder


@pytest.fixture
def logged_model(registry: Path, tmp_path: Path) -> Path:
    """A copy of what the artifact folder holds of the model, for a test to alter."""
    (described,) = (registry / "artifacts").rglob("MLmodel")
    return Path(shutil.copytree(described.parent, tmp_path / "model"))


def test_the_champion_takes_the_columns_of_its_signature_and_has_no_pickle(
    registry: Path, model: FairPriceModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "False")
    mlflow.set_tracking_uri(f"sqlite:///{registry}/mlflow.db")
    loaded = mlflow.pyfunc.load_model("models:/fairprice@champion")
    wanted = {column.name: column.required for column in loaded.metadata.get_input_schema().inputs}
    assert wanted == {"material": True, "as_of": True, "scenario": False}
    question = asked(material=list(MATERIALS), as_of=[DAYS[1]] * len(MATERIALS), scenario=[""] * len(MATERIALS))
    answered = loaded.predict(question)
    pd.testing.assert_frame_equal(answered, model.predict(question))
    assert [column.name for column in loaded.metadata.get_output_schema().inputs] == list(answered)
    assert not [file for file in registry.rglob("*") if file.suffix in {".pkl", ".pickle", ".joblib"}]


def only(folder: Path, name: str) -> Path:
    (found,) = folder.rglob(name)
    return found


def test_a_table_that_was_altered_in_the_artifact_folder_is_refused(logged_model: Path) -> None:
    table = only(logged_model, "history_as_known.csv")
    table.write_text(table.read_text(encoding="utf-8").replace("estimate", "Estimate", 1), encoding="utf-8")
    with pytest.raises(BundleError, match="was altered or torn"):
        mlflow.pyfunc.load_model(str(logged_model))


def test_a_sealed_bundle_of_another_fit_in_the_artifact_folder_is_refused(logged_model: Path, bundle: Bundle) -> None:
    folder = only(logged_model, MANIFEST).parent
    shutil.rmtree(folder)
    write_bundle(replace(bundle, seed=2), folder)
    with pytest.raises(BundleError, match="the registry expects"):
        mlflow.pyfunc.load_model(str(logged_model))
