"""`fairprice whatif` answers the sections of a file, reads well, and refuses unsafe or unknown content."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from serving import cli
from serving.contracts.settlements.documentation import QUARTER, REPORTED, UNSTATED
from serving.contracts.valuations.documentation import FLAT_OR_SHARED
from serving.middleware import MAX_BODY_BYTES

UNITS = {"kind": "units", "strike_usd_per_lb": 25, "market_usd_per_lb": 20}


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(tmp_path / "no model"))
    monkeypatch.setenv("COLUMNS", "120")


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.app(["whatif", *arguments])
    out, err = capfd.readouterr()
    return code, out, err


def put(tmp_path: Path, name: str, content: object) -> str:
    file = tmp_path / name
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return str(file)


def test_one_section_prints_the_bytes_of_the_service(
    capfd: pytest.CaptureFixture[str], bare: Any, tmp_path: Path
) -> None:
    expected = bare.post("/v1/contracts/settlements", json=QUARTER).text
    for name, content in (("terms.yaml", QUARTER), ("terms.json", json.dumps(QUARTER))):
        assert run(capfd, put(tmp_path, name, content), "--json")[:2] == (0, expected + "\n")


@pytest.mark.parametrize("written", [json.dumps, yaml.safe_dump])
def test_a_file_may_be_piped_in(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, written: Any
) -> None:
    class Piped:
        buffer = io.BytesIO(written(QUARTER).encode())

    monkeypatch.setattr("sys.stdin", Piped())
    code, out, _ = run(capfd, "-", "--json")
    assert (code, json.loads(out)["totals"]["usd"]) == (0, 42_252_000.0)


def test_several_sections_stand_under_their_names(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = put(tmp_path, "all.yaml", {**QUARTER, "implied": REPORTED, "sums": [UNITS]})
    code, out, _ = run(capfd, file, "--json")
    found = json.loads(out)
    assert (code, list(found)) == (0, ["settlement", "implied", "sums"])
    assert found["implied"]["implied_usd_per_kg"] == 67.98


def test_yaml_of_plain_keys_reads_years_months_and_days_as_they_are_written(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = """
contract:
  {name: floor, buyer: B, seller: S, material: NdPr, form: oxide, vat: excluded,
   from: 2026-01-01, to: 2026-01-31, settlement: monthly,
   volume: {basis: sold, tonnes_by_period: {2026-01: 1000}},
   references: {benchmark: {kind: index, index: given, window: month, lag_months: 0}},
   clauses: [{kind: floor, name: floor, reference: benchmark, floor_usd_per_kg: 110}]}
facts:
  measured_usd_by_year: {2026: 5}
  indices:
    given: {currency: USD, unit: kg, form: oxide, vat: excluded, fixings: {2026-01-09: 90, 2026-01-23: 100}}
