"""The importer makes the dataset, the same byte for byte, from the evidence tables it is given."""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from features.dataset import SHIPPED, load_dataset
from features.importer import main

EVIDENCE = Path(__file__).parent / "fixture"


def relative_files(folder: Path) -> list[str]:
    made = [*folder.glob("*.csv"), *folder.glob("panel/*.csv"), *folder.glob("cards/*.yaml"), folder / "manifest.yaml"]
    return sorted(str(path.relative_to(folder)) for path in made)


def figures(folder: Path, material: str, month: str) -> pd.DataFrame:
    prices = load_dataset(folder).prices
    return prices[(prices["material"] == material) & (prices["month"] == month)].set_index("publisher_class")


def test_a_second_import_gives_the_same_bytes(imported: Path, tmp_path: Path) -> None:
    assert main(["--from", str(EVIDENCE), "--to", str(tmp_path)]) == 0
    names = relative_files(imported)
    assert names == relative_files(tmp_path)
    assert filecmp.cmpfiles(imported, tmp_path, names, shallow=False)[0] == names


@pytest.mark.skipif("FAIRPRICE_EVIDENCE" not in os.environ, reason="FAIRPRICE_EVIDENCE names no folder of evidence")
def test_the_shipped_dataset_comes_from_the_evidence_byte_for_byte(tmp_path: Path) -> None:
    assert main(["--from", os.environ["FAIRPRICE_EVIDENCE"], "--to", str(tmp_path)]) == 0
    names = relative_files(SHIPPED)
    assert names == relative_files(tmp_path)
    assert filecmp.cmpfiles(SHIPPED, tmp_path, names, shallow=False)[0] == names


def test_a_month_is_the_mean_over_days_in_one_unit(imported: Path) -> None:
    # 320 on the 10th (printed twice, in CNY/t and CNY/kg, counts once) and 330 on the 24th; 400 was one edge of a range
    month = figures(imported, "NdPr", "2018-01").loc["price agency"]
    assert month[["mean", "last", "count"]].tolist() == [325.0, 330.0, 2.0]
    assert month["last_day"] == pd.Timestamp("2018-01-24")
    assert month["source"] == "argus;smm"
    assert month["known_at"] == pd.Timestamp("2018-02-01")


def test_a_list_price_stays_apart_from_the_market(imported: Path) -> None:
    assert figures(imported, "NdPr", "2018-01").loc["producer", "mean"] == 300.0


def test_a_quote_printed_late_is_known_late(imported: Path) -> None:
    assert figures(imported, "NdPr", "2018-03").loc["price agency", "known_at"] == pd.Timestamp("2018-09-01")


def test_longer_averages_are_anchors_and_never_months(imported: Path) -> None:
    dataset = load_dataset(imported)
    quarter = dataset.anchors[dataset.anchors["source"] == "lynas"].set_index("material")
    assert quarter.loc["NdPr", "start"] == pd.Timestamp("2018-01-01")
    assert quarter.loc["NdPr", "end"] == pd.Timestamp("2018-03-31")
    assert quarter.loc["REO", "start"] == pd.Timestamp("2017-07-01")  # a fiscal year to June
    assert (dataset.prices["month"] == "2018-02").sum() == 3  # FOB Nd and Dy, domestic Nd


def test_the_same_average_from_two_tables_is_one_anchor(imported: Path) -> None:
    anchors = load_dataset(imported).anchors
    dy = anchors[(anchors["material"] == "Dy") & (anchors["kind"] == "average")]
    assert dy["quality"].tolist() == ["real"]


def test_rows_public_after_the_last_day_stay_out(imported: Path) -> None:
    received = pd.read_csv(EVIDENCE / "observations.csv")
    assert (received["known_at"] > "2026-03-31").any()
    assert load_dataset(imported).panel.frame["known_at"].max() <= pd.Timestamp("2026-03-31")


def test_a_quota_is_known_from_its_announcement(imported: Path) -> None:
    quota = load_dataset(imported).panel.series("cn_quota_mining_total").set_index("date")["known_at"]
    assert quota[pd.Timestamp("2018-12-31")] == pd.Timestamp("2018-07-30")
    assert quota[pd.Timestamp("2017-12-31")] == pd.Timestamp("2017-12-31")  # no announcement day on record


def test_facts_share_one_shape_and_keep_their_confidence(imported: Path) -> None:
    facts = load_dataset(imported).facts.set_index("id")
    assert facts.loc["costs-001", "central"] == 60.0
    assert facts.loc["costs-002", ["low", "high"]].tolist() == [7.0, 10.0]
    assert facts.loc["priors-001", ["low", "central", "high"]].tolist() == [1.0, 2.5, 4.0]
    assert facts.loc["costs-002", "read_or_recall"] == "recall"
    assert facts.loc["process_inputs-001", "unit"] == "kg per kg oxide"


def test_a_folder_without_the_tables_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--from", str(tmp_path), "--to", str(tmp_path / "out")]) == 1
    assert "missing series.csv, observations.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("table", "old", "new", "complaint"),
    [
        ("series.csv", "1982-84=100", "furlongs", "unit 'furlongs' is not in recipe/units.yaml"),
        ("series.csv", "China MOF", "Nobody", "publisher of series 'Nobody': no entry of the recipe matches"),
        ("price_quotes.csv", "CNY/t", "CNY/lb", "quoted in 'CNY/lb'; known units are"),
        ("oxide_prices_fob_china_monthly.csv", "USD/kg", "USD/t", "row 1: unit is 'USD/t', expected 'USD/kg'"),
        ("policy_events.csv", "2015-05-01", "2015-05-02", "has no name in recipe/events.yaml"),
    ],
)
def test_what_the_recipe_does_not_know_stops_the_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str, old: str, new: str, complaint: str
) -> None:
    folder = Path(shutil.copytree(EVIDENCE, tmp_path / "evidence"))
    text = (folder / table).read_text("utf-8")
    (folder / table).write_text(text.replace(old, new, 1), "utf-8")
    assert main(["--from", str(folder), "--to", str(tmp_path / "out")]) == 1
    assert complaint in capsys.readouterr().err


def test_a_table_that_is_no_longer_made_goes_away(tmp_path: Path) -> None:
    (tmp_path / "panel").mkdir()
    (tmp_path / "panel" / "old_group.csv").write_text("series,date,known_at,value\n", "utf-8")
    assert main(["--from", str(EVIDENCE), "--to", str(tmp_path)]) == 0
    assert not (tmp_path / "panel" / "old_group.csv").exists()
