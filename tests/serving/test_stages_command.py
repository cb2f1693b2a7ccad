"""`fairprice stages` gives the service's own bytes, reads well in eighty columns, and tells every fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from httpx import Client

from serving import cli
from serving.stages.documentation import CARBONATE, CHINESE_PRICE, CUSTOMS_VALUE, FAIR_METAL, MOTOR

METAL = ["stages", "ladder", "NdPr", "--stage", "oxide", "--price", "110", "--to", "metal"]
RATIO = ["--set", "steps.reduction.kg_in=1.2", "--set", "steps.reduction.toll=12"]
LIFT = ["stages", "tariff", "NdPr", "--basis", "customs value", "--amount", "94.73", "--reference", "110"]


@pytest.fixture(autouse=True)
def settings(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(bundle_folder))
    monkeypatch.setenv("COLUMNS", "80")


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.app(list(arguments))
    out, err = capfd.readouterr()
    return code, out, err


def test_a_ladder_is_the_same_over_both_doors(capfd: pytest.CaptureFixture[str], client: Client) -> None:
    steps = {"reduction": {"kg_in": 1.2, "toll": 12}}
    body = {"material": "NdPr", "start": {"stage": "oxide", "usd_per_kg": 110}, "to": "metal", "steps": steps}
    served = client.post("/v1/stages/ladder", json=body).text
    assert run(capfd, *METAL, *RATIO, "--json")[:2] == (0, served + "\n")


def test_a_tariff_is_the_same_over_both_doors(capfd: pytest.CaptureFixture[str], client: Client) -> None:
    served = client.post("/v1/stages/tariff", json=CUSTOMS_VALUE).text
    assert run(capfd, *LIFT, "--rate", "0.25", "--json")[:2] == (0, served + "\n")


@pytest.mark.parametrize(
    ("command", "body"), [("ladder", CARBONATE), ("ladder", MOTOR), ("ladder", FAIR_METAL), ("tariff", CHINESE_PRICE)]
)
def test_a_file_asks_the_same_and_no_digit_is_cut_off(
    capfd: pytest.CaptureFixture[str], client: Client, tmp_path: Path, command: str, body: dict[str, object]
) -> None:
    terms = tmp_path / "terms.json"
    terms.write_text(json.dumps(body))
    served = client.post(f"/v1/stages/{command}", json=body).text
    assert run(capfd, "stages", command, "--terms", str(terms), "--json")[:2] == (0, served + "\n")
    code, out, _ = run(capfd, "stages", command, "--terms", str(terms))
    assert code == 0
    assert "\N{HORIZONTAL ELLIPSIS}" not in out


def test_a_person_reads_the_price_how_it_follows_and_the_rounding_rule(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, *METAL, *RATIO)
    assert code == 0
    for words in ("144.00", "metal = oxide x 1.2 / 1 + 12", "half up to the cent"):
        assert words in " ".join(out.split())


def test_a_person_reads_range_and_source_of_what_the_evidence_says(capfd: pytest.CaptureFixture[str]) -> None:
    out = " ".join(run(capfd, *METAL, "--made-in", "china")[1].split())
    assert "steps.reduction.toll 3.2 (3.2 to 4) USD per kg metal: facts costs-036" in out


def test_a_person_reads_what_is_missing_for_the_other_stages(capfd: pytest.CaptureFixture[str]) -> None:
    out = run(capfd, "stages", "ladder", "NdPr", "--from", "fair")[1]
    assert "magnet: not priced; state steps.alloying.toll, steps.magnet_making.toll." in " ".join(out.split())
    assert "80 %" in out


def test_a_person_reads_what_a_change_adds_to_a_unit(capfd: pytest.CaptureFixture[str]) -> None:
    ratios = {"reduction": "1.2", "alloying": "0.29", "magnet_making": "1"}
    stated = [part for step, kg in ratios.items() for part in ("--set", f"steps.{step}.kg_in={kg}")]
    asked = ("stages", "ladder", "NdPr", "--stage", "oxide", "--change", "15", "--unit-kg", "2")
    assert "+10.44 USD with the change" in run(capfd, *asked, *stated)[1]


def test_a_person_reads_the_tariff_and_what_lands_at_another(capfd: pytest.CaptureFixture[str]) -> None:
    out = " ".join(run(capfd, *LIFT, "--rate", "0.25")[1].split())
    assert "A tariff of 16.1 % lifts 94.73 to 110.00 USD/kg. At 25.0 % it lands at 118.41 USD/kg." in out


def test_a_person_reads_what_a_reference_is(capfd: pytest.CaptureFixture[str]) -> None:
    asked = ("stages", "tariff", "NdPr", "--basis", "FOB", "--amount", "50", "--set", "reference.from=fair")
    out = " ".join(run(capfd, *asked)[1].split())
    assert (
        "Reference: oxide at 75.00: USD/kg NdPr oxide, delivered outside China, ex VAT, nominal; fair of 2026-02" in out
    )


def test_every_fault_is_told_and_the_exit_code_is_2(capfd: pytest.CaptureFixture[str]) -> None:
    asked = ("--amount", "744000", "--currency", "CNY", "--unit", "tonne", "--basis", "domestic ex VAT", "--rate", "-1")
    code, out, err = run(capfd, "stages", "tariff", "NdPr", *asked)
    assert (code, out) == (2, "")
    told = {line.split(":")[0] for line in err.splitlines()}
    assert told == {"--unit", "imports.oxide.fx_per_usd", "--vat-refund-share", "--rate"}
    assert "Did you mean t?" in err


@pytest.mark.parametrize("pair", ["steps.reduction.toll", "a.b.c.d.e.f.g=1", "start.stage.x=1"])
def test_an_assignment_that_cannot_be_is_refused(capfd: pytest.CaptureFixture[str], pair: str) -> None:
    code, _, err = run(capfd, *METAL, "--set", pair)
    assert (code, err.split(":")[0]) == (2, "--set")


def test_stated_prices_need_no_model(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAIRPRICE_BUNDLE")
    monkeypatch.setenv("FAIRPRICE_TRACKING_URI", f"sqlite:///{tmp_path}/none.db")
    assert run(capfd, "stages", "ladder", "NdPr", "--from", "fair")[0] == 1
    assert run(capfd, *METAL, *RATIO)[0] == 0
    assert run(capfd, *LIFT)[0] == 0