"""
    code, out, err = run(capfd, put(tmp_path, "days.yaml", text), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["totals"]["usd"] == 15_000_000.0


def test_a_settlement_reads_well(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capfd, put(tmp_path, "terms.yaml", QUARTER))
    assert code == 0
    for words in (
        "price floor, USD/kg NdPr oxide, VAT excluded.",
        "the buyer pays what benchmark lacks to 110",
        "2026-Q1",
        "42,252,000.00 USD, buyer pays seller",
        "settlement.",
    ):
        assert words in out
    assert max(len(line) for line in out.splitlines()) <= 120


def test_a_payment_that_identifies_nothing_prints_its_grid(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capfd, put(tmp_path, "payment.yaml", {"implied": UNSTATED}))
    assert code == 0
    for words in ("67.98", "63.90", "76.82", "72.21", "identifies none of them", "lag_months: found nothing"):
        assert words in out
    assert "Implied reference" not in out


def test_sums_read_well_and_a_bad_one_is_told(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    discount = {"kind": "discount_for_floor", "index_usd_per_kg": 95, "floor_usd_per_kg": 100, "discount_share": 0.03}
    code, out, _ = run(capfd, put(tmp_path, "sums.yaml", {"sums": [UNITS, {"kind": "unts"}, discount]}))
    assert code == 2
    for words in ("55.12", "Did you mean units?", "5.26 %", "? discount_rule:"):
        assert words in out


def test_names_that_no_section_takes_are_told_with_the_nearest(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = run(capfd, put(tmp_path, "typo.yaml", {"contrct": {}, "sum": []}))
    assert (code, out) == (2, "")
    assert "Did you mean contract?" in err
    assert "Did you mean sums?" in err


def test_faults_of_every_section_are_told_at_once(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    contract = {**QUARTER["contract"], "volume": {"basis": "sold"}}
    file = put(tmp_path, "faults.yaml", {**QUARTER, "contract": contract, "implied": {"usd": 0}, "sums": []})
    code, out, err = run(capfd, file)
    assert (code, out) == (2, "")
    for words in ("contract.volume.tonnes_per_year", "implied.floor_usd_per_kg", "a list of 1 to 50 sums"):
        assert words in err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("alias.yaml", "sums: &a []\nimplied: *a\n"),
        ("tag.yaml", "sums: !!python/object/apply:os.system ['true']\n"),
        ("twice.yaml", "sums: []\nsums: []\n"),
        ("twice.json", '{"sums": [], "sums": []}'),
        ("deep.yaml", "sums: " + "[" * 40 + "]" * 40),
        ("torn.yaml", "sums: [\n"),
        ("empty.yaml", ""),
        ("empty.json", "{}"),
        ("large.yaml", "sums: []\n" + "#" * MAX_BODY_BYTES),
        ("nan.yaml", "implied: {usd: .nan, rounded_to_usd: 1, floor_usd_per_kg: 110}\n"),
    ],
)
def test_a_file_that_is_more_than_plain_values_is_refused(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, name: str, content: str
) -> None:
    code, out, err = run(capfd, put(tmp_path, name, content))
    assert (code, out) == (2, "")
    assert "allowed" in err


def test_a_file_that_is_not_there_is_told(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = run(capfd, str(tmp_path / "nowhere.yaml"))
    assert code == 2
    assert "No such file" in err


def test_help_shows_examples(capfd: pytest.CaptureFixture[str]) -> None:
    out = run(capfd, "--help")[1]
    assert "fairprice whatif terms.yaml" in out
    assert "kind: units" in out


def test_what_stands_beside_the_cash_flows_is_told(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rule = {"kind": "index", "index": "published", "window": "month", "lag_months": 0}
    contract = {
        **QUARTER["contract"],
        "to": "2026-12-31",
        "volume": {"basis": "delivered", "tonnes_per_year": 1200},
        "references": {"benchmark": {**rule, "true_up_within_days": 30}},
        "clauses": [
            {"kind": "fixed", "name": "price", "price_usd_per_kg": 110},
            {"kind": "share", "name": "up", "reference": "benchmark", "above_usd_per_kg": 150, "share_above": 0.5,
             "starts_with": "full"},
        ],
        "take_or_pay": {"take_share": 1, "deficiency_usd_per_kg": 10, "make_up_years": 0, "partial_year": "scales"},
        "provisional": {"provisional_usd_per_kg": 100, "paid_share": 0.9},
        "interruptions": [
            {"cause": "force_majeure", "suspends_delivery": True, "suspends_difference": True, "borne_by": "nobody"}
        ],
        "reviews": [
            {"target": "price", "reference": "benchmark", "first_review": "2026-07-01", "every_months": 12,
             "trigger_share": 0.1, "reset_share": 0.5}
        ],
        "most_favoured": [{"target": "price", "favours": "buyer", "notice_days": 30}],
        "volume_option": {"holder": "seller", "least_tonnes_per_period": 200, "most_tonnes_per_period": 400},
    }  # fmt: skip
    fixings = dict.fromkeys([f"2026-{month:02d}" for month in range(1, 13)], 200)
    index = {**QUARTER["facts"]["indices"]["published"], "fixings": fixings}
    index |= {"published": {"2026-02": "2026-03-02"}}
    index |= {"restatements": [{"fixing": "2026-02", "amount": 230, "known_on": "2026-03-20"}]}
    facts = {
        "indices": {"published": index},
        "events": {"full": "2026-01-01"},
        "taken_tonnes_by_year": {"2026": 1150},
        "stops": [{"cause": "force_majeure", "from": "2026-02-01", "to": "2026-02-14"}],
        "other_deals": [{"day": "2026-08-20", "price_usd_per_kg": 105}],
    }
    asked = {"under_indices": {"reference": "benchmark", "indices": ["published"]}}
    asked |= {"slip": {"event": "full", "months_later": 3}}
    code, out, err = run(capfd, put(tmp_path, "all.yaml", {"contract": contract, "facts": facts, **asked}))
    assert (code, err) == (0, "")
    for words in (
        "2026-Q1: force_majeure: 50.000 t, borne by nobody.",
        "take_or_pay 2026: 500,000.00 USD, buyer pays seller",  # 50 t x 10
        "Invoice 2026-Q1: provisional 22,500,000.00, final 5,000,000.00 USD (+10.00 USD/kg).",
        "True-up 2026-Q1: -1,250,000.00 USD, seller pays buyer.",  # 0.5 x 10 x 250,000 kg
        "Review of price on 2026-07-01 at 200.00: 110.00 to 155.00.",
        "price reset for the buyer from 2026-Q4: ",
        "benchmark under each index",
        "full on 2026-04-01 instead of 2026-01-01 is worth 6,250,000.00 USD to the seller.",
        "Nobody chooses better than with perfect foresight",
        "By clause: price ",
    ):
        assert words in out


def test_the_documented_comparison_fits_eighty_columns(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "compare.yaml").write_text(json.dumps({"compare": FLAT_OR_SHARED}), encoding="utf-8")
    assert cli.app(["whatif", str(tmp_path / "compare.yaml")]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any("104 flat" in line and "24.00" in line for line in lines)


@pytest.mark.parametrize(("sums", "code"), [([UNITS], 0), ([UNITS, {"kind": "unit"}], 2), ([{"kind": "unit"}], 2)])
@pytest.mark.parametrize("shape", [(), ("--json",)])
def test_a_refused_sum_is_told_and_the_exit_code_is_2(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, sums: list[Any], code: int, shape: tuple[str, ...]
) -> None:
    got, out, _ = run(capfd, put(tmp_path, "sums.yaml", {"sums": sums}), *shape)
    assert got == code
    assert ("refused" in out) or not shape


def test_a_file_that_is_not_there_may_be_yaml_or_json(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "nope.yaml")
    assert code == 2
    assert "YAML or JSON" in err


def test_sums_say_less_gain_and_already_where_that_is_so(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    below = {"kind": "real_value", "price_usd_per_kg": 99, "inflation_share_per_year": 0.025, "years": 1}
    step = {"kind": "price_step", "change_usd_per_kg": -5, "magnet_kg_per_unit": 2, "metal_kg_per_kg_magnet": 0.3}
    bound = {"kind": "take_or_pay", "take_share": 0.8, "tonnes_per_year": 520, "price_usd_per_kg": 85}
    sums = [below | {"level_usd_per_kg": 100}, step | {"oxide_kg_per_kg_metal": 1.2}, bound | {"spot_usd_per_kg": 100}]
    code, out, _ = run(capfd, put(tmp_path, "sums.yaml", {"sums": sums}))
    assert code == 0
    for words in (
        "in 1 year is",
        "below 100.00 already",
        "3.60 USD less a unit",
        "a gain of 6,240,000.00 USD if resold",
    ):
        assert words in out
