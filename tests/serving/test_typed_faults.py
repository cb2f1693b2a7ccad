"""On the command line a fault is named as it was typed: no parameter and no address of the service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from serving import cli

ALTERED = f"price.NdPr.2026-02-28.oxide.kg.USD.all.{'0' * 12}.{'1' * 20}"


@pytest.fixture
def refused(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    monkeypatch.setenv("FAIRPRICE_BUNDLE", str(bundle_folder))

    def told(*arguments: str) -> str:
        assert cli.app(list(arguments)) == cli.USAGE_ERROR
        return capfd.readouterr().err

    return told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("forecast", "NdPr", "--as-of", "1890-01-01"), "--as-of: found 1890-01-01"),
        (("forecast", "NdPr", "--plot", "fan.pdf"), "--plot: found fan.pdf"),
        (("explain", "--quote", ALTERED), "--quote: found an id that cannot be explained: bundle 000000000000 is not"),
        (("explain", "--quote", "nonsense"), "--quote: found an id that cannot be explained: it begins with nonsense"),
        (("explain",), "MATERIAL: found nothing; allowed: NdPr, Dy or Tb; or none with --quote, the id of"),
        (("explain", "Ndpr"), "MATERIAL: found Ndpr; allowed: one of NdPr, Dy, Tb. Did you mean NdPr?"),
        (("explain", "NdPr", "--said-by", "x"), "--said-by: found x; allowed: the first 12 characters or more of a "),
        (("explain", "NdPr", "--quote", ALTERED, "--from", "2026-01"), "--from: found 2026-01; allowed: nothing"),
        (("floor", "NdPr", "--amount", "-1"), "--amount: found -1.0"),
        (("floor", "NdPr", "--deck-flat", "x"), "--deck-flat: found x"),
        (("floor", "NdPr", "--amount", "110"), "--tonnes-per-year: found nothing"),
        (("stages", "ladder", "NdPr", "--to", "magnets"), "--to: found magnets"),
        (("quote", ALTERED), "bundle 000000000000 is not kept here"),
        (("quote", "nonsense"), "it begins with nonsense"),
    ],
)
def test_a_fault_has_the_name_that_was_typed_and_ends_with_one_code(
    refused: Callable[..., str], arguments: tuple[str, ...], told: str
) -> None:
    assert told in refused(*arguments)


def test_no_fault_speaks_of_parameters_and_addresses(refused: Callable[..., str]) -> None:
    told = refused("explain", "Dy", "--quote", ALTERED, "--said-by", "x", "--vintage", "y", "--to", "z")
    told += refused("explain", "NdPr", "--said-by", "x")
    assert not any(word in told for word in ("said_in", "said_by", "/v1/", "as in the path", "empty text"))
    assert "`fairprice models`" in told


def test_the_fields_of_a_file_keep_their_names(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "terms.json").write_text('{"material": "NdPr", "floor": {"amount": -1}}')
    assert "floor.amount: found -1" in refused("floor", "--terms", str(tmp_path / "terms.json"))
