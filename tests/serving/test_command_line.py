"""The command line gives the service's own bytes, tells faults as the service does, and carries others' commands."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import httpx
import pytest
from httpx import Client

from serving import cli
from serving.documentation import MP_FLOOR


@pytest.fixture(autouse=True)
def settings(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(bundle_folder))
    monkeypatch.setenv("COLUMNS", "140")


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.app(list(arguments))
    out, err = capfd.readouterr()
    return code, out, err


FLOOR = [
    *(
        "floor",
        "NdPr",
        "--as-of",
        "2026-02-28",
        "--amount",
        "110",
        "--basis",
        "oxide ex VAT",
        "--discount-rate",
        "0.05",
    ),
    *("--reference", "fob_china", "--vat-rule", "convert", "--from", "2025-10-01", "--to", "2035-12-31"),
    *("--tonnes-per-year", "6000", "--discount-rate", "0.05"),
]


def test_a_price_is_the_same_over_both_doors(capfd: pytest.CaptureFixture[str], client: Client) -> None:
    options = ["--as-of", "2026-02-28", "--form", "metal", "--unit", "lb", "--currency", "CNY", "--region", "china"]
    code, out, _ = run(capfd, "price", "NdPr", *options, "--json")
    query = {"as_of": "2026-02-28", "form": "metal", "unit": "lb", "currency": "CNY", "region": "china"}
    assert (code, out) == (0, client.get("/v1/prices/NdPr", params=query).text + "\n")


def test_a_history_is_the_same_over_both_doors(capfd: pytest.CaptureFixture[str], client: Client) -> None:
    code, out, _ = run(capfd, "history", "Dy", "--csv", "--vintage", "latest", "--from", "2025-01")
    query = {"format": "csv", "vintage": "latest", "from": "2025-01"}
    assert (code, out) == (0, client.get("/v1/history/Dy", params=query).text)


def test_a_floor_is_the_same_over_both_doors_by_options_and_by_file(
    capfd: pytest.CaptureFixture[str], client: Client, tmp_path: Path
) -> None:
    served = client.post("/v1/scenarios", json=MP_FLOOR).text + "\n"
    assert run(capfd, *FLOOR, "--json")[:2] == (0, served)
    terms = tmp_path / "terms.json"
    terms.write_text(json.dumps(MP_FLOOR))
    assert run(capfd, "floor", "--terms", str(terms), "--json")[:2] == (0, served)


def test_a_quote_is_the_same_over_both_doors(capfd: pytest.CaptureFixture[str], client: Client) -> None:
    answered = client.get("/v1/prices/NdPr?as_of=2026-02-28")
    quoted = answered.json()["quote_id"]
    assert run(capfd, "quote", quoted, "--json")[:2] == (0, answered.text + "\n")


@pytest.mark.parametrize(("command", "path"), [("materials", "/v1/materials"), ("models", "/v1/models")])
def test_listings_are_the_same_over_both_doors(
    capfd: pytest.CaptureFixture[str], client: Client, command: str, path: str
) -> None:
    assert run(capfd, command)[:2] == (0, client.get(path).text + "\n")


def test_a_person_reads_basis_day_wedge_and_quote(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, "price", "NdPr", "--as-of", "2026-02-28")
    assert code == 0
    for words in (
        "NdPr oxide",
        "2026-02-28",
        "delivered outside China, ex VAT",
        "headline",
        "unexplained",
        "quote price.",
    ):
        assert words in out


@pytest.mark.parametrize("material", ["Dy", "Tb"])
def test_a_person_reads_why_there_is_no_point(capfd: pytest.CaptureFixture[str], material: str) -> None:
    _, out, _ = run(capfd, "price", material)
    told = "A band and no point" if material == "Dy" else "No fair price"
    assert out.splitlines()[1].startswith(told)  # before any number


def test_a_person_reads_payments_total_and_the_unchanged_fair_price(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capfd, *FLOOR)
    assert code == 0
    for words in ("history and deck", "Total", "Present value", "flat at the last quote", "unchanged"):
        assert words in out


NARROW = [
    ("history", "NdPr"),
    ("history", "Dy"),
    ("price", "NdPr"),
    ("price", "Dy"),
    ("price", "Tb"),
    ("price", "NdPr", "--unit", "t", "--currency", "CNY"),
    tuple(FLOOR),
]


@pytest.mark.parametrize("arguments", NARROW, ids=" ".join)
def test_no_digit_is_cut_off_in_eighty_columns(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run(capfd, *arguments)
    assert code == 0
    assert "\N{HORIZONTAL ELLIPSIS}" not in out


@pytest.mark.parametrize("material", ["NdPr", "Dy"])
def test_a_history_fits_eighty_columns_and_says_where_there_is_no_point(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, material: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = run(capfd, "history", material)
    assert max(map(len, out.splitlines())) <= 80
    assert ("band" in out) is (material == "Dy")


def test_a_quote_id_stays_on_one_line_to_be_copied(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = run(capfd, *FLOOR)
    printed = next(line for line in out.splitlines() if line.startswith("quote "))
    assert run(capfd, "quote", printed.removeprefix("quote ").strip(), "--json")[0] == 0


def test_a_person_reads_what_the_parts_of_a_wedge_mean(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capfd, "price", "NdPr")
    assert "unexplained: market less the model" in " ".join(out.split())


def test_a_history_is_readable(capfd: pytest.CaptureFixture[str]) -> None:
    assert "2026-01" in run(capfd, "history", "NdPr")[1]


def test_every_fault_is_told_and_the_exit_code_is_2(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capfd, "price", "ndpr", "--as-of", "1890-01-01", "--unit", "kgs")
    assert (code, out) == (2, "")
    assert [line.split(":")[0] for line in err.strip().splitlines()] == ["MATERIAL", "--as-of", "--unit"]
    assert "Did you mean NdPr?" in err
    code, _, err = run(capfd, "floor", "NdPr", "--amount", "nan", "--tonnes-per-year", "many", "--deck", "2027=x")
    assert code == 2
    assert {"--amount", "--basis", "--tonnes-per-year", "--deck 2027"} <= {
        line.split(":")[0] for line in err.splitlines()
    }


def test_terms_that_cannot_be_read_are_told(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(capfd, "floor", "--terms", str(tmp_path / "none.json"))[0] == 2
    (tmp_path / "bad.json").write_bytes(b"\xff")
    assert run(capfd, "floor", "--terms", str(tmp_path / "bad.json"))[0] == 2


def test_an_unknown_command_is_a_usage_error(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, "prize", "NdPr")[0] == 2


def test_a_tampered_model_stops_the_start_with_one_line(
    capfd: pytest.CaptureFixture[str], bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(bundle_folder, tmp_path / "tampered")
    with (folder / "history_as_known.csv").open("a") as file:
        file.write("NdPr,2030-01\n")
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(folder))
    code, out, err = run(capfd, "serve", "--port", "0")
    assert (code, out, len(err.strip().splitlines())) == (1, "", 1)
    assert "history_as_known.csv was altered" in err


def test_no_model_at_all_stops_the_start_with_one_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(tmp_path))
    code, _, err = run(capfd, "serve", "--port", "0")
    assert (code, len(err.strip().splitlines())) == (1, 1)
    assert "fairprice train" in err


def test_a_port_in_use_stops_the_start_with_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, out, err = run(capfd, "serve", "--port", str(port))
    assert (code, out, len(err.strip().splitlines())) == (2, "", 1)
    assert f"127.0.0.1:{port}" in err
    assert "--port 0" in err


def test_an_address_of_no_machine_stops_the_start_with_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "serve", "--host", "nowhere.invalid", "--port", "0")
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_the_service_starts_on_loopback_answers_and_stops_when_told() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "serving", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr is not None
        said = service.stderr.readline() + service.stderr.readline()
        answered = httpx.HTTPTransport(retries=8)
        with httpx.Client(transport=answered, base_url=f"http://127.0.0.1:{port}") as asked:
            assert asked.get("/ready").json()["status"] == "ready"
            assert asked.get("/v1/prices/NdPr").status_code == 200
        service.terminate()
        assert service.wait(timeout=20) in (0, -signal.SIGTERM)
    assert f"http://127.0.0.1:{port}" in said
    assert "curl" in said


def say_hello() -> None:
    """Greet."""
    print("hello from elsewhere")  # noqa: T201


def test_commands_of_other_packages_join_the_command_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Greeting(EntryPoint):
        def load(self) -> object:
            return say_hello

    found = EntryPoints([Greeting("greet", "nowhere:greet", cli.COMMANDS)])
    monkeypatch.setattr(cli, "entry_points", lambda group: found.select(group=group))
    assert run(capfd, "greet")[:2] == (0, "hello from elsewhere\n")
