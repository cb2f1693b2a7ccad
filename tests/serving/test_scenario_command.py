"""`fairprice scenario`, `levers` and `presets` give the service's own bytes, read well, and refuse unsafe files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from httpx import Client

from serving import cli
from serving.middleware import MAX_BODY_BYTES

QUOTA = ["--scale", "quota.mining=1.1"]


@pytest.fixture(autouse=True)
def settings(bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(bundle_folder))
    monkeypatch.setenv("FAIRPRICE_SCENARIOS", str(tmp_path / "kept"))
    monkeypatch.setenv("COLUMNS", "120")


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.app(list(arguments))
    out, err = capfd.readouterr()
    return code, out, err


def answer(client: Client, body: dict[str, Any]) -> str:
    return client.post("/v1/scenarios", json=body).text


def test_options_and_files_give_what_the_service_answers(
    capfd: pytest.CaptureFixture[str], client: Client, tmp_path: Path
) -> None:
    row = {"lever": "quota.mining", "scale": 1.1, "from": "2027-01", "to": "2027-12"}
    body = {"overrides": [row], "material": "NdPr"}
    expected = answer(client, body)
    options = [*QUOTA, "--from", "2027-01", "--to", "2027-12", "--material", "NdPr"]
    assert run(capfd, "scenario", *options, "--json")[:2] == (0, expected + "\n")
    (tmp_path / "case.json").write_text(json.dumps(body))
    written = "{lever: quota.mining, scale: 1.1, from: 2027-01, to: 2027-12}"
    (tmp_path / "case.yaml").write_text(f"material: NdPr\nas_of: 2026-03-31\noverrides:\n  - {written}\n")
    for name in ("case.json", "case.yaml"):
        assert run(capfd, "scenario", str(tmp_path / name), "--json")[:2] == (0, expected + "\n")


def test_an_id_is_answered_again_by_the_next_command(capfd: pytest.CaptureFixture[str]) -> None:
    _, first, _ = run(capfd, "scenario", *QUOTA, "--json")
    code, again, _ = run(capfd, "quote", json.loads(first)["scenario_id"], "--json")
    assert (code, again) == (0, first)


def test_a_scenario_reads_well(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "scenario", *QUOTA, "--set", "wages.all=3")
    assert code == 0
    for words in (
        "China's mining quota x 1.1",
        "bridge",
        "Normal values that move",
        "Incentive price",
        "nobody has seen",
    ):
        assert words in out
    assert "..." not in out
    assert max(len(line) for line in out.splitlines()) <= 120
    dated = run(capfd, "scenario", "--set", "export_quota.Dy=1", "--from", "2027-01", "--to", "2027-12")[1]
    for words in ("2027-Q1*", "Precedent: Exports to Japan halt", "Furthest from the baseline"):
        assert words in dated


def test_a_file_of_several_is_answered_in_order(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = "scenarios:\n  - {preset: quotas_raised}\n  - {overrides: [{lever: labor_cst, scale: 2}]}\n"
    (tmp_path / "cases.yml").write_text(text)
    code, out, _ = run(capfd, "scenario", str(tmp_path / "cases.yml"))
    assert code == 0
    assert out.index("0: 201") < out.index("1: 422") < out.index("labor_cst")


def test_levers_and_presets_are_listed_whole(capfd: pytest.CaptureFixture[str], client: Client) -> None:
    short, levers = run(capfd, "levers")[1], run(capfd, "levers", "--all")[1]
    names = [lever["name"] for lever in client.get("/v1/levers").json()["levers"]]
    assert all(name in levers for name in names)
    assert all(name.partition(".")[2] in " ".join(short.split()) for name in names)
    assert len(short.splitlines()) < len(names) / 2
    assert "myanmar_feed_cut" in run(capfd, "presets")[1]
    assert run(capfd, "levers", "--group", "supply", "--json")[1].strip() == client.get("/v1/levers?group=supply").text
    assert run(capfd, "presets", "--json")[1].strip() == client.get("/v1/presets").text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("alias.yaml", "overrides: &a []\nmaterial: *a\n"),
        ("tag.yaml", "overrides: !!python/object/apply:os.system ['true']\n"),
        ("twice.yaml", "overrides: []\noverrides: []\n"),
        ("twice.json", '{"overrides": [], "overrides": []}'),
        ("list.yaml", "- 1\n"),
        ("deep.yaml", "overrides: " + "[" * 40 + "]" * 40),
        ("torn.yaml", "overrides: [\n"),
        ("large.yaml", "overrides: []\n" + "#" * MAX_BODY_BYTES),
        ("nan.yaml", "overrides:\n  - {lever: quota.mining, scale: .nan}\n"),
    ],
)
def test_a_file_that_is_more_than_plain_values_is_refused(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    code, out, err = run(capfd, "scenario", str(tmp_path / name))
    assert (code, out) == (2, "")
    assert "allowed" in err


def test_a_file_beside_options_is_refused(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "case.json").write_text("{}")
    assert "one place" in run(capfd, "scenario", str(tmp_path / "case.json"), *QUOTA)[2]


def test_faults_are_those_of_the_service(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "scenario", "--set", "labor_cst=1", "--set", "required_return.base=-0.05")
    assert code == 2
    assert "Did you mean wages.all?" in err
    assert "--set: found -0.05" in err
    assert "LEVER=NUMBER" in run(capfd, "scenario", "--set", "wages.china")[2]


def test_help_shows_examples(capfd: pytest.CaptureFixture[str]) -> None:
    assert "--scale wages.united_states=1.1" in run(capfd, "scenario", "--help")[1]
