"""New rows are held back for a reason a person can act on, all at once, and the rest is taken."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.dataset import Dataset, load_dataset
from features.intake.intake import Order, Receipt, take_in
from features.intake.kinds import KINDS, STATED
from features.intake.received import MAX_CELL, read_files
from features.intake.report import as_dict, summary
from features.intake.slips import named
from features.intake.usual import Usual
from features.rules import intake_rules
from pricing.errors import InputError

if TYPE_CHECKING:
    from features.intake.rows import Held

Desk = Any
PANEL = "series,date,known_at,value"
PRICES = ",".join(KINDS["prices_monthly"].columns)
KOMIS = "fob_china,public agency,komis,not refunded,USD,kg"
END = ",,,,,20,real,2026-04-01"

# what a row of the panel is held back for, and a word of what is told; in February 2026 Brent stood at 70.89 USD/bbl,
# copper at 12,951 USD/t, the dollar at 6.9064 yuan, US consumer prices at 327.46.
OBSERVATIONS = {
    "usd_cnyy,2026-03-01,2026-04-03,6.95": ("series", "nearest name: usd_cny"),
    "usd_cny,2026-03-01,2026-04-03,690": ("range", "5 to 10 CNY per USD"),
    "usd_eur,2026-03-01,,0.86": ("missing", "no known_at"),
    "usd_jpy,2026-03-01,2026-05-03,155": ("future", "the day of receipt"),
    "usd_aud,2026-03-01,2026-02-27,1.45": ("known_before_date", "2026-02-27"),
    "wb_nickel,2026-03-15,2026-04-02,17000": ("date", "a value of each month"),
    "wb_tin,2026-03-01,2026-04-02,=48000": ("unreadable", "a spreadsheet would read it"),
    "wb_zinc,2026-03-01,2026-04-02,many": ("number", "many"),
    "eia_brent,2026-03-01,2026-04-08,156.29": ("unit_slip", "pounds for kilograms"),
    "wb_copper,2026-03-01,2026-04-02,90000": ("unit_slip", "yuan for dollars"),
    "us_cpi_CPIAUCSL,2026-03-01,2026-04-12,370.03": ("vat", "just the VAT of 13%"),
    "wb_silver,2026-03-01,2026-04-02,47": ("jump", "more than it has ever moved"),
    "us_fed_funds,2026-01-01,2026-02-15,3.9": ("gap", "nothing between 2025-10-01 and 2026-01-01"),
    "cn_pmi_mfg_nbs,2026-04-01,2026-04-02,50.2": ("soon", "public 1 days after its date"),
}
FEBRUARY = "wb_urea,2026-02-01,2026-04-02,"


def held(receipt: Receipt) -> dict[int, Held]:
    return {one.line: one for one in receipt.judged.held}


@pytest.fixture(scope="module")
def faulty(shipped: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Receipt:
    """One arrival with a row of every fault, and one row in order at its end."""
    folder = tmp_path_factory.mktemp("faulty")
    path = folder / "panel.csv"
    path.write_text("\n".join([PANEL, *OBSERVATIONS, "wb_aluminum,2026-03-01,2026-04-02,3090"]), "utf-8")
    order = Order(folder / "store", datetime(2026, 4, 20, tzinfo=UTC), dry_run=True)
    return take_in([path], shipped, order)


@pytest.mark.parametrize("row", OBSERVATIONS)
def test_each_fault_is_told_with_its_rule_what_was_found_and_the_way_out(faulty: Receipt, row: str) -> None:
    rule, words = OBSERVATIONS[row]
    line = 2 + list(OBSERVATIONS).index(row)
    (found,) = [one for one in faulty.judged.held if one.line == line]
    assert found.rule == rule
    assert words in f"{found.found} {found.expected}"
    assert found.way_out.startswith("Mend the file" if not found.acceptable else "Check it at the source")


def test_the_rest_of_a_file_is_taken_and_a_dry_run_stores_nothing(faulty: Receipt) -> None:
    assert [entry.values["series"] for entry in faulty.judged.taken] == ["wb_aluminum"]
    assert not faulty.order.store.exists()
    assert "held back      14" in summary(faulty)
    assert as_dict(faulty)["taken_by_table"] == {"panel": 1}


def test_what_load_would_refuse_nobody_may_accept(faulty: Receipt) -> None:
    open_to_a_person = {one.rule for one in faulty.judged.held if one.acceptable}
    assert open_to_a_person == {"unit_slip", "vat", "jump", "gap", "soon"}


def test_a_row_is_accepted_with_a_reason_on_the_record_and_with_none_it_is_not(desk: Desk) -> None:
    jump, wrong = "wb_silver,2026-03-01,2026-04-02,47", "usd_cny,2026-03-01,2026-04-03,690"
    with pytest.raises(InputError, match="--because"):
        desk.panel(jump, accepted=frozenset({"panel.csv:2"}))
    asked = {"accepted": frozenset({"panel.csv:2", "panel.csv:3", "panel.csv:9"}), "because": "seen at the source"}
    with pytest.raises(InputError) as refused:
        desk.panel(jump, wrong, **asked)
    told = str(refused.value)
    assert "panel.csv:3" in told  # out of range
    assert "panel.csv:9; allowed: a row that is held back: panel.csv:2" in told
    receipt = desk.panel(jump, accepted=frozenset({"panel.csv:2"}), because="seen at the source")
    assert receipt.complete
    assert "accepted       panel.csv:2: wb_silver 2026-03-01 (jump), because seen at the source" in summary(receipt)
    assert "seen at the source" in (desk.store / receipt.vintage / "vintage.yaml").read_text("utf-8")


def test_all_or_nothing_takes_nothing_beside_a_fault(desk: Desk) -> None:
    rows = "wb_aluminum,2026-03-01,2026-04-02,3090", "usd_cny,2026-03-01,2026-04-03,690"
    receipt = desk.panel(*rows, all_or_nothing=True)
    assert receipt.refused
    assert not receipt.vintage
    assert as_dict(receipt)["taken"] == 0


@pytest.fixture(scope="module")
def priced(shipped: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Held]]:
    """Prices of March 2026 by material, each with what it is held back for; Dy 248 and Tb 1,105 USD/kg in February."""
    rows = {
        "quiet": f"Tb,oxide,2026-03,{KOMIS},1110{END}",
        "vat": f"Dy,oxide,2026-03,{KOMIS},219.5{END}",
        "tonnes": f"Pr,oxide,2026-03,{KOMIS.replace('USD,kg', 'USD,t')},127000{END}",
        "basis": f"Nd,oxide,2026-03,{KOMIS.replace('fob_china', 'fob_chna')},124{END}",
        "early": f"Nd,oxide,2026-04,{KOMIS},124,,,,,20,real,2026-04-15",
        "order": f"Nd,oxide,2026-03,{KOMIS.replace('komis', 'argus')},124,130,,,,20,real,2026-04-01",
        "card": f"Nd,oxide,2026-03,{KOMIS.replace('komis', 'komiss')},124{END}",
        "nil": f"NdFeB,magnet,2026-03,{KOMIS},0{END}",
        "level": f"NdPr,oxide,2026-03,ex_china,price agency,argus,none,USD,kg,490{END}",
    }
    folder = tmp_path_factory.mktemp("priced")
    path = folder / "prices.csv"
    path.write_text("\n".join([PRICES, *rows.values()]), "utf-8")
    receipt = take_in([path], shipped, Order(folder / "store", datetime(2026, 4, 20, tzinfo=UTC), dry_run=True))
    names = list(rows)
    found: dict[str, list[Held]] = {name: [] for name in names}
    for one in receipt.judged.held:
        found[names[one.line - 2]].append(one)
    return found


@pytest.mark.parametrize(
    ("name", "rule", "words"),
    [
        ("vat", "vat", "while the market moved +0.4%; just the VAT of 13%"),
        ("tonnes", "unit", "one of kg"),
        ("basis", "basis", "nearest name: fob_china"),
        ("early", "known_before_date", "2026-05-01"),
        ("order", "order", "low <= mean <= high"),
        ("card", "source", "nearest name: komis"),
        ("nil", "range", "a price above 0 USD/kg"),
        ("level", "jump", "times the market's"),
    ],
)
def test_a_price_on_the_wrong_unit_basis_or_tax_is_held_back(
    priced: dict[str, list[Held]], name: str, rule: str, words: str
) -> None:
    assert any(one.rule == rule and words in f"{one.found}; {one.expected}" for one in priced[name]), priced[name]


def test_a_price_in_order_is_held_back_for_nothing(priced: dict[str, list[Held]]) -> None:
    assert not priced["quiet"]


def test_a_price_in_yuan_is_told_from_one_in_dollars_by_its_line(desk: Desk) -> None:
    row = f"Dy,oxide,2026-03,{KOMIS},1713{END}"  # 248.04 USD/kg in February, at 6.9064 yuan
    (reason,) = desk.take(desk.file("prices.csv", PRICES, row), dry_run=True).judged.held
    assert (reason.rule, "yuan for dollars" in reason.found) == ("unit_slip", True)


def test_a_source_that_takes_vat_out_of_all_its_lines_at_once_is_held_back(desk: Desk) -> None:
    before = {"Nd": 124.14, "Pr": 127.61, "Dy": 248.04, "Tb": 1105.09}
    rows = [f"{name},oxide,2026-03,{KOMIS},{price / 1.13:.2f}{END}" for name, price in before.items()]
    receipt = desk.take(desk.file("prices.csv", PRICES, *rows))
    assert {one.rule for one in receipt.judged.held} == {"vat"}
    assert len(receipt.judged.held) == 4
    assert "as all 4 lines of komis at once" in receipt.judged.held[0].found


def test_a_price_that_comes_after_its_month_was_priced_is_taken_and_said_to_be_late(desk: Desk) -> None:
    receipt = desk.take(desk.file("prices.csv", PRICES, f"Tb,oxide,2026-03,{KOMIS},1110{END}"), day="2026-04-21")
    assert receipt.complete
    assert "late           prices of 2026-03: first priced on 2026-04-20" in summary(receipt)


def test_the_same_value_again_and_again_is_held_back_where_history_never_did(desk: Desk) -> None:
    months = pd.period_range("2026-03", "2026-06", freq="M")
    rows = [f"wb_tin,{month}-01,{month + 1}-08,48694.3" for month in months]  # as in February
    receipt = desk.panel(*rows, day="2026-07-20")
    assert [one.rule for one in receipt.judged.held] == ["stale", "gap", "stale"]  # May, and June after a gap
    assert "for the 4th time in a row" in receipt.judged.held[0].found


def test_a_revision_is_a_new_row_and_one_larger_than_usual_is_held_back(desk: Desk, shipped: Dataset) -> None:
    small, large = f"{FEBRUARY}470", f"{FEBRUARY}700"
    assert [one.rule for one in desk.panel(large).judged.held] == ["revision"]
    receipt = desk.panel(small)
    assert receipt.complete
    assert "no price yet   of 2026-03: a fit now would price them without a market" in summary(receipt)
    joined = _loaded(desk)
    rows = joined.panel.series("wb_urea")
    assert rows[rows["date"] == "2026-02-01"]["value"].tolist() == [472.0, 470.0]
    assert joined.as_known(date(2026, 4, 19)).panel.series("wb_urea")["value"].iloc[-1] == 472.0


def test_two_figures_for_one_key_contradict_and_the_same_figure_twice_counts_once(desk: Desk) -> None:
    good = "wb_aluminum,2026-03-01,2026-04-02,3090"
    receipt = desk.panel(good, good, "wb_zinc,2026-03-01,2026-04-02,3300", "wb_zinc,2026-03-01,2026-04-02,3301")
    assert {one.rule for one in receipt.judged.held} == {"duplicate"}
    assert len(receipt.judged.held) == 2
    assert (len(receipt.judged.taken), receipt.judged.known) == (1, 1)


def test_the_same_file_twice_adds_nothing_and_an_older_figure_never_replaces_a_newer_one(desk: Desk) -> None:
    first, second = f"{FEBRUARY}470", "wb_urea,2026-02-01,2026-05-02,468"
    assert desk.panel(first).vintage.startswith("000001")
    again = desk.panel(first, day="2026-04-21")
    assert (again.vintage, again.judged.known, again.complete) == ("", 1, True)
    assert "nothing was stored" in summary(again)
    assert desk.panel(second, day="2026-05-20").vintage.startswith("000002")
    assert desk.panel(first, day="2026-06-20").judged.known == 1
    outdated = desk.panel("wb_urea,2026-02-01,2026-03-30,466", day="2026-06-20")
    assert [one.rule for one in outdated.judged.held] == ["outdated"]
    same_day = desk.panel("wb_urea,2026-02-01,2026-05-20,467", day="2026-05-20")
    assert [one.rule for one in same_day.judged.held] == ["same_day"]


def test_a_regime_may_be_revised_by_a_person_and_an_event_never(desk: Desk, shipped: Dataset) -> None:
    row = shipped.policy[shipped.policy["instrument"] == "us_price_floor"].iloc[0]
    heading = ",".join(KINDS["policy"].columns)
    span = f"{row['start']:%Y-%m-%d},{row['end']:%Y-%m-%d}"
    cells = f"us_price_floor,NdPr,{span},115,USD/kg,in force,a press release,2026-04-15"
    regime = desk.file("policy.csv", heading, cells)
    (reason,) = desk.take(regime).judged.held
    assert reason.rule == "revision"
    assert "value 115.0 in place of 110.0" in reason.found
    assert reason.acceptable
    event = shipped.events.iloc[0]
    told = (
        f"{event['date']:%Y-%m-%d},{event['instrument']},{event['label']},Nd,{event['direction']},a source,2026-04-15"
    )
    (reason,) = desk.take(desk.file("events.csv", ",".join(KINDS["events"].columns), told)).judged.held
    assert not reason.acceptable


def test_a_day_of_receipt_before_what_is_known_or_after_today_is_refused(desk: Desk) -> None:
    for day in ("2026-03-30", "2026-11-27"):
        with pytest.raises(InputError, match="--received-on"):
            desk.panel("wb_aluminum,2026-03-01,2026-04-02,3090", day=day)


def test_parquet_brings_the_rows_that_csv_brings(desk: Desk) -> None:
    table = pa.table(
        {
            "series": ["wb_aluminum", "wb_zinc"],
            "date": pa.array([date(2026, 3, 1)] * 2),
            "known_at": pa.array([pd.Timestamp("2026-04-02")] * 2),
            "value": [3090.123456789012345, math.nan],
        }
    )
    path = desk.folder / "panel.parquet"
    pq.write_table(table, path)
    receipt = desk.take(path, dry_run=True)
    assert [entry.values["value"] for entry in receipt.judged.taken] == [3090.123456789012345]
    assert [one.rule for one in receipt.judged.held] == ["missing"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pa.table({"series": pa.array([["a"]])}), "a column of type list"),
        (pa.table({"series": pa.array(["a" * (MAX_CELL + 1)])}), "a text of more than"),
        (pa.table({"series": pa.array(["a"] * 100_001)}), "100,001 rows"),
        (pa.table({"nothing": pa.array(["a"])}), "the columns nothing"),
    ],
)
def test_parquet_that_is_no_plain_table_is_refused(tmp_path: Path, table: pa.Table, words: str) -> None:
    path = tmp_path / "odd.parquet"
    pq.write_table(table, path)
    (file,) = read_files([path])
    assert not file.rows
    assert words in file.held[0].found


def test_files_that_are_no_tables_are_refused_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link.csv").symlink_to(tmp_path / "secret.csv")
    (tmp_path / "secret.csv").write_text("series\n", "utf-8")
    (tmp_path / "sheet.xlsx").write_text("", "utf-8")
    with pytest.raises(InputError) as refused:
        read_files([tmp_path / "none.csv", tmp_path / "sheet.xlsx", tmp_path / "inside", Path("/dev/null")])
    told = str(refused.value)
    assert len(refused.value.faults) == 4
    assert "leads out of its folder" in told
    assert "no regular file" in told


def test_bytes_that_are_no_table_are_told_and_nothing_is_read(tmp_path: Path) -> None:
    torn, empty = tmp_path / "torn.parquet", tmp_path / "empty.csv"
    torn.write_bytes(b"PAR1 torn PAR1")
    empty.write_bytes(b"\xff\xfe")
    assert [file.held[0].found for file in read_files([torn, empty])] == [
        "no Parquet that can be read",
        "no text in UTF-8",
    ]


def test_an_empty_file_and_one_parted_by_semicolons_are_told_as_what_they_are(tmp_path: Path) -> None:
    empty, parted = tmp_path / "empty.csv", tmp_path / "parted.csv"
    empty.write_bytes(b"")
    parted.write_text("series;date;known_at;value\nwb_zinc;2026-03-01;2026-04-02;3300,5\n", "utf-8")
    held = [[one.found for one in file.held] for file in read_files([empty, parted])]
    assert held == [["the file is empty"], ["cells separated by semicolons"]]


def test_a_wrong_path_and_a_file_that_is_no_table_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(InputError) as refused:
        read_files([tmp_path / "none.csv", tmp_path / "empty.csv"])
    assert "none.csv" in str(refused.value)
    assert "the file is empty" in str(refused.value)


@given(
    moves=st.lists(st.floats(-0.3, 0.3), min_size=8, max_size=40),
    factor=st.sampled_from([1000.0, 2.2046, 100.0, 6.9]),
    inverse=st.booleans(),
)
def test_a_slip_is_named_whatever_the_price_did_meanwhile(moves: list[float], factor: float, inverse: bool) -> None:
    move = (-1 if inverse else 1) * math.log(factor) + moves[0] / 3
    rule, words = named(move, intake_rules(), 6.9)
    assert rule == "unit_slip"
    assert f"about {factor:,g} times" in words


@given(values=st.lists(st.floats(1, 100), min_size=2, max_size=30))
def test_history_never_moves_more_than_its_largest_move(values: list[float]) -> None:
    dates = pd.date_range("2020-01-01", periods=len(values), freq="MS").astype("datetime64[s]")
    rows = pd.DataFrame({"date": dates, STATED: dates, "value": values})
    usual = Usual.of(rows, "USD/t", intake_rules())
    steps = [usual.move(a, b) for a, b in pairwise(values)]
    assert max(map(abs, steps)) == pytest.approx(usual.largest)
    assert usual.moved(values[0], steps[0]) == pytest.approx(values[1])
    longer = usual.with_value(date(2030, 1, 1), 50.0)
    assert longer.before(date(2030, 2, 1)) == (date(2030, 1, 1), 50.0)
    assert np.isclose(longer.values[:-1], usual.values).all()


def _loaded(desk: Desk) -> Dataset:
    return load_dataset(vintages=desk.store)
